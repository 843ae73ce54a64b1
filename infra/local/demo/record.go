package demo

import (
	"fmt"

	"patrondesk/internal/patron"
)

// The demo institution, as infra/institution.json names it.
const (
	institutionCode = "01DEMO_INST"
	institutionName = "Demo University Library"
)

// record is a patron being made.
type record struct {
	patron.Patron
	codes codes
}

// change is one thing that is true of a patron.
type change func(*record)

// cast makes patrons with the identifiers that are theirs.
type cast struct {
	codes codes
	uids  uids
	all   []patron.Patron
}

// add adds a patron: internal, PUBLIC and active, unless the changes say otherwise.
func (c *cast) add(id, first, last string, changes ...change) {
	r := record{codes: c.codes, Patron: patron.Patron{
		UID: c.uids.next(), RecordType: patron.Public, AccountType: patron.Internal,
		Status: patron.Active, StatusDate: patron.DateOf(made),
		PrimaryID: id, FirstName: first, LastName: last, ExpiryDate: "2031-09-30", PurgeDate: "2032-09-30",
		Created: patron.Change{By: "demo", At: made}, Updated: patron.Change{By: "demo", At: made},
	}}
	language("en")(&r)
	for _, do := range changes {
		do(&r)
	}
	if r.AccountType == patron.External {
		r.own()
	}
	c.all = append(c.all, r.Patron)
}

// own gives an external record what its profile would have given it.
func (r *record) own() {
	p := r.Patron.AsExternal(patron.Sync{})
	for i, was := range r.Notes {
		p.Notes[i].Segment = was.Segment
	}
	for i, was := range r.Blocks {
		p.Blocks[i].Segment = was.Segment
	}
	p.Created.By, p.Updated.By = "sis:"+Profile, "sis:"+Profile
	r.Patron = p
}

func external(r *record) { r.AccountType, r.ExternalID = patron.External, Profile }

func staff(r *record) { r.RecordType = patron.Staff; group("08")(r) }

func contact(vendor, account string) change {
	return func(r *record) {
		r.RecordType = patron.Contact
		r.Vendor, r.VendorAccount = r.codes.of("Vendors", vendor), r.codes.of("VendorAccounts", account)
	}
}

func group(code string) change {
	return func(r *record) { r.UserGroup = r.codes.of("UserGroups", code) }
}

func language(code string) change {
	return func(r *record) { r.PreferredLanguage = r.codes.of("UserPreferredLanguage", code) }
}

func title(code string) change {
	return func(r *record) { r.UserTitle = r.codes.of("UserTitles", code) }
}

func gender(code string) change {
	return func(r *record) { r.Gender = r.codes.of("Genders", code) }
}

func born(day patron.Date) change { return func(r *record) { r.BirthDate = day } }

func works(as string) change { return func(r *record) { r.JobDescription = as } }

func expires(day, purge patron.Date) change {
	return func(r *record) { r.ExpiryDate, r.PurgeDate = day, purge }
}

func inactive(since patron.Date) change {
	return func(r *record) { r.Status, r.StatusDate = patron.Inactive, since }
}

func called(first, last string) change {
	return func(r *record) { r.PrefFirstName, r.PrefLastName = first, last }
}

func middle(name string) change { return func(r *record) { r.MiddleName = name } }

func identifier(kind, value string) change {
	return func(r *record) {
		r.Identifiers = append(r.Identifiers, patron.Identifier{
			Type: r.codes.of("UserIdentifierTypes", kind), Value: value, Status: patron.Active,
		})
	}
}

func barcode(value string) change { return identifier("BARCODE", value) }

// lost is a barcode that is no longer in use.
func lost(value, note string) change {
	return func(r *record) {
		barcode(value)(r)
		last := &r.Identifiers[len(r.Identifiers)-1]
		last.Status, last.Note = patron.Inactive, note
	}
}

// email adds an address; the first one given is the preferred one.
func email(address, kind string) change {
	return func(r *record) {
		r.Emails = append(r.Emails, patron.Email{
			Preferred: len(r.Emails) == 0, Address: address, Types: []patron.Code{r.codes.of("EmailTypes", kind)},
		})
	}
}

// unpreferred takes the mark off every e-mail address.
func unpreferred(r *record) {
	for i := range r.Emails {
		r.Emails[i].Preferred = false
	}
}

// address adds a postal address; the first one given is the preferred one.
func address(kind, cityName, postalCode, country string, lines ...string) change {
	return func(r *record) {
		r.Addresses = append(r.Addresses, patron.Address{
			Preferred: len(r.Addresses) == 0, Lines: lines, City: cityName, PostalCode: postalCode,
			Country: r.codes.of("CountryCodes", country), Types: []patron.Code{r.codes.of("AddressTypes", kind)},
		})
	}
}

func phone(number, kind string) change {
	return func(r *record) {
		r.Phones = append(r.Phones, patron.Phone{
			Preferred: len(r.Phones) == 0, PreferredSMS: kind == "mobile", Number: number,
			Types: []patron.Code{r.codes.of("PhoneTypes", kind)},
		})
	}
}

// role gives a role in the institution, or at a desk of a library when one is named.
func role(kind, library, desk string) change {
	return func(r *record) {
		scope := patron.Code{Value: institutionCode, Desc: institutionName}
		if library != "" {
			scope = r.codes.of("Libraries", library)
		}
		out := patron.Role{Type: r.codes.of("UserRoles", kind), Status: r.codes.of("UserRolesStatus", "ACTIVE"), Scope: scope}
		if desk != "" {
			out.Parameters = []patron.RoleParameter{{
				Type: patron.Code{Value: "CirculationDesk"}, Scope: scope, Value: patron.Code{Value: desk},
			}}
		}
		r.Roles = append(r.Roles, out)
	}
}

func borrower(r *record) { role(patron.PatronRole, "", "")(r) }

// lastRole changes the role given last.
func lastRole(status string, expiry patron.Date) change {
	return func(r *record) {
		last := &r.Roles[len(r.Roles)-1]
		last.Status, last.ExpiryDate = r.codes.of("UserRolesStatus", status), expiry
	}
}

func block(kind, description string, status patron.Status, note string) change {
	return func(r *record) {
		r.Blocks = append(r.Blocks, patron.Block{
			Type: r.codes.of("UserBlockTypes", kind), Description: r.codes.of("UserBlockDescription", description),
			Status: status, Note: note, Owner: "MAIN", CreatedBy: Operator, Created: made, Segment: patron.InternalSegment,
		})
	}
}

func note(kind, text string, popup, viewable bool) change {
	return func(r *record) {
		r.Notes = append(r.Notes, patron.Note{
			Type: r.codes.of("NoteTypes", kind), Text: text, Popup: popup, Viewable: viewable,
			Owner: "MAIN", CreatedBy: Operator, Created: made, Segment: patron.InternalSegment,
		})
	}
}

func statistic(category, remark string) change {
	return func(r *record) {
		r.Statistics = append(r.Statistics, patron.Statistic{
			Category: r.codes.of("UserStatisticalCategories", category), Note: remark, Owner: institutionCode,
		})
	}
}

func proxyFor(id, name string) change {
	return func(r *record) {
		r.ProxyFor = append(r.ProxyFor, patron.Proxy{PrimaryID: id, FullName: name})
	}
}

// optsOut says that the patron wants no Requests Report.
func optsOut(r *record) {
	r.LibraryNotices = append(r.LibraryNotices, patron.LibraryNotice{
		Code: r.codes.of("LibraryNoticesOptInDisplay", "FulRequestsReportLetter"), Value: false,
	})
}

// person is the e-mail address somebody has at the demo university.
func person(id string) string { return id + "@demo.example" }

func number(format string, n int) string { return fmt.Sprintf(format, n) }
