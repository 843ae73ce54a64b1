package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// contact stores a vendor's contact.
func (lib *library) contact(id, vendor, account string, changes ...func(*patron.Patron)) {
	lib.t.Helper()
	lib.patron(id, append([]func(*patron.Patron){func(p *patron.Patron) {
		p.RecordType, p.Roles, p.FirstName, p.LastName = patron.Contact, nil, "Karla", id
		p.UserGroup, p.Vendor.Value, p.VendorAccount.Value = patron.Code{}, vendor, account
	}}, changes...)...)
}

func TestContactsOfAllVendorsAndOfOne(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.contact("karla.standing", "LEHMANN", "LEHMANN-STD", email("karla@vendors.example"))
	lib.contact("astrid.north", "NORDPRESS", "")
	lib.contact("lena.lehmann", "NORDPRESS", "", func(p *patron.Patron) { p.VendorAccount.Desc = "Lehmann's journals" }) // found by its words
	lib.patron("ada.byron")
	b := lib.staff("32")
	page := b.get("/desk/contacts")
	page.has(t, "3 contacts", `href="/desk/patrons/karla.standing"`, "Karla astrid.north", "Lehmann standing orders", "mailto:karla@vendors.example")
	page.lacks(t, "ada.byron")
	page = b.get("/desk/contacts?vendor=LEHMANN")
	page.has(t, "1 contact<", "karla.standing", `<option value="LEHMANN" selected>`, "/desk/contacts/new?vendor=LEHMANN")
	page.lacks(t, "astrid.north", "lena.lehmann")
	lib.staff("51").get("/desk/contacts").lacks(t, "/desk/contacts/new") // reads users, and writes none
}

func TestContactsAreShownByPages(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for i := range contactsShown + 1 {
		lib.contact(fmt.Sprintf("contact.%02d", i), "LEHMANN", "")
	}
	b := lib.staff("32")
	for _, of := range []string{"", "LEHMANN"} {
		page := b.get("/desk/contacts?vendor=" + of)
		page.has(t, "51 contacts", "1 to 50 of 51", "contact.49<", "offset=50", `rel="next"`)
		page.lacks(t, "contact.50<", `rel="prev"`)
		page = b.get("/desk/contacts?offset=50&vendor=" + of)
		page.has(t, "51 to 51 of 51", "contact.50<", `rel="prev"`)
		page.lacks(t, "contact.49<", `rel="next"`)
	}
}

// karla is what is typed to register her.
func karla() url.Values {
	return url.Values{
		"for": {"LEHMANN/LEHMANN-APP"}, "first_name": {"Karla"}, "last_name": {" Lehmann "}, "preferred_language": {"de"},
		"email": {"karla@vendors.example"}, "phone": {"+49 40 1"}, "line1": {"2 Quay"}, "city": {"Hamburg"}, "country": {"DEU"},
	}
}

func TestRegisterAContact(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	b.get("/desk/contacts/new?vendor=NORDPRESS").has(t, `<optgroup label="Nordpress Journals">`, `<option value="NORDPRESS" selected>`)
	form := karla()
	form.Set("once", "a key of the page")
	for range 2 {
		page := b.post("/desk/contacts/new", form)
		if got, want := page.location(), "/desk/patrons/karla.lehmann"; got != want {
			t.Fatalf("got %d to %q, want %q: %s", page.status, got, want, page.body)
		}
	}
	p, err := lib.store.Patron(t.Context(), "karla.lehmann")
	if err != nil {
		t.Fatal(err)
	}
	if p.RecordType != patron.Contact || p.Vendor.Value != "LEHMANN" || p.VendorAccount.Value != "LEHMANN-APP" || p.PreferredLanguage.Value != "de" || len(p.Roles) > 0 {
		t.Errorf("got %+v", p)
	}
	if len(p.Emails) != 1 || p.Emails[0].Types[0].Value != "work" || len(p.Phones) != 1 || len(p.Addresses) != 1 || p.Addresses[0].Country.Value != "DEU" {
		t.Errorf("got %v, %v, %v", p.Emails, p.Phones, p.Addresses)
	}
	b.get("/desk/contacts?vendor=LEHMANN").has(t, "Karla Lehmann is registered.", "Lehmann approvals", "1 contact<")
}

func TestRegisterAContactKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	for input, tt := range map[string]struct{ typed, says string }{
		"last_name": {"", "Last name: This is missing."},
		"email":     {"karla", "E-mail: This cannot be right"},
		"for":       {"LEHMANN/NORDPRESS-1", "Vendor and account: This is missing."}, // no such choice
		"line1":     {"", "Address: This is missing."},
	} {
		form := karla()
		form.Set(input, tt.typed)
		page := b.post("/desk/contacts/new", form)
		if page.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d", input, page.status)
		}
		page.has(t, tt.says, `id="`+input+`-error"`, `aria-invalid="true"`, `value="Karla"`, `value="&#43;49 40 1"`, `<option value="DEU" selected>`)
		if got := strings.Count(page.body, "autofocus"); got != 1 {
			t.Errorf("%s: %d inputs want the focus", input, got)
		}
	}
	b.get("/desk/contacts").has(t, "No contact is registered")
}

func TestContactsOfAnInstitutionWithoutVendors(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.desk.Institution.CodeTables["Vendors"] = []institution.Row{}
	b := lib.staff("32")
	b.get("/desk/contacts/new").has(t, "has no vendors")
	b.get("/desk/contacts").has(t, "No contact is registered")
}
