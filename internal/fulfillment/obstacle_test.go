package fulfillment

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// reasoned is an obstacle as another language needs it.
type reasoned struct {
	kind   ObstacleKind
	reason string
	facts  []any
}

// reasonedBy is what stands in the way. None is without a reason, which begins with its kind, or without words.
func reasonedBy(t *testing.T, err error) (all []reasoned) {
	t.Helper()
	var refused *ObstaclesError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want obstacles", err)
	}
	for _, o := range refused.Obstacles {
		if !strings.HasPrefix(o.Reason, string(o.Kind)) || o.Words == "" {
			t.Errorf("an obstacle has no reason: %+v", o)
		}
		all = append(all, reasoned{o.Kind, o.Reason, o.Facts})
	}
	return all
}

func TestReasonsNotToLend(t *testing.T) {
	overdue := noon.Add(-time.Hour).Unix() / 60
	custody := func(state CustodyState, uid, request string) func(*CheckOut) {
		return func(c *CheckOut) { c.Custody.State, c.Custody.UID, c.Custody.RequestID = state, uid, request }
	}
	status := func(s ItemStatus) func(*CheckOut) { return func(c *CheckOut) { c.Item.Status = s } }
	for _, tt := range []struct {
		change func(*CheckOut)
		want   []reasoned
	}{
		{status(ItemMissing), []reasoned{{NotLoanable, CatalogueMissing, nil}}},
		{status(ItemLost), []reasoned{{NotLoanable, CatalogueLost, nil}}},
		{status(ItemInProcess), []reasoned{{NotLoanable, CatalogueInProcess, nil}}},
		{status(ItemOnOrder), []reasoned{{NotLoanable, CatalogueOnOrder, nil}}},
		{status(ItemNotInPlace), []reasoned{{NotLoanable, CatalogueNotInPlace, nil}}},
		{func(c *CheckOut) { c.Rules = house{policy: Policy{Name: "REFERENCE", NotLoanable: true}} }, []reasoned{{NotLoanable, PolicyLendsNot, []any{"REFERENCE"}}}},
		{custody(OnLoan, "thomas", ""), []reasoned{{ItemOnLoan, OnLoanToPatron, nil}}},
		{custody(OnLoan, "ada", ""), []reasoned{{ItemOnLoan, OnLoanToAnother, nil}}},
		{custody(OnShelf, "ada", "of ada"), []reasoned{{ItemHeld, HeldOnShelf, nil}}},
		{custody(InTransit, "ada", "of ada"), []reasoned{{ItemHeld, HeldOnItsWay, nil}}},
		{func(c *CheckOut) { c.Queue = queueOf("ada") }, []reasoned{{ItemRequested, RequestedBefore, nil}}},
		{func(c *CheckOut) {
			c.Rules = house{policy: rules.policy, limits: Limits{Loans: 2, Overdue: 1, Fees: 100}}
			c.Account = Account{Loans: 3, Dues: []int64{overdue, overdue}, Balance: 101, Fees: 1}
		}, []reasoned{
			{LoanLimit, TooManyLoans, []any{3, 2}}, {OverdueLimit, TooManyOverdue, []any{2, 1}},
			{FeeLimit, OwesTooMuch, []any{Money(101), Money(100)}},
		}},
	} {
		c := checkOut()
		tt.change(&c)
		_, _, err := c.Do()
		if got := reasonedBy(t, err); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
	}
}

func TestReasonsNotToRenew(t *testing.T) {
	l, a := lent(0)
	renewal := Renewal{Borrower: thomas, Account: a, Loan: l, Queue: queueOf("ada"), Rules: rules, By: "desk", Now: noon}
	_, _, err := renewal.Do()
	if got, want := reasonedBy(t, err), []reasoned{{ItemRequested, RequestedByAnother, nil}}; !reflect.DeepEqual(got, want) {
		t.Errorf("requested: got %+v", got)
	}
	renewal.Queue, renewal.Loan.Renewals = Queue{}, 2
	_, _, err = renewal.Do()
	if got, want := reasonedBy(t, err), []reasoned{{NoRenewals, NotRenewedAgain, nil}}; !reflect.DeepEqual(got, want) {
		t.Errorf("renewed too often: got %+v", got)
	}
	renewal.Loan.Process = Lost
	_, _, err = renewal.Do()
	if got, want := reasonedBy(t, err), []reasoned{{LoanLost, LostOrClaimed, nil}}; !reflect.DeepEqual(got, want) {
		t.Errorf("lost: got %+v", got)
	}
}
