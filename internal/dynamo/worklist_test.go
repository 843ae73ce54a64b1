package dynamo_test

import (
	"fmt"
	"slices"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// activePatrons are the UIDs of all shards, a few at a time.
func activePatrons(t *testing.T, s *dynamo.Store, limit int) []string {
	t.Helper()
	var all []string
	for shard := range dynamo.Shards {
		after := ""
		for more := true; more; {
			uids, next, err := s.ActivePatrons(t.Context(), shard, after, limit)
			must(t, err)
			if len(uids) > limit || !slices.IsSorted(uids) {
				t.Errorf("got %v, want at most %d in order", uids, limit)
			}
			if all, more = append(all, uids...), next; more {
				after = uids[len(uids)-1]
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestActivePatrons(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var want []string
	for n := range 30 {
		p := create(t, s, person(n))
		if n%3 == 0 {
			charge(t, s, p.UID, fulfillment.Fee{}, fine(n, 10))
		} else {
			lend(t, s, p.UID, loan(n, volume(n, "")))
		}
		want = append(want, p.UID)
	}
	for _, limit := range []int{1, 3, 100} {
		if got := activePatrons(t, s, limit); !slices.Equal(got, want) {
			t.Errorf("%d at a time: got %v, want %v", limit, got, want)
		}
	}
	l, err := s.Loan(t.Context(), uid(7), loan(7, fulfillment.Item{}).ID)
	must(t, err)
	change(t, s, uid(7), l, returned(l, noon))
	f, err := s.Fee(t.Context(), uid(9), fine(9, 0).ID)
	must(t, err)
	charge(t, s, uid(9), f, paid(f, 10))
	want = slices.DeleteFunc(want, func(id string) bool { return id == uid(7) || id == uid(9) })
	if got := activePatrons(t, s, 4); !slices.Equal(got, want) {
		t.Errorf("after a return and a payment: got %v, want %v", got, want)
	}
}

func TestExpiredShelf(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	create(t, s, person(1))
	for n, until := range []string{"2026-11-30", "2026-11-28", "2026-12-01", "2026-11-29", ""} {
		c := onShelf(uid(1), fmt.Sprint(n), volume(n, "").ID, until)
		_, err := s.Move(t.Context(), fulfillment.Movement{Custody: []fulfillment.CustodyChange{{After: c}}})
		must(t, err)
	}
	for day, want := range map[string][]string{
		"2026-11-28": nil,
		"2026-11-30": {volume(1, "").ID, volume(3, "").ID},
		"2027-01-01": {volume(1, "").ID, volume(3, "").ID, volume(0, "").ID, volume(2, "").ID},
	} {
		if got, err := s.ExpiredShelf(t.Context(), day); err != nil || !slices.Equal(got, want) {
			t.Errorf("before %s: got %v, %v; want %v", day, got, err, want)
		}
	}
	c, err := s.Custody(t.Context(), volume(1, "").ID)
	must(t, err)
	travels := fulfillment.Custody{ItemID: c.ItemID, State: fulfillment.InTransit, UID: c.UID, RequestID: c.RequestID}
	written, err := s.Move(t.Context(), fulfillment.Movement{Custody: []fulfillment.CustodyChange{{Before: c, After: travels}}})
	if must(t, err); written.Custody[0].After.Version != c.Version+1 {
		t.Errorf("got version %d after %d", written.Custody[0].After.Version, c.Version)
	}
	if got, err := s.ExpiredShelf(t.Context(), "2026-11-30"); err != nil || !slices.Equal(got, []string{volume(3, "").ID}) {
		t.Errorf("after it was sent away: got %v, %v", got, err)
	}
}
