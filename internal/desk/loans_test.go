package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

// lend lends items to a patron at the desk, and is the id of the last loan.
func (b *browser) lend(patronID string, barcodes ...string) (loanID string) {
	b.lib.t.Helper()
	b.get("/desk/patrons/" + patronID) // since when the loans are of the session
	for _, code := range barcodes {
		page := b.follow(b.post("/desk/patrons/"+patronID+"/loans", url.Values{"barcode": {code}, "once": {"lend " + code}}))
		page.has(b.lib.t, "Lent: ")
		loanID = newestLoan.FindStringSubmatch(page.body)[1]
	}
	return loanID
}

// newestLoan is the first loan on a page: of those of a session the newest.
var newestLoan = regexp.MustCompile(`/loans/(\d+)"`)

// autumn is a Monday on which the demo's libraries are open.
var autumn = time.Date(2026, 10, 5, 10, 0, 0, 0, time.UTC)

func TestCheckOutShowsTheLoansOfTheSession(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	lib.item("2", "31002", "99002")
	lib.item("3", "31003", "99003")
	lib.staff("32").lend("grace.hopper", "31001")
	lib.now = autumn.Add(time.Hour)
	b := lib.staff("221") // another session
	page := b.get("/desk/patrons/grace.hopper")
	page.has(t, "Nothing was lent in this session yet")
	b.lend("grace.hopper", "31002")
	lib.now = lib.now.Add(time.Minute)
	b.lend("grace.hopper", "31003")
	page = b.get("/desk/patrons/grace.hopper")
	page.has(t, "A title of 99003", "A title of 99002", "0 · 5 left")
	page.lacks(t, "A title of 99001")
	if strings.Index(page.body, "99003") > strings.Index(page.body, "99002") {
		t.Error("the loans of the session are not in order, the newest first")
	}
	page = b.get("/desk/patrons/grace.hopper/loans?show=all&sort=title")
	page.has(t, "A title of 99001", "A title of 99002", "A title of 99003")
}

func TestCheckOutSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper", barcode("21001"), func(p *patron.Patron) {
		p.Blocks = []patron.Block{{Type: patron.Code{Value: "LOAN"}, Description: patron.Code{Value: "02-GLOBAL"}, Status: patron.Active}}
	})
	lib.item("1", "31001", "99001")
	b, scan := lib.staff("32"), url.Values{"barcode": {"31001"}}
	page := b.post("/desk/patrons/grace.hopper/loans", scan)
	page.has(t, "31001 was not lent", "Blocked by the library", "A manager of the circulation desk may override this")
	page.lacks(t, `name="override"`)
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
	b.post("/desk/patrons/grace.hopper/loans", url.Values{"barcode": {"39999"}}).has(t, "No item has the barcode 39999")
	b.post("/desk/patrons/grace.hopper/loans", url.Values{"barcode": {"21001"}}).has(t, "This is a patron’s card", "/desk/find?q=grace.hopper")

	manager := lib.staff("221")
	page = manager.post("/desk/patrons/grace.hopper/loans", scan)
	page.has(t, `name="override"`, "Lend all the same")
	again := url.Values{"barcode": {"31001"}, "override": {"1"}, "once": {page.field(t, "once")}}
	page = manager.follow(manager.post("/desk/patrons/grace.hopper/loans", again))
	page.has(t, "Lent: A title of 99001", "Overridden: patron blocked")
}

func TestLoansWithoutADesk(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	b := lib.staff("32")
	id := b.lend("grace.hopper", "31001")
	lib.leaveDesk(b)
	for _, tab := range []string{"loans", "returns"} {
		page := b.get("/desk/patrons/grace.hopper/" + tab)
		page.has(t, "/desk/circulation-desk?to=%2fdesk%2fpatrons%2fgrace.hopper/"+tab)
		page.lacks(t, `id="barcode"`)
		page = b.post("/desk/patrons/grace.hopper/"+tab, url.Values{"barcode": {"31001"}})
		page.has(t, "31001 was not", "Choose a circulation desk first")
	}
	b.post("/desk/patrons/grace.hopper/loans/"+id, url.Values{"op": {"return"}}).has(t, "Not returned: A title of 99001")
}

// leaveDesk has the person be at no circulation desk.
func (lib *library) leaveDesk(b *browser) {
	lib.t.Helper()
	s := lib.session(b)
	s.Library, s.Desk = "", ""
	if _, err := lib.store.SaveSession(lib.t.Context(), s); err != nil {
		lib.t.Fatal(err)
	}
}

func TestRenewSaysWhyNot(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	lib.item("2", "31002", "99002")
	b := lib.staff("32")
	path := "/desk/patrons/grace.hopper/loans/"
	id := b.lend("grace.hopper", "31001")
	page := b.post(path+id, url.Values{"op": {"renew"}, "show": {"all"}, "sort": {"title"}})
	page.has(t, "Not renewed: A title of 99001", "would end no later", "?show=all")
	lib.now = autumn.AddDate(0, 0, 7)
	renewed := b.post(path+id, url.Values{"op": {"renew"}, "show": {"all"}, "sort": {"title"}, "once": {"r1"}})
	if got, want := renewed.location(), "/desk/patrons/grace.hopper/loans?show=all&sort=title"; got != want {
		t.Errorf("led to %q, want %q", got, want)
	}
	b.follow(renewed).has(t, "Renewed: A title of 99001, now due 9 November 2026", "1 · 4 left")

	b.lend("grace.hopper", "31002")
	lib.now = autumn.AddDate(0, 0, 8)
	page = b.post(path+"all", url.Values{"op": {"renew"}, "show": {"all"}, "once": {"r2"}})
	page.has(t, "2 loans were renewed.", "2 · 3 left", "1 · 4 left")
	b.post(path+"all", url.Values{"op": {"renew"}, "show": {"all"}, "once": {"r2"}}).has(t, "2 loans were renewed.", "2 · 3 left") // a reload
	page = b.post(path+"all", url.Values{"op": {"renew"}, "show": {"all"}, "once": {"r3"}})
	page.has(t, "0 loans were renewed. 2 were not:", "A title of 99001 (31001): The policy allows no further renewal")
	if got := b.get(path + "all").location(); !strings.HasSuffix(got, "/loans?show=all&sort=due_date") {
		t.Errorf("the address that is left leads to %q", got)
	}
}

func TestDueDate(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	b := lib.staff("32")
	path := "/desk/patrons/grace.hopper/loans/" + b.lend("grace.hopper", "31001")
	page := b.get(path)
	page.has(t, `value="2026-11-02"`, `name="due_time" value=""`)
	form := url.Values{"op": {"due"}, "match": {page.field(t, "match")}, "due": {"2025-01-01"}, "due_time": {"09:30"}}
	page = b.post(path, form)
	page.has(t, "The due date cannot be in the past", `value="2025-01-01"`, `value="09:30"`)
	form.Set("due", "2026-12-01")
	b.follow(b.post(path, form)).has(t, "A title of 99001 is now due 1 December 2026, 09:30", "1\u00a0Dec\u00a02026 09:30")
	page = b.post(path, form) // as it was before
	page.has(t, `value="2026-12-01"`)
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("a stale form: got %d", page.status)
	}
}

func TestLostClaimedAndFound(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	b := lib.staff("32")
	path := "/desk/patrons/grace.hopper/loans/" + b.lend("grace.hopper", "31001")
	do := func(op string) shown {
		t.Helper()
		return b.follow(b.post(path, url.Values{"op": {op}, "match": {b.get(path).field(t, "match")}}))
	}
	b.get(path+"?do=lost").has(t, "Declare “A title of 99001” lost?", "40.00\u00a0GBP is charged for the replacement", "5.00\u00a0GBP is charged for processing", "No, go back")
	page := do("lost")
	page.has(t, "Declared lost: A title of 99001", `class="lost"`, "45.00\u00a0GBP")
	page.lacks(t, `value="renew">Renew<`)
	do("claimed_returned").has(t, "Claimed returned: A title of 99001", `warn">Claimed returned`, "5.00\u00a0GBP")
	page = b.get(path)
	page.has(t, `value="found"`)
	page.lacks(t, `value="claimed_returned"`)
	do("found").has(t, "Found: A title of 99001", `value="renew">Renew<`)
}

func TestWhoMayOnlyLookSeesNoForms(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	id := lib.staff("32").lend("grace.hopper", "31001")
	b := lib.staff("299")
	for _, path := range []string{"loans?show=all", "loans/" + id, "returns", "history"} {
		page := b.get("/desk/patrons/grace.hopper/" + path)
		if page.status != http.StatusOK || strings.Contains(page.body, `action="/desk/patrons/`) {
			t.Errorf("%s: got %d %s", path, page.status, page.body)
		}
	}
	if page := b.post("/desk/patrons/grace.hopper/loans/"+id, url.Values{"op": {"return"}}); page.status != http.StatusForbidden {
		t.Errorf("got %d", page.status)
	}
}

func TestPagesOfManyLoans(t *testing.T) {
	t.Parallel()
	p := &patronPage{User: alma.User{PrimaryID: "ada"}, Loans: 250}
	const all = "/desk/patrons/ada/loans?"
	for from, want := range map[int][2]string{
		0:   {"", all + "from=100&show=all&sort=title"},
		100: {all + "show=all&sort=title", all + "from=200&show=all&sort=title"},
		200: {all + "from=100&show=all&sort=title", ""},
		150: {all + "from=50&show=all&sort=title", ""},
	} {
		tab := loansTab{loanView: loanView{All: true, Sort: "title", From: from}}
		tab.turn(p)
		if got := [2]string{tab.Before, tab.After}; got != want {
			t.Errorf("from %d: got %q, want %q", from, got, want)
		}
	}
}
