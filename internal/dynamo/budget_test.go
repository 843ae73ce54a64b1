package dynamo_test

import (
	"reflect"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// budget is what a call of the store may use: exactly those calls of DynamoDB, and at most so many units.
type budget struct {
	name          string
	do            func(*dynamo.Store) error
	calls         map[string]int
	reads, writes float64
}

// within makes the calls one after the other, and holds their budgets.
func within(t *testing.T, s *dynamo.Store, rec *dynamotest.Recorder, budgets []budget) {
	t.Helper()
	for _, b := range budgets {
		rec.Take()
		if err := b.do(s); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		used := rec.Take()
		if !reflect.DeepEqual(used.Calls, b.calls) {
			t.Errorf("%s: got calls %v, want %v", b.name, used.Calls, b.calls)
		}
		if dynamotest.Embedded() && (used.Reads > b.reads || used.Writes > b.writes) {
			t.Errorf("%s: got %v read and %v write units, want at most %v and %v", b.name, used.Reads, used.Writes, b.reads, b.writes)
		}
		t.Logf("%-34s %v, %v read and %v write units", b.name, used.Calls, used.Reads, used.Writes)
	}
}

// TestBudgets holds the calls and units of the table in the architecture page. The record is of usual size, between
// two and three kilobytes. The units are held on the embedded engine only: DynamoDB Local, by Amazon's own words, does
// not keep track of consumed capacity, and reports 0 for an empty query and twice an index for a transaction.
func TestBudgets(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	p := create(t, s, person(1))
	other := create(t, s, person(2))
	var placed []fulfillment.Request
	for n := range 5 {
		r, err := place(t, s, p.UID, hold(n, "991"))
		must(t, err)
		placed = append(placed, r)
	}
	_, _, err := s.SaveItem(t.Context(), volume(1, "991"))
	must(t, err)
	queue := fulfillment.Queue{MMSID: "991", Version: 5}
	moved := other
	moved.Identifiers = []patron.Identifier{identifier("BARCODE", "B22222222"), other.Identifiers[1]}

	within(t, s, rec, []budget{
		{"get a patron by any identifier", func(s *dynamo.Store) error { _, err := s.Patron(t.Context(), "B00000001"); return err },
			map[string]int{"GetItem": 2}, 2, 0},
		{"... that nobody has", func(s *dynamo.Store) error { _, _ = s.Patron(t.Context(), "nobody"); return nil },
			map[string]int{"GetItem": 1}, 1, 0},
		{"replace, no identifier change", func(s *dynamo.Store) error {
			before, err := s.Patron(t.Context(), "B00000001")
			must(t, err)
			_, err = s.ReplacePatron(t.Context(), before, before)
			return err
		}, map[string]int{"GetItem": 2, "PutItem": 1}, 2, 6},
		{"replace with a new barcode", func(s *dynamo.Store) error { _, err := s.ReplacePatron(t.Context(), other, moved); return err },
			map[string]int{"TransactWriteItems": 1}, 0, 16},
		{"create with 3 identifiers", func(s *dynamo.Store) error { _, err := s.CreatePatron(t.Context(), person(3)); return err },
			map[string]int{"TransactWriteItems": 1}, 0, 14},
		{"requests of a patron", func(s *dynamo.Store) error { _, err := s.ActiveRequests(t.Context(), p.UID); return err },
			map[string]int{"Query": 1}, 1, 0},
		{"how many requests", func(s *dynamo.Store) error { _, err := s.CountRequests(t.Context(), p.UID); return err },
			map[string]int{"Query": 1}, 1, 0},
		{"how many loans, and what is owed", func(s *dynamo.Store) error { _, err := s.Account(t.Context(), p.UID); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"an active request", func(s *dynamo.Store) error { _, err := s.Request(t.Context(), p.UID, placed[0].ID); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"queues of two titles", func(s *dynamo.Store) error { _, err := s.Queues(t.Context(), []string{"991", "992"}); return err },
			map[string]int{"BatchGetItem": 1}, 2, 0},
		{"place a request", func(s *dynamo.Store) error {
			_, err := placeRequest(t.Context(), s, p.UID, hold(9, "992"), fulfillment.Queue{MMSID: "992"})
			return err
		}, map[string]int{"TransactWriteItems": 1}, 2, 12},
		{"end a request", func(s *dynamo.Store) error {
			ended := placed[1]
			ended.Ended = noon
			return endRequest(t.Context(), s, p.UID, ended, queue)
		}, map[string]int{"TransactWriteItems": 1}, 0, 6},
		{"change a request", func(s *dynamo.Store) error {
			_, err := replaceRequest(t.Context(), s, p.UID, placed[0], placed[0])
			return err
		}, map[string]int{"PutItem": 1}, 0, 1},
		{"reserve a letter", func(s *dynamo.Store) error {
			_, _, err := s.ReserveLetter(t.Context(), p.UID, "k", report(noon))
			return err
		},
			map[string]int{"TransactWriteItems": 1}, 0, 10},
		{"cancel a request, with its letter", func(s *dynamo.Store) error {
			ended := placed[2]
			ended.Ended = noon
			_, err := s.CancelRequest(t.Context(), p.UID, fulfillment.Movement{
				Requests: []fulfillment.RequestChange{{UID: p.UID, Before: placed[2], After: ended}},
				Queues:   []fulfillment.Queue{{MMSID: "991", Version: 6}},
			}, "cancelled", report(noon))
			return err
		}, map[string]int{"TransactWriteItems": 1}, 0, 10},
		{"an item that did not change", func(s *dynamo.Store) error { _, _, err := s.SaveItem(t.Context(), volume(1, "991")); return err },
			map[string]int{"GetItem": 1}, 1, 0},
	})
}

// TestLendingBudgets holds those of lending, for items, loans and fees of usual size.
func TestLendingBudgets(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	c := newCounter(t, s)
	extra := volume(4, "992")
	save(t, s, extra)
	lent := lend(t, s, uid(2), loan(4, extra))
	owed := charge(t, s, uid(2), fulfillment.Fee{}, fine(4, 100))
	for n := range 8 {
		lend(t, s, uid(2), loan(10+n, volume(10+n, "")))
	}
	// move writes a movement that was made before.
	move := func(m fulfillment.Movement, err error) func(*dynamo.Store) error {
		must(t, err)
		return func(s *dynamo.Store) error { _, err := s.Move(t.Context(), m); return err }
	}
	withKey, err := lending(t.Context(), s, uid(2), loan(20, volume(20, "")))
	must(t, err)
	withKey.Once = &fulfillment.Once{UID: uid(2), Key: "scan"}
	checkOut := func(identifier, barcode string) func(*dynamo.Store) error {
		return func(s *dynamo.Store) error {
			_, err := s.ForCheckOut(t.Context(), identifier, dynamo.ItemKey{Barcode: barcode})
			return err
		}
	}
	within(t, s, rec, []budget{
		{"check out: read", checkOut("B00000002", "K000002"), map[string]int{"BatchGetItem": 2, "GetItem": 1}, 7, 0},
		{"... what the patron waits for", checkOut("B00000000", "K000000"), map[string]int{"BatchGetItem": 2, "GetItem": 2}, 8, 0},
		{"check out: write, with a key", move(withKey, nil), map[string]int{"TransactWriteItems": 1}, 2, 14},
	})
	within(t, s, rec, []budget{
		{"check out: write", move(lending(t.Context(), s, uid(2), loan(21, volume(21, "")))), map[string]int{"TransactWriteItems": 1}, 2, 12},
		{"check out: write, the first loan", move(lending(t.Context(), s, uid(0), loan(22, volume(22, "")))), map[string]int{"TransactWriteItems": 1}, 2, 13},
		{"return: read, somebody waits", func(s *dynamo.Store) error {
			_, err := s.ForReturn(t.Context(), dynamo.ItemKey{Barcode: c.items[1].Barcode}, nil)
			return err
		}, map[string]int{"GetItem": 1, "BatchGetItem": 3}, 7, 0},
		{"return: read, nobody waits", func(s *dynamo.Store) error {
			_, err := s.ForReturn(t.Context(), dynamo.ItemKey{Barcode: extra.Barcode}, nil)
			return err
		}, map[string]int{"GetItem": 1, "BatchGetItem": 2}, 6, 0},
		{"where an item is", func(s *dynamo.Store) error { _, err := s.Custody(t.Context(), extra.ID); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"the account", func(s *dynamo.Store) error { _, err := s.Account(t.Context(), uid(2)); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"the first loans", func(s *dynamo.Store) error { _, _, err := s.FirstLoans(t.Context(), uid(2), 8); return err },
			map[string]int{"Query": 1}, 3, 0},
		{"all loans", func(s *dynamo.Store) error { _, err := s.ActiveLoans(t.Context(), uid(2)); return err },
			map[string]int{"Query": 1}, 3, 0},
		{"an active loan", func(s *dynamo.Store) error { _, err := s.Loan(t.Context(), uid(2), lent.ID); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"a fee, open or closed", func(s *dynamo.Store) error { _, err := s.Fee(t.Context(), uid(2), owed.ID); return err },
			map[string]int{"BatchGetItem": 1}, 2, 0},
		{"open fees", func(s *dynamo.Store) error { _, err := s.OpenFees(t.Context(), uid(2)); return err },
			map[string]int{"Query": 1}, 1, 0},
	})
	within(t, s, rec, []budget{
		{"a payment", move(charging(t.Context(), s, uid(2), owed, paid(owed, 100))), map[string]int{"TransactWriteItems": 1}, 2, 12},
	})
	within(t, s, rec, []budget{
		{"return: write", move(changing(t.Context(), s, uid(2), lent, returned(lent, noon))), map[string]int{"TransactWriteItems": 1}, 0, 8},
		{"patrons with activity", func(s *dynamo.Store) error { _, _, err := s.ActivePatrons(t.Context(), 0, "", 100); return err },
			map[string]int{"Query": 1}, 1, 0},
		{"expired holds", func(s *dynamo.Store) error { _, err := s.ExpiredShelf(t.Context(), "2027-01-01"); return err },
			map[string]int{"Query": 1}, 1, 0},
	})
}
