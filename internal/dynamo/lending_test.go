package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
)

// loan is the nth loan, of usual size, of an item; it is due n hours after noon of the next day.
func loan(n int, it fulfillment.Item) fulfillment.Loan {
	return fulfillment.Loan{
		ID: fmt.Sprintf("%016d", n), ItemID: it.ID, Barcode: it.Barcode, MMSID: it.MMSID, Title: it.Title, Author: "Bell, C.",
		Library: it.Library, CallNumber: "PR 123 .B4", Process: fulfillment.Normal, Lent: noon, LentBy: "key:desk",
		Desk: fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN"}, Desk: fulfillment.Code{Value: "DESK1"}},
		Due:  noon.Add(time.Duration(24+n) * time.Hour),
		Terms: fulfillment.Terms{Policy: "standard", Fine: fulfillment.FineRule{PerDay: 20, Cap: 1000},
			Lost: fulfillment.LostRule{Replacement: 2500, Processing: 500}},
	}
}

// fine is the nth fee.
func fine(n int, amount fulfillment.Money) fulfillment.Fee {
	return fulfillment.Fee{
		ID: fmt.Sprintf("%016d", n), Type: fulfillment.OverdueFine, Status: fulfillment.FeeActive, Original: amount,
		Created: noon, CreatedBy: "key:desk", StatusTime: noon, Owner: fulfillment.Code{Value: "MAIN"}, Title: "The quiet room",
	}
}

// paid is the fee after a payment.
func paid(f fulfillment.Fee, amount fulfillment.Money) fulfillment.Fee {
	f.Transactions = append(f.Transactions[:len(f.Transactions):len(f.Transactions)],
		fulfillment.Transaction{ID: fmt.Sprint(len(f.Transactions) + 1), Type: fulfillment.Payment, Amount: amount, Method: "CASH", By: "key:desk", At: noon})
	if f.Balance() == 0 {
		f.Status = fulfillment.FeeClosed
	}
	return f
}

// returned is the loan as it ended.
func returned(l fulfillment.Loan, at time.Time) fulfillment.Loan {
	l.Returned, l.ReturnedAt, l.ReturnedBy = at, l.Desk, "key:desk"
	return l
}

// onLoan is the custody of a lent item.
func onLoan(uid string, l fulfillment.Loan) fulfillment.Custody {
	return fulfillment.Custody{ItemID: l.ItemID, State: fulfillment.OnLoan, UID: uid, LoanID: l.ID}
}

// onShelf is the custody of an item that waits for the request.
func onShelf(uid, requestID, itemID, until string) fulfillment.Custody {
	return fulfillment.Custody{ItemID: itemID, State: fulfillment.OnShelf, UID: uid, RequestID: requestID, Until: until,
		At: fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN"}}}
}

// lending is the movement in which a patron borrows an item, as its account and custody are now.
func lending(ctx context.Context, s *dynamo.Store, uid string, l fulfillment.Loan) (fulfillment.Movement, error) {
	account, err := s.Account(ctx, uid)
	if err != nil {
		return fulfillment.Movement{}, err
	}
	custody, err := s.Custody(ctx, l.ItemID)
	return fulfillment.Movement{
		Loans:    []fulfillment.LoanChange{{UID: uid, After: l}},
		Accounts: []fulfillment.AccountChange{{UID: uid, Before: account, After: account.Change(fulfillment.Loan{}, l)}},
		Custody:  []fulfillment.CustodyChange{{Before: custody, After: onLoan(uid, l)}},
		Stays:    []string{uid},
	}, err
}

// changing is the movement in which a loan becomes another one, as the account and the item's custody are now.
func changing(ctx context.Context, s *dynamo.Store, uid string, before, after fulfillment.Loan) (fulfillment.Movement, error) {
	account, err := s.Account(ctx, uid)
	if err != nil {
		return fulfillment.Movement{}, err
	}
	m := fulfillment.Movement{
		Loans:    []fulfillment.LoanChange{{UID: uid, Before: before, After: after}},
		Accounts: []fulfillment.AccountChange{{UID: uid, Before: account, After: account.Change(before, after)}},
	}
	if after.Active() {
		return m, nil
	}
	custody, err := s.Custody(ctx, before.ItemID)
	m.Custody = []fulfillment.CustodyChange{{Before: custody, After: fulfillment.Custody{ItemID: before.ItemID}}}
	return m, err
}

// charging is the movement in which a fee becomes another one, as the account is now; before may be none.
func charging(ctx context.Context, s *dynamo.Store, uid string, before, after fulfillment.Fee) (fulfillment.Movement, error) {
	account, err := s.Account(ctx, uid)
	return fulfillment.Movement{
		Fees:     []fulfillment.FeeChange{{UID: uid, Before: before, After: after}},
		Accounts: []fulfillment.AccountChange{{UID: uid, Before: account, After: account.Owe(before, after)}},
		Stays:    []string{uid},
	}, err
}

// moved writes a movement, made again each time somebody else was faster.
func moved(t testing.TB, s *dynamo.Store, m func() (fulfillment.Movement, error)) fulfillment.Movement {
	t.Helper()
	for {
		next, err := m()
		must(t, err)
		written, err := s.Move(t.Context(), next)
		if !errors.Is(err, fulfillment.ErrChanged) {
			must(t, err)
			return written
		}
		time.Sleep(rand.N(5 * time.Millisecond))
	}
}

func lend(t testing.TB, s *dynamo.Store, uid string, l fulfillment.Loan) fulfillment.Loan {
	t.Helper()
	return moved(t, s, func() (fulfillment.Movement, error) { return lending(t.Context(), s, uid, l) }).Loans[0].After
}

func change(t testing.TB, s *dynamo.Store, uid string, before, after fulfillment.Loan) fulfillment.Loan {
	t.Helper()
	return moved(t, s, func() (fulfillment.Movement, error) { return changing(t.Context(), s, uid, before, after) }).Loans[0].After
}

func charge(t testing.TB, s *dynamo.Store, uid string, before, after fulfillment.Fee) fulfillment.Fee {
	t.Helper()
	return moved(t, s, func() (fulfillment.Movement, error) { return charging(t.Context(), s, uid, before, after) }).Fees[0].After
}

// shelve puts a waiting request's item on the hold shelf; it leaves the queue.
func shelve(t testing.TB, s *dynamo.Store, uid string, r fulfillment.Request, it fulfillment.Item, until string) fulfillment.Request {
	t.Helper()
	q, err := s.Queue(t.Context(), r.MMSID)
	must(t, err)
	after := r
	after.Status, after.ExpiryDate = fulfillment.OnHoldShelf, until
	written, err := s.Move(t.Context(), fulfillment.Movement{
		Requests: []fulfillment.RequestChange{{UID: uid, Before: r, After: after}},
		Queues:   []fulfillment.Queue{q.Without(r.ID)},
		Custody:  []fulfillment.CustodyChange{{Before: fulfillment.Custody{ItemID: it.ID}, After: onShelf(uid, r.ID, it.ID, until)}},
	})
	must(t, err)
	return written.Requests[0].After
}

func save(t testing.TB, s *dynamo.Store, items ...fulfillment.Item) {
	t.Helper()
	for _, it := range items {
		_, _, err := s.SaveItem(t.Context(), it)
		must(t, err)
	}
}
