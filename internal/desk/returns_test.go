package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
	"patrondesk/internal/session"
)

// session is that of the browser, as it is stored.
func (lib *library) session(b *browser) session.Session {
	lib.t.Helper()
	s, err := lib.store.Session(lib.t.Context(), session.Hash(b.cookies[sessionCookie]))
	if err != nil {
		lib.t.Fatal(err)
	}
	return s
}

// request places a request for any copy of an item's title, to be fetched in the main library.
func (b *browser) request(patronID, barcode, mms, itemID string) {
	b.lib.t.Helper()
	b.follow(b.post("/desk/patrons/"+patronID+"/requests/new", url.Values{
		"item": {barcode}, "mms_id": {mms}, "item_pid": {itemID}, "copy": {"any"}, "type": {"HOLD"}, "pickup": {"MAIN"}, "until": {"2099-01-02"},
	})).has(b.lib.t, "Requested: ")
}

// TestReturnSaysWhereTheItemGoes returns a pile: what becomes of each item is still said when all are scanned.
func TestReturnSaysWhereTheItemGoes(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.patron("mary.shelley", func(p *patron.Patron) { p.FirstName, p.LastName = "Mary", "Shelley" })
	lib.item("1", "31001", "99001")
	lib.item("2", "31002", "99002")
	away := lib.item("3", "31003", "99003")
	away.Library = fulfillment.Code{Value: "SCIENCE", Desc: "Science Library"}
	if _, _, err := lib.store.SaveItem(t.Context(), away); err != nil {
		t.Fatal(err)
	}
	b := lib.staff("32")
	b.lend("grace.hopper", "31001", "31003")
	b.lend("mary.shelley", "31002")
	lib.now = autumn.AddDate(0, 0, 31) // three days late
	b.get("/desk/find?q=grace.hopper")
	scan := func(code string) shown {
		t.Helper()
		return b.follow(b.post("/desk/patrons/grace.hopper/returns", url.Values{"barcode": {code}}))
	}
	scan("31001").has(t, "<h2>Reshelve</h2>", "A title of 99001", "Fine charged: 0.60\u00a0GBP.")
	scan("31003").has(t, "<h2>Send to Science Library</h2>", `role="alert"`, "A title of 99003")
	page := scan("31002")
	page.has(t, "<h2>Reshelve</h2>", "It was on loan to another patron:", `<a href="/desk/find?q=mary.shelley">Mary Shelley</a>`,
		"A title of 99001", "A title of 99003", "Send to Science Library")
	scan("31002").has(t, "It was not on loan.")
	lib.now = lib.now.Add(time.Minute)
	b.get("/desk/find?q=grace.hopper") // another visit
	page = b.get("/desk/patrons/grace.hopper/returns")
	page.has(t, "Nothing was returned in this session yet")
}

func TestReturnForTheHoldShelf(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.patron("mary.shelley")
	lib.item("1", "31001", "99001")
	b := lib.staff("32")
	id := b.lend("grace.hopper", "31001")
	b.request("mary.shelley", "31001", "99001", "1")
	said := b.follow(b.post("/desk/patrons/grace.hopper/loans/"+id, url.Values{"op": {"return"}}))
	said.has(t, `class="notice warn" role="alert"`, "A title of 99001: Put on the hold shelf for a request", "it waits there until 12 October 2026.")
	said.lacks(t, "mary.shelley", "A title of 99001</a>")
	b.get("/desk/patrons/grace.hopper/returns").has(t, "Put on the hold shelf for a request")
	b.post("/desk/patrons/grace.hopper/loans/"+id, url.Values{"op": {"return"}}).has(t, "This loan is over")
}

func TestReturnFromTheBookDrop(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	lib.item("1", "31001", "99001")
	b := lib.staff("32")
	b.lend("grace.hopper", "31001")
	lib.now = autumn.AddDate(0, 0, 31)
	path := "/desk/patrons/grace.hopper/returns"
	for _, at := range []string{"2030-01-01T08:00", "2026-01-01T08:00", "soon"} {
		page := b.post(path, url.Values{"barcode": {"31001"}, "returned": {at}})
		page.has(t, "31001 was not returned", "The time of return does not fit", `value="`+at+`"`, "<details class=\"more\" open>")
		if page.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d", at, page.status)
		}
	}
	page := b.follow(b.post(path, url.Values{"barcode": {"31001"}, "returned": {"2026-11-02T23:30"}}))
	page.has(t, "<h2>Reshelve</h2>", `value="2026-11-02T23:30"`) // it stays for the next item
	page.lacks(t, "Fine charged")
	b.get("/desk/patrons/grace.hopper/history").has(t, "A title of 99001", "2 Nov 2026")
}

func TestReturnOfNoItem(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("grace.hopper", barcode("21001"))
	b := lib.staff("32")
	b.post("/desk/patrons/grace.hopper/returns", url.Values{"barcode": {"39999"}}).has(t, "39999 was not returned", "No item has the barcode 39999")
	b.post("/desk/patrons/grace.hopper/returns", url.Values{"barcode": {"21001"}}).has(t, "This is a patron’s card")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.now = autumn
	lib.patron("grace.hopper")
	b := lib.staff("32")
	b.get("/desk/patrons/grace.hopper/history").has(t, "No loan ended in the last year.", "No request ended in the last year.")
	for i := range mostPast + 2 {
		n := itoa(100 + i)
		lib.item(n, "31"+n, "99"+n)
		lib.now = lib.now.Add(time.Minute)
		b.lend("grace.hopper", "31"+n)
		b.post("/desk/patrons/grace.hopper/returns", url.Values{"barcode": {"31" + n}})
	}
	lib.item("1", "31001", "99001")
	b.request("grace.hopper", "31001", "99001", "1")
	b.lend("grace.hopper", "31001") // which fulfils it
	page := b.get("/desk/patrons/grace.hopper/history")
	page.has(t, "A title of 99126", "A title of 99102", "A title of 99001", "Fulfilled", "Older", "/history?loans=25#loans")
	page.lacks(t, "A title of 99101<", "Newer")
	page = b.get("/desk/patrons/grace.hopper/history?loans=25&requests=0")
	page.has(t, "A title of 99101<", "A title of 99100<", "Newer", "A title of 99001")
	if n := strings.Count(page.body, "<tr>"); n != 5 { // with two heads
		t.Errorf("%d rows", n)
	}
}
