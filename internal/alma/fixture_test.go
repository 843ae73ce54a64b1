package alma

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// describer knows a few codes; the rest keep what was stored.
type describer map[string]string

func (d describer) Describe(table, code, lang string) (string, bool) {
	if desc, known := d[table+"/"+code+"/"+lang]; known {
		return desc, true
	}
	desc, known := d[table+"/"+code]
	return desc, known
}

var known = describer{
	"UserGroups/08":                   "Staff",
	"UserGroups/08/de":                "Personal",
	"CountryCodes/DEU":                "Germany",
	"UserIdentifierTypes/BARCODE":     "Barcode",
	"Libraries/MAIN":                  "Main Library",
	"Libraries/LAW":                   "Law Library",
	"RequestSubTypes/PATRON_PHYSICAL": "Patron physical item request",
	"LibraryNoticesOptInDisplay/FulRequestsReportLetter": "Requests Report Letter",
}

func code(value, desc string) patron.Code { return patron.Code{Value: value, Desc: desc} }

var moment = time.Date(2025, 3, 4, 5, 6, 7, 89e6, time.UTC)

// everything is an invented external patron with something in every field.
func everything() patron.Patron {
	return patron.Patron{
		UID: "01J0000000000000000000000A", Version: 3,
		RecordType: patron.Public, AccountType: patron.External, ExternalID: "STUDENTS", Status: patron.Active,
		StatusDate: "2024-09-01", PrimaryID: "Quill.77", FirstName: "Ottilie", MiddleName: "M. <&> \"'", LastName: "Quillström",
		PrefNameSuffix: "Jr.", JobDescription: "Tends\r\nthe\tpens", Gender: code("FEMALE", "Female"),
		WebSiteURL: "https://quill.example/?a=1&b=2", BirthDate: "1999-12-31", ExpiryDate: "2031-02-28", PurgeDate: "2032-02-29",
		LastActivityDate: "2025-11-30", Researcher: true, LinkingID: "L-1", ForcePasswordChange: "true",
		StickyFields: patron.StickyFields{
			UserGroup: code("08", "old text"), JobCategory: code("Cataloger", "Cataloger"), PreferredLanguage: code("de", "German"),
			CampusCode: code("NORTH", "North Campus"), RSLibraries: []patron.Code{code("MAIN", "")}, UserTitle: code("Dr.", "Doctor"),
			LibraryNotices: []patron.LibraryNotice{
				{Code: code("FulRequestsReportLetter", ""), Value: true}, {Code: code("OtherLetter", "Other"), Value: false}},
			PrefFirstName: "Otti", PrefMiddleName: "Em", PrefLastName: "Quill", CatalogerLevel: code("00", "Default"),
		},
		Addresses: []patron.Address{
			{Preferred: true, Segment: patron.ExternalSegment, Lines: []string{"Inkwell 3", "", "Rear house"}, City: "Tübingen",
				StateProvince: "BW", PostalCode: "72070", Country: code("DEU", ""), Note: "Ring twice", StartDate: "2020-01-01",
				EndDate: "2029-12-31", Types: []patron.Code{code("home", "Home"), code("school", "School")}},
			{Segment: patron.InternalSegment, Lines: []string{"Desk 4"}, City: "Ulm", Types: []patron.Code{code("work", "Work")}},
		},
		Emails: []patron.Email{{Preferred: true, Segment: patron.ExternalSegment, Address: "otti@quill.example",
			Description: "at home", Types: []patron.Code{code("personal", "Personal")}}},
		Phones: []patron.Phone{{Preferred: true, PreferredSMS: true, Segment: patron.InternalSegment, Number: "+49 7071 1",
			Types: []patron.Code{code("mobile", "Mobile")}}},
		Identifiers: []patron.Identifier{
			{Type: code("BARCODE", ""), Value: "2900 01", Note: "new card", Status: patron.Active, Segment: patron.ExternalSegment},
			{Type: code("BARCODE", ""), Value: "2900 00", Status: patron.Inactive, Segment: patron.InternalSegment}},
		Roles: []patron.Role{{Type: code("32", "Circulation Desk Operator"), Status: code("ACTIVE", "Active"), Scope: code("MAIN", ""),
			ExpiryDate: "2030-01-01", Parameters: []patron.RoleParameter{
				{Type: code("CirculationDesk", ""), Scope: code("MAIN", ""), Value: code("DEFAULT", "Front desk")}}}},
		Blocks: []patron.Block{{Type: code("GENERAL", "General"), Description: code("02-GLOBAL", "Block"), Status: patron.Active,
			Note: "See the desk", Owner: "MAIN", CreatedBy: "sis:STUDENTS", Created: moment, Expiry: moment.AddDate(1, 0, 0),
			ItemLoanID: "77", Segment: patron.InternalSegment}},
		Notes: []patron.Note{{Type: code("GENERAL", "General"), Text: "Likes\nquills", Viewable: true, Popup: true, Owner: "MAIN",
			CreatedBy: "desk", Created: moment, Segment: patron.InternalSegment}},
		Statistics: []patron.Statistic{{Category: code("Graduate", "Graduate"), Type: code("LEVEL", "Level"), Note: "since 2020",
			Owner: "MAIN", Segment: patron.ExternalSegment}},
		ProxyFor: []patron.Proxy{{PrimaryID: "prof.1", FullName: "Ada Example", Type: code("GENERAL", "General")}},
		Vendor:   code("INKCO", "Ink & Co"), VendorAccount: code("INK-1", "Ink account"),
	}
}

func hold() fulfillment.Request {
	return fulfillment.Request{
		ID: "100000001", Type: fulfillment.Hold, SubType: fulfillment.Code{Value: "PATRON_PHYSICAL"}, Status: fulfillment.OnHoldShelf,
		Task: "On Hold Shelf", MMSID: "9901", HoldingID: "2201", ItemID: "2301", Barcode: "B-1", Title: "On <Ink>", Author: "Nib, A.",
		Description: "v. 2", ManualDescription: "vol. two", Volume: "2", Issue: "1", Part: "a", DateOfPublication: "1999",
		MaterialType: fulfillment.Code{Value: "BOOK", Desc: "Book"}, PickupType: "CIRCULATION_DESK",
		PickupLibrary:         fulfillment.Code{Value: "MAIN", Desc: "Main Library"},
		PickupCirculationDesk: fulfillment.Code{Value: "DEFAULT", Desc: "Front desk"},
		ManagedByLibrary:      fulfillment.Code{Value: "LAW", Desc: "Law Library"}, ManagedByDesk: fulfillment.Code{Value: "D2", Desc: "Desk 2"},
		Comment: "Please\nhurry", LastInterestDate: "2026-12-31", Requested: moment, ExpiryDate: "2026-01-15",
	}
}

func digitization() fulfillment.Request {
	return fulfillment.Request{
		ID: "100000002", Type: fulfillment.DigitizationRequest, Status: fulfillment.NotStarted, MMSID: "9902", Title: "Nibs",
		TargetDestination: fulfillment.Code{Value: "DIGI", Desc: "Digitization Department"}, Requested: moment,
		Booking: &fulfillment.Booking{Start: moment, End: moment.Add(time.Hour)},
		Digitization: &fulfillment.Digitization{Partial: true, ChapterTitle: "Ch. 1", ChapterAuthor: "A", FullChapter: true,
			Pages: []fulfillment.PageRange{{From: "1", To: "6"}, {From: "ix", To: "x"}}, CopyrightSigned: true},
	}
}

func sent() letter.Sent {
	return letter.Sent{ID: "01J0000000000000000000000L", Code: "FulRequestsReportLetter", Language: "de", Subject: "Ihre Bestellungen",
		State: letter.Mailed, By: "desk-key", Created: moment, Finished: moment.Add(time.Second), MessageID: "m-1"}
}

// read reads a body as a request with that Content-Type would.
func read(t testing.TB, contentType, body string, into any) error {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return Read(r, into)
}

func mustEncode(t testing.TB, v any, asJSON bool) string {
	t.Helper()
	body, err := encode(v, asJSON)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
