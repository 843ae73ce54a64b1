package api

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
)

// feeBody is the JSON of a new fee owed to the main library.
func feeBody(amount string) string {
	return `{"type":{"value":"OTHER"},"original_amount":` + amount + `,"owner":{"value":"MAIN"}}`
}

// feeDesk is a desk with an item and two patrons, ada and grace.
func feeDesk(t testing.TB) *desk {
	t.Helper()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	d.must(200, "POST", "/users", person("grace"))
	return d
}

// owe charges fees and returns their paths.
func (d *desk) owe(id string, amounts ...string) []string {
	d.t.Helper()
	var paths []string
	for _, amount := range amounts {
		made := d.must(200, "POST", "/users/"+id+"/fees", feeBody(amount)).object(d.t)
		paths = append(paths, fmt.Sprintf("/users/%s/fees/%v", id, made["id"]))
	}
	return paths
}

// state is what matters of a fee in an answer: its status and balance, and what happened to it.
func state(fee map[string]any) string {
	text := fmt.Sprintf("%v %v", fee["status"].(map[string]any)["value"], fee["balance"])
	entries, _ := fee["transaction"].([]any)
	for _, one := range entries {
		entry := one.(map[string]any)
		text += fmt.Sprintf(" %v %v", entry["type"].(map[string]any)["value"], entry["amount"])
	}
	return text
}

// states are those of all fees in an answer.
func states(a answer) string {
	list, _ := a.objectOrNil()["fee"].([]any)
	var all []string
	for _, one := range list {
		all = append(all, state(one.(map[string]any)))
	}
	return strings.Join(all, ", ")
}

// checkAccounts compares each patron's account with the fees it counts, and each fee with its ledger.
func (d *desk) checkAccounts(ids ...string) {
	d.t.Helper()
	for _, id := range ids {
		p, err := d.Store.Patron(d.t.Context(), id)
		if err != nil {
			d.t.Fatal(err)
		}
		open, err := d.Store.OpenFees(d.t.Context(), p.UID)
		if err != nil {
			d.t.Fatal(err)
		}
		account, err := d.Store.Account(d.t.Context(), p.UID)
		if err != nil {
			d.t.Fatal(err)
		}
		var sum fulfillment.Money
		for _, f := range open {
			sum += f.Balance()
			if f.Balance() <= 0 || f.Status == fulfillment.FeeClosed {
				d.t.Errorf("%s: an open fee is %s and owes %d", id, f.Status, f.Balance())
			}
		}
		if account.Balance != sum || account.Fees != len(open) {
			d.t.Errorf("%s: the account says %d of %d fees, and they owe %d of %d", id, account.Balance, account.Fees, sum, len(open))
		}
	}
}

// TestFees walks through the life of two fees.
func TestFees(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	if got := d.must(200, "GET", "/users/ada/fees", "").body; got != `{"total_record_count":0,"total_sum":0,"currency":null}` {
		t.Errorf("no fees: got %s", got)
	}
	made := d.must(200, "POST", "/users/ada/fees", strings.Replace(feeBody("12.50"), "{", `{"comment":"Torn","barcode":{"value":"b1"},`, 1)).object(t)
	if made["title"] != "A title of 99" || made["balance"] != 12.5 || made["original_amount"] != 12.5 || made["comment"] != "Torn" || state(made) != "ACTIVE 12.5" {
		t.Errorf("charged %v", made)
	}
	link, _ := made["link"].(string)
	if link != fmt.Sprintf("%s/almaws/v1/users/ada/fees/%v", d.server.URL, made["id"]) {
		t.Errorf("the link is %s", link)
	}
	first := fmt.Sprintf("/users/ada/fees/%v", made["id"])
	second := d.owe("ada", "3")[0]
	for _, step := range []struct{ method, path, want string }{
		{"GET", "/users/ada/fees", "ACTIVE 12.5, ACTIVE 3"},
		{"POST", first + "?op=pay&amount=4.25&method=CASH&comment=coins&external_transaction_id=till-7", "ACTIVE 8.25 PAYMENT 4.25"},
		{"POST", first + "?op=dispute", "INDISPUTE 8.25 PAYMENT 4.25 DISPUTE 0"},
		{"GET", "/users/ada/fees", "ACTIVE 3"},
		{"GET", "/users/ada/fees?status=indispute", "INDISPUTE 8.25 PAYMENT 4.25 DISPUTE 0"},
		{"GET", "/users/ada/fees?status=EXPORTED", ""},
		{"POST", first + "?op=waive&amount=0.25&reason=GOODWILL", "INDISPUTE 8 PAYMENT 4.25 DISPUTE 0 WAIVE 0.25"},
		{"POST", first + "?op=restore", "ACTIVE 8 PAYMENT 4.25 DISPUTE 0 WAIVE 0.25 RESTORE 0"},
		{"POST", first + "?op=pay&amount=ALL&method=online", "CLOSED 0 PAYMENT 4.25 DISPUTE 0 WAIVE 0.25 RESTORE 0 PAYMENT 8"},
		{"POST", second + "?op=waive&reason=OTHER", "CLOSED 0 WAIVE 3"},
		{"GET", "/users/ada/fees?status=CLOSED", "CLOSED 0 WAIVE 3, CLOSED 0 PAYMENT 4.25 DISPUTE 0 WAIVE 0.25 RESTORE 0 PAYMENT 8"},
		{"GET", second, "CLOSED 0 WAIVE 3"},
		{"GET", "/users/ada/fees", ""},
	} {
		got := d.must(200, step.method, step.path, "")
		said := states(got)
		if fee := got.object(t); fee["id"] != nil {
			said = state(fee)
		}
		if said != step.want {
			t.Errorf("%s %s: got %s, want %s", step.method, step.path, said, step.want)
		}
		d.checkAccounts("ada")
	}
}

// TestFeesInXML does the same as in JSON, and looks for what clients read.
func TestFeesInXML(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	inXML := []string{"Accept: application/xml", "Content-Type: application/xml"}
	made := d.must(200, "POST", "/users/ada/fees", `<fee><type>LOCKERKEY</type><original_amount>7.50</original_amount><owner>MAIN</owner><barcode>b1</barcode></fee>`, inXML...)
	var fee struct {
		ID     string `xml:"id"`
		Link   string `xml:"link,attr"`
		Status struct {
			Code string `xml:",chardata"`
			Desc string `xml:"desc,attr"`
		} `xml:"status"`
		Balance string `xml:"balance"`
		Owner   string `xml:"owner"`
	}
	if err := xml.Unmarshal([]byte(made.body), &fee); err != nil || fee.Balance != "7.5" || fee.Status.Code != "ACTIVE" || fee.Status.Desc != "Active" || fee.Owner != "MAIN" {
		t.Fatalf("charged %s, %v", made.body, err)
	}
	path, ok := strings.CutPrefix(fee.Link, d.server.URL+"/almaws/v1")
	if !ok {
		t.Fatalf("the link is %s", fee.Link)
	}
	paid := d.must(200, "POST", path+"?op=pay&amount=2.5&method=CREDIT_CARD", "", inXML...).body
	for _, part := range []string{`<balance>5</balance>`, `<type desc="Payment">PAYMENT</type><amount>2.5</amount>`, `<payment_method desc="Credit card">CREDIT_CARD</payment_method>`, `<created_by>test</created_by>`} {
		if !strings.Contains(paid, part) {
			t.Errorf("no %s in %s", part, paid)
		}
	}
	list := d.must(200, "GET", "/users/ada/fees", "", inXML...).body
	if !strings.Contains(list, `<fees total_record_count="1" total_sum="5" currency="GBP"><fee link="`) {
		t.Errorf("the list is %s", list)
	}
}

// TestFeesAreRefused asks for what cannot be: nothing is changed, and the answer says why in Alma's code.
func TestFeesAreRefused(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	paths := d.owe("ada", "5", "5", "5")
	active, closed, disputed := paths[0], paths[1], paths[2]
	d.must(200, "POST", closed+"?op=pay&amount=5&method=CASH", "")
	d.must(200, "POST", disputed+"?op=dispute", "")
	before := d.contents()
	long := strings.Repeat("c", 2001)
	pay := "op=pay&method=CASH&amount="
	for _, tt := range []struct{ method, path, code, words string }{
		{"GET", "/users/ada/fees?status=OPEN", "401666", "INDISPUTE"},
		{"GET", "/users/nobody/fees", "401861", ""},
		{"GET", "/users/ada/fees?user_id_type=BARCODE", "401890", ""},
		{"GET", "/users/ada/fees/1", "401665", "Fine not found."},
		{"GET", "/users/ada/fees/all", "401665", ""},
		{"GET", "/users/ada/fees/" + url.PathEscape("../1"), "401665", ""},
		{"GET", strings.Replace(active, "ada", "grace", 1), "401665", ""},
		{"POST", strings.Replace(active, "ada", "grace", 1) + "?" + pay + "1", "401665", ""},
		{"POST", "/users/nobody/fees/1?" + pay + "1", "401861", ""},
		{"POST", active, "401666", "op parameter"},
		{"POST", active + "?op=refund", "401666", "pay, waive, dispute, restore"},
		{"POST", active + "?op=pay&method=CASH", "401666", "amount parameter"},
		{"POST", active + "?" + pay + "5.001", "401666", "at most 2 decimal places"},
		{"POST", active + "?" + pay + "1e0", "401666", "decimal number"},
		{"POST", active + "?" + pay + "0.30000000000000004", "401666", "decimal number"},
		{"POST", active + "?" + pay + "-1", "401666", "more than zero"},
		{"POST", active + "?" + pay + "0", "401666", "more than zero"},
		{"POST", active + "?" + pay + "0.00", "401666", "more than zero"},
		{"POST", active + "?" + pay + "5.01", "401666", "5.00 GBP"},
		{"POST", active + "?" + pay + "99999999999999999999", "401666", ""},
		{"POST", active + "?" + pay + "five", "401666", ""},
		{"POST", active + "?op=pay&amount=1", "401666", "method parameter"},
		{"POST", active + "?op=pay&amount=1&method=CHEQUE", "401666", "PaymentMethod"},
		{"POST", active + "?op=waive&amount=1", "401666", "reason parameter"},
		{"POST", active + "?op=waive&amount=1&reason=BOREDOM", "401666", "FineFeeTransactionReason"},
		{"POST", active + "?op=waive&amount=6&reason=OTHER", "401666", "5.00 GBP"},
		{"POST", active + "?op=dispute&reason=BOREDOM", "401666", ""},
		{"POST", active + "?op=restore", "401666", "not in dispute"},
		{"POST", active + "?" + pay + "1&comment=" + long, "401666", "comment parameter"},
		{"POST", active + "?" + pay + "1&comment=%00", "401666", "comment parameter"},
		{"POST", active + "?" + pay + "1&comment=%FF", "401666", "comment parameter"},
		{"POST", active + "?" + pay + "1&external_transaction_id=" + long[:256], "401666", "external_transaction_id"},
		{"POST", closed + "?" + pay + "1", "401666", "closed"},
		{"POST", closed + "?" + pay + "ALL", "401666", "closed"},
		{"POST", closed + "?op=waive&reason=OTHER", "401666", "closed"},
		{"POST", closed + "?op=dispute", "401666", "closed"},
		{"POST", disputed + "?" + pay + "1", "401666", "until it is restored"},
		{"POST", disputed + "?op=dispute", "401666", "already"},
		{"POST", "/users/ada/fees/all?op=waive&amount=ALL", "401666", "It takes pay."},
		{"POST", "/users/ada/fees/all?op=pay&method=CASH", "401666", "amount parameter"},
		{"POST", "/users/ada/fees/all?" + pay + "5.01", "401666", "5.00 GBP"}, // the one in dispute is not paid
		{"POST", "/users/grace/fees/all?" + pay + "ALL", "401666", "0.00 GBP"},
	} {
		got := d.call(tt.method, tt.path, "")
		if got.status != 400 || got.code() != tt.code || !strings.Contains(got.body, tt.words) {
			t.Errorf("%s %s: got %d %s, want %s with %q", tt.method, tt.path, got.status, got.body, tt.code, tt.words)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
}

func TestNewFeesAreRefused(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	before := d.contents()
	for _, tt := range []struct{ who, body, code string }{
		{"ada", ``, "401676"},
		{"ada", `{"original_amount":1,"owner":{"value":"MAIN"}}`, "4019991"},
		{"ada", strings.Replace(feeBody("1"), "OTHER", "BRIBE", 1), "4019992"},
		{"ada", strings.Replace(feeBody("1"), "{", `{"barcode":{"value":"nosuch"},`, 1), "4019993"},
		{"ada", `{"type":{"value":"OTHER"},"owner":{"value":"MAIN"}}`, "4019994"},
		{"ada", feeBody("null"), "4019994"},
		{"ada", `{"type":{"value":"OTHER"},"original_amount":1}`, "4019996"},
		{"ada", strings.Replace(feeBody("1"), "MAIN", d.Institution.Code, 1), "4019997"},
		{"ada", feeBody("0"), "401666"},
		{"ada", feeBody("-1"), "401666"},
		{"ada", feeBody("1.005"), "401666"},
		{"ada", feeBody("1e2"), "401666"},
		{"ada", feeBody(`"1,50"`), "401666"},
		{"ada", strings.Replace(feeBody("1"), "{", `{"comment":"`+strings.Repeat("c", 2001)+`",`, 1), "401666"},
		{"nobody", feeBody("1"), "401861"},
	} {
		if got := d.call("POST", "/users/"+tt.who+"/fees", tt.body); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s: got %d %s, want %s", tt.body, got.status, got.body, tt.code)
		}
	}
	d.Institution.CodeTables["FineFeeTransactionType"] = nil // an open table
	if got := d.call("POST", "/users/ada/fees", strings.Replace(feeBody("1"), "OTHER", "CREDIT", 1)); got.code() != "4019992" {
		t.Errorf("a credit: got %d %s", got.status, got.body)
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
}

// TestFeesAsTheirPatronSeesThem holds that nobody of the staff is named to the patron.
func TestFeesAsTheirPatronSeesThem(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	d.must(200, "POST", "/users", person("sybil", role("32", "MAIN", "ACTIVE", "")))
	sybil := "Authorization: " + d.issuer.Bearer("sybil", nil)
	made := d.must(200, "POST", "/users/ada/fees", strings.Replace(feeBody("5"), "{", `{"comment":"Torn",`, 1), sybil).object(t)
	path := fmt.Sprintf("/users/ada/fees/%v", made["id"])
	d.must(200, "POST", path+"?op=pay&amount=2&method=CASH&comment=rude", "", sybil)
	ada := "Authorization: " + d.issuer.Bearer("ada", nil)
	for _, own := range []string{path, "/users/ada/fees", "/users/ME/fees"} {
		body := d.must(200, "GET", own, "", ada).body
		if strings.Contains(body, "sybil") || strings.Contains(body, "rude") || !strings.Contains(body, "Torn") {
			t.Errorf("the patron sees %s", body)
		}
	}
	if body := d.must(200, "GET", path, "", sybil).body; !strings.Contains(body, `"created_by":"sybil"`) || !strings.Contains(body, `"received_by":{"value":"sybil"`) || !strings.Contains(body, "rude") {
		t.Errorf("staff see %s", body)
	}
	for _, other := range []string{"/users/grace/fees", "/users/grace/fees/1"} {
		d.must(403, "GET", other, "", ada)
	}
	d.must(403, "POST", path+"?op=pay&amount=1&method=CASH", "", ada)
	d.must(403, "POST", "/users/ada/fees/all?op=pay&amount=1&method=CASH", "", ada)
}

// TestFeeTags holds If-Match against the fee's ledger.
func TestFeeTags(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	path := d.owe("ada", "5")[0]
	tag := d.must(200, "GET", path, "").header.Get("ETag")
	pay := path + "?op=pay&amount=1&method=CASH"
	if got := d.must(200, "POST", pay, "", "If-Match: "+tag); got.header.Get("ETag") == tag {
		t.Errorf("the tag is still %s", tag)
	}
	if got := d.call("POST", pay, "", "If-Match: "+tag); got.status != 412 || got.code() != "PRECONDITION_FAILED" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	d.checkAccounts("ada")
}
