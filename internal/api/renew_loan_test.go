package api

import (
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
)

const cannotRenew = "401822 Cannot renew loan: Loan ID %s. "

// idOf is the last part of a path.
func idOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestRenew(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	first := d.must(200, "GET", path, "")
	c.move(7)
	got := d.must(200, "POST", path+"?op=renew", "", "If-Match: "+first.header.Get("ETag"))
	loan := got.object(t)
	if loan["due_date"] != "2027-01-02T23:59:00Z" { // 28 days from then are in the Christmas holidays
		t.Errorf("due %v", loan["due_date"])
	}
	if loan["process_status"] != "RENEW" || loan["patrondesk_renewals"] != 1.0 || loan["last_renew_date"] != "2026-11-30T12:00:00Z" || loan["loan_date"] != "2026-11-23T12:00:00Z" {
		t.Errorf("renewed %v", loan)
	}
	if status := loan["last_renew_status"].(map[string]any); status["value"] != "401193;" || status["desc"] != "Renewed Successfully" {
		t.Errorf("the status is %v", status)
	}
	if found := d.must(200, "GET", path, ""); found.body != got.body || found.header.Get("ETag") == first.header.Get("ETag") {
		t.Errorf("got %s, want %s", found.body, got.body)
	}
	if stale := d.call("POST", path+"?op=renew", "", "If-Match: "+first.header.Get("ETag")); stale.status != 412 {
		t.Errorf("with a stale tag: got %d %s", stale.status, stale.body)
	}
	c.move(7)
	inXML := d.must(200, "POST", path+"?op=renew", "", "Accept: application/xml").body
	if !strings.Contains(inXML, `<last_renew_status desc="Renewed Successfully">401193;</last_renew_status>`) || !strings.Contains(inXML, "<process_status>RENEW</process_status>") {
		t.Errorf("in XML: got %s", inXML)
	}
	checkLending(t, d)
}

// TestRenewIsRefused asks for renewals that cannot be, and looks for the words and that nothing changed.
func TestRenewIsRefused(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob", "cora", "dora"})
	d.stock("5", "b5", "95", func(it *fulfillment.Item) { it.ItemPolicy.Value = "LAPTOP" })
	d.stock("6", "b6", "96", func(it *fulfillment.Item) { it.ItemPolicy.Value = "LAPTOP" })
	today, laptop := d.lend("ada", "b1"), d.lend("ada", "b5")
	recalled, lost := d.lend("bob", "b2"), d.lend("cora", "b6")
	d.must(200, "POST", lost+"?op=lost", "")
	d.hold("dora", "item_pid=2", holdAtMain) // which recalls it
	blocked := d.lend("dora", "b3")
	d.must(200, "PUT", "/users/dora", person("dora", `"user_block":[{"block_description":{"value":"02-GLOBAL"}}]`))
	before := d.contents()
	for _, tt := range []struct{ name, path, want string }{
		{"no later", today, cannotRenew + "The policy allows no further renewal, or it would end no later than it does."},
		{"no renewals", laptop, cannotRenew + "The policy allows no further renewal, or it would end no later than it does."},
		{"recalled", recalled, cannotRenew + "Another patron asked for the item, or for any copy of its title."},
		{"lost", lost, cannotRenew + "The item is declared lost, or said to be returned."},
		{"blocked", blocked, cannotRenew + "The policy allows no further renewal, or it would end no later than it does.\n" + cannotRenew + "The patron is blocked: Blocked by the library."},
	} {
		got := d.call("POST", tt.path+"?op=renew", "")
		said := strings.ReplaceAll(strings.Join(got.errors(), "\n"), idOf(tt.path), "%s")
		if got.status != 400 || !strings.HasPrefix(said, tt.want) {
			t.Errorf("%s: got %d %s, want %s", tt.name, got.status, said, tt.want)
		}
	}
	for path, want := range map[string]string{
		"/users/ada/loans/1?op=renew": "401823 Loan ID 1 does not exist.", "/users/ada/loans/x?op=renew": "401823 Loan ID x does not exist.",
		strings.Replace(today, "ada", "bob", 1) + "?op=renew": "401823", "/users/nobody/loans/1?op=renew": "401861", "/users/nobody/loans/all?op=renew": "401861",
		today: "401666", today + "?op=eat": "401666", "/users/ada/loans/all?op=lost": "401823", "/users/ada/loans/all": "401666",
	} {
		if got := d.call("POST", path, ""); got.status != 400 || !strings.HasPrefix(strings.Join(got.errors(), ""), want) {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, want)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	c.move(1)
	d.scan("b1", scanAtMain)
	if got := d.call("POST", today+"?op=renew", ""); got.code() != "401823" {
		t.Errorf("returned: got %d %s", got.status, got.body)
	}
	checkLending(t, d)
}

// TestRenewUntilTheEnd renews as often as the policy allows, and not beyond the last day it sets.
func TestRenewUntilTheEnd(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	for range 5 {
		c.move(14)
		d.must(200, "POST", path+"?op=renew", "")
	}
	c.move(14)
	if got := d.call("POST", path+"?op=renew", ""); got.code() != "401822" {
		t.Errorf("the sixth time: got %d %s", got.status, got.body)
	}
	d.Institution.LoanPolicies = []fulfillment.Policy{{Name: "SHORT END", Days: 28, Renewals: 9, RenewDays: 30}}
	c.set(monday)
	path = d.lend("ada", "b2")
	c.move(14)
	if got := d.must(200, "POST", path+"?op=renew", "").object(t); got["due_date"] != "2026-12-23T23:59:00Z" {
		t.Errorf("due %v", got["due_date"])
	}
	c.move(1)
	if got := d.call("POST", path+"?op=renew", ""); got.code() != "401822" {
		t.Errorf("beyond the last day: got %d %s", got.status, got.body)
	}
}

// TestRenewOverdue renews a loan that is overdue: what is owed so far is charged, once, and no more for those days later.
func TestRenewOverdue(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	c.move(30)
	if got := d.must(200, "GET", path, "").object(t); got["loan_fine"] != 0.4 {
		t.Errorf("overdue: the fine is %v", got["loan_fine"])
	}
	if got := d.must(200, "POST", path+"?op=renew", "").object(t); got["loan_fine"] != nil || got["due_date"] != "2027-01-20T23:59:00Z" {
		t.Errorf("renewed: got %v", got)
	}
	if got := states(d.must(200, "GET", "/users/ada/fees", "")); got != "ACTIVE 0.4" {
		t.Errorf("the fees are %s", got)
	}
	c.move(1)
	d.scan("b1", scanAtMain)
	if got := states(d.must(200, "GET", "/users/ada/fees", "")); got != "ACTIVE 0.4" {
		t.Errorf("after the return the fees are %s", got)
	}
	checkLending(t, d)
}

// TestRenewAll renews what can be renewed, and says of each other loan why it was not.
func TestRenewAll(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	d.stock("5", "b5", "95", func(it *fulfillment.Item) { it.ItemPolicy.Value = "LAPTOP" })
	if got := d.must(200, "POST", "/users/ada/loans/all?op=renew", "").body; got != `{"total_record_count":0}` {
		t.Errorf("no loans: got %s", got)
	}
	d.lend("ada", "b1")
	c.move(1)
	d.lend("ada", "b5")
	c.move(1)
	d.lend("ada", "b3")
	d.hold("bob", "item_pid=3", holdAtMain)
	c.move(1)
	d.lend("ada", "b2")
	c.move(12)
	got := d.must(200, "POST", "/users/ada/loans/all?op=renew", "")
	var told []string
	for _, l := range got.loans(t) {
		status := l["last_renew_status"].(map[string]any)
		told = append(told, fmt.Sprintf("%v %v %v", l["item_barcode"], status["value"], l["patrondesk_renewals"]))
	}
	if want := "[b1 401193; 1 b5 401822; 0 b3 401822; 0 b2 401193; 1]"; fmt.Sprint(told) != want || got.object(t)["total_record_count"] != 4.0 {
		t.Errorf("got %v of %v, want %v", told, got.object(t)["total_record_count"], want)
	}
	if again := d.must(200, "POST", "/users/ada/loans/all?op=renew", ""); strings.Count(again.body, "401822;") != 4 {
		t.Errorf("again: got %s", again.body)
	}
	checkLending(t, d)
}

// TestRenewOverrides renews in spite of what can be overridden, for those who may, and records it.
func TestRenewOverrides(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	d.must(200, "POST", "/users", person("boss", role("221", "MAIN", "ACTIVE", "")))
	d.must(200, "POST", "/users", person("sybil", role("32", "MAIN", "ACTIVE", "")))
	d.Institution.LoanPolicies = nil // which recall nothing
	path := d.lend("ada", "b1")
	d.hold("bob", "item_pid=1", holdAtMain)
	c.move(2)
	renew := path + "?op=renew&override_blocks=true"
	d.must(403, "POST", renew, "", "Authorization: "+d.issuer.Bearer("sybil", nil))
	d.must(403, "POST", "/users/ada/loans/all?op=renew&override_blocks=true", "", "Authorization: "+d.issuer.Bearer("sybil", nil))
	if got := d.call("POST", path+"?op=renew", ""); got.code() != "401822" || !strings.Contains(got.body, "Another patron asked for the item") {
		t.Errorf("without: got %d %s", got.status, got.body)
	}
	loan := d.must(200, "POST", renew, "", "Authorization: "+d.issuer.Bearer("boss", nil)).object(t)
	if text := fmt.Sprint(loan["patrondesk_override"]); !strings.Contains(text, "ITEM_REQUESTED") || !strings.Contains(text, "by:boss") {
		t.Errorf("the loan says %s", text)
	}
	checkLending(t, d)
}
