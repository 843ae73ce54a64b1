package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
)

// reading are ada's loans as they are lent, one a minute: of each the item's barcode, title, author and policy.
var reading = []struct{ barcode, title, author, policy string }{
	{"5", "beta", "Zola", ""}, {"4", "Alpha", "austen", "WEEK"}, {"3", "Gamma", "Bell", "SHORT"}, {"2", "beta", "Austen", "LAPTOP"}, {"1", "delta", "", ""},
}

// readingDesk is a desk at which ada has borrowed all of it.
func readingDesk(t *testing.T) (*desk, *clock) {
	t.Helper()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	for n, r := range reading {
		d.stock("9"+r.barcode, r.barcode, "t"+r.barcode, func(it *fulfillment.Item) {
			it.Title, it.Author, it.ItemPolicy.Value = r.title, r.author, r.policy
		})
		c.set(monday.Add(time.Duration(n) * time.Minute))
		d.lend("ada", r.barcode)
	}
	return d, c
}

// barcodes are those of the loans that a list answers, page by page, and in one text.
func (d *desk) barcodes(query string, limit, want int) string {
	d.t.Helper()
	var all string
	for offset := 0; offset == 0 || offset < want; offset += limit {
		got := d.must(200, "GET", fmt.Sprintf("/users/ada/loans?%s&limit=%d&offset=%d", query, limit, offset), "")
		if total := got.object(d.t)["total_record_count"]; total != float64(want) {
			d.t.Errorf("%s: got %v loans in all, want %d", query, total, want)
		}
		page := got.loans(d.t)
		if len(page) != min(limit, want-offset) {
			d.t.Errorf("%s from %d: got %d loans", query, offset, len(page))
		}
		for _, l := range page {
			all += fmt.Sprint(l["item_barcode"])
		}
	}
	return all
}

func TestListLoans(t *testing.T) {
	t.Parallel()
	d, c := readingDesk(t)
	orders := []struct{ by, want string }{
		{"", "54321"}, {"id", "54321"}, {"loan_date", "54321"}, {"barcode", "12345"}, {"title", "45213"}, {"author", "14235"},
		{"due_date", "32451"}, {"return_date", "54321"},
	}
	for _, tt := range orders {
		for _, limit := range []int{1, 2, 5, 100} {
			query := "order_by=" + tt.by
			if got := d.barcodes(query, limit, 5); got != tt.want {
				t.Errorf("%s, %d at once: got %s, want %s", query, limit, got, tt.want)
			}
			back := []byte(tt.want)
			slices.Reverse(back)
			if got := d.barcodes(query+"&direction=desc", limit, 5); got != string(back) {
				t.Errorf("%s back, %d at once: got %s, want %s", query, limit, got, back)
			}
		}
	}
	if got := d.barcodes("loan_status=Complete", 10, 0); got != "" {
		t.Errorf("past loans: got %s", got)
	}
	for _, barcode := range []string{"3", "5", "1"} {
		c.set(c.now().Add(time.Minute))
		d.scan(barcode, scanAtMain)
	}
	for query, want := range map[string]string{
		"loan_status=Active": "42", "loan_status=ACTIVE&order_by=BARCODE": "24", "": "42",
	} {
		if got := d.barcodes(query, 10, 2); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"loan_status=Complete": "531", "loan_status=complete&direction=DESC": "135", "loan_status=Complete&order_by=return_date": "351",
		"loan_status=Complete&order_by=return_date&direction=DESC": "153",
	} {
		if got := d.barcodes(query, 2, 3); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	checkLending(t, d)
}

// TestListLoansAtTheEdges asks for no loans, for those behind the last one, and of a patron who has none.
func TestListLoansAtTheEdges(t *testing.T) {
	t.Parallel()
	d, _ := readingDesk(t)
	const five, none = `{"total_record_count":5}`, `{"total_record_count":0}`
	for path, want := range map[string]string{
		"ada/loans?limit=0": five, "ada/loans?offset=5": five, "ada/loans?offset=99999999999": five, "ada/loans?limit=100&offset=9223372036854775807": five,
		"ada/loans?offset=9223372036854775807&order_by=title": five, "ada/loans?limit=0&expand=renewable": five,
		"bob/loans": none, "bob/loans?loan_status=Complete": none, "bob/loans?expand=renewable": none,
	} {
		if got := d.must(200, "GET", "/users/"+path, "").body; got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]string{
		"ada/loans?limit=101": "401652", "ada/loans?limit=-1": "401652", "ada/loans?limit=ten": "401652", "ada/loans?offset=-1": "401652",
		"ada/loans?loan_status=Lost": "401652", "ada/loans?order_by=shoe_size": "401652", "ada/loans?direction=up": "401652",
		"nobody/loans": "401861", "ada/loans?user_id_type=BARCODE": "401890", "ME/loans": "60101",
		"ada/loans/1": "401823", "ada/loans/all": "401823", "ada/loans/none": "401823", "nobody/loans/1": "401861",
	} {
		if got := d.call("GET", "/users/"+path, ""); got.status != 400 || got.code() != want {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, want)
		}
	}
}

// TestRenewable asks of each loan whether it can be renewed: of one that can it then is, and of another one not.
func TestRenewable(t *testing.T) {
	t.Parallel()
	d, c := readingDesk(t)
	c.move(2)
	d.hold("bob", "mms_id=t1", holdAtMain)
	d.must(200, "POST", d.loanPath("ada", "4")+"?op=claimed_returned", "")
	told := map[string]string{}
	for _, l := range d.must(200, "GET", "/users/ada/loans?expand=renewable", "").loans(t) {
		told[fmt.Sprint(l["item_barcode"])] = fmt.Sprint(l["renewable"], " ", l["patrondesk_renewals_left"])
	}
	// 5 is as usual, 4 said to be returned, 3 overdue, which is no obstacle, 2 never renewed, and 1 asked for by bob.
	want := map[string]string{"5": "true 5", "4": "false 2", "3": "true 1", "2": "false 0", "1": "false 5"}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", told, want)
	}
	for barcode, said := range want {
		got := d.call("POST", d.loanPath("ada", barcode)+"?op=renew", "")
		if renewed := got.status == 200; renewed != strings.HasPrefix(said, "true") {
			t.Errorf("%s was renewed: %v, and it said %s: %s", barcode, renewed, said, got.body)
		}
	}
	for _, l := range d.must(200, "GET", "/users/ada/loans", "").loans(t) {
		if l["renewable"] != nil || l["patrondesk_renewals_left"] != nil {
			t.Errorf("nobody asked, and it says %v", l)
		}
	}
	d.scan("5", scanAtMain)
	if past := d.must(200, "GET", "/users/ada/loans?loan_status=Complete&expand=renewable", "").loans(t); past[0]["renewable"] != false {
		t.Errorf("a loan that is over is renewable: %v", past[0])
	}
	checkLending(t, d)
}

// loanPath is the path of the patron's active loan of the item with that barcode.
func (d *desk) loanPath(id, barcode string) string {
	d.t.Helper()
	for _, l := range d.must(200, "GET", "/users/"+id+"/loans?limit=100", "").loans(d.t) {
		if l["item_barcode"] == barcode {
			return fmt.Sprintf("/users/%s/loans/%v", id, l["loan_id"])
		}
	}
	d.t.Fatalf("%s has no loan of %s", id, barcode)
	return ""
}

// TestLoansAsTheirPatronSeesThem holds that a patron reads the own loans, those of nobody else, and nothing of the staff.
func TestLoansAsTheirPatronSeesThem(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	d.must(200, "POST", "/users", person("sybil", role("32", "MAIN", "ACTIVE", "")))
	sybil, ada := "Authorization: "+d.issuer.Bearer("sybil", nil), "Authorization: "+d.issuer.Bearer("ada", nil)
	path := d.lend("ada", "b1")
	c.move(1)
	d.must(200, "POST", "/items?item_barcode=b1&"+scanAtScience, "", sybil)
	for _, own := range []string{path, strings.Replace(path, "ada", "ME", 1), "/users/ada/loans?loan_status=Complete", "/users/ME/loans?loan_status=Complete"} {
		body := d.must(200, "GET", own, "", ada).body
		if strings.Contains(body, "sybil") || !strings.Contains(body, `"return_date":"2026-11-24T12:00:00Z"`) || !strings.Contains(body, `"return_circ_desk":{"value":"SCI_CIRC"`) {
			t.Errorf("%s: the patron sees %s", own, body)
		}
	}
	if body := d.must(200, "GET", path, "", sybil).body; !strings.Contains(body, `"returned_by":{"value":"sybil"}`) || !strings.Contains(body, `"loan_status":"COMPLETE"`) {
		t.Errorf("staff see %s", body)
	}
	for _, other := range []string{"/users/bob/loans", strings.Replace(path, "ada", "bob", 1)} {
		d.must(403, "GET", other, "", ada)
	}
	if got := d.call("GET", strings.Replace(path, "ada", "bob", 1), ""); got.code() != "401823" {
		t.Errorf("the loan of another patron: got %d %s", got.status, got.body)
	}
}
