package dynamo_test

import (
	"reflect"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

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

	for _, test := range []struct {
		name          string
		do            func(*dynamo.Store) error
		calls         map[string]int
		reads, writes float64 // at most
	}{
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
		{"how many loans", func(s *dynamo.Store) error { _, err := s.CountLoans(t.Context(), p.UID); return err },
			map[string]int{"Query": 1}, 1, 0},
		{"an active request", func(s *dynamo.Store) error { _, err := s.Request(t.Context(), p.UID, placed[0].ID); return err },
			map[string]int{"GetItem": 1}, 1, 0},
		{"queues of two titles", func(s *dynamo.Store) error { _, err := s.Queues(t.Context(), []string{"991", "992"}); return err },
			map[string]int{"BatchGetItem": 1}, 2, 0},
		{"place a request", func(s *dynamo.Store) error {
			_, err := s.PlaceRequest(t.Context(), p.UID, hold(9, "992"), fulfillment.Queue{MMSID: "992"})
			return err
		}, map[string]int{"TransactWriteItems": 1}, 2, 12},
		{"end a request", func(s *dynamo.Store) error {
			ended := placed[1]
			ended.Ended = noon
			return s.EndRequest(t.Context(), p.UID, ended, queue)
		}, map[string]int{"TransactWriteItems": 1}, 0, 6},
		{"change a request", func(s *dynamo.Store) error {
			_, err := s.ReplaceRequest(t.Context(), p.UID, placed[0], placed[0])
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
			_, err := s.CancelRequest(t.Context(), p.UID, ended, fulfillment.Queue{MMSID: "991", Version: 6}, "cancelled", report(noon))
			return err
		}, map[string]int{"TransactWriteItems": 1}, 0, 10},
		{"an item that did not change", func(s *dynamo.Store) error { _, _, err := s.SaveItem(t.Context(), volume(1, "991")); return err },
			map[string]int{"GetItem": 1}, 1, 0},
	} {
		rec.Take()
		if err := test.do(s); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		used := rec.Take()
		if !reflect.DeepEqual(used.Calls, test.calls) {
			t.Errorf("%s: got calls %v, want %v", test.name, used.Calls, test.calls)
		}
		if dynamotest.Embedded() && (used.Reads > test.reads || used.Writes > test.writes) {
			t.Errorf("%s: got %v read and %v write units, want at most %v and %v", test.name, used.Reads, used.Writes, test.reads, test.writes)
		}
		t.Logf("%-32s %v, %v read and %v write units", test.name, used.Calls, used.Reads, used.Writes)
	}
}
