package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
)

// TestLateReturn brings items back late, and reads what is charged by the policy and the library's hours.
func TestLateReturn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, group, policy, returned, want string }{
		{"in time", "01", "", "2026-12-21T23:59:00Z", ""},
		{"a minute late", "01", "", "2026-12-22T00:00:00Z", "ACTIVE 0.2"},
		{"two days late", "01", "", "2026-12-23T12:00:00Z", "ACTIVE 0.4"},
		{"after the holidays", "01", "", "2027-01-04T12:00:00Z", "ACTIVE 1"},
		{"for long", "01", "", "2027-12-23T12:00:00Z", "ACTIVE 10"},
		{"a grace day", "03", "", "2027-02-24T12:00:00Z", ""},
		{"after the grace days", "03", "", "2027-02-25T12:00:00Z", "ACTIVE 0.8"},
		{"within the hours", "01", "SHORT", "2026-11-23T16:00:00Z", ""},
		{"an hour begun", "01", "SHORT", "2026-11-23T16:01:00Z", "ACTIVE 0.5"},
		{"the next morning", "01", "SHORT", "2026-11-24T08:30:00Z", "ACTIVE 3"},
		{"a laptop", "01", "LAPTOP", "2026-11-25T12:00:00Z", "ACTIVE 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, c := lendingDesk(t, nil)
			d.must(200, "POST", "/users", strings.Replace(person("ada"), `"01"`, `"`+tt.group+`"`, 1))
			d.stock("5", "b5", "95", func(it *fulfillment.Item) { it.ItemPolicy.Value = tt.policy })
			path := d.lend("ada", "b5")
			at, err := time.Parse(time.RFC3339, tt.returned)
			if err != nil {
				t.Fatal(err)
			}
			c.set(at)
			fine := ""
			if owed := d.must(200, "GET", path, "").object(t)["loan_fine"]; owed != nil {
				fine = fmt.Sprint("ACTIVE ", owed)
			}
			d.scan("b5", scanAtMain)
			got := d.must(200, "GET", "/users/ada/fees", "")
			if states(got) != tt.want || fine != tt.want {
				t.Errorf("got %s, announced %s, want %s", states(got), fine, tt.want)
			}
			for _, fee := range got.list(t, "fee") {
				if valueOf(fee, "type") != "OVERDUEFINE" || fee["title"] != "A title of 95" || valueOf(fee, "barcode") != "b5" || valueOf(fee, "owner") != "MAIN" {
					t.Errorf("charged %v", fee)
				}
			}
			checkLending(t, d)
		})
	}
}

// TestBookDrop holds that what lay in a book drop is late by when it was put there, and not by when it was scanned.
func TestBookDrop(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	first, second := d.lend("ada", "b1"), d.lend("ada", "b2")
	c.set(time.Date(2026, 12, 23, 8, 30, 0, 0, time.UTC))
	d.must(200, "POST", "/items?item_barcode=b1&return_date=2026-12-21T20:00:00Z&"+scanAtMain, "")
	if got := states(d.must(200, "GET", "/users/ada/fees", "")); got != "" {
		t.Errorf("in time: the fees are %s", got)
	}
	d.must(200, "POST", "/items?item_barcode=b2&return_date=2026-12-22T20:00:00%2B01:00&"+scanAtMain, "")
	if got := states(d.must(200, "GET", "/users/ada/fees", "")); got != "ACTIVE 0.2" {
		t.Errorf("a day late: the fees are %s", got)
	}
	for path, want := range map[string]string{first: "2026-12-21T20:00:00Z", second: "2026-12-22T19:00:00Z"} {
		if got := d.must(200, "GET", path, "").object(t)["return_date"]; got != want {
			t.Errorf("%s: returned %v, want %s", path, got, want)
		}
	}
	checkLending(t, d)
}

// TestLostAndReturned brings back what was lost: what is still owed for its replacement is waived, and what was paid, the
// processing and the fine stay.
func TestLostAndReturned(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	c.move(30)
	d.must(200, "POST", path+"?op=lost", "")
	if got := d.must(200, "GET", path, "").object(t); got["process_status"] != "LOST" || got["loan_fine"] != 0.4 {
		t.Errorf("lost: got %v", got)
	}
	for _, fee := range d.must(200, "GET", "/users/ada/fees", "").list(t, "fee") {
		if valueOf(fee, "type") == "LOSTITEMREPLACEMENTFEE" {
			d.must(200, "POST", fmt.Sprintf("/users/ada/fees/%v?op=pay&amount=12.34&method=CASH", fee["id"]), "")
		}
	}
	checkLending(t, d)
	c.move(12)
	d.scan("b1", scanAtMain)
	if got := d.openFees("ada"); got != "ACTIVE 0.4, ACTIVE 5" {
		t.Errorf("open are %s", got)
	}
	if got := states(d.must(200, "GET", "/users/ada/fees?status=CLOSED", "")); got != "CLOSED 0 PAYMENT 12.34 WAIVE 27.66" {
		t.Errorf("closed are %s", got)
	}
	if got := d.must(200, "GET", path, "").object(t); got["loan_status"] != "COMPLETE" || got["process_status"] != "LOST" {
		t.Errorf("the loan is %v", got)
	}
	checkLending(t, d)
}

// TestFeeOfLostItemInDispute holds that what is disputed is waived, too, when the item is there after all.
func TestFeeOfLostItemInDispute(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	d.must(200, "POST", path+"?op=lost", "")
	for _, fee := range d.must(200, "GET", "/users/ada/fees", "").list(t, "fee") {
		d.must(200, "POST", fmt.Sprintf("/users/ada/fees/%v?op=dispute", fee["id"]), "")
	}
	d.must(200, "POST", path+"?op=found", "")
	if got := states(d.must(200, "GET", "/users/ada/fees?status=CLOSED", "")); got != "CLOSED 0 DISPUTE 0 WAIVE 40" {
		t.Errorf("closed are %s", got)
	}
	if got := states(d.must(200, "GET", "/users/ada/fees?status=INDISPUTE", "")); got != "INDISPUTE 5 DISPUTE 0" {
		t.Errorf("in dispute are %s", got)
	}
	checkLending(t, d)
}
