package desk

import (
	"net/http"
	"testing"

	"patrondesk/internal/patron"
)

func TestFindOpensThePatronOfAnyIdentifier(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("grace.hopper", barcode("21001"), func(p *patron.Patron) { p.FirstName, p.LastName = "Grace", "Hopper" })
	b := lib.staff("32")
	for _, q := range []string{"21001", "grace.hopper", "GRACE.HOPPER", "%20hopp%20"} {
		page := b.get("/desk/find?q=" + q)
		if got, want := page.location(), "/desk/patrons/grace.hopper"; got != want {
			t.Errorf("%s: got %d to %q, want %q", q, page.status, got, want)
		}
	}
	page := b.get("/desk/patrons/grace.hopper")
	page.has(t, "Grace Hopper", "21001", `id="barcode"`, "autofocus")
	b.get("/desk").has(t, "Served recently", "Grace Hopper")
}

func TestFindNobodyOffersToRegister(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	page := lib.staff("32").get("/desk/find?q=99999")
	page.has(t, "Nobody found for “99999”", "/desk/register?barcode=99999")
	page = lib.staff("299").get("/desk/find?q=99999") // who may not edit users
	page.has(t, "Nobody found")
	page.lacks(t, "/desk/register")
}

func TestFindTellsNamesakesApart(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for _, p := range []struct{ id, born string }{{"ada.one", "1975-02-03"}, {"ada.two", "1990-12-10"}} {
		lib.patron(p.id, func(made *patron.Patron) { made.BirthDate = patron.Date(p.born) })
	}
	b := lib.staff("32")
	b.get("/desk/find?q=byron").has(t, "2 patrons found", "born 1975", "born 1990", "ada.one", "ada.two")
	b.get("/desk/suggestions?q=byr").has(t, `role="option"`, `data-id="ada.one"`, "born 1990")
	if page := b.get("/desk/suggestions?q=b"); page.status != http.StatusOK || len(page.body) > 10 {
		t.Errorf("one letter: got %d %q, want no suggestion", page.status, page.body)
	}
}

func TestFindBeyondTheOnlyOne(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("grace.hopper", func(p *patron.Patron) { p.FirstName, p.LastName = "Grace", "Hopper" })
	if page := lib.staff("32").get("/desk/find?q=hopper&offset=1"); page.status != http.StatusOK {
		t.Errorf("got %d, want a page without patrons", page.status)
	}
}
