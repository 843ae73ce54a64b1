package alma

import (
	"encoding/xml"
	"time"

	"patrondesk/internal/patron"
)

// NewUser shows a patron whole, with the descriptions of its codes in a language. Password and PIN are never shown.
// Requests, Loans, Fees and Link are the caller's to set.
func NewUser(p patron.Patron, d Describer, lang string) User {
	w := newWriter(p, d, lang)
	u := w.core(p)
	u.ContactInfo = w.contactInfo(p)
	u.Identifiers = show(p.Identifiers, w.identifier)
	u.Roles = show(p.Roles, w.role)
	u.Blocks = show(p.Blocks, w.block)
	u.Notes = show(p.Notes, w.note)
	u.Statistics = show(p.Statistics, w.statistic)
	u.ProxyFor = show(p.ProxyFor, w.proxy)
	u.RSLibraries = show(p.RSLibraries, func(c patron.Code) RSLibrary { return RSLibrary{w.code("Libraries", c)} })
	u.LibraryNotices = show(p.LibraryNotices, func(n patron.LibraryNotice) LibraryNotice {
		return LibraryNotice{w.code("LibraryNoticesOptInDisplay", n.Code), n.Value}
	})
	return u
}

// BriefUser shows a patron as a row of GET /users: primary id, first and last name, status, gender and the address of
// the user.
func BriefUser(p patron.Patron, d Describer, link string) User {
	w := newWriter(p, d, "")
	return User{
		PrimaryID: p.PrimaryID,
		FirstName: p.FirstName,
		LastName:  p.LastName,
		Status:    w.code("UserStatus", fixed(p.Status)),
		Gender:    w.code("Genders", p.Gender),
		Link:      NullText(link),
		row:       true,
	}
}

// Brief is the user as view=brief shows it: its core information, e-mail addresses, identifiers and statistics.
func (u User) Brief() User {
	if u.ContactInfo != nil {
		u.ContactInfo = &ContactInfo{Emails: u.ContactInfo.Emails}
	}
	u.Roles, u.Blocks, u.Notes, u.ProxyFor, u.RSLibraries, u.LibraryNotices = nil, nil, nil, nil, nil, nil
	return u
}

// userRow is what a row of GET /users has.
type userRow struct {
	PrimaryID string   `json:"primary_id" xml:"primary_id"`
	FirstName string   `json:"first_name" xml:"first_name"`
	LastName  string   `json:"last_name" xml:"last_name"`
	Gender    Code     `json:"gender" xml:"gender"`
	Password  string   `json:"password" xml:"password"`
	Status    Code     `json:"status" xml:"status"`
	Requests  *Total   `json:"requests" xml:"requests"`
	Loans     *Total   `json:"loans" xml:"loans"`
	Fees      *Total   `json:"fees" xml:"fees"`
	Link      NullText `json:"link" xml:"link,omitempty"`
}

func (u User) asRow() userRow {
	return userRow{
		PrimaryID: u.PrimaryID, FirstName: u.FirstName, LastName: u.LastName, Gender: u.Gender,
		Status: u.Status, Requests: u.Requests, Loans: u.Loans, Fees: u.Fees, Link: u.Link,
	}
}

type plainUser User

// MarshalJSON writes the user, or its row.
func (u User) MarshalJSON() ([]byte, error) {
	if u.row {
		return marshalJSON(u.asRow())
	}
	return marshalJSON(plainUser(u))
}

// MarshalXML writes the user, or its row, as an element user.
func (u User) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Name = xml.Name{Local: "user"}
	if u.row {
		return e.EncodeElement(u.asRow(), start)
	}
	return e.EncodeElement(plainUser(u), start)
}

// writer shows the parts of one patron.
type writer struct {
	d       Describer
	lang    string
	segment patron.Segment // of a part that has none
}

func newWriter(p patron.Patron, d Describer, lang string) writer {
	if p.AccountType == patron.External {
		return writer{d, lang, patron.ExternalSegment}
	}
	return writer{d, lang, patron.InternalSegment}
}

func (w writer) core(p patron.Patron) User {
	return User{
		RecordType:          w.code("AddNewUserOptions", fixed(p.RecordType)),
		PrimaryID:           p.PrimaryID,
		FirstName:           p.FirstName,
		MiddleName:          p.MiddleName,
		LastName:            p.LastName,
		FullName:            p.FullName(),
		UserTitle:           w.code("UserTitles", p.UserTitle),
		JobCategory:         w.code("JobCategories", p.JobCategory),
		JobDescription:      p.JobDescription,
		Gender:              w.code("Genders", p.Gender),
		UserGroup:           w.code("UserGroups", p.UserGroup),
		CampusCode:          w.code("CampusCodes", p.CampusCode),
		WebSiteURL:          p.WebSiteURL,
		CatalogerLevel:      w.code("CatalogerLevels", p.CatalogerLevel),
		PreferredLanguage:   w.code("UserPreferredLanguage", p.PreferredLanguage),
		BirthDate:           date(p.BirthDate),
		ExpiryDate:          date(p.ExpiryDate),
		PurgeDate:           date(p.PurgeDate),
		AccountType:         w.code("AccountTypes", fixed(p.AccountType)),
		ExternalID:          p.ExternalID,
		ForcePasswordChange: p.ForcePasswordChange,
		Status:              w.code("UserStatus", fixed(p.Status)),
		StatusDate:          date(p.StatusDate),
		LastActivityDate:    date(p.LastActivityDate),
		PrefFirstName:       p.PrefFirstName,
		PrefMiddleName:      p.PrefMiddleName,
		PrefLastName:        p.PrefLastName,
		PrefNameSuffix:      p.PrefNameSuffix,
		IsResearcher:        p.Researcher,
		LinkingID:           p.LinkingID,
		Vendor:              w.optional("Vendors", p.Vendor),
		VendorAccount:       w.optional("VendorAccounts", p.VendorAccount),
	}
}

// fixed is a code whose descriptions do not depend on the institution.
func fixed[T ~string](value T) patron.Code {
	desc := map[string]string{
		"PUBLIC": "Public", "STAFF": "Staff", "CONTACT": "Contact",
		"INTERNAL": "Internal", "EXTERNAL": "External", "ACTIVE": "Active", "INACTIVE": "Inactive",
	}
	return patron.Code{Value: string(value), Desc: desc[string(value)]}
}

// code describes a code by its table, and by what was stored with it when the table does not have it.
func (w writer) code(table string, c patron.Code) Code {
	if w.d != nil && c.Value != "" {
		if desc, known := w.d.Describe(table, c.Value, w.lang); known {
			return Code{c.Value, desc}
		}
	}
	return Code(c)
}

func (w writer) optional(table string, c patron.Code) *Code {
	if c.Value == "" {
		return nil
	}
	shown := w.code(table, c)
	return &shown
}

func (w writer) codes(table string, in []patron.Code) []Code {
	return show(in, func(c patron.Code) Code { return w.code(table, c) })
}

func (w writer) segmentOf(s patron.Segment) string {
	if s == "" {
		return string(w.segment)
	}
	return string(s)
}

func (w writer) identifier(i patron.Identifier) UserIdentifier {
	return UserIdentifier{
		SegmentType: w.segmentOf(i.Segment),
		Value:       i.Value,
		Type:        w.code("UserIdentifierTypes", i.Type),
		Note:        NullText(i.Note),
		Status:      string(i.Status),
	}
}

func (w writer) role(r patron.Role) UserRole {
	return UserRole{
		Status:     w.code("UserRolesStatus", fixed(r.Status.Value)),
		Scope:      w.code("Libraries", r.Scope),
		Type:       w.code("UserRoles", r.Type),
		ExpiryDate: date(r.ExpiryDate),
		Parameters: show(r.Parameters, func(p patron.RoleParameter) RoleParameter {
			return RoleParameter{Code(p.Type), w.code("Libraries", p.Scope), Code(p.Value)}
		}),
	}
}

func (w writer) block(b patron.Block) UserBlock {
	return UserBlock{
		SegmentType: w.segmentOf(b.Segment),
		Type:        w.code("UserBlockTypes", b.Type),
		Description: w.code("UserBlockDescription", b.Description),
		Status:      string(b.Status),
		Note:        NullText(b.Note),
		Owner:       b.Owner,
		CreatedBy:   b.CreatedBy,
		CreatedDate: timestamp(b.Created),
		ExpiryDate:  timestamp(b.Expiry),
		ItemLoanID:  NullText(b.ItemLoanID),
	}
}

func (w writer) note(n patron.Note) UserNote {
	return UserNote{
		SegmentType:  w.segmentOf(n.Segment),
		Type:         w.code("NoteTypes", n.Type),
		Text:         n.Text,
		UserViewable: n.Viewable,
		PopupNote:    n.Popup,
		Owner:        n.Owner,
		CreatedBy:    n.CreatedBy,
		CreatedDate:  timestamp(n.Created),
	}
}

func (w writer) statistic(s patron.Statistic) UserStatistic {
	return UserStatistic{
		SegmentType: w.segmentOf(s.Segment),
		Category:    w.code("UserStatisticalCategories", s.Category),
		Type:        NullCode(w.code("UserStatisticalTypes", s.Type)),
		Note:        NullText(s.Note),
		Owner:       s.Owner,
	}
}

func (w writer) proxy(x patron.Proxy) ProxyFor {
	return ProxyFor{PrimaryID: x.PrimaryID, FullName: x.FullName, Type: NullCode(w.code("ProxyTypes", x.Type))}
}

// show translates a list; none becomes an empty one, which JSON shows as [].
func show[From, To any](in []From, translate func(From) To) []To {
	out := make([]To, len(in))
	for i := range in {
		out[i] = translate(in[i])
	}
	return out
}

// date shows a day as Alma does, with a Z.
func date(d patron.Date) string {
	if d == "" {
		return ""
	}
	return string(d) + "Z"
}

// timestamp shows a moment as Alma does, to the millisecond in UTC.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
