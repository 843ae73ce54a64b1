package dynamo_test

import (
	"context"
	"slices"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
)

// moving is the writing of a movement; made reports how often it was made.
func moving(m fulfillment.Movement, made func() int64) (func(context.Context, *dynamo.Store) error, func() int64) {
	return func(ctx context.Context, f *dynamo.Store) error { _, err := f.Move(ctx, m); return err }, made
}

// movings are movements of every kind.
var movings = map[string]writing{
	"Move check-out": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		m, err := lending(t.Context(), s, p.UID, loan(1, volume(1, "991")))
		must(t, err)
		return moving(m, func() int64 { return balanced(t, s, p.UID).Version })
	},
	"Move check-out with a key": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		lend(t, s, p.UID, loan(1, volume(1, "991")))
		m, err := lending(t.Context(), s, p.UID, loan(2, volume(2, "991")))
		must(t, err)
		m.Once = &fulfillment.Once{UID: p.UID, Key: "k"}
		return moving(m, func() int64 { return balanced(t, s, p.UID).Version - 1 })
	},
	"Move renewal": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		l := lend(t, s, p.UID, loan(1, volume(1, "991")))
		after := l
		after.Renewals, after.Due = 1, l.Due.AddDate(0, 0, 7)
		m, err := changing(t.Context(), s, p.UID, l, after)
		must(t, err)
		return moving(m, func() int64 {
			l, err := s.Loan(t.Context(), p.UID, l.ID)
			must(t, err)
			if l.Version != balanced(t, s, p.UID).Version {
				t.Errorf("got %+v", l)
			}
			return l.Version - 1
		})
	},
	"Move return": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		l := lend(t, s, p.UID, loan(1, volume(1, "991")))
		m, err := changing(t.Context(), s, p.UID, l, returned(l, noon))
		must(t, err)
		return moving(m, func() int64 { return balanced(t, s, p.UID).Version - 1 })
	},
	"Move payment": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		f := charge(t, s, p.UID, fulfillment.Fee{}, fine(1, 300))
		m, err := charging(t.Context(), s, p.UID, f, paid(f, 300))
		must(t, err)
		return moving(m, func() int64 { return balanced(t, s, p.UID).Version - 1 })
	},
	"Move of a fee alone": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		f := charge(t, s, p.UID, fulfillment.Fee{}, fine(1, 300))
		after := f
		after.Status = fulfillment.FeeInDispute
		return moving(fulfillment.Movement{Fees: []fulfillment.FeeChange{{UID: p.UID, Before: f, After: after}}}, func() int64 {
			f, err := s.Fee(t.Context(), p.UID, f.ID)
			must(t, err)
			return f.Version - 1
		})
	},
	"Move to the hold shelf": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		r, err := place(t, s, p.UID, hold(1, "991"))
		must(t, err)
		after := r
		after.Status = fulfillment.OnHoldShelf
		return moving(fulfillment.Movement{
			Requests: []fulfillment.RequestChange{{UID: p.UID, Before: r, After: after}},
			Queues:   []fulfillment.Queue{{MMSID: "991", Version: 1}},
			Custody:  []fulfillment.CustodyChange{{After: onShelf(p.UID, r.ID, volume(1, "").ID, "2026-11-30")}},
		}, func() int64 {
			q, err := s.Queue(t.Context(), "991")
			must(t, err)
			c, err := s.Custody(t.Context(), volume(1, "").ID)
			if err != nil || (c.Version != 0) != (len(q.Waiting) == 0) {
				t.Errorf("got %+v, %v and queue %+v", c, err, q)
			}
			return q.Version - 1
		})
	},
	"Move home": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		travels := fulfillment.Custody{ItemID: volume(1, "").ID, State: fulfillment.InTransit}
		before, err := s.Move(t.Context(), fulfillment.Movement{Custody: []fulfillment.CustodyChange{{After: travels}}})
		must(t, err)
		return moving(fulfillment.Movement{Custody: []fulfillment.CustodyChange{{Before: before.Custody[0].After}}}, func() int64 {
			c, err := s.Custody(t.Context(), volume(1, "").ID)
			if must(t, err); c.State == fulfillment.AtPlace {
				return 1
			}
			return 0
		})
	},
}

// balanced is the patron's account, which agrees with the loans, the fees and the custody of the items.
func balanced(t *testing.T, s *dynamo.Store, uid string) fulfillment.Account {
	t.Helper()
	account, err := s.Account(t.Context(), uid)
	must(t, err)
	loans, err := s.ActiveLoans(t.Context(), uid)
	must(t, err)
	fees, err := s.OpenFees(t.Context(), uid)
	must(t, err)
	want := fulfillment.Account{Version: account.Version}
	for _, l := range loans {
		want = want.Change(fulfillment.Loan{}, l)
		c, err := s.Custody(t.Context(), l.ItemID)
		if err != nil || c.State != fulfillment.OnLoan || c.LoanID != l.ID || c.UID != uid {
			t.Errorf("the item of loan %s is %+v, %v", l.ID, c, err)
		}
	}
	for _, f := range fees {
		want = want.Owe(fulfillment.Fee{}, f)
	}
	if account.Loans != want.Loans || account.Balance != want.Balance || account.Fees != want.Fees || !slices.Equal(account.Dues, want.Dues) {
		t.Errorf("the account of %s is %+v, and %d loans and %d fees make %+v", uid, account, len(loans), len(fees), want)
	}
	return account
}
