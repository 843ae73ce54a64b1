package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"patrondesk/internal/patron"
)

var day = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// person is a patron with nothing but names; its primary id is p and its number.
func person(n int, last, first string) patron.Patron {
	return patron.Patron{UID: uidOf(n), PrimaryID: fmt.Sprintf("p%d", n), LastName: last, FirstName: first}
}

// search runs a search that must succeed and returns the numbers of the patrons found.
func search(t *testing.T, d *Directory, q string, o Order, limit, offset int) ([]int, int) {
	t.Helper()
	var query Query
	if q != "" {
		var err error
		if query, err = ParseQuery(q); err != nil {
			t.Fatal(err)
		}
	}
	uids, total, err := d.Search(t.Context(), query, o, limit, offset)
	if err != nil {
		t.Fatal(err)
	}
	return numbers(uids), total
}

func numbers(uids []string) []int {
	list := make([]int, len(uids))
	for i, uid := range uids {
		for n := range 5000 {
			if uidOf(n) == uid {
				list[i] = n
				break
			}
		}
	}
	return list
}

func TestSearchOrders(t *testing.T) {
	s := &shelf{}
	for n, name := range [][2]string{{"Müller", "Zoë"}, {"Muller", "Anna"}, {"Abel", "Zoe"}, {"van Abel", "Bo"}, {"", "Cher"}, {"Müller", "Anna"}} {
		s.put(entryOf(person(n, name[0], name[1]), 1, day))
	}
	d := New(s, testShards)
	for _, tt := range []struct {
		order Order
		want  []int
	}{
		{ByName, []int{4, 2, 1, 5, 0, 3}},
		{ByLastName, []int{4, 2, 0, 1, 5, 3}},
		{ByFirstName, []int{1, 5, 3, 4, 0, 2}},
		{ByPrimaryID, []int{0, 1, 2, 3, 4, 5}},
	} {
		got, total := search(t, d, "", tt.order, 100, 0)
		if !slices.Equal(got, tt.want) || total != 6 {
			t.Errorf("order %d: got %v of %d, want %v", tt.order, got, total, tt.want)
		}
	}
	if got, total := search(t, d, "last_name~muller", ByName, 2, 1); !slices.Equal(got, []int{5, 0}) || total != 3 {
		t.Errorf("got %v of %d, want the second and third of 3", got, total)
	}
	for _, tt := range []struct{ limit, offset int }{{0, 0}, {-1, 0}, {10, 3}, {10, 1 << 40}} {
		if got, total := search(t, d, "last_name~muller", ByName, tt.limit, tt.offset); len(got) != 0 || total != 3 {
			t.Errorf("limit %d, offset %d: got %v of %d, want nobody of 3", tt.limit, tt.offset, got, total)
		}
	}
}

func TestPagesHoldEverybodyOnce(t *testing.T) {
	s := &shelf{}
	const n = 500
	for i := range n {
		s.put(entryOf(invented(i), 1, day))
	}
	d := New(s, testShards)
	for _, q := range []string{"", "id_type~barcode"} {
		for o := range orderCount {
			seen := map[int]int{}
			for offset := 0; offset < n; offset += 37 {
				page, total := search(t, d, q, o, 37, offset)
				if total != n {
					t.Fatalf("total %d, want %d", total, n)
				}
				for _, i := range page {
					seen[i]++
				}
			}
			for i := range n {
				if seen[i] != 1 {
					t.Errorf("q %q, order %d: patron %d is on %d pages", q, o, i, seen[i])
				}
			}
		}
	}
}

func TestModifiedSince(t *testing.T) {
	s := &shelf{}
	for n := range 5 {
		s.put(entryOf(person(n, "A", "B"), 1, day.Add(time.Duration(n)*time.Hour)))
	}
	uids, total, err := New(s, testShards).Search(t.Context(), ModifiedSince(day.Add(3*time.Hour)), ByPrimaryID, 10, 0)
	if got := numbers(uids); err != nil || total != 2 || !slices.Equal(got, []int{3, 4}) {
		t.Errorf("got %v of %d, %v, want 3 and 4", got, total, err)
	}
}

func TestSearchSeesChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		for n, last := range []string{"Abel", "Baker", "Clark"} {
			s.put(entryOf(person(n, last, ""), 2, time.Now()))
		}
		d := New(s, testShards)
		steps := []struct {
			what string
			put  Entry
			q    string
			want []int
		}{
			{"as loaded", Entry{}, "", []int{0, 1, 2}},
			{"a new patron", entryOf(person(3, "Adams", ""), 1, time.Now()), "", []int{0, 3, 1, 2}},
			{"a new name moves", entryOf(person(0, "Zander", ""), 3, time.Now()), "", []int{3, 1, 2, 0}},
			{"the old name is gone", Entry{}, "last_name~abel", []int{}},
			{"an older version changes nothing", entryOf(person(0, "Abel", ""), 2, time.Now()), "", []int{3, 1, 2, 0}},
			{"the same version changes nothing", entryOf(person(0, "Abel", ""), 3, time.Now()), "", []int{3, 1, 2, 0}},
			{"a tombstone", Entry{UID: uidOf(1), Version: 3, Updated: time.Now(), Deleted: true}, "", []int{3, 2, 0}},
			{"a deleted patron stays away", entryOf(person(1, "Baker", ""), 2, time.Now()), "", []int{3, 2, 0}},
			{"a tombstone of the same version", Entry{UID: uidOf(2), Version: 2, Updated: time.Now(), Deleted: true}, "", []int{3, 0}},
			{"a tombstone of a stranger", Entry{UID: uidOf(9), Version: 2, Updated: time.Now(), Deleted: true}, "", []int{3, 0}},
		}
		for _, step := range steps {
			if step.put.UID != "" {
				step.put.Updated = time.Now()
				s.put(step.put)
			}
			time.Sleep(maxAge)
			if got, total := search(t, d, step.q, ByName, 10, 0); !slices.Equal(got, step.want) || total != len(step.want) {
				t.Errorf("%s: got %v of %d, want %v", step.what, got, total, step.want)
			}
		}
	})
}

func TestLateEntriesWithinOverlapAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		s.put(entryOf(person(0, "Abel", ""), 1, time.Now()))
		d := New(s, testShards)
		search(t, d, "", ByName, 10, 0)
		time.Sleep(time.Second)
		s.put(entryOf(person(testShards, "Late", ""), 1, time.Now().Add(-Overlap)))
		if _, total := search(t, d, "", ByName, 10, 0); total != 2 {
			t.Errorf("got %d patrons, want 2", total)
		}
	})
}

func TestRefreshIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		d := New(s, testShards)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { search(t, d, "", ByName, 1, 0) })
		}
		group.Wait()
		if s.calls != testShards {
			t.Errorf("20 searches at once read %d shards, want %d", s.calls, testShards)
		}
		time.Sleep(maxAge)
		search(t, d, "", ByName, 1, 0)
		if s.calls != 2*testShards {
			t.Errorf("a later search read up to %d shards, want %d", s.calls, 2*testShards)
		}
	})
}

func TestFailedRefreshIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{paging: 10}
		for n := range 200 {
			s.put(entryOf(invented(n), 1, day.Add(time.Duration(n)*time.Minute)))
		}
		s.fail = errors.New("throttled")
		d := New(s, testShards)
		for range 2 { // the first load, and going on with it
			if _, _, err := d.Search(t.Context(), Query{}, ByName, 1, 0); !errors.Is(err, s.fail) {
				t.Fatalf("got %v, want %v", err, s.fail)
			}
			time.Sleep(maxAge)
		}
		s.fail = nil
		if _, total := search(t, d, "", ByName, 1, 0); total != 200 {
			t.Errorf("got %d patrons after the failure, want 200", total)
		}
		time.Sleep(maxAge)
		s.fail = errors.New("time-out")
		if _, _, err := d.Search(t.Context(), Query{}, ByName, 1, 0); !errors.Is(err, s.fail) {
			t.Errorf("got %v, want %v and no old state", err, s.fail)
		}
	})
}

func TestCancelledSearch(t *testing.T) {
	d := New(&shelf{}, testShards)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := d.Search(ctx, Query{}, ByName, 1, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	search(t, d, "", ByName, 1, 0)
}

func TestIllegalEntriesAreErrors(t *testing.T) {
	for _, e := range []Entry{
		{UID: uidOf(1), Version: 1, Text: "2of a later format"},
		{UID: uidOf(1), Version: 1},
		{UID: "not a ulid, not a ulid, no", Version: 1, Text: Document(patron.Patron{})},
		{UID: uidOf(1), Version: 1, Text: string(make([]byte, blockSize))},
	} {
		s := &shelf{}
		s.put(e)
		if _, _, err := New(s, testShards).Search(t.Context(), Query{}, ByName, 1, 0); err == nil {
			t.Errorf("%.20q %.20q: got no error", e.UID, e.Text)
		}
	}
}

// TestManyUpdates rewrites every patron several times, so that blocks empty and are used again.
func TestManyUpdates(t *testing.T) {
	x := newIndex()
	const n, rounds = 20_000, 8
	for version := range int64(rounds) {
		for i := range n {
			if _, err := x.apply([]Entry{{UID: uidOf(i), Version: version + 1, Text: Document(person(i, fmt.Sprint("v", version), "Long "+fmt.Sprint(i*7919)))}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	q, err := ParseQuery(fmt.Sprint("last_name~v", rounds-1))
	if err != nil {
		t.Fatal(err)
	}
	if _, total := x.find(q); total != n {
		t.Errorf("found %d of %d patrons", total, n)
	}
	live := 0
	for _, size := range x.texts.live {
		live += size
	}
	if got := len(x.texts.blocks); got > 2*live/blockSize+3 {
		t.Errorf("%d bytes in use take %d blocks", live, got)
	}
}

func TestConcurrentSearches(t *testing.T) {
	s := &shelf{}
	for n := range 300 {
		s.put(entryOf(invented(n), 1, time.Now()))
	}
	d := New(s, testShards)
	var group sync.WaitGroup
	stop := time.Now().Add(700 * time.Millisecond)
	group.Go(func() {
		for version := int64(2); time.Now().Before(stop); version++ {
			// All written at once under the source's lock: a search must see one version of all of them.
			var batch []Entry
			for n := range 300 {
				p := invented(n)
				p.MiddleName = fmt.Sprint("v", version)
				batch = append(batch, entryOf(p, version, time.Now()))
			}
			s.put(batch...)
			time.Sleep(20 * time.Millisecond)
		}
	})
	for i := range 4 {
		group.Go(func() {
			for time.Now().Before(stop) {
				if page, total := search(t, d, "", Order(i%int(orderCount)), 10, 20*i); total != 300 || len(page) != 10 {
					t.Errorf("got %d of %d patrons, want 10 of 300", len(page), total)
				}
				search(t, d, "middle_name~v*", ByName, 10, 0)
			}
		})
	}
	group.Wait()
}
