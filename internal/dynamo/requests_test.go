package dynamo_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

func ids(all []fulfillment.Request) []string {
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestRequestLivesAndEnds(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	for n := range 3 {
		_, err := place(t, s, p.UID, hold(n, "991"))
		must(t, err)
	}
	r, err := s.Request(t.Context(), p.UID, hold(1, "991").ID)
	must(t, err)
	want := hold(1, "991")
	want.Version = 1
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got %+v, want %+v", r, want)
	}

	after := r
	after.Comment = "please before Friday"
	stored, err := replaceRequest(t.Context(), s, p.UID, r, after)
	must(t, err)
	if after.Version = 2; !reflect.DeepEqual(stored, after) {
		t.Errorf("got %+v, want %+v", stored, after)
	}
	_, err = replaceRequest(t.Context(), s, p.UID, r, after)
	wantErr(t, err, fulfillment.ErrChanged)

	q, err := s.Queue(t.Context(), "991")
	must(t, err)
	if q.Place(r.ID) != 2 || q.Version != 3 {
		t.Errorf("got queue %+v, want the request at 2 in version 3", q)
	}
	ended := stored
	ended.Status, ended.Ended = fulfillment.History, noon.Add(time.Hour)
	stale := q
	stale.Version--
	wantErr(t, endRequest(t.Context(), s, p.UID, ended, stale), fulfillment.ErrChanged)
	q = q.Without(r.ID)
	must(t, endRequest(t.Context(), s, p.UID, ended, q))
	wantErr(t, endRequest(t.Context(), s, p.UID, ended, q), fulfillment.ErrChanged)
	_, err = replaceRequest(t.Context(), s, p.UID, stored, after)
	wantErr(t, err, fulfillment.ErrChanged)

	live, err := s.ActiveRequests(t.Context(), p.UID)
	must(t, err)
	if got, want := ids(live), []string{hold(0, "").ID, hold(2, "").ID}; !slices.Equal(got, want) {
		t.Errorf("active: got %v, want %v", got, want)
	}
	over, err := s.PastRequests(t.Context(), p.UID)
	must(t, err)
	ended.Version = 3
	if len(over) != 1 || !reflect.DeepEqual(over[0], ended) {
		t.Errorf("past: got %+v, want %+v", over, ended)
	}
	_, err = s.Request(t.Context(), p.UID, r.ID)
	wantErr(t, err, fulfillment.ErrRequestNotFound)
	if n, err := s.CountRequests(t.Context(), p.UID); err != nil || n != 2 {
		t.Errorf("got %d requests, %v; want 2", n, err)
	}
	_, err = s.Request(t.Context(), p.UID, "404")
	wantErr(t, err, fulfillment.ErrRequestNotFound)

	// The engine keeps what is past its ttl, as DynamoDB does for some days; a reader must not see it.
	c.move(367 * 24 * time.Hour)
	if over, err := s.PastRequests(t.Context(), p.UID); err != nil || len(over) != 0 {
		t.Errorf("a year later: got %+v, %v; want none", over, err)
	}
}

func TestAdvanceRequestMovesTheQueueToo(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	r, err := place(t, s, p.UID, hold(1, "991"))
	must(t, err)
	after := r
	after.Status = fulfillment.InProcess
	_, err = advanceRequest(t.Context(), s, p.UID, r, after, fulfillment.Queue{MMSID: "991"})
	wantErr(t, err, fulfillment.ErrChanged)
	_, err = advanceRequest(t.Context(), s, p.UID, r, after, fulfillment.Queue{MMSID: "991", Version: 1})
	must(t, err)
	got, err := s.Queue(t.Context(), "991")
	if want := (fulfillment.Queue{MMSID: "991", Waiting: []fulfillment.Waiting{}, Version: 2}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if _, err := replaceRequest(t.Context(), s, p.UID, hold(2, "991"), hold(2, "991")); err == nil {
		t.Error("a request that was never read was replaced")
	}
}

func TestPlaceRequestOfNobody(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	_, err := placeRequest(t.Context(), s, uid(1), hold(1, "991"), fulfillment.Queue{})
	wantErr(t, err, fulfillment.ErrPatronGone)
	if n, err := s.CountRequests(t.Context(), uid(1)); err != nil || n != 0 {
		t.Errorf("got %d requests, %v; want none", n, err)
	}
}

// TestRequestsOfManyPages reads more than one page (1 MB) of requests.
func TestRequestsOfManyPages(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	var want []string
	for n := range 12 {
		asked := hold(n, "991")
		asked.Comment = strings.Repeat("c", 200<<10)
		r, err := placeRequest(t.Context(), s, p.UID, asked, fulfillment.Queue{})
		must(t, err)
		r.Ended = noon.Add(time.Duration(n) * 13 * time.Hour)
		must(t, endRequest(t.Context(), s, p.UID, r, fulfillment.Queue{}))
		want = append([]string{r.ID}, want...)
		_, err = placeRequest(t.Context(), s, p.UID, asked, fulfillment.Queue{})
		must(t, err)
	}
	over, err := s.PastRequests(t.Context(), p.UID)
	if err != nil || !slices.Equal(ids(over), want) {
		t.Errorf("past: got %v, %v; want %v", ids(over), err, want)
	}
	slices.Reverse(want)
	live, err := s.ActiveRequests(t.Context(), p.UID)
	if err != nil || !slices.Equal(ids(live), want) {
		t.Errorf("active: got %v, %v; want %v", ids(live), err, want)
	}
	if n, err := s.CountRequests(t.Context(), p.UID); err != nil || n != 12 {
		t.Errorf("got %d requests, %v; want 12", n, err)
	}
}

func TestQueueUnderContention(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	const people, each = 10, 3
	var done sync.WaitGroup
	for n := range people {
		p := create(t, s, person(n))
		done.Go(func() {
			for i := range each {
				if _, err := place(t, s, p.UID, hold(n*each+i, "991")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	q, err := s.Queue(t.Context(), "991")
	must(t, err)
	seen := map[string]bool{}
	for _, w := range q.Waiting {
		seen[w.ID] = true
	}
	if got := len(seen); got != people*each || q.Version != people*each {
		t.Errorf("got %d ids in version %d, want %d", got, q.Version, people*each)
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	var asked []string
	for n := range 130 {
		asked = append(asked, fmt.Sprint("99", n))
	}
	_, err := place(t, s, p.UID, hold(7, "997"))
	must(t, err)
	all, err := s.Queues(t.Context(), append(asked, "997"))
	must(t, err)
	want := queue("997", 1, hold(7, "997"))
	if len(all) != 130 || !reflect.DeepEqual(all["997"], want) || !reflect.DeepEqual(all["998"], fulfillment.Queue{MMSID: "998"}) {
		t.Errorf("got %d queues, %+v and %+v", len(all), all["997"], all["998"])
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	save := func(it fulfillment.Item, created, changed bool) {
		t.Helper()
		c, d, err := s.SaveItem(t.Context(), it)
		if err != nil || c != created || d != changed {
			t.Errorf("SaveItem = %v, %v, %v; want %v, %v", c, d, err, created, changed)
		}
	}
	for n := range 3 {
		save(volume(n, "991"), true, true)
	}
	it := volume(1, "991")
	rec.Take()
	save(it, false, false)
	if used := rec.Take(); used.Writes != 0 || used.Attempts != 1 {
		t.Errorf("an unchanged item: got %+v, want one read", used)
	}
	it.Title = "The quiet rooms"
	save(it, false, true)

	it.Barcode = volume(2, "").Barcode
	_, _, err := s.SaveItem(t.Context(), it)
	wantErr(t, err, fulfillment.ErrBarcodeTaken)
	it.Barcode = "K777"
	save(it, false, true)
	if got, err := s.ItemByBarcode(t.Context(), "K777"); err != nil || got != it {
		t.Errorf("got %+v, %v; want %+v", got, err, it)
	}
	if got, err := s.Item(t.Context(), it.ID); err != nil || got != it {
		t.Errorf("got %+v, %v; want %+v", got, err, it)
	}
	for _, barcode := range []string{"", volume(1, "").Barcode, strings.Repeat("K", 3000)} {
		_, err := s.ItemByBarcode(t.Context(), barcode)
		wantErr(t, err, fulfillment.ErrItemNotFound)
	}
	_, err = s.Item(t.Context(), "0")
	wantErr(t, err, fulfillment.ErrItemNotFound)

	moved := volume(2, "992")
	save(moved, false, true)
	for mms, want := range map[string][]fulfillment.Item{"991": {volume(0, "991"), it}, "992": {moved}, "993": nil, "": nil} {
		if got, err := s.ItemsOfTitle(t.Context(), mms); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ItemsOfTitle(%q) = %+v, %v; want %+v", mms, got, err, want)
		}
	}
	moved.Barcode, moved.MMSID = "", ""
	save(moved, false, true)
}

func TestItemSavedByManyAtOnce(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var done sync.WaitGroup
	for n := range 8 {
		done.Go(func() {
			it := volume(1, "991")
			it.Barcode = fmt.Sprint("K", n%2)
			if _, _, err := s.SaveItem(t.Context(), it); err != nil && !errors.Is(err, fulfillment.ErrChanged) {
				t.Error(err)
			}
		})
	}
	done.Wait()
	it, err := s.Item(t.Context(), volume(1, "").ID)
	must(t, err)
	for _, barcode := range []string{"K0", "K1"} {
		_, err := s.ItemByBarcode(t.Context(), barcode)
		if (err == nil) != (barcode == it.Barcode) {
			t.Errorf("the item has %s, but ItemByBarcode(%s) says %v", it.Barcode, barcode, err)
		}
	}
}

// TestItemThatIsAskedForStays keeps an item in its title while somebody waits for it there.
func TestItemThatIsAskedForStays(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	it := volume(1, "991")
	_, _, err := s.SaveItem(t.Context(), it)
	must(t, err)
	asked := hold(1, "991")
	asked.ItemID = it.ID
	r, err := place(t, s, p.UID, asked)
	must(t, err)
	moved := it
	moved.MMSID = "992"
	_, _, err = s.SaveItem(t.Context(), moved)
	wantErr(t, err, fulfillment.ErrAskedFor)
	r.Ended = time.Now()
	must(t, endRequest(t.Context(), s, p.UID, r, fulfillment.Queue{MMSID: "991", Version: 1}))
	if _, changed, err := s.SaveItem(t.Context(), moved); err != nil || !changed {
		t.Errorf("nobody waits any more: got %t, %v", changed, err)
	}
}
