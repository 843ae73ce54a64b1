package api

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
)

// stand is where a patron's request is: its status, task, last day on the shelf and place in the queue, or "over".
func (d *desk) stand(path string) string {
	d.t.Helper()
	got := d.call("GET", path, "")
	if got.code() == "401694" {
		return "over"
	}
	r := got.object(d.t)
	said := []string{fmt.Sprint(r["request_status"])}
	for _, name := range []string{"task_name", "expiry_date", "place_in_queue"} {
		if r[name] != nil && r[name] != "" {
			said = append(said, fmt.Sprint(r[name]))
		}
	}
	return strings.Join(said, ", ")
}

// stands compares where requests are.
func (d *desk) stands(paths []string, want ...string) {
	d.t.Helper()
	for i, path := range paths {
		if got := d.stand(path); got != want[i] {
			d.t.Errorf("%s: got %s, want %s", path, got, want[i])
		}
	}
	checkLending(d.t, d)
}

// TestReturnForTheNext walks through what becomes of a title that three patrons asked for while it was lent.
func TestReturnForTheNext(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob", "cora", "dora"})
	d.lend("ada", "b1")
	paths := []string{d.hold("bob", "item_pid=1", holdAtMain), d.hold("cora", "item_pid=1", holdAtScience), d.hold("dora", "item_pid=1", holdAtMain)}
	d.stands(paths, "NOT_STARTED, 1", "NOT_STARTED, 2", "NOT_STARTED, 3")
	c.move(1)
	if to := d.scan("b1", scanAtMain); to != "On Hold Shelf" {
		t.Errorf("returned: it goes to %q", to)
	}
	const shelf = "ON_HOLD_SHELF, On Hold Shelf, "
	d.stands(paths, shelf+"2026-12-01Z", "NOT_STARTED, 1", "NOT_STARTED, 2")
	c.move(1)
	d.scan("b1", scanAtMain) // a second scan prolongs nothing
	d.stands(paths, shelf+"2026-12-01Z", "NOT_STARTED, 1", "NOT_STARTED, 2")
	if to := d.scan("b1", scanAtScience); to != "Main Library" {
		t.Errorf("carried away: it goes to %q", to)
	}
	d.stands(paths, "IN_PROCESS, Transit Item", "NOT_STARTED, 1", "NOT_STARTED, 2")
	d.scan("b1", scanAtMain)
	d.stands(paths, shelf+"2026-12-02Z", "NOT_STARTED, 1", "NOT_STARTED, 2")
	loan := d.must(200, "POST", "/users/bob/loans?item_barcode=b1", atMain).object(t)
	if valueOf(loan, "request_id") != idOf(paths[0]) {
		t.Errorf("the loan fulfils %v", loan["request_id"])
	}
	d.stands(paths, "over", "NOT_STARTED, 1", "NOT_STARTED, 2")
	if past := d.must(200, "GET", "/users/bob/requests?status=history", "").list(t, "user_request"); len(past) != 1 || past[0]["request_id"] != idOf(paths[0]) {
		t.Errorf("the history is %v", past)
	}
	if to := d.scan("b1", scanAtMain); to != "Science Library" {
		t.Errorf("for the second: it goes to %q", to)
	}
	d.stands(paths, "over", "IN_PROCESS, Transit Item", "NOT_STARTED, 1")
	d.scan("b1", scanAtScience)
	d.stands(paths, "over", shelf+"2026-12-02Z", "NOT_STARTED, 1")
	d.must(200, "POST", "/users/cora/loans?item_barcode=b1", atScience)
	d.must(204, "DELETE", paths[2]+"?reason=CancelledAtPatronRequest&notify_user=false", "")
	if to := d.scan("b1", scanAtScience); to != "Main Library" {
		t.Errorf("for nobody, it goes to %q", to)
	}
	d.stands(paths, "over", "over", "over")
}

// TestScanOfOldNews decides about an item whose custody was read before it was carried away, and its request after that.
// Nothing is written: else the request would be on a shelf on which the item is not.
func TestScanOfOldNews(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	path := d.hold("ada", "item_pid=1", holdAtMain)
	d.scan("b1", scanAtMain)
	old, err := d.Store.ForReturn(t.Context(), dynamo.ItemKey{ID: "1"}, d.Institution)
	if err != nil {
		t.Fatal(err)
	}
	d.scan("b1", scanAtScience)
	if old.Named.Request, err = d.Store.Request(t.Context(), d.uid("ada"), idOf(path)); err != nil {
		t.Fatal(err)
	}
	old.Desk, old.Rules, old.Now, old.Returned = old.Custody.At, d.Institution, d.Now(), d.Now()
	_, movement := old.Do()
	if _, err := d.Store.Move(t.Context(), movement); !errors.Is(err, fulfillment.ErrChanged) {
		t.Errorf("got %v", err)
	}
	d.stands([]string{path}, "IN_PROCESS, Transit Item")
}

// TestBorrowersWhoWait lends to patrons who wait in the queue, or do not need to any more.
func TestBorrowersWhoWait(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada", "bob", "cora"})
	paths := []string{d.hold("ada", "mms_id=98", holdAtMain), d.hold("bob", "mms_id=98", holdAtMain), d.hold("cora", "item_pid=2", holdAtMain)}
	if got := d.call("POST", "/users/bob/loans?item_barcode=b1", atMain); got.code() != "401651" {
		t.Errorf("out of turn: got %d %s", got.status, got.body)
	}
	d.lend("ada", "b2") // from the open shelf
	d.stands(paths, "over", "NOT_STARTED, 1", "NOT_STARTED, 2")
	d.scan("b1", scanAtMain)
	d.stands(paths, "over", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z", "NOT_STARTED, 1")
	d.scan("b2", scanAtMain)
	d.stands(paths, "over", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
	d.must(204, "DELETE", paths[1]+"?reason=CancelledAtPatronRequest&notify_user=false", "")
	d.stands(paths, "over", "over", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
	d.lend("ada", "b1")
	checkLending(t, d)
}

// TestWhatIsAskedFor holds that an item goes only to those it will do for: a hold of its copy, volume and material.
func TestWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada", "bob", "cora"})
	for n, volume := range []string{"v.1", "v.2"} {
		d.stock(fmt.Sprint(5+n), fmt.Sprintf("b%d", 5+n), "95", func(it *fulfillment.Item) { it.Description = volume })
	}
	second := strings.Replace(holdAtMain, "{", `{"description":"v.2",`, 1)
	paths := []string{d.hold("ada", "mms_id=95", second), d.hold("bob", "item_pid=6", strings.Replace(holdAtMain, "HOLD", "DIGITIZATION", 1)), d.hold("cora", "mms_id=95", holdAtMain)}
	if to := d.scan("b5", scanAtMain); to != "On Hold Shelf" {
		t.Errorf("the first volume goes to %q", to)
	}
	d.stands(paths, "NOT_STARTED, 1", "NOT_STARTED, 2", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
	d.scan("b6", scanAtMain)
	d.stands(paths, "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z", "NOT_STARTED, 1", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
}

// TestPickupDesk holds that a request for a desk is fetched at that one, and one for a library at any of its desks.
func TestPickupDesk(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	reserves := strings.Replace(strings.Replace(holdAtMain, "LIBRARY", "CIRCULATION_DESK", 1), "{", `{"pickup_location_circulation_desk":"RESERVES",`, 1)
	paths := []string{d.hold("ada", "item_pid=1", reserves)}
	d.scan("b1", scanAtMain)
	d.stands(paths, "IN_PROCESS, Transit Item")
	d.scan("b1", "op=scan&library=MAIN&circ_desk=RESERVES")
	d.stands(paths, "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
	paths = append(paths, d.hold("ada", "item_pid=3", holdAtMain))
	d.scan("b3", "op=scan&library=MAIN&circ_desk=RESERVES")
	d.stands(paths, "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z", "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z")
}

// TestExpiredHold holds that an item stays on the shelf until its last day is over, and then is for the next.
func TestExpiredHold(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	paths := []string{d.hold("ada", "item_pid=1", holdAtMain), d.hold("bob", "item_pid=1", holdAtMain)}
	d.scan("b1", scanAtMain)
	c.move(7)
	d.scan("b1", scanAtMain)
	d.stands(paths, "ON_HOLD_SHELF, On Hold Shelf, 2026-11-30Z", "NOT_STARTED, 1")
	c.move(1)
	d.scan("b1", scanAtMain)
	d.stands(paths, "over", "ON_HOLD_SHELF, On Hold Shelf, 2026-12-08Z")
	b := checkLending(t, d)
	if ended := b.ended[idOf(paths[0])]; ended.EndReason.Value != fulfillment.HoldExpired.Value {
		t.Errorf("it ended for %+v", ended.EndReason)
	}
	c.move(8)
	d.scan("b1", scanAtMain)
	d.stands(paths, "over", "over")
	d.lend("ada", "b1")
}

// TestRecall shortens the loan of an item that somebody else asks for, when there is no other copy.
func TestRecall(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob", "cora"})
	first := d.lend("ada", "b1")
	c.move(1)
	second := d.lend("bob", "b2")
	dues := func(want ...string) {
		t.Helper()
		for i, path := range []string{first, second} {
			if got := d.must(200, "GET", path, "").object(t); fmt.Sprint(got["due_date"], " ", got["process_status"]) != want[i] {
				t.Errorf("%s is due %v, %v, want %s", path, got["due_date"], got["process_status"], want[i])
			}
		}
		checkLending(t, d)
	}
	dues("2026-12-21T23:59:00Z NORMAL", "2026-12-22T23:59:00Z NORMAL")
	path := d.hold("cora", "mms_id=98", holdAtMain)
	dues("2026-12-07T23:59:00Z RECALL", "2026-12-22T23:59:00Z NORMAL")
	d.must(204, "DELETE", path+"?reason=CancelledAtPatronRequest&notify_user=false", "")
	d.scan("b1", scanAtMain)
	d.hold("cora", "mms_id=98", holdAtMain) // the other copy is there
	if got := d.must(200, "GET", second, "").object(t); got["process_status"] != "NORMAL" {
		t.Errorf("the other loan is %v", got)
	}
	checkLending(t, d)
}

// TestDeletionNamesWhatIsOpen refuses to delete a patron who has or owes something, with its ids, and then deletes.
func TestDeletionNamesWhatIsOpen(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	loan, request := d.lend("ada", "b1"), d.hold("ada", "mms_id=99", holdAtMain)
	fee := d.owe("ada", "5")[0]
	refused := func(want ...string) {
		t.Helper()
		got := d.call("DELETE", "/users/ada", "")
		for _, part := range want {
			if got.code() != "401850" || !strings.Contains(got.body, part) {
				t.Errorf("got %d %s, want 401850 and %q", got.status, got.body, part)
			}
		}
		checkLending(t, d)
	}
	refused("1 open request ("+idOf(request)+")", "1 open loan ("+idOf(loan)+")", "1 open fee ("+idOf(fee)+")", "nothing was deleted")
	d.must(204, "DELETE", request+"?reason=CancelledAtPatronRequest&notify_user=false", "")
	refused("no open requests, 1 open loan ("+idOf(loan)+")", "1 open fee ("+idOf(fee)+")")
	d.scan("b1", scanAtMain)
	refused("no open requests, no open loans", "1 open fee ("+idOf(fee)+")")
	d.must(200, "POST", fee+"?op=pay&amount=ALL&method=CASH", "")
	uid := d.uid("ada")
	d.must(204, "DELETE", "/users/ada", "")
	if left := d.contents(); strings.Contains(left, uid) && strings.Contains(left, `"U#`+uid) {
		t.Errorf("what is left of the patron is %s", left)
	}
	if got := d.call("POST", "/users/ada/loans?item_barcode=b1", atMain); got.code() != "401861" {
		t.Errorf("lent to a deleted patron: got %d %s", got.status, got.body)
	}
}
