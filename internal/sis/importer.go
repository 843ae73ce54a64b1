package sis

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// patronKeeper keeps the patrons. Patron finds by any identifier and is strongly consistent. CreatePatron and
// ReplacePatron refuse identifiers that are taken with a *[patron.TakenError]; ReplacePatron is conditional on
// before's version and answers [patron.ErrChanged] when it lost a race. Any other error means that trying again
// later may help, and that it is not known whether anything was written.
type patronKeeper interface {
	Patron(ctx context.Context, identifier string) (patron.Patron, error)
	CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error)
	ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error)
}

// Importer synchronises patrons from dropped files.
type Importer struct {
	inbox   drop.Inbox
	patrons patronKeeper
	inst    *institution.Institution
}

// New returns an importer for the institution's SIS profiles.
func New(inbox drop.Inbox, patrons patronKeeper, inst *institution.Institution) *Importer {
	return &Importer{inbox: inbox, patrons: patrons, inst: inst}
}

// Process synchronises the patrons in the object at sis/PROFILE/..., writes the report beside it and finishes its job.
// An error says that the work is not done and the same object is to be processed again, which repeats nothing that was
// applied; it is never the fault of the file.
func (i *Importer) Process(ctx context.Context, o drop.Object) error {
	code := profileCode(o.Key)
	profile, ok := i.inst.SISProfile(code)
	refused := ""
	if !ok {
		refused = i.noProfile(code)
	}
	return i.inbox.Work(ctx, o, "sis", code, refused, i.newRun(profile))
}

// profileCode is the folder below sis/ that the key lies in, or "".
func profileCode(key string) string {
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

func (i *Importer) noProfile(code string) string {
	var codes []string
	for _, p := range i.inst.SISProfiles {
		codes = append(codes, p.Code)
	}
	there := "There are no SIS profiles in the institution's settings."
	if len(codes) > 0 {
		there = "The profiles there are: " + strings.Join(codes, ", ") + "."
	}
	if code == "" {
		return "The file lies in no profile's folder; put it in sis/PROFILE/. " + there
	}
	return fmt.Sprintf("There is no SIS profile %q. %s", code, there)
}

// newRun is the work on one object.
func (i *Importer) newRun(profile institution.SISProfile) *run {
	return &run{
		patrons: i.patrons,
		claims:  newClaims(),
		planner: planner{
			profile: profile,
			codes:   i.inst,
			scope:   i.inst.Code,
			sync: patron.Sync{
				SISPreferredWins: profile.SISPreferredWins,
				Language:         patron.Code{Value: i.inst.DefaultLanguage()},
			},
			now:    i.inbox.Now,
			newUID: func() string { return ulid.MustNew(ulid.Timestamp(i.inbox.Now()), rand.Reader).String() },
		},
	}
}
