package dynamo_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// counter is a library with three items of a title: the first waits on the hold shelf for the first patron, the second
// is lent to the second patron, and the third is at its place. Both patrons wait for the title.
type counter struct {
	people  [3]patron.Patron
	items   [3]fulfillment.Item
	shelved fulfillment.Request
	waiting [2]fulfillment.Request
	lent    fulfillment.Loan
}

func newCounter(t *testing.T, s *dynamo.Store) counter {
	t.Helper()
	var c counter
	for n := range 3 {
		c.people[n], c.items[n] = create(t, s, person(n)), volume(n, "991")
	}
	save(t, s, c.items[:]...)
	r, err := place(t, s, uid(0), hold(0, "991"))
	must(t, err)
	c.shelved = shelve(t, s, uid(0), r, c.items[0], "2026-11-30")
	c.lent = lend(t, s, uid(1), loan(1, c.items[1]))
	for n := range 2 {
		c.waiting[n], err = place(t, s, uid(1-n), hold(1+n, "991"))
		must(t, err)
	}
	return c
}

func TestForCheckOut(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	c := newCounter(t, s)
	none := fulfillment.Request{}
	for name, test := range map[string]struct {
		identifier string
		key        dynamo.ItemKey
		patron     int
		item       int
		loans      int
		state      fulfillment.CustodyState
		request    fulfillment.Request
	}{
		"by barcodes":                {"b00000002", dynamo.ItemKey{Barcode: "K000002"}, 2, 2, 0, fulfillment.AtPlace, none},
		"by ids":                     {"reader0002", dynamo.ItemKey{ID: "23000002"}, 2, 2, 0, fulfillment.AtPlace, none},
		"the id goes before":         {"reader0002", dynamo.ItemKey{ID: "23000002", Barcode: "K000001"}, 2, 2, 0, fulfillment.AtPlace, none},
		"lent already":               {"reader0001", dynamo.ItemKey{Barcode: "K000001"}, 1, 1, 1, fulfillment.OnLoan, c.waiting[0]},
		"what waits for the patron":  {"reader0000", dynamo.ItemKey{Barcode: "K000000"}, 0, 0, 0, fulfillment.OnShelf, c.shelved},
		"what waits for another":     {"reader0002", dynamo.ItemKey{Barcode: "K000000"}, 2, 0, 0, fulfillment.OnShelf, none},
		"what the patron waits for":  {"reader0000", dynamo.ItemKey{Barcode: "K000002"}, 0, 2, 0, fulfillment.AtPlace, c.waiting[1]},
		"shelved, and waiting, both": {"reader0001", dynamo.ItemKey{ID: "23000000"}, 1, 0, 1, fulfillment.OnShelf, c.waiting[0]},
	} {
		got, err := s.ForCheckOut(t.Context(), test.identifier, test.key)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Patron.UID != uid(test.patron) || got.Item != c.items[test.item] || got.Account.Loans != test.loans || got.Custody.State != test.state {
			t.Errorf("%s: got %+v", name, got)
		}
		if got.Custody.ItemID != got.Item.ID || len(got.Queue.Waiting) != 2 {
			t.Errorf("%s: got custody %+v and queue %+v", name, got.Custody, got.Queue)
		}
		if found := got.Request != nil; found != (test.request.ID != "") || found && !reflect.DeepEqual(*got.Request, test.request) {
			t.Errorf("%s: got request %+v, want %+v", name, got.Request, test.request)
		}
	}
}

func TestForCheckOutOfNobodyAndNothing(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	create(t, s, person(1))
	bare := volume(2, "")
	save(t, s, volume(1, "991"), bare)
	long := strings.Repeat("1", 3000)
	for name, test := range map[string]struct {
		identifier string
		key        dynamo.ItemKey
		want       error
	}{
		"nobody":           {"nobody", dynamo.ItemKey{Barcode: "K000001"}, patron.ErrNotFound},
		"no identifier":    {" ", dynamo.ItemKey{Barcode: "K000001"}, patron.ErrNotFound},
		"neither":          {"nobody", dynamo.ItemKey{Barcode: "nothing"}, patron.ErrNotFound},
		"no barcode":       {"reader0001", dynamo.ItemKey{Barcode: "nothing"}, fulfillment.ErrItemNotFound},
		"no id":            {"reader0001", dynamo.ItemKey{ID: "404"}, fulfillment.ErrItemNotFound},
		"no key":           {"reader0001", dynamo.ItemKey{}, fulfillment.ErrItemNotFound},
		"a long id":        {"reader0001", dynamo.ItemKey{ID: long}, fulfillment.ErrItemNotFound},
		"a long barcode":   {"reader0001", dynamo.ItemKey{Barcode: long}, fulfillment.ErrItemNotFound},
		"item of no title": {"reader0001", dynamo.ItemKey{ID: bare.ID}, nil},
	} {
		if _, err := s.ForCheckOut(t.Context(), test.identifier, test.key); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
		_, err := s.ForReturn(t.Context(), test.key, nil)
		if wanted := test.want == fulfillment.ErrItemNotFound; errors.Is(err, fulfillment.ErrItemNotFound) != wanted && !strings.Contains(name, "neither") {
			t.Errorf("%s: ForReturn gave %v", name, err)
		}
	}
}

func TestForReturn(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	c := newCounter(t, s)
	other := volume(3, "992")
	save(t, s, other)
	next := &fulfillment.PatronRequest{UID: uid(1), Request: c.waiting[0]}
	for name, test := range map[string]struct {
		key   dynamo.ItemKey
		item  fulfillment.Item
		loan  *fulfillment.Loan
		named *fulfillment.PatronRequest
		next  *fulfillment.PatronRequest
	}{
		"lent":              {dynamo.ItemKey{Barcode: "K000001"}, c.items[1], &c.lent, nil, next},
		"on the hold shelf": {dynamo.ItemKey{ID: "23000000"}, c.items[0], nil, &fulfillment.PatronRequest{UID: uid(0), Request: c.shelved}, next},
		"at its place":      {dynamo.ItemKey{Barcode: "K000002"}, c.items[2], nil, nil, next},
		"nobody waits":      {dynamo.ItemKey{Barcode: "K000003"}, other, nil, nil, nil},
	} {
		got, err := s.ForReturn(t.Context(), test.key, nil)
		if err != nil || got.Item != test.item || got.Custody.ItemID != test.item.ID || got.Queue.MMSID != test.item.MMSID {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if !reflect.DeepEqual(got.Loan, test.loan) || (test.loan != nil) != (got.Account.Loans == 1) {
			t.Errorf("%s: got loan %+v and account %+v, want %+v", name, got.Loan, got.Account, test.loan)
		}
		if !reflect.DeepEqual(got.Named, test.named) || !reflect.DeepEqual(got.Next, test.next) {
			t.Errorf("%s: got %+v and %+v, want %+v and %+v", name, got.Named, got.Next, test.named, test.next)
		}
	}
}

func TestForReturnOfALostItem(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	save(t, s, volume(1, "991"))
	l := lend(t, s, p.UID, loan(1, volume(1, "991")))
	open := charge(t, s, p.UID, fulfillment.Fee{}, fine(1, 2500))
	closed := charge(t, s, p.UID, fulfillment.Fee{}, fine(2, 500))
	closed = charge(t, s, p.UID, closed, paid(closed, 500))
	charge(t, s, p.UID, fulfillment.Fee{}, fine(3, 20)) // of something else
	lost := l
	lost.Process, lost.LostFees = fulfillment.Lost, []string{closed.ID, open.ID}
	lost = change(t, s, p.UID, l, lost)
	got, err := s.ForReturn(t.Context(), dynamo.ItemKey{Barcode: "K000001"}, nil)
	if err != nil || !reflect.DeepEqual(got.Fees, []fulfillment.Fee{closed, open}) || !reflect.DeepEqual(got.Loan, &lost) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestCancelledWhileOnTheShelf reads an item that still waits for a request which was cancelled.
func TestCancelledWhileOnTheShelf(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	c := newCounter(t, s)
	ended := c.shelved
	ended.End(noon, fulfillment.Code{Value: "RequesterRequest"}, "")
	must(t, endRequest(t.Context(), s, uid(0), ended, fulfillment.Queue{}))
	key := dynamo.ItemKey{Barcode: "K000000"}
	if got, err := s.ForReturn(t.Context(), key, nil); err != nil || got.Named != nil || got.Next == nil || got.Custody.RequestID != ended.ID {
		t.Errorf("return: got %+v, %v", got, err)
	}
	if got, err := s.ForCheckOut(t.Context(), "reader0000", key); err != nil || got.Request != nil || got.Custody.RequestID != ended.ID {
		t.Errorf("check-out: got %+v, %v", got, err)
	}
}

// TestReadAgainWhenMoved lets something happen between the calls of a read. What is read fits together.
func TestReadAgainWhenMoved(t *testing.T) {
	t.Parallel()
	swap := func(t *testing.T, s *dynamo.Store) { // the barcode goes from the second item to the third
		old, next := volume(1, "991"), volume(2, "991")
		old.Barcode, next.Barcode = "K777", "K000001"
		save(t, s, old, next)
	}
	giveBack := func(t *testing.T, s *dynamo.Store) {
		l, err := s.Loan(t.Context(), uid(1), loan(1, fulfillment.Item{}).ID)
		must(t, err)
		change(t, s, uid(1), l, returned(l, noon))
	}
	cancel := func(t *testing.T, s *dynamo.Store) {
		r, err := s.Request(t.Context(), uid(1), hold(1, "").ID)
		must(t, err)
		q, err := s.Queue(t.Context(), "991")
		must(t, err)
		r.End(noon, fulfillment.Code{}, "")
		must(t, endRequest(t.Context(), s, uid(1), r, q.Without(r.ID)))
	}
	for name, test := range map[string]struct {
		before  int // which call
		happens func(t *testing.T, s *dynamo.Store)
		item    string
		state   fulfillment.CustodyState
		next    string
	}{
		"the barcode moves":        {2, swap, "23000002", fulfillment.AtPlace, hold(1, "").ID},
		"the item is returned":     {3, giveBack, "23000001", fulfillment.AtPlace, hold(1, "").ID},
		"the request is cancelled": {4, cancel, "23000001", fulfillment.OnLoan, hold(2, "").ID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tables := dynamotest.Tables(t)
			s := dynamotest.Open(t, tables)
			newCounter(t, s)
			got, err := meddled(t, tables, test.before, func() { test.happens(t, s) }).ForReturn(t.Context(), dynamo.ItemKey{Barcode: "K000001"}, nil)
			if err != nil || got.Item.ID != test.item || got.Custody.State != test.state || got.Next == nil || got.Next.Request.ID != test.next {
				t.Errorf("got %+v, %v", got, err)
			}
			if (got.Loan != nil) != (test.state == fulfillment.OnLoan) {
				t.Errorf("got loan %+v of an item that is %q", got.Loan, test.state)
			}
		})
	}
}

// TestCheckOutReadAgainWhenMoved is the same for a check-out.
func TestCheckOutReadAgainWhenMoved(t *testing.T) {
	t.Parallel()
	barcodes := func(t *testing.T, s *dynamo.Store) { // both go to somebody or something else
		a, err := s.PatronByUID(t.Context(), uid(1))
		must(t, err)
		next := a
		next.Identifiers = nil
		_, err = s.ReplacePatron(t.Context(), a, next)
		must(t, err)
		b, err := s.PatronByUID(t.Context(), uid(2))
		must(t, err)
		next = b
		next.Identifiers = a.Identifiers
		_, err = s.ReplacePatron(t.Context(), b, next)
		must(t, err)
		old, item := volume(1, "991"), volume(2, "991")
		old.Barcode, item.Barcode = "K777", "K000001"
		save(t, s, old, item)
	}
	gone := func(t *testing.T, s *dynamo.Store) {
		p, err := s.PatronByUID(t.Context(), uid(1))
		must(t, err)
		p, err = s.MarkDeleting(t.Context(), p)
		must(t, err)
		must(t, s.DeletePatron(t.Context(), p))
	}
	for name, test := range map[string]struct {
		happens func(t *testing.T, s *dynamo.Store)
		uid     string
		want    error
	}{
		"the barcodes move":     {barcodes, uid(2), nil},
		"the patron is deleted": {gone, "", patron.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tables := dynamotest.Tables(t)
			s := dynamotest.Open(t, tables)
			create(t, s, person(1))
			create(t, s, person(2))
			save(t, s, volume(1, "991"), volume(2, "991"))
			got, err := meddled(t, tables, 2, func() { test.happens(t, s) }).ForCheckOut(t.Context(), "B00000001", dynamo.ItemKey{Barcode: "K000001"})
			if !errors.Is(err, test.want) || got.Patron.UID != test.uid || err == nil && got.Item.ID != "23000002" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestCounterReadsSurviveFaults makes every call meet faults now and then; batches come back in halves.
func TestCounterReadsSurviveFaults(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	healthy := dynamotest.Open(t, tables)
	newCounter(t, healthy)
	key := dynamo.ItemKey{Barcode: "K000001"}
	out, err := healthy.ForCheckOut(t.Context(), "reader0001", key)
	must(t, err)
	back, err := healthy.ForReturn(t.Context(), key, nil)
	must(t, err)
	faulty := dynamotest.Open(t, tables, dynamotest.Chance("", 0.3, 3, dynamotest.Throttled, dynamotest.ServerError,
		dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Partial, dynamotest.Partial))
	for range 10 {
		if got, err := faulty.ForCheckOut(t.Context(), "reader0001", key); err != nil || !reflect.DeepEqual(got, out) {
			t.Errorf("ForCheckOut = %+v, %v; want %+v", got, err, out)
		}
		if got, err := faulty.ForReturn(t.Context(), key, nil); err != nil || !reflect.DeepEqual(got, back) {
			t.Errorf("ForReturn = %+v, %v; want %+v", got, err, back)
		}
		if account, loans, err := faulty.FirstLoans(t.Context(), uid(1), 5); err != nil || len(loans) != 1 || account.Loans != 1 {
			t.Errorf("FirstLoans = %+v, %+v, %v", account, loans, err)
		}
	}
}

// TestReadsGiveUp lets something happen before every call.
func TestReadsGiveUp(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables)
	create(t, s, person(1))
	save(t, s, volume(1, "991"), volume(2, "991"))
	turn := 0
	always := before(t, tables, gets, func() {
		turn++
		first, second := volume(1, "991"), volume(2, "991")
		first.Barcode, second.Barcode = "K777", "K000001"
		if turn%2 == 0 {
			first.Barcode, second.Barcode = "K000001", "K777"
		}
		// The barcode is free in between.
		free := [2]fulfillment.Item{first, second}
		for i := range free {
			free[i].Barcode = ""
		}
		save(t, s, free[:]...)
		save(t, s, first, second)
	})
	_, err := always.ForReturn(t.Context(), dynamo.ItemKey{Barcode: "K000001"}, nil)
	wantErr(t, err, fulfillment.ErrChanged)
	turn = 0
	_, err = always.ForCheckOut(t.Context(), "reader0001", dynamo.ItemKey{Barcode: "K000001"})
	wantErr(t, err, fulfillment.ErrChanged)
}
