package alma

import (
	"strings"
	"time"

	"patrondesk/internal/patron"
)

// Secrets are what a user object may bring and never shows: in plain text, to be hashed and forgotten.
type Secrets struct{ Password, PIN string }

// Patron translates a user that was read into the domain. Only the form of values is judged here: a date or timestamp
// that does not exist is an [*Error] with code 401864; every other rule is [patron.Patron.Check]'s. What is empty gets
// Alma's default: ACTIVE as a status, and GENERAL as a block's type. A part that names no segment there is has none:
// whose it then is depends on who writes it, see [patron.Patron.DefaultSegments] and [patron.Patron.EditAtDesk].
//
// Roles is nil when the object has no user_role, and empty but not nil when it has an empty one; the other lists are
// nil in both cases. Password and PIN come out as Secrets.
func (u User) Patron() (patron.Patron, Secrets, error) {
	var r reader
	p := patron.Patron{
		RecordType:          patron.RecordType(u.RecordType.Value),
		AccountType:         patron.AccountType(u.AccountType.Value),
		ExternalID:          u.ExternalID,
		Status:              status(u.Status.Value),
		PrimaryID:           u.PrimaryID,
		FirstName:           u.FirstName,
		MiddleName:          u.MiddleName,
		LastName:            u.LastName,
		PrefNameSuffix:      u.PrefNameSuffix,
		JobDescription:      u.JobDescription,
		Gender:              patron.Code(u.Gender),
		WebSiteURL:          u.WebSiteURL,
		BirthDate:           r.date("birth_date", u.BirthDate),
		ExpiryDate:          r.date("expiry_date", u.ExpiryDate),
		PurgeDate:           r.date("purge_date", u.PurgeDate),
		ForcePasswordChange: u.ForcePasswordChange,
		StickyFields:        u.sticky(),
		Identifiers:         r.identifiers(u.Identifiers),
		Roles:               r.roles(u.Roles),
		Blocks:              r.blocks(u.Blocks),
		Notes:               r.notes(u.Notes),
		Statistics:          r.statistics(u.Statistics),
		ProxyFor:            each(u.ProxyFor, readProxy),
	}
	if u.Vendor != nil {
		p.Vendor = patron.Code(*u.Vendor)
	}
	if u.VendorAccount != nil {
		p.VendorAccount = patron.Code(*u.VendorAccount)
	}
	if u.ContactInfo != nil {
		p.Addresses = each(u.ContactInfo.Addresses, r.address)
		p.Emails = each(u.ContactInfo.Emails, r.email)
		p.Phones = each(u.ContactInfo.Phones, r.phone)
	}
	if r.err != nil {
		return patron.Patron{}, Secrets{}, r.err
	}
	return p, Secrets{u.Password, u.PINNumber}, nil
}

func (u User) sticky() patron.StickyFields {
	return patron.StickyFields{
		UserGroup:         patron.Code(u.UserGroup),
		JobCategory:       patron.Code(u.JobCategory),
		PreferredLanguage: patron.Code(u.PreferredLanguage),
		CampusCode:        patron.Code(u.CampusCode),
		RSLibraries:       each(u.RSLibraries, func(l RSLibrary) patron.Code { return patron.Code(l.Code) }),
		UserTitle:         patron.Code(u.UserTitle),
		LibraryNotices: each(u.LibraryNotices, func(n LibraryNotice) patron.LibraryNotice {
			return patron.LibraryNotice{Code: patron.Code(n.Code), Value: n.Value}
		}),
		PrefFirstName:  u.PrefFirstName,
		PrefMiddleName: u.PrefMiddleName,
		PrefLastName:   u.PrefLastName,
		CatalogerLevel: patron.Code(u.CatalogerLevel),
	}
}

// reader translates the parts of one object and keeps the first error.
type reader struct{ err error }

func (r *reader) date(field, text string) patron.Date {
	d, err := patron.ParseDate(text)
	if err != nil && r.err == nil {
		r.err = InvalidType(field, text)
	}
	return d
}

// timestamps are the forms in which a moment is understood; a bare day is its first moment in UTC.
var timestamps = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02Z", "2006-01-02"}

// time reads a moment to the millisecond, in UTC; an empty text is the zero time.
func (r *reader) time(field, text string) time.Time {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}
	}
	for _, form := range timestamps {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if t = t.UTC().Truncate(time.Millisecond); t.Year() >= 0 && t.Year() <= 9999 {
			return t
		}
	}
	if r.err == nil {
		r.err = InvalidType(field, text)
	}
	return time.Time{}
}

// readSegment is empty for a segment there is not.
func readSegment(text string) patron.Segment {
	switch s := patron.Segment(strings.TrimSpace(text)); s {
	case patron.InternalSegment, patron.ExternalSegment:
		return s
	}
	return ""
}

func (r *reader) identifiers(in []UserIdentifier) []patron.Identifier {
	return each(in, func(i UserIdentifier) patron.Identifier {
		return patron.Identifier{
			Type:    patron.Code(i.Type),
			Value:   i.Value,
			Note:    string(i.Note),
			Status:  status(i.Status),
			Segment: readSegment(i.SegmentType),
		}
	})
}

// roles keeps an empty list apart from none: a PUT without roles leaves them as they are.
func (r *reader) roles(in []UserRole) []patron.Role {
	if in != nil && len(in) == 0 {
		return []patron.Role{}
	}
	return each(in, func(o UserRole) patron.Role {
		return patron.Role{
			Type:       patron.Code(o.Type),
			Status:     roleStatus(o.Status),
			Scope:      patron.Code(o.Scope),
			ExpiryDate: r.date("user_role expiry_date", o.ExpiryDate),
			Parameters: each(o.Parameters, func(p RoleParameter) patron.RoleParameter {
				return patron.RoleParameter{Type: patron.Code(p.Type), Scope: patron.Code(p.Scope), Value: patron.Code(p.Value)}
			}),
		}
	})
}

// roleStatus follows rest_user.xsd: no status is an active role, an illegal one an inactive role. Its description is
// always the same and not kept.
func roleStatus(c Code) patron.Code {
	switch c.Value {
	case "", string(patron.Active):
		return patron.Code{Value: string(patron.Active)}
	}
	return patron.Code{Value: string(patron.Inactive)}
}

func status(text string) patron.Status {
	if text = strings.TrimSpace(text); text == "" {
		return patron.Active
	}
	return patron.Status(text)
}

func (r *reader) blocks(in []UserBlock) []patron.Block {
	return each(in, func(b UserBlock) patron.Block {
		if b.Type.Value == "" {
			b.Type = Code{Value: "GENERAL"}
		}
		return patron.Block{
			Type:        patron.Code(b.Type),
			Description: patron.Code(b.Description),
			Status:      status(b.Status),
			Note:        string(b.Note),
			Owner:       b.Owner,
			CreatedBy:   b.CreatedBy,
			Created:     r.time("user_block created_date", b.CreatedDate),
			Expiry:      r.time("user_block expiry_date", b.ExpiryDate),
			ItemLoanID:  string(b.ItemLoanID),
			Segment:     readSegment(b.SegmentType),
		}
	})
}

func (r *reader) notes(in []UserNote) []patron.Note {
	return each(in, func(n UserNote) patron.Note {
		return patron.Note{
			Type:      patron.Code(n.Type),
			Text:      n.Text,
			Viewable:  n.UserViewable,
			Popup:     n.PopupNote,
			Owner:     n.Owner,
			CreatedBy: n.CreatedBy,
			Created:   r.time("user_note created_date", n.CreatedDate),
			Segment:   readSegment(n.SegmentType),
		}
	})
}

func (r *reader) statistics(in []UserStatistic) []patron.Statistic {
	return each(in, func(s UserStatistic) patron.Statistic {
		return patron.Statistic{
			Category: patron.Code(s.Category),
			Type:     patron.Code(s.Type),
			Note:     string(s.Note),
			Owner:    s.Owner,
			Segment:  readSegment(s.SegmentType),
		}
	})
}

func readProxy(x ProxyFor) patron.Proxy {
	return patron.Proxy{PrimaryID: x.PrimaryID, FullName: x.FullName, Type: patron.Code(x.Type)}
}

// each translates a list; an empty one becomes nil.
func each[From, To any](in []From, translate func(From) To) []To {
	if len(in) == 0 {
		return nil
	}
	out := make([]To, len(in))
	for i := range in {
		out[i] = translate(in[i])
	}
	return out
}
