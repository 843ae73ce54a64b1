package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"patrondesk/internal/patron"
)

// field is the value of a hidden field of a page.
func (s shown) field(t testing.TB, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if found == nil {
		t.Fatalf("the page (%d) has no field %s:\n%s", s.status, name, s.body)
	}
	return regexp.MustCompile(`&#34;`).ReplaceAllString(found[1], `"`)
}

// asked is a library with two copies of a title and a patron, whom the browser placed a request for; path is its page.
func asked(t *testing.T, changes ...func(*patron.Patron)) (lib *library, b *browser, path string) {
	t.Helper()
	lib = newLibrary(t)
	lib.item("1", "b1", "99")
	lib.item("2", "b2", "99")
	lib.patron("ada", changes...)
	b = lib.staff("32")
	placed := b.post("/desk/patrons/ada/requests/new", url.Values{
		"item": {"b1"}, "mms_id": {"99"}, "item_pid": {"1"}, "copy": {"any"}, "type": {"HOLD"}, "pickup": {"MAIN"}, "until": {"2099-01-02"},
	})
	list := b.follow(placed)
	list.has(t, "Requested: A title of 99, place 1 in the queue")
	found := regexp.MustCompile(`href="(/desk/patrons/ada/requests/\d+)"`).FindStringSubmatch(list.body)
	if found == nil {
		t.Fatalf("the list has no request: %s", list.body)
	}
	return lib, b, found[1]
}

func TestRequestIsPlaced(t *testing.T) {
	t.Parallel()
	_, b, path := asked(t)
	for scanned, says := range map[string]string{"b1": "Only this copy, b1", "99": "A title of 99", "b7": "No item has that barcode"} {
		if scanned == "99" { // which the patron asked for, so that another request for it is refused
			says = "The patron has an active request for it already"
		}
		b.get("/desk/patrons/ada/requests/new?item="+scanned).has(t, says)
	}
	list := b.get("/desk/patrons/ada/requests")
	list.has(t, "A title of 99", "An author", "Not started", "place 1 in the queue", "Main Library", "Cancel or change")
	b.get("/desk/patrons/ada/requests?status=ON_HOLD_SHELF").has(t, "No request is like this")
	b.get("/desk/patrons/ada/requests?type=HOLD&status=NOT_STARTED").has(t, "1 request<", "A title of 99")
	b.get(path).has(t, "Any copy of the title", `value="2099-01-02"`)
}

func TestRefusedRequestKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	_, b, _ := asked(t)
	page := b.post("/desk/patrons/ada/requests/new", url.Values{
		"item": {"b1"}, "mms_id": {"99"}, "item_pid": {"1"}, "copy": {"only"}, "type": {"HOLD"}, "pickup": {"SCIENCE/SCI_CIRC"},
		"until": {"2098-07-06"}, "comment": {"for the <seminar>"},
	})
	b.post("/desk/patrons/ada/requests/new", url.Values{
		"item": {"99"}, "mms_id": {"99"}, "title": {"A title of 99"}, "type": {"HOLD"}, "pickup": {"MAIN"}, "comment": {"by its MMS ID"},
	}).has(t, "The patron has an active request for it already", "A title of 99", "by its MMS ID", "Place the request")
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
	page.has(t, "The patron has an active request for it already", `value="only" checked`, `value="SCIENCE/SCI_CIRC" selected`,
		`value="2098-07-06"`, "for the &lt;seminar&gt;", `role="alert"`)
}

func TestChapterIsDigitised(t *testing.T) {
	t.Parallel()
	_, b, _ := asked(t)
	b.follow(b.post("/desk/patrons/ada/requests/new", url.Values{
		"item": {"b1"}, "mms_id": {"99"}, "item_pid": {"1"}, "copy": {"only"}, "type": {"DIGITIZATION"}, "pickup": {"MAIN"},
		"chapter": {"Of Tests"}, "from": {"3"}, "to": {"16"}, "comment": {"in colour"},
	}))
	list := b.get("/desk/patrons/ada/requests?type=DIGITIZATION")
	list.has(t, "Digitization", "1 request<")
	path := regexp.MustCompile(`/desk/patrons/ada/requests/\d+`).FindString(list.body)
	page := b.get(path)
	page.has(t, "Of Tests", "pages 3–16")
	b.follow(b.post(path, url.Values{"do": {"change"}, "match": {page.field(t, "match")}, "comment": {"in grey"}}))
	b.get(path).has(t, "Of Tests", "pages 3–16", "in grey")
}

// TestCancellationTellsOfItsLetter holds that nobody takes a patron for told who was not.
func TestCancellationTellsOfItsLetter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, tell, says string
		changes          []func(*patron.Patron)
	}{
		{"not told", "", "<p>Cancelled: A title of 99</p></div>", nil},
		{"no address", "1", "No letter was sent: the patron has no e-mail address that is preferred", nil},
		{"no mail service", "1", "The letter about it was not sent, because the mail service did not take it", []func(*patron.Patron){email("ada@readers.example")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, b, path := asked(t, tt.changes...)
			form := url.Values{"do": {"cancel"}, "reason": {"CannotBeFulfilled"}, "title": {"A title of 99"}, "match": {b.get(path).field(t, "match")}}
			if tt.tell != "" {
				form.Set("tell", tt.tell)
			}
			page := b.follow(b.post(path, form))
			page.has(t, "Cancelled: A title of 99", tt.says, "Nothing is requested")
			b.follow(b.get(path)).has(t, "This request is no longer active")
		})
	}
}

func TestRequestOfAStaleFormIsNotChanged(t *testing.T) {
	t.Parallel()
	_, b, path := asked(t)
	match := b.get(path).field(t, "match")
	change := url.Values{"do": {"change"}, "match": {match}, "pickup": {"SCIENCE"}, "until": {"2099-03-04"}, "comment": {"first"}}
	b.follow(b.post(path, change)).has(t, "Changed: A title of 99", "Science Library")
	change.Set("comment", "second")
	page := b.post(path, change)
	page.has(t, "Somebody else changed this meanwhile", `value="second"`, "<dd>first</dd>")
	if page.status != http.StatusUnprocessableEntity || page.field(t, "match") == match {
		t.Errorf("got %d with the tag %s, want the new one", page.status, match)
	}
	page = b.post(path, url.Values{"do": {"cancel"}, "match": {match}, "reason": {"ItemMissing"}, "note": {"gone <for> good"}})
	page.has(t, "Somebody else changed this meanwhile", "gone &lt;for&gt; good", `value="ItemMissing" selected`)
	page.lacks(t, `name="tell" value="1" checked`)
}

// TestReadersOfRequestsMayNotSettleThem shows those who may only look no form, and takes none from them.
func TestReadersOfRequestsMayNotSettleThem(t *testing.T) {
	t.Parallel()
	lib, _, path := asked(t)
	b := lib.staff("299")
	b.get("/desk/patrons/ada/requests").lacks(t, "Cancel or change", "/requests/new")
	b.get(path).lacks(t, "<form method=\"post\" action=\""+path)
	if page := b.post(path, url.Values{"do": {"cancel"}, "reason": {"CannotBeFulfilled"}}); page.status != http.StatusForbidden {
		t.Errorf("got %d", page.status)
	}
}
