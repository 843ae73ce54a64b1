package rounds

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// holds is the round of the hold shelves in a process.
func (lib *library) holds(p *process) *Holds { return NewHolds(lib.inbox(p), p, lib.inst) }

// ask places a request of the patron for the item, which is fetched there.
func (lib *library) ask(p patron.Patron, it fulfillment.Item, at fulfillment.Desk) fulfillment.Request {
	lib.t.Helper()
	r := fulfillment.Request{Type: fulfillment.Hold, Status: fulfillment.NotStarted, PickupType: "LIBRARY", PickupLibrary: at.Library, Requested: lib.now()}
	r.ForItem(it)
	r.ID = fulfillment.NewID(lib.now())
	q, err := lib.store.Queue(lib.t.Context(), it.MMSID)
	if err == nil {
		m := fulfillment.MoveRequest(p.UID, fulfillment.Request{}, r, q.With(fulfillment.NewWaiting(p.UID, p.UserGroup.Value, r)))
		m.Stays = []string{p.UID}
		m, err = lib.store.Move(lib.t.Context(), m)
		r = m.Requests[0].After
	}
	if err != nil {
		lib.t.Fatal(err)
	}
	return r
}

// shelved is an item that is on the shelf for the first of the patrons, and waited for by the others.
func (lib *library) shelved(id string, people ...patron.Patron) (it fulfillment.Item, requests []fulfillment.Request) {
	lib.t.Helper()
	it = lib.item(id)
	for i, p := range people {
		at := atMain
		if i > 0 {
			at = atScience
		}
		requests = append(requests, lib.ask(p, it, at))
	}
	lib.scan(it.ID)
	return it, requests
}

// state is where an item is, and for whom.
func (lib *library) state(itemID string) string {
	lib.t.Helper()
	c, err := lib.store.Custody(lib.t.Context(), itemID)
	if err != nil {
		lib.t.Fatal(err)
	}
	if c.State == fulfillment.AtPlace {
		return "at its place"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.State, c.RequestID, c.Until))
}

// reason is why a request of the patron ended, or that it is active.
func (lib *library) reason(p patron.Patron, id string) string {
	lib.t.Helper()
	past, err := lib.store.PastRequests(lib.t.Context(), p.UID)
	if err != nil {
		lib.t.Fatal(err)
	}
	for _, r := range past {
		if r.ID == id {
			return r.EndReason.Value
		}
	}
	return "active"
}

func TestHolds(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	ada, bob := lib.person("ada", nil), lib.person("bob", nil)
	alone, ofAlone := lib.shelved("1", ada)
	wanted, ofWanted := lib.shelved("2", ada, bob)
	lib.move(7 * 24 * time.Hour)
	later, ofLater := lib.shelved("3", ada, bob)
	round := func(name string, want job.Counts) {
		t.Helper()
		o := lib.begin(job.HoldShelf, name)
		for range 2 {
			if err := lib.holds(lib.process()).Process(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		if r := lib.report(o); r.Counts != want || r.Kind != job.HoldShelf {
			t.Errorf("%s: got %s %+v, want %+v", name, r.Kind, r.Counts, want)
		}
	}
	round("the last day", job.Counts{})
	if got := lib.state(alone.ID); got != "HOLD_SHELF "+ofAlone[0].ID+" 2026-11-30" {
		t.Errorf("on its last day the item is %s", got)
	}
	lib.move(24 * time.Hour)
	round("the day after", job.Counts{Processed: 2, Updated: 2})
	if got := lib.state(alone.ID); got != "at its place" {
		t.Errorf("the item nobody waits for is %s", got)
	}
	if got := lib.state(wanted.ID); got != "IN_TRANSIT "+ofWanted[1].ID {
		t.Errorf("the item another one waits for is %s", got)
	}
	if got := lib.state(later.ID); got != "HOLD_SHELF "+ofLater[0].ID+" 2026-12-07" {
		t.Errorf("the item that came later is %s", got)
	}
	for id, want := range map[string]string{ofAlone[0].ID: "HoldShelfExpired", ofWanted[0].ID: "HoldShelfExpired", ofLater[0].ID: "active"} {
		if got := lib.reason(ada, id); got != want {
			t.Errorf("the request %s ended for %s, want %s", id, got, want)
		}
	}
	round("the same day", job.Counts{})
	q, err := lib.store.Queue(t.Context(), wanted.MMSID)
	if err != nil || len(q.Waiting) != 0 {
		t.Errorf("the queue is %+v, %v", q, err)
	}
}

// TestItemIsGone has an item on the shelf that is not in the item list any more: the report names it, and the round goes
// on with the others.
func TestItemIsGone(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	ada := lib.person("ada", nil)
	lib.shelved("1", ada)
	lib.shelved("2", ada)
	lib.move(10 * 24 * time.Hour)
	p := lib.process()
	p.item = func(id string) error {
		if id == "1" {
			return fulfillment.ErrItemNotFound
		}
		return nil
	}
	o := lib.begin(job.HoldShelf, "gone")
	if err := lib.holds(p).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	r := lib.report(o)
	if r.Counts != (job.Counts{Processed: 2, Updated: 1, Rejected: 1}) || r.Rejected[0].ID != "1" || !strings.Contains(r.Rejected[0].Reason, "not in the item list") {
		t.Errorf("got %+v", r)
	}
}

// TestHoldsMeetDesks clears the shelves while the same items are scanned at desks. Each request ends once, each item is
// somewhere, and nobody's turn is passed over.
func TestHoldsMeetDesks(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	ada, bob := lib.person("ada", nil), lib.person("bob", nil)
	const items = 12
	next := map[string]string{}
	for n := range items {
		it, requests := lib.shelved(fmt.Sprint(n), ada, bob)
		next[it.ID] = requests[1].ID
	}
	lib.move(8 * 24 * time.Hour)
	var all sync.WaitGroup
	for desk := range 3 {
		all.Go(func() {
			for n := range items {
				if err := lib.tryScan(fmt.Sprint((n + 4*desk) % items)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	o := lib.begin(job.HoldShelf, "busy")
	if err := lib.holds(lib.process()).Process(t.Context(), o); err != nil {
		t.Error(err)
	}
	all.Wait()
	for id, request := range next {
		if got := lib.state(id); got != "IN_TRANSIT "+request {
			t.Errorf("the item %s is %s, want IN_TRANSIT %s", id, got, request)
		}
	}
	past, err := lib.store.PastRequests(t.Context(), ada.UID)
	if err != nil || len(past) != items {
		t.Errorf("%d requests ended, %v", len(past), err)
	}
	active, err := lib.store.ActiveRequests(t.Context(), bob.UID)
	if err != nil || len(active) != items {
		t.Errorf("%d requests are active, %v", len(active), err)
	}
	if r := lib.report(o); r.State != job.Completed || r.Counts.Processed > items {
		t.Errorf("got %+v", r)
	}
}

// tryScan scans an item at the main desk, again when somebody else was faster.
func (lib *library) tryScan(itemID string) error {
	for {
		item, err := lib.store.ForReturn(lib.t.Context(), dynamo.ItemKey{ID: itemID}, lib.inst)
		if err == nil {
			item.Desk, item.Rules, item.By, item.Now, item.Returned = atMain, lib.inst, "test", lib.now(), lib.now()
			if _, m := item.Do(); !m.Empty() {
				_, err = lib.store.Move(lib.t.Context(), m)
			}
		}
		if !errors.Is(err, fulfillment.ErrChanged) {
			return err
		}
		time.Sleep(rand.N(10 * time.Millisecond))
	}
}

// TestHoldsKilledAndGoneOn ends the round at any of its calls, as often as it takes.
func TestHoldsKilledAndGoneOn(t *testing.T) {
	t.Parallel()
	for trial := range 10 {
		t.Run(fmt.Sprint(trial), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(trial), 8))
			lib := newLibrary(t)
			ada, bob := lib.person("ada", nil), lib.person("bob", nil)
			const items = 8
			next := map[string]string{}
			for n := range items {
				it, requests := lib.shelved(fmt.Sprint(n), ada, bob)
				next[it.ID] = requests[1].ID
			}
			lib.move(8 * 24 * time.Hour)
			o := lib.begin(job.HoldShelf, "killed")
			runs := 1
			for err := errDead; err != nil; runs++ {
				if runs > 40 {
					t.Fatal(err)
				}
				p := &process{Store: lib.store, dies: 1 + random.IntN(8*runs), after: random.IntN(2) == 0}
				err = lib.holds(p).Process(t.Context(), o)
				lib.move(time.Minute)
			}
			for id, request := range next {
				if got := lib.state(id); got != "IN_TRANSIT "+request {
					t.Errorf("the item %s is %s, want IN_TRANSIT %s", id, got, request)
				}
			}
			if past, err := lib.store.PastRequests(t.Context(), ada.UID); err != nil || len(past) != items {
				t.Errorf("%d requests ended, %v", len(past), err)
			}
		})
	}
}

// TestHoldsOutOfTime ends a run for its time and goes on: what was done before counts.
func TestHoldsOutOfTime(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	ada := lib.person("ada", nil)
	const items = 6
	for n := range items {
		lib.shelved(fmt.Sprint(n), ada)
	}
	lib.move(8 * 24 * time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second+300*time.Millisecond)
	defer cancel()
	slow := lib.process()
	slow.item = func(string) error { time.Sleep(120 * time.Millisecond); return nil }
	o := lib.begin(job.HoldShelf, "late")
	if err := lib.holds(slow).Process(ctx, o); !errors.Is(err, drop.ErrOutOfTime) {
		t.Fatalf("got %v", err)
	}
	lib.move(time.Minute)
	if err := lib.holds(lib.process()).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if r := lib.report(o); r.Counts != (job.Counts{Processed: items, Updated: items}) {
		t.Errorf("got %+v", r.Counts)
	}
}
