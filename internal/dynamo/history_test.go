package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// pastOf gives a patron that many past requests, with a comment of that size each, and half as many letters.
func pastOf(t *testing.T, s *dynamo.Store, uid string, n, size int) {
	t.Helper()
	for i := range n {
		r := hold(i, "")
		r.Comment = strings.Repeat("c", size)
		r, err := placeRequest(t.Context(), s, uid, r, fulfillment.Queue{})
		must(t, err)
		r.Status, r.Ended = fulfillment.History, noon.Add(time.Duration(i)*time.Hour)
		if i%2 == 0 {
			must(t, endRequest(t.Context(), s, uid, r, fulfillment.Queue{}))
			continue
		}
		_, err = s.CancelRequest(t.Context(), uid, ending(uid, r, fulfillment.Queue{}), fmt.Sprint("k", i), report(noon))
		must(t, err)
	}
}

// lentBefore gives a patron that many past loans and closed fees, an idempotency key for ten of each, and an account that
// is idle.
func lentBefore(t *testing.T, s *dynamo.Store, uid string, n int) {
	t.Helper()
	var account fulfillment.Account
	for done := 0; done < n; {
		key := fmt.Sprint("k", done)
		m := fulfillment.Movement{Once: &fulfillment.Once{UID: uid, Key: key}, Accounts: []fulfillment.AccountChange{{UID: uid, Before: account}}}
		for range min(10, n-done) {
			l, f := returned(loan(done, volume(done, "")), noon), fine(done, 10)
			m.Loans = append(m.Loans, fulfillment.LoanChange{UID: uid, After: l})
			m.Fees = append(m.Fees, fulfillment.FeeChange{UID: uid, After: paid(f, 10)})
			done++
		}
		written, err := s.Move(t.Context(), m)
		must(t, err)
		account = written.Accounts[0].After
	}
}

// kept is how many items requests, loans and letters hold of a patron.
func kept(t *testing.T, tables dynamo.Tables, uid string) int {
	t.Helper()
	n := 0
	for _, table := range []string{tables.Requests, tables.Loans, tables.Letters} {
		for _, it := range scan(t, dynamotest.Client(t), table) {
			if it["pk"] == "U#"+uid {
				n++
			}
		}
	}
	return n
}

func TestHistoryGoesWithThePatron(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		past, size   int
		lent         int
		transactions int
	}{
		{"none", 0, 0, 0, 1},
		{"a little", 5, 10, 5, 1},
		{"more than one transaction takes", 120, 10, 0, 3},
		{"more loans than one transaction takes", 5, 10, 100, 3},
		{"larger than one transaction takes", 16, 300 << 10, 1, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec, tables := dynamotest.Record(), dynamotest.Tables(t)
			s := dynamotest.Open(t, tables, rec)
			p, other := create(t, s, person(1)), create(t, s, person(2))
			pastOf(t, s, p.UID, test.past, test.size)
			lentBefore(t, s, p.UID, test.lent)
			pastOf(t, s, other.UID, 3, 10)
			lentBefore(t, s, other.UID, 3)
			want := kept(t, tables, other.UID)
			marked, err := s.MarkDeleting(t.Context(), p)
			must(t, err)
			rec.Take()
			must(t, s.DeletePatron(t.Context(), marked))
			if n := rec.Take().Calls["TransactWriteItems"]; n != test.transactions {
				t.Errorf("got %d transactions, want %d", n, test.transactions)
			}
			if got, others := kept(t, tables, p.UID), kept(t, tables, other.UID); got != 0 || others != want {
				t.Errorf("%d items are left; of another patron %d, want %d", got, others, want)
			}
		})
	}
}

// TestDeletionThatDies ends the process at each call of a deletion. What it leaves is a patron whose deletion can be
// repeated once the mark has ended, or no patron and no history.
func TestDeletionThatDies(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 12; at++ {
		for _, how := range []dynamotest.Fault{dynamotest.LostRequest, dynamotest.LostAnswer} {
			t.Run(fmt.Sprint(at, "/", how), func(t *testing.T) {
				t.Parallel()
				c, tables := &clock{at: noon}, dynamotest.Tables(t)
				s := dynamotest.Open(t, tables, dynamotest.Clock(c.now))
				p := create(t, s, person(1))
				pastOf(t, s, p.UID, 120, 10)
				lentBefore(t, s, p.UID, 60)
				dying := dynamotest.Open(t, tables, dynamotest.Clock(c.now), dynamotest.Dies(at, how))
				if marked, err := dying.MarkDeleting(t.Context(), p); err == nil {
					_ = dying.DeletePatron(t.Context(), marked)
				}
				c.move(time.Hour)
				p, err := s.PatronByUID(t.Context(), p.UID)
				if err == nil {
					marked, err := s.MarkDeleting(t.Context(), p)
					must(t, err)
					must(t, s.DeletePatron(t.Context(), marked))
				} else {
					wantErr(t, err, patron.ErrNotFound)
				}
				if n := kept(t, tables, p.UID); n != 0 {
					t.Errorf("%d items are left of nobody", n)
				}
			})
		}
	}
}

// TestMarkEndsInTheMiddle lets the mark of a deletion run out after some of its transactions: the error tells whether
// history is gone.
func TestMarkEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	for after, want := range map[int]error{0: patron.ErrChanged, 1: patron.ErrPastRemoved, 2: patron.ErrPastRemoved, 100: nil} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			tables, rec, marked := dynamotest.Tables(t), dynamotest.Record(), false
			seen := 0
			s := dynamotest.Open(t, tables, rec, dynamotest.Clock(func() time.Time {
				if calls := rec.Take().Calls["TransactWriteItems"]; marked {
					seen += calls
				}
				if marked && seen >= after {
					return noon.Add(31 * time.Second)
				}
				return noon
			}))
			p := create(t, s, person(1))
			pastOf(t, s, p.UID, 120, 10)
			before := kept(t, tables, p.UID)
			p, err := s.MarkDeleting(t.Context(), p)
			must(t, err)
			rec.Take()
			marked = true
			err = s.DeletePatron(t.Context(), p)
			if !errors.Is(err, want) || errors.Is(err, patron.ErrChanged) != (want == patron.ErrChanged) {
				t.Errorf("got %v, want %v", err, want)
			}
			left := kept(t, tables, p.UID)
			if some := left < before; some != (want != patron.ErrChanged) || (left == 0) != (want == nil) {
				t.Errorf("%d of %d items are left after %v", left, before, want)
			}
		})
	}
}

// TestHistoryStaysWithoutAMark deletes with a mark that is gone: nothing is removed.
func TestHistoryStaysWithoutAMark(t *testing.T) {
	t.Parallel()
	c, tables := &clock{at: noon}, dynamotest.Tables(t)
	s := dynamotest.Open(t, tables, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	pastOf(t, s, p.UID, 120, 10)
	want := kept(t, tables, p.UID)
	marked, err := s.MarkDeleting(t.Context(), p)
	must(t, err)
	c.move(40 * time.Second)
	wantErr(t, s.DeletePatron(t.Context(), marked), patron.ErrChanged)
	if got := kept(t, tables, p.UID); got != want {
		t.Errorf("%d items are left, want %d", got, want)
	}
}

// TestNoLetterOfNobody reserves letters for patrons who are gone or going.
func TestNoLetterOfNobody(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	marked, err := s.MarkDeleting(t.Context(), create(t, s, person(1)))
	must(t, err)
	for n := range 2 {
		_, _, err := s.ReserveLetter(t.Context(), uid(n), "k", report(noon))
		wantErr(t, err, letter.ErrPatronGone)
	}
	must(t, s.DeletePatron(t.Context(), marked))
	_, _, err = s.ReserveLetter(t.Context(), uid(1), "k", report(noon))
	wantErr(t, err, letter.ErrPatronGone)
}

func TestCancelRequest(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	cancel := func(n int, q fulfillment.Queue, key string) (letter.Sent, error) {
		r, err := s.Request(t.Context(), p.UID, hold(n, "").ID)
		must(t, err)
		r.Status, r.Ended = fulfillment.History, noon
		return s.CancelRequest(t.Context(), p.UID, ending(p.UID, r, q), key, report(noon))
	}
	for n := range 2 {
		_, err := place(t, s, p.UID, hold(n, "991"))
		must(t, err)
	}
	_, err := cancel(1, fulfillment.Queue{MMSID: "991", Version: 1}, "k1")
	wantErr(t, err, fulfillment.ErrChanged)
	_, err = s.LetterOf(t.Context(), p.UID, "k1")
	wantErr(t, err, letter.ErrNotFound)

	told, err := cancel(1, queue("991", 2, hold(0, "991")), "k1")
	must(t, err)
	if got, err := s.LetterOf(t.Context(), p.UID, "k1"); err != nil || got != told || got.Version != 1 {
		t.Errorf("got %+v, %v; want %+v", got, err, told)
	}
	if again, fresh, err := s.ReserveLetter(t.Context(), p.UID, "k1", report(noon)); err != nil || fresh || again != told {
		t.Errorf("reserved again: got %+v, %v, %v; want %+v", again, fresh, err, told)
	}
	_, err = cancel(0, fulfillment.Queue{MMSID: "991", Version: 3}, "k1")
	wantErr(t, err, letter.ErrChanged)
	if over, err := s.PastRequests(t.Context(), p.UID); err != nil || len(over) != 1 {
		t.Errorf("got %d past requests, %v; want 1", len(over), err)
	}
	c.move(31 * 24 * time.Hour)
	_, err = s.LetterOf(t.Context(), p.UID, "k1")
	wantErr(t, err, letter.ErrNotFound)
	_, err = s.LetterOf(canceled(t), p.UID, "k1")
	wantErr(t, err, context.Canceled)
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("over"))
	return ctx
}
