package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// owing is a library in which a patron owes 12.50, charged at the desk; path is the fee's page.
func owing(t *testing.T) (lib *library, b *browser, path string) {
	t.Helper()
	lib = newLibrary(t)
	lib.item("1", "b1", "99")
	lib.patron("ada")
	b = lib.staff("32")
	list := b.follow(b.post("/desk/patrons/ada/fees/new", url.Values{
		"type": {"DAMAGEDITEMFINE"}, "amount": {"12,50"}, "library": {"MAIN"}, "barcode": {"b1"}, "comment": {"Torn"},
		"once": {b.get("/desk/patrons/ada/fees/new").field(t, "once")},
	}))
	list.has(t, "Charged: 12.50\u00a0GBP, Damaged item fine", "A title of 99", "Torn", `value="12.50"`)
	found := regexp.MustCompile(`href="(/desk/patrons/ada/fees/\d+)"`).FindStringSubmatch(list.body)
	if found == nil {
		t.Fatalf("the list has no fee: %s", list.body)
	}
	return lib, b, found[1]
}

func TestFeeIsPaidOnce(t *testing.T) {
	t.Parallel()
	_, b, path := owing(t)
	page := b.get(path)
	form := url.Values{"do": {"pay"}, "amount": {"2,50"}, "method": {"CASH"}, "external": {"till-7"}, "match": {page.field(t, "match")}, "once": {page.field(t, "once")}}
	for range 2 { // a double click
		b.follow(b.post(path, form)).has(t, "Receipt: 2.50\u00a0GBP received, Cash", "still owed 10.00\u00a0GBP", "-1)")
	}
	b.get(path).has(t, "10.00\u00a0GBP", "2.50\u00a0GBP", "till-7", "staff.32")
	tab := b.get("/desk/patrons/ada/fees")
	done := b.follow(b.post("/desk/patrons/ada/fees", url.Values{"amount": {tab.field(t, "amount")}, "method": {"CREDIT_CARD"}, "once": {tab.field(t, "once")}}))
	done.has(t, "Receipt: 10.00\u00a0GBP received, Credit card", "Nothing is owed")
	b.get("/desk/patrons/ada/fees?show=closed").has(t, "Damaged item fine", "Closed")
	b.get(path).lacks(t, `value="pay"`, `do=waive`)
}

func TestFeeIsWaivedForAReason(t *testing.T) {
	t.Parallel()
	_, b, path := owing(t)
	page := b.get(path + "?do=waive")
	page.has(t, "Waive this fee?", "The library&#39;s mistake", "Do not waive", "autofocus")
	form := url.Values{"do": {"waive"}, "amount": {"12.50"}, "comment": {"<kind>"}, "match": {page.field(t, "match")}, "once": {page.field(t, "once")}}
	refused := b.post(path, form)
	refused.has(t, `role="alert"`, "Waive this fee?", "&lt;kind&gt;")
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: got %d", refused.status)
	}
	form.Set("reason", "GOODWILL")
	form.Set("once", refused.field(t, "once"))
	b.follow(b.post(path, form)).has(t, "Waived: 12.50\u00a0GBP of Damaged item fine – A title of 99; 0.00\u00a0GBP still owed", "Nothing is owed")
	b.get(path).has(t, "Goodwill", "&lt;kind&gt;")
}

func TestDisputedFeeIsNotPaid(t *testing.T) {
	t.Parallel()
	_, b, path := owing(t)
	page := b.get(path)
	b.follow(b.post(path, url.Values{"do": {"dispute"}, "match": {page.field(t, "match")}, "once": {page.field(t, "once")}})).
		has(t, "In dispute: Damaged item fine – A title of 99", "12.50\u00a0GBP", "of it in dispute")
	b.get("/desk/patrons/ada/fees").lacks(t, "Payment received")
	stale := b.post(path, url.Values{"do": {"pay"}, "amount": {"5,5"}, "method": {"CASH"}, "match": {page.field(t, "match")}, "once": {"another"}})
	stale.has(t, "Somebody else changed this meanwhile", "cannot be paid until that is settled")
	page = b.get(path)
	b.follow(b.post(path, url.Values{"do": {"restore"}, "match": {page.field(t, "match")}, "once": {page.field(t, "once")}})).
		has(t, "No longer in dispute: Damaged item fine", "Payment received")
}

func TestRefusedFeesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	_, b, path := owing(t)
	for _, amount := range []string{"99", "0", "1e3", "-2", "1.234.567", "ten", ""} {
		page := b.post("/desk/patrons/ada/fees", url.Values{"amount": {amount}, "method": {"ONLINE"}, "comment": {"kept"}})
		page.has(t, "cannot be taken as the amount", `name="amount" value="`+amount+`"`, `value="ONLINE" selected`, `value="kept"`)
		page = b.post(path, url.Values{"do": {"pay"}, "amount": {amount}, "method": {"CASH"}})
		page.has(t, "cannot be taken as the amount", `name="amount" value="`+amount+`"`)
		if page.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: got %d", amount, page.status)
		}
	}
	page := b.post("/desk/patrons/ada/fees/new", url.Values{"type": {"OTHER"}, "amount": {"ten"}, "library": {"SCIENCE"}, "barcode": {"b1"}, "comment": {"kept"}})
	page.has(t, "Nothing was charged", `value="ten"`, `value="OTHER" selected`, `value="SCIENCE" selected`, ">kept<")
	page = b.post("/desk/patrons/ada/fees/new", url.Values{"type": {"OTHER"}, "amount": {"1"}, "library": {"MAIN"}, "barcode": {"b7"}})
	page.has(t, "No item has this barcode", `value="b7"`)
}

func TestAmountsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"12.50": "12.50", "12,50": "12.50", "0,5": "0.5", "1.234,50": "1234.50", "1,234.50": "1234.50", "1 234,50": "1234.50", "1'234.50": "1234.50",
		"1\u202f234,50": "1234.50", "1,234": "1.234", "1,234,567": "1.234,567", "": "", "ten": "ten", "-5": "-5",
	} {
		if got := decimal(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// TestAllIsNoFee holds that what the API has for all fees is not done where a page is about one.
func TestAllIsNoFee(t *testing.T) {
	t.Parallel()
	_, b, path := owing(t)
	page := b.post("/desk/patrons/ada/fees/all", url.Values{"do": {"pay"}, "amount": {"2,50"}, "method": {"CASH"}})
	if page.status != http.StatusBadRequest {
		t.Errorf("got %d, want 400", page.status)
	}
	b.get(path).lacks(t, "10.00\u00a0GBP")
}
