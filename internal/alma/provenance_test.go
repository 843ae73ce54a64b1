package alma

import (
	"time"

	"patrondesk/internal/patron"
)

// provenance is a record of which staff changed the user group, the PIN and the notices by hand.
func provenance() patron.Patron {
	p := everything()
	sis := p.StickyFields
	sis.UserGroup, sis.PINHash, sis.LibraryNotices = patron.Code{Value: "01", Desc: "Student"}, "", nil
	p.SIS, p.PINHash = &sis, "$2a$04$secret"
	p.RSLibraries = []patron.Code{{Value: "MAIN"}, {Value: "SCIENCE"}}
	by := patron.Change{By: "desk & co", At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	p.Manual = map[string]patron.Change{"user_group": by, "pin_number": by, "library_notices": by}
	p.Created, p.Updated = patron.Change{By: "sis:REGISTRAR", At: by.At.AddDate(-1, 0, 0)}, by
	return p
}
