package dynamo_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// TestMovementIsRefusedWhole changes each part of a movement after it was read. The error says so, and nothing of the
// movement is written.
func TestMovementIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meddle func(m *fulfillment.Movement)
		want   error
	}{
		"account":           {func(m *fulfillment.Movement) { m.Accounts[0].Before.Version-- }, fulfillment.ErrChanged},
		"account, new":      {func(m *fulfillment.Movement) { m.Accounts[0].Before.Version = 0 }, fulfillment.ErrChanged},
		"custody":           {func(m *fulfillment.Movement) { m.Custody[0].Before.Version++ }, fulfillment.ErrChanged},
		"custody, lent":     {func(m *fulfillment.Movement) { m.Custody[0].Before.Version = 0 }, fulfillment.ErrChanged},
		"custody, removed":  {func(m *fulfillment.Movement) { m.Custody[1].Before.Version++ }, fulfillment.ErrChanged},
		"custody, at place": {func(m *fulfillment.Movement) { m.Custody[1].Before.Version = 0 }, fulfillment.ErrChanged},
		"loan":              {func(m *fulfillment.Movement) { m.Loans[0].Before.Version++ }, fulfillment.ErrChanged},
		"loan, new":         {func(m *fulfillment.Movement) { m.Loans[1].After.ID = loan(5, fulfillment.Item{}).ID }, fulfillment.ErrChanged},
		"request":           {func(m *fulfillment.Movement) { m.Requests[0].Before.Version++ }, fulfillment.ErrChanged},
		"queue":             {func(m *fulfillment.Movement) { m.Queues[0].Version-- }, fulfillment.ErrChanged},
		"fee":               {func(m *fulfillment.Movement) { m.Fees[0].Before.Version++ }, fulfillment.ErrChanged},
		"fee, new":          {func(m *fulfillment.Movement) { m.Fees[1].After.ID = fine(5, 0).ID }, fulfillment.ErrChanged},
		"patron":            {func(m *fulfillment.Movement) { m.Stays = []string{uid(1), uid(9), uid(1)} }, fulfillment.ErrPatronGone},
		"nothing":           {func(*fulfillment.Movement) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tables := dynamotest.Tables(t)
			s := dynamotest.Open(t, tables)
			m := everything(t, s)
			test.meddle(&m)
			before := lendingState(t, tables)
			_, err := s.Move(t.Context(), m)
			wantErr(t, err, test.want)
			if after := lendingState(t, tables); (after == before) != (test.want != nil) {
				t.Errorf("got %v, and from\n%s\nthere came\n%s", err, before, after)
			}
		})
	}
}

// everything is a movement of every kind: one item comes back and another one is lent, for which a request waited; a fee
// is charged and one is paid.
func everything(t *testing.T, s *dynamo.Store) fulfillment.Movement {
	t.Helper()
	p := create(t, s, person(1))
	back, out := volume(1, "991"), volume(2, "991")
	lend(t, s, p.UID, loan(5, volume(5, "991")))
	charge(t, s, p.UID, fulfillment.Fee{}, fine(5, 10))
	old := lend(t, s, p.UID, loan(1, back))
	owed := charge(t, s, p.UID, fulfillment.Fee{}, fine(3, 300))
	r, err := place(t, s, p.UID, hold(1, "991"))
	must(t, err)
	q, err := s.Queue(t.Context(), "991")
	must(t, err)
	account, err := s.Account(t.Context(), p.UID)
	must(t, err)
	lent, err := s.Custody(t.Context(), back.ID)
	must(t, err)
	waits := onShelf(p.UID, r.ID, out.ID, "2026-11-30")
	shelved, err := s.Move(t.Context(), fulfillment.Movement{Custody: []fulfillment.CustodyChange{{After: waits}}})
	must(t, err)
	next, ended := loan(2, out), r
	ended.End(noon, fulfillment.Code{}, "")
	after := account.Change(old, returned(old, noon)).Change(fulfillment.Loan{}, next)
	return fulfillment.Movement{
		Loans: []fulfillment.LoanChange{{UID: p.UID, Before: old, After: returned(old, noon)}, {UID: p.UID, After: next}},
		Accounts: []fulfillment.AccountChange{{UID: p.UID, Before: account,
			After: after.Owe(owed, paid(owed, 300)).Owe(fulfillment.Fee{}, fine(4, 20))}},
		Custody: []fulfillment.CustodyChange{{Before: shelved.Custody[0].After, After: onLoan(p.UID, next)},
			{Before: lent, After: fulfillment.Custody{ItemID: back.ID}}},
		Requests: []fulfillment.RequestChange{{UID: p.UID, Before: r, After: ended}},
		Queues:   []fulfillment.Queue{q.Without(r.ID)},
		Fees:     []fulfillment.FeeChange{{UID: p.UID, Before: owed, After: paid(owed, 300)}, {UID: p.UID, After: fine(4, 20)}},
		Stays:    []string{p.UID, p.UID},
		Once:     &fulfillment.Once{UID: p.UID, Key: "k1", Asked: "all", Results: []string{next.ID}},
	}
}

// lendingState is what loans and requests hold, as text.
func lendingState(t *testing.T, tables dynamo.Tables) string {
	t.Helper()
	client := dynamotest.Client(t)
	return listing(scan(t, client, tables.Loans)) + listing(scan(t, client, tables.Requests))
}

func TestMoveReturnsTheVersionsItLeft(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	m := everything(t, s)
	written, err := s.Move(t.Context(), m)
	must(t, err)
	id := m.Loans[0].UID
	custody, err := s.Custody(t.Context(), m.Custody[0].After.ItemID)
	must(t, err)
	account, err := s.Account(t.Context(), id)
	must(t, err)
	q, err := s.Queue(t.Context(), "991")
	must(t, err)
	active, err := s.Loan(t.Context(), id, m.Loans[1].After.ID)
	must(t, err)
	over, err := s.PastRequests(t.Context(), id)
	must(t, err)
	closed, err := s.ClosedFees(t.Context(), id)
	must(t, err)
	for name, pair := range map[string][2]any{
		"custody":          {custody, written.Custody[0].After},
		"item at place":    {fulfillment.Custody{ItemID: m.Custody[1].Before.ItemID}, written.Custody[1].After},
		"account":          {account, written.Accounts[0].After},
		"queue":            {len(q.Waiting) == 0 && q.Version == written.Queues[0].Version, true},
		"active loan":      {active, written.Loans[1].After},
		"past requests":    {over, []fulfillment.Request{written.Requests[0].After}},
		"closed fees":      {closed, []fulfillment.Fee{written.Fees[0].After}},
		"what was given":   {m.Loans[1].After.Version + m.Accounts[0].After.Version - m.Accounts[0].Before.Version, int64(0)},
		"loan and account": {written.Loans[0].After.Version, int64(2)},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: got %+v, want %+v", name, pair[0], pair[1])
		}
	}
}

func TestMovementOfWhatWasNeverRead(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	l, f, r := loan(1, volume(1, "991")), fine(1, 10), hold(1, "991")
	another := l
	another.ID, another.Version = "2", 1
	for name, m := range map[string]fulfillment.Movement{
		"loan without an id": {Loans: []fulfillment.LoanChange{{UID: uid(1)}}},
		"loan not read":      {Loans: []fulfillment.LoanChange{{UID: uid(1), Before: l, After: l}}},
		"another loan":       {Loans: []fulfillment.LoanChange{{UID: uid(1), Before: another, After: l}}},
		"request not read":   {Requests: []fulfillment.RequestChange{{UID: uid(1), Before: r, After: r}}},
		"fee not read":       {Fees: []fulfillment.FeeChange{{UID: uid(1), Before: f, After: f}}},
	} {
		if _, err := s.Move(t.Context(), m); err == nil || says(err) {
			t.Errorf("%s: got %v, want an error of its own", name, err)
		}
	}
	if used := rec.Take(); used.Attempts != 0 {
		t.Errorf("got calls %v, want none", used.Calls)
	}
}

func TestOneActiveLoanPerItem(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	const desks = 12
	for n := range desks {
		create(t, s, person(n))
	}
	var lent, refused atomic.Int32
	var done sync.WaitGroup
	for n := range desks {
		done.Go(func() {
			m, err := lending(t.Context(), s, uid(n), loan(n, volume(1, "991")))
			if err == nil {
				m.Custody[0].Before = fulfillment.Custody{ItemID: volume(1, "").ID} // as all of them read it
				_, err = s.Move(t.Context(), m)
			}
			switch {
			case err == nil:
				lent.Add(1)
			case errors.Is(err, fulfillment.ErrChanged):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	done.Wait()
	if lent.Load() != 1 || refused.Load() != desks-1 {
		t.Errorf("%d desks lent the item, and %d were refused; want 1 and %d", lent.Load(), refused.Load(), desks-1)
	}
}

// TestCustodyIsNotTakenForALaterOne brings an item home with a custody that was read before it was lent.
func TestCustodyIsNotTakenForALaterOne(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	home := fulfillment.Custody{ItemID: volume(1, "").ID, State: fulfillment.InTransit}
	travels, err := s.Move(t.Context(), fulfillment.Movement{Custody: []fulfillment.CustodyChange{{After: home}}})
	must(t, err)
	arrival := fulfillment.Movement{Custody: []fulfillment.CustodyChange{{Before: travels.Custody[0].After}}}
	for range 2 { // the second desk finds it done
		_, err = s.Move(t.Context(), arrival)
		must(t, err)
	}
	lend(t, s, p.UID, loan(1, volume(1, "991")))
	_, err = s.Move(t.Context(), arrival)
	wantErr(t, err, fulfillment.ErrChanged)
	if c, err := s.Custody(t.Context(), volume(1, "").ID); err != nil || c.State != fulfillment.OnLoan {
		t.Errorf("got %+v, %v; want it on loan", c, err)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	create(t, s, person(1))
	create(t, s, person(2))
	pay := func(uid, key string, n int) error {
		m, err := charging(t.Context(), s, uid, fulfillment.Fee{}, fine(n, 10))
		must(t, err)
		m.Once = &fulfillment.Once{UID: uid, Key: key, Asked: fmt.Sprint("fee ", n), Results: []string{fine(n, 0).ID, "x"}}
		_, err = s.Move(t.Context(), m)
		return err
	}
	must(t, pay(uid(1), "k1", 1))
	must(t, pay(uid(1), "k2", 2))
	must(t, pay(uid(2), "k1", 1))
	var before *fulfillment.DoneBeforeError
	want := fulfillment.Once{UID: uid(1), Key: "k1", Asked: "fee 1", Results: []string{fine(1, 0).ID, "x"}}
	if err := pay(uid(1), "k1", 3); !errors.As(err, &before) || !reflect.DeepEqual(before.Once, want) {
		t.Errorf("got %v, %+v; want %+v", err, before, want)
	}
	if got, ok, err := s.Done(t.Context(), uid(1), "k1"); err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v; want %+v", got, ok, err, want)
	}
	if err := pay(uid(1), "", 3); err == nil || errors.As(err, &before) && before.Key == "" {
		t.Errorf("an empty key: got %v, want an error", err)
	}
	if open, err := s.OpenFees(t.Context(), uid(1)); err != nil || len(open) != 2 {
		t.Errorf("got %d fees, %v; want 2", len(open), err)
	}
	c.move(31 * 24 * time.Hour)
	for _, key := range []string{"k1", "", "nothing"} {
		if got, ok, err := s.Done(t.Context(), uid(1), key); err != nil || ok {
			t.Errorf("with key %q: got %+v, %v; want nothing", key, got, err)
		}
	}
	must(t, pay(uid(1), "k1", 4))
}

// TestOneOfManyWithAKey makes the same call many times at once.
func TestOneOfManyWithAKey(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	create(t, s, person(1))
	var first, later atomic.Int32
	var done sync.WaitGroup
	for n := range 10 {
		done.Go(func() {
			for {
				m, err := lending(t.Context(), s, uid(1), loan(n, volume(n, "")))
				if err == nil {
					m.Once = &fulfillment.Once{UID: uid(1), Key: "scan", Results: []string{loan(n, fulfillment.Item{}).ID}}
					_, err = s.Move(t.Context(), m)
				}
				var before *fulfillment.DoneBeforeError
				switch {
				case errors.Is(err, fulfillment.ErrChanged):
					continue
				case errors.As(err, &before):
					later.Add(1)
				case err == nil:
					first.Add(1)
				default:
					t.Error(err)
				}
				return
			}
		})
	}
	done.Wait()
	if a, err := s.Account(t.Context(), uid(1)); err != nil || a.Loans != 1 || first.Load() != 1 || later.Load() != 9 {
		t.Errorf("got %d loans, %v, by %d calls, and %d that came later; want 1, 1 and 9", a.Loans, err, first.Load(), later.Load())
	}
}

func TestMovementThatIsTooLarge(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	var m fulfillment.Movement
	for n := range 101 {
		m.Fees = append(m.Fees, fulfillment.FeeChange{UID: uid(1), After: fine(n, 10)})
	}
	if _, err := s.Move(t.Context(), m); err == nil || !strings.Contains(err.Error(), "101 writes at once, and one transaction takes 100") {
		t.Errorf("got %v, want an error about 101 writes", err)
	}
	if _, err := s.Move(t.Context(), fulfillment.Movement{}); err != nil || rec.Take().Attempts != 0 {
		t.Errorf("a movement of nothing: got %v; want no call, here and before", err)
	}
	m.Fees = m.Fees[:100]
	_, err := s.Move(t.Context(), m)
	must(t, err)
}

func TestNothingIsLentToAPatronWhoGoes(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	marked, err := s.MarkDeleting(t.Context(), p)
	must(t, err)
	m, err := lending(t.Context(), s, p.UID, loan(1, volume(1, "991")))
	must(t, err)
	_, err = s.Move(t.Context(), m)
	wantErr(t, err, fulfillment.ErrPatronGone)
	must(t, s.DeletePatron(t.Context(), marked))
	_, err = s.Move(t.Context(), m)
	wantErr(t, err, fulfillment.ErrPatronGone)
	if c, err := s.Custody(t.Context(), volume(1, "").ID); err != nil || c.State != fulfillment.AtPlace {
		t.Errorf("got %+v, %v; want it at its place", c, err)
	}
}

// TestWorkIsKnownWithoutTokens loses the first answer of each kind of movement, where DynamoDB does not remember the
// transaction: what was left by it tells.
func TestWorkIsKnownWithoutTokens(t *testing.T) {
	t.Parallel()
	for name, prepare := range movings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tables := dynamotest.Tables(t)
			write, made := prepare(t, dynamotest.Open(t, tables))
			lost := slices.Repeat([]dynamotest.Fault{dynamotest.LostAnswer}, 2)
			must(t, write(t.Context(), dynamotest.Open(t, tables, append(failing(lost...), dynamotest.WithoutTokens())...)))
			if n := made(); n != 1 {
				t.Errorf("got %d movements, want 1", n)
			}
		})
	}
}
