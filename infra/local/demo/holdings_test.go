package demo

import (
	"testing"

	"patrondesk/internal/fulfillment"
)

// TestEachItemIsInOnePlace: an item is lent, on the hold shelf or on its way once, and requests and places agree.
func TestEachItemIsInOnePlace(t *testing.T) {
	lib, _ := demoLibrary(t)
	away := map[string]string{}
	for _, p := range lib.Requests {
		found := p.Request.Status == fulfillment.OnHoldShelf || p.Request.Status == fulfillment.InProcess
		if c := p.Custody; found != (c.State != fulfillment.AtPlace) || c.ItemID != p.Request.HeldItemID || found && c.RequestID != p.Request.ID {
			t.Errorf("request %s is %s, and its item %+v", p.Request.ID, p.Request.Status, c)
		}
		if other := away[p.Custody.ItemID]; found && other != "" {
			t.Errorf("item %s waits for %s and %s", p.Custody.ItemID, other, p.PrimaryID)
		}
		away[p.Custody.ItemID] = p.PrimaryID
	}
	for _, h := range lib.Holdings {
		for _, l := range h.Loans {
			if other := away[l.ItemID]; l.Active() && other != "" {
				t.Errorf("item %s is lent to %s and with %s", l.ItemID, h.PrimaryID, other)
			}
			if l.Active() {
				away[l.ItemID] = h.PrimaryID
			}
		}
	}
}

// TestEveryKindOfLoanAndFeeIsThere counts what the lists of the demo show.
func TestEveryKindOfLoanAndFeeIsThere(t *testing.T) {
	lib, _ := demoLibrary(t)
	seen, ids := map[string]int{}, map[string]bool{}
	count := func(is bool, what string) {
		if is {
			seen[what]++
		}
	}
	for _, h := range lib.Holdings {
		for _, l := range h.Loans {
			count(l.Active(), "loans")
			count(l.OverdueAt(today), "overdue loans")
			count(l.Renewals > 0, "renewed loans")
			count(l.Process == fulfillment.Lost, "lost items")
			count(!l.Active(), "past loans")
			count(ids[l.ID], "ids given twice")
			ids[l.ID] = true
		}
		for _, f := range h.Fees {
			count(f.Status == fulfillment.FeeActive, "fees")
			count(f.Status == fulfillment.FeeClosed, "paid fees")
			count(f.Status == fulfillment.FeeInDispute, "disputed fees")
			count(len(f.Transactions) > 0 && f.Status == fulfillment.FeeActive, "fees paid in part")
			count(ids[f.ID], "ids given twice")
			ids[f.ID] = true
		}
	}
	for what, want := range map[string]int{
		"loans": 40, "overdue loans": 5, "renewed loans": 1, "lost items": 1, "past loans": 3, "fees": 5, "paid fees": 1,
		"disputed fees": 1, "fees paid in part": 1,
	} {
		if seen[what] < want {
			t.Errorf("%d %s, want at least %d", seen[what], what, want)
		}
	}
	if seen["ids given twice"] > 0 {
		t.Errorf("%d ids are given twice", seen["ids given twice"])
	}
}

// TestThomasFindsWhatTheStorySays: he has nothing yet, two items are there for him, and of the third he is not the first.
func TestThomasFindsWhatTheStorySays(t *testing.T) {
	lib, inst := demoLibrary(t)
	there := map[string]fulfillment.Item{}
	for _, it := range lib.Items {
		there[it.Barcode] = it
	}
	for _, barcode := range []string{Almanac, Rooms, Middlemarch} {
		if it := there[barcode]; !it.Lendable() || it.ItemPolicy.Value != "" || it.Library.Value != "MAIN" {
			t.Errorf("item %s is %+v", barcode, it)
		}
	}
	for _, h := range lib.Holdings {
		if h.PrimaryID == Thomas || h.PrimaryID == Operator {
			t.Errorf("%s has %+v", h.PrimaryID, h)
		}
		for _, l := range h.Loans {
			if l.Active() {
				delete(there, l.Barcode)
			}
		}
	}
	var queue fulfillment.Queue
	for _, p := range lib.Requests {
		if p.Custody.ItemID != "" {
			delete(there, p.Request.Barcode)
		}
		if title := p.Request.MMSID; title == there[Almanac].MMSID || title == there[Rooms].MMSID {
			t.Errorf("%s asked for one of the items Thomas borrows", p.PrimaryID)
		}
		if p.Request.Status == fulfillment.NotStarted && p.Request.MMSID == there[Middlemarch].MMSID {
			queue = queue.With(fulfillment.NewWaiting(p.PrimaryID, "", p.Request))
		}
	}
	if first, waits := queue.First(there[Middlemarch], inst, today); !waits || first.UID == Thomas {
		t.Errorf("the first who waits for Middlemarch is %q", first.UID)
	}
	for _, barcode := range []string{Almanac, Rooms, Middlemarch} {
		if there[barcode].ID == "" {
			t.Errorf("item %s is not in its place", barcode)
		}
	}
}
