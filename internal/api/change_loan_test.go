package api

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/institution"
)

// due is the body of a change of the due date.
func due(text string) string { return fmt.Sprintf(`{"due_date":%q}`, text) }

func TestChangeDueDate(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	whole := d.must(200, "GET", path, "").body
	for _, tt := range []struct{ body, want string }{
		{due("2026-11-30T17:00:00Z"), "2026-11-30T17:00:00Z"}, {due("2026-11-30T17:00:00.000Z"), "2026-11-30T17:00:00Z"},
		{due("2026-12-01T01:30:00+01:00"), "2026-12-01T00:30:00Z"},
		{due("2026-12-24"), "2026-12-24T23:59:00Z"}, {due("2027-06-30Z"), "2027-06-30T22:59:00Z"}, // in summer time
		{strings.Replace(whole, "2026-12-21T23:59:00Z", "2026-12-22T12:00:00Z", 1), "2026-12-22T12:00:00Z"},
		{due("2026-11-23"), "2026-11-23T23:59:00Z"},
	} {
		got := d.must(200, "PUT", path, tt.body)
		if got.object(t)["due_date"] != tt.want {
			t.Errorf("%s: got %s, want %s", tt.body, got.body, tt.want)
		}
		if found := d.must(200, "GET", path, ""); found.body != got.body || found.header.Get("ETag") != got.header.Get("ETag") {
			t.Errorf("%s: got %s, answered %s", tt.body, found.body, got.body)
		}
		checkLending(t, d)
	}
	xml := `<item_loan><due_date>2026-12-01T10:00:00.000Z</due_date></item_loan>`
	if got := d.must(200, "PUT", path, xml, "Content-Type: application/xml", "Accept: application/xml").body; !strings.Contains(got, "<due_date>2026-12-01T10:00:00.000Z</due_date>") {
		t.Errorf("in XML: got %s", got)
	}
}

func TestChangeDueDateIsRefused(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	path, past := d.lend("ada", "b1"), d.lend("ada", "b2")
	c.set(monday.Add(time.Minute))
	d.scan("b2", scanAtMain)
	tag := d.must(200, "GET", path, "").header.Get("ETag")
	before := d.contents()
	for _, tt := range []struct{ path, body, want string }{
		{path + "?notify_user=true", due("2027-01-01"), "401859"}, {path, "", "401676"}, {path, "{", "401676"}, {path, `{}`, "401824 Due date is not in loan object."}, {path, due(""), "401824"},
		{path, due("2026-11-23T12:00:30Z"), "401681 Due date cannot be in the past."}, {path, due("2026-11-22"), "401681"}, {path, due("2026-11-23T12:01:00Z"), "401681"},
		{path, due("tomorrow"), "401864"}, {path, due("2026-02-30"), "401864"}, {path, `{"due_date":12}`, "401676"}, {path, `{"due_date":{}}`, "401676"},
		{past, due("2027-01-01"), "401823 Loan ID " + idOf(past) + " does not exist."}, {"/users/ada/loans/1", due("2027-01-01"), "401823"},
		{"/users/ada/loans/all", due("2027-01-01"), "401823"}, {strings.Replace(path, "ada", "bob", 1), due("2027-01-01"), "401823"},
		{"/users/nobody/loans/1", due("2027-01-01"), "401861"},
	} {
		got := d.call("PUT", tt.path, tt.body)
		if said := strings.Join(got.errors(), "\n"); got.status != 400 || !strings.HasPrefix(said, tt.want) {
			t.Errorf("%s %s: got %d %s, want %s", tt.path, tt.body, got.status, got.body, tt.want)
		}
	}
	if got := d.call("PUT", path, due("2027-01-01"), `If-Match: "x-1"`); got.status != 412 {
		t.Errorf("a stale tag: got %d %s", got.status, got.body)
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	d.must(200, "PUT", path, due("2027-01-01"), "If-Match: "+tag)
	checkLending(t, d)
}

// TestFarDueDates asks for due dates at the end of what a date can say.
func TestFarDueDates(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	settings, err := os.ReadFile("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(file, []byte(strings.Replace(string(settings), "Europe/London", "America/New_York", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if d.Institution, err = institution.Read(file); err != nil {
		t.Fatal(err)
	}
	path := d.lend("ada", "b1")
	for _, day := range []string{"9999-12-31T23:59:59Z", "9999-12-31", "9999-12-31T23:59:59-05:00", "0001-01-01", "-001-01-01", "10000-01-01"} {
		if got := d.call("PUT", path, due(day)); got.status != 200 && got.status != 400 {
			t.Errorf("%s: got %d %s", day, got.status, got.body)
		}
		d.must(200, "GET", path, "")
	}
	checkLending(t, d)
}

// TestLostAndFound walks through the life of a loan whose item is lost, said to be returned, and there after all.
func TestLostAndFound(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	for n, step := range []struct{ op, process, fees string }{
		{"claimed_returned", "CLAIMED_RETURN", ""},
		{"found", "NORMAL", ""},
		{"lost", "LOST", "ACTIVE 40, ACTIVE 5"},
		{"claimed_returned", "CLAIMED_RETURN", "ACTIVE 5"},
		{"lost", "LOST", "ACTIVE 40, ACTIVE 5, ACTIVE 5"},
		{"found", "NORMAL", "ACTIVE 5, ACTIVE 5"},
	} {
		c.set(monday.Add(time.Duration(n+1) * time.Minute))
		got := d.must(200, "POST", path+"?op="+step.op, "").object(t)
		if got["process_status"] != step.process || got["loan_status"] != "ACTIVE" {
			t.Errorf("%d, %s: got %v", n, step.op, got)
		}
		if fees := d.openFees("ada"); fees != step.fees {
			t.Errorf("%d, %s: the fees are %s, want %s", n, step.op, fees, step.fees)
		}
		if again := d.call("POST", path+"?op="+step.op, ""); again.code() != "401652" || !strings.Contains(again.body, "that status already") {
			t.Errorf("%d, %s again: got %d %s", n, step.op, again.status, again.body)
		}
		checkLending(t, d)
	}
	waived := states(d.must(200, "GET", "/users/ada/fees?status=CLOSED", ""))
	if waived != "CLOSED 0 WAIVE 40, CLOSED 0 WAIVE 40" {
		t.Errorf("closed are %s", waived)
	}
	d.scan("b1", scanAtMain)
	for _, op := range []string{"lost", "found", "claimed_returned"} {
		if got := d.call("POST", path+"?op="+op, ""); got.code() != "401823" {
			t.Errorf("%s of a loan that is over: got %d %s", op, got.status, got.body)
		}
	}
	checkLending(t, d)
}

// openFees are the states of a patron's active fees, in order of their texts.
func (d *desk) openFees(id string) string {
	d.t.Helper()
	all := strings.Split(states(d.must(200, "GET", "/users/"+id+"/fees", "")), ", ")
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// TestLostIsNotOverdue holds that a lost item, and one said to be returned, is neither overdue nor fined further.
func TestLostIsNotOverdue(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	d.Institution.LoanLimits = nil
	claimed, lost := d.lend("ada", "b1"), d.lend("ada", "b2")
	c.move(30) // two days overdue
	d.must(200, "POST", claimed+"?op=claimed_returned", "")
	d.must(200, "POST", lost+"?op=lost", "")
	b := checkLending(t, d)
	if a := b.accounts[d.uid("ada")]; a.Loans != 2 || len(a.Dues) != 0 {
		t.Errorf("the account is %+v", a)
	}
	c.move(10)
	if got := d.must(200, "GET", claimed, "").object(t); got["loan_fine"] != 0.4 {
		t.Errorf("what is said to be returned: the fine is %v", got["loan_fine"])
	}
	d.scan("b1", scanAtMain)
	if got := d.openFees("ada"); got != "ACTIVE 0.4, ACTIVE 40, ACTIVE 5" {
		t.Errorf("the fees are %s", got)
	}
	checkLending(t, d)
}
