package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

// registering opens the form for somebody new and types into it.
func (b *browser) registering(query string, typed ...string) url.Values {
	b.lib.t.Helper()
	form := b.get("/desk/register"+query).formAt(b.lib.t, "/desk/register")
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return form
}

func TestRegisterUser(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	form := b.registering("?barcode=21009", "first_name", "Grace", "last_name", "Hopper", "user_group", "05", "email.email_address", "grace@post.example",
		"address.line1", "1 Old Street", "address.city", "London", "user_note.new.note_text", "Paid the deposit.")
	if form.Get("barcode") != "21009" || form.Get("preferred_language") != "en" || form.Get("record_type") != "PUBLIC" {
		t.Errorf("the form begins with %v", form)
	}
	page := b.post("/desk/register", form)
	if got, want := page.location(), "/desk/patrons/grace.hopper"; got != want {
		t.Fatalf("got %d to %q, want %q: %s", page.status, got, want, page.body)
	}
	b.follow(page).has(t, "Grace Hopper is registered.", "21009")
	p := lib.record("grace.hopper")
	if p.RecordType != patron.Public || p.AccountType != patron.Internal || p.UserGroup.Value != "05" || len(p.Roles) != 1 || p.Roles[0].Type.Value != patron.PatronRole {
		t.Errorf("stored %+v", p)
	}
	if !p.Emails[0].Preferred || p.Emails[0].Types[0].Value != "personal" || !p.Addresses[0].Preferred || len(p.Phones) != 0 || p.Notes[0].CreatedBy != "staff.32" || p.Identifiers[0].Value != "21009" {
		t.Errorf("stored %+v", p)
	}
}

// TestRegisterOnce sends the form twice, of somebody who has nothing that could be taken.
func TestRegisterOnce(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	form := b.registering("", "first_name", "Grace", "last_name", "Hopper")
	first, again := b.post("/desk/register", form), b.post("/desk/register", form)
	if first.location() != "/desk/patrons/grace.hopper" || again.location() != first.location() {
		t.Errorf("got %q and %q", first.location(), again.location())
	}
	// The same name again is another patron.
	if other := b.post("/desk/register", b.registering("", "first_name", "Grace", "last_name", "Hopper")); other.location() != "/desk/patrons/grace.hopper2" {
		t.Errorf("another Grace Hopper is at %q", other.location())
	}
}

func TestRegisterSomebodyKnown(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", email("ada@post.example"), func(p *patron.Patron) { p.BirthDate = "1990-12-10" })
	b := lib.staff("32")
	for _, typed := range [][]string{
		{"last_name", "BYRON", "birth_date", "1990-12-10"}, {"last_name", "King", "email.email_address", "Ada@post.example"},
	} {
		form := b.registering("", append(typed, "first_name", "Augusta")...)
		page := b.post("/desk/register", form)
		if page.status != http.StatusConflict {
			t.Errorf("%v: got %d to %q", typed, page.status, page.location())
			continue
		}
		page.has(t, "This may be somebody the library knows already", "/desk/find?q=ada", "Open Ada Byron", `value="Augusta"`, `name="anyway"`)
		again := page.formAt(t, "/desk/register")
		again.Set("anyway", "1")
		if made := b.post("/desk/register", again); !strings.HasPrefix(made.location(), "/desk/patrons/augusta.") {
			t.Errorf("%v: got %d to %q", typed, made.status, made.location())
		}
	}
	if page := b.post("/desk/register", b.registering("", "last_name", "Byron", "birth_date", "1991-12-10")); page.status != http.StatusSeeOther {
		t.Errorf("somebody else of the name: got %d", page.status)
	}
}

func TestRegisterKeepsWhatIsRefused(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", barcode("21001"))
	b := lib.staff("32")
	page := b.post("/desk/register", b.registering("", "first_name", "Grace", "last_name", "Hopper", "barcode", "21001"))
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
	page.has(t, "“21001” belongs to somebody already.", `href="#f-barcode"`, "/desk/find?q=ada", `value="Grace"`)
	page = b.post("/desk/register", b.registering("", "first_name", "Grace"))
	page.has(t, "Last name is missing.", `href="#f-last_name"`, `value="Grace"`)
	// Another record type has other groups; what is typed stays.
	page = b.post("/desk/register", b.registering("", "first_name", "Grace", "as", "STAFF"))
	page.has(t, `value="Grace"`, `name="record_type" value="STAFF"`)
	page.lacks(t, "Undergraduate Student")
	if page := lib.staff("299").get("/desk/register"); page.status != http.StatusForbidden {
		t.Errorf("who may not edit users: got %d", page.status)
	}
}
