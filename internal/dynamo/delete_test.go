package dynamo_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/directory"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

var _ directory.Source = (*dynamo.Store)(nil)

func TestDeletePatron(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	wantErr(t, s.DeletePatron(t.Context(), p), patron.ErrChanged)
	marked, err := s.MarkDeleting(t.Context(), p)
	must(t, err)
	must(t, s.DeletePatron(t.Context(), marked))
	for _, id := range []string{"reader0001", "B00000001", "S-000001"} {
		_, err := s.Patron(t.Context(), id)
		wantErr(t, err, patron.ErrNotFound)
	}
	again := person(2)
	again.PrimaryID, again.Identifiers = p.PrimaryID, p.Identifiers
	create(t, s, again)
	wantErr(t, s.DeletePatron(t.Context(), marked), patron.ErrChanged)
	must(t, s.Unmark(t.Context(), marked))
	_, err = s.MarkDeleting(t.Context(), p)
	wantErr(t, err, patron.ErrChanged)
}

func TestMarkedPatronIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	marked, err := s.MarkDeleting(t.Context(), p)
	must(t, err)

	_, err = s.MarkDeleting(t.Context(), marked)
	wantErr(t, err, patron.ErrChanged)
	_, err = s.ReplacePatron(t.Context(), marked, marked)
	wantErr(t, err, patron.ErrChanged)
	_, err = place(t, s, p.UID, hold(1, "991"))
	wantErr(t, err, fulfillment.ErrPatronGone)
	if q, err := s.Queue(t.Context(), "991"); err != nil || len(q.Waiting) != 0 {
		t.Errorf("got queue %v, %v; want none", q, err)
	}

	must(t, s.Unmark(t.Context(), marked))
	must(t, s.Unmark(t.Context(), marked))
	_, err = place(t, s, p.UID, hold(1, "991"))
	must(t, err)
	_, err = s.ReplacePatron(t.Context(), marked, marked)
	must(t, err)
}

// TestPatronWithBusinessIsNotDeleted has a patron who has a loan or owes something, before the deletion or by something
// that was under way in it. Not even the history is removed.
func TestPatronWithBusinessIsNotDeleted(t *testing.T) {
	t.Parallel()
	borrows := func(t *testing.T, s *dynamo.Store) { lend(t, s, uid(1), loan(900, volume(1, ""))) }
	owes := func(t *testing.T, s *dynamo.Store) { charge(t, s, uid(1), fulfillment.Fee{}, fine(900, 10)) }
	// A movement that says of nobody that they must stay.
	returns := func(t *testing.T, s *dynamo.Store) {
		account, err := s.Account(t.Context(), uid(1))
		must(t, err)
		_, err = s.Move(t.Context(), fulfillment.Movement{
			Loans:    []fulfillment.LoanChange{{UID: uid(1), After: returned(loan(900, volume(1, "")), noon)}},
			Accounts: []fulfillment.AccountChange{{UID: uid(1), Before: account}},
		})
		must(t, err)
	}
	nothing := func(*testing.T, *dynamo.Store) {}
	for name, test := range map[string]struct {
		before, meanwhile func(t *testing.T, s *dynamo.Store)
		want              error
	}{
		"a loan":                 {borrows, nothing, fulfillment.ErrNotIdle},
		"a fee":                  {owes, nothing, fulfillment.ErrNotIdle},
		"history, in the middle": {nothing, returns, patron.ErrChanged},
	} {
		for _, past := range []int{0, 100} {
			t.Run(fmt.Sprint(name, "/", past), func(t *testing.T) {
				t.Parallel()
				tables := dynamotest.Tables(t)
				s := dynamotest.Open(t, tables)
				p := create(t, s, person(1))
				lentBefore(t, s, p.UID, past)
				test.before(t, s)
				marked, err := s.MarkDeleting(t.Context(), p)
				must(t, err)
				want := kept(t, tables, p.UID)
				calls := 0
				err = before(t, tables, []string{"Query"}, func() {
					if calls++; calls == 1 {
						test.meanwhile(t, s)
						want = kept(t, tables, p.UID)
					}
				}).DeletePatron(t.Context(), marked)
				wantErr(t, err, test.want)
				if got := kept(t, tables, p.UID); got != want {
					t.Errorf("%d items are left, want %d", got, want)
				}
			})
		}
	}
}

func TestStaleMarkEnds(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(*dynamo.Store, patron.Patron) error{
		"edit":  func(s *dynamo.Store, p patron.Patron) error { _, err := s.ReplacePatron(t.Context(), p, p); return err },
		"mark":  func(s *dynamo.Store, p patron.Patron) error { _, err := s.MarkDeleting(t.Context(), p); return err },
		"place": func(s *dynamo.Store, p patron.Patron) error { _, err := place(t, s, p.UID, hold(1, "991")); return err },
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{at: noon}
			s := dynamotest.Store(t, dynamotest.Clock(c.now))
			marked, err := s.MarkDeleting(t.Context(), create(t, s, person(1)))
			must(t, err)
			c.move(31 * time.Second)
			wantErr(t, s.DeletePatron(t.Context(), marked), patron.ErrChanged)
			c.move(30 * time.Second)
			must(t, use(s, marked))
			wantErr(t, s.DeletePatron(t.Context(), marked), patron.ErrChanged)
		})
	}
}

// TestNoRequestIsOrphaned lets a deletion, done as the API does it, race with requests being placed.
func TestNoRequestIsOrphaned(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	outcomes := map[bool]int{}
	for round := range 30 {
		p := create(t, s, person(round))
		var deleted bool
		var placed error
		var done sync.WaitGroup
		done.Go(func() {
			_, placed = place(t, s, p.UID, hold(round, "991"))
		})
		done.Go(func() {
			time.Sleep(time.Duration(round%10) * 200 * time.Microsecond)
			deleted = deleteIdle(t, s, p)
		})
		done.Wait()
		if placed != nil && !errors.Is(placed, fulfillment.ErrPatronGone) {
			t.Fatal(placed)
		}
		if deleted && placed == nil {
			t.Fatalf("round %d: a request was placed for a deleted patron", round)
		}
		n, err := s.CountRequests(t.Context(), p.UID)
		must(t, err)
		if (n == 1) != (placed == nil) {
			t.Fatalf("round %d: placing said %v, but there are %d requests", round, placed, n)
		}
		outcomes[deleted]++
	}
	t.Logf("deleted first: %d, request first or both gave way: %d", outcomes[true], outcomes[false])
}

// deleteIdle deletes a patron unless there are requests, and reports whether it did.
func deleteIdle(t *testing.T, s *dynamo.Store, p patron.Patron) bool {
	p, err := s.MarkDeleting(t.Context(), p)
	if err != nil {
		t.Error(err)
		return false
	}
	n, err := s.CountRequests(t.Context(), p.UID)
	if err != nil || n > 0 {
		if err := errors.Join(err, s.Unmark(t.Context(), p)); err != nil {
			t.Error(err)
		}
		return false
	}
	if err := s.DeletePatron(t.Context(), p); err != nil {
		t.Error(err)
		return false
	}
	return true
}

// changes are all entries since a time, by UID.
func changes(t *testing.T, s *dynamo.Store, since time.Time) map[string]directory.Entry {
	t.Helper()
	all := map[string]directory.Entry{}
	for shard := range dynamo.Shards {
		last := time.Time{}
		must(t, s.Changes(t.Context(), shard, since, func(page []directory.Entry) error {
			for _, e := range page {
				if e.Updated.Before(last) {
					t.Errorf("shard %d is not in order of time", shard)
				}
				last = e.Updated
				if old, ok := all[e.UID]; !ok || old.Version < e.Version {
					all[e.UID] = e
				}
			}
			return nil
		}))
	}
	return all
}

func TestChanges(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	var people []patron.Patron
	for n := range 20 {
		people = append(people, create(t, s, person(n)))
	}
	if got := changes(t, s, time.Time{}); len(got) != 20 || got[uid(3)].Text != directory.Document(person(3)) {
		t.Fatalf("got %d entries, %+v", len(got), got[uid(3)])
	}
	c.move(time.Second)
	edited, err := s.ReplacePatron(t.Context(), people[4], people[4])
	must(t, err)
	gone, err := s.MarkDeleting(t.Context(), people[5])
	must(t, err)
	must(t, s.DeletePatron(t.Context(), gone))
	got := changes(t, s, c.now())
	want := map[string]directory.Entry{
		uid(4): {UID: uid(4), Version: edited.Version, Updated: c.now(), Text: directory.Document(people[4])},
		uid(5): {UID: uid(5), Version: gone.Version + 1, Updated: c.now(), Deleted: true},
	}
	if len(got) != 2 || got[uid(4)] != want[uid(4)] || got[uid(5)] != want[uid(5)] {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if all := changes(t, s, time.Time{}); len(all) != 20 {
		t.Errorf("got %d entries in all, want 20", len(all))
	}
	broken := errors.New("stop")
	for shard := range dynamo.Shards {
		err := s.Changes(t.Context(), shard, noon, func([]directory.Entry) error { return broken })
		wantErr(t, err, broken)
	}
}

// TestTimeOfChangeAlwaysGrows writes one patron from functions whose clocks differ, and several times at once.
func TestTimeOfChangeAlwaysGrows(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	last := changes(t, s, time.Time{})[p.UID].Updated
	for _, step := range []time.Duration{0, 0, -time.Hour, time.Minute, 2 * time.Hour, -time.Second} {
		c.move(step)
		var err error
		if p, err = s.ReplacePatron(t.Context(), p, p); err != nil {
			t.Fatal(err)
		}
		now := changes(t, s, time.Time{})[p.UID].Updated
		if !now.After(last) {
			t.Errorf("the clock moved by %v: got %v after %v", step, now, last)
		}
		last = now
	}
	c.move(-time.Hour)
	p, err := s.MarkDeleting(t.Context(), p)
	must(t, err)
	must(t, s.DeletePatron(t.Context(), p))
	if gone := changes(t, s, time.Time{})[p.UID]; !gone.Deleted || !gone.Updated.After(last) {
		t.Errorf("got %+v, want a deletion after %v", gone, last)
	}
}
