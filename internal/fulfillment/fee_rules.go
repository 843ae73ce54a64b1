package fulfillment

import (
	"errors"
	"slices"
	"strconv"
	"time"
)

// ErrAmount says that an amount that is to be charged, paid or waived is not more than zero.
var ErrAmount = errors.New("the amount is not more than zero")

// OverBalanceError says that more would be paid or waived than is owed.
type OverBalanceError struct{ Balance Money }

func (e *OverBalanceError) Error() string { return "the amount is more than is owed" }

// FeeStatusError says that what was wanted cannot happen to a fee in that state.
type FeeStatusError struct {
	Status FeeStatus
	Wanted TransactionType
}

func (e *FeeStatusError) Error() string {
	return "a fee that is " + string(e.Status) + " takes no " + string(e.Wanted)
}

// Charge is the fee as a new one, with an id of its own: all of it is owed from then on.
func (f Fee) Charge(at time.Time, by string) (Fee, error) {
	if f.Original <= 0 {
		return f, ErrAmount
	}
	f.ID, f.Version, f.Transactions = NewID(at), 0, nil
	f.Status, f.Created, f.CreatedBy, f.StatusTime = FeeActive, at, by, at
	return f, nil
}

// Pay is the fee after a payment of t.Amount, which is no more than what is owed; with that it is closed. A fee in
// dispute is not paid until it is restored. t says all of the transaction but its id and type.
func (f Fee) Pay(t Transaction) (Fee, error) {
	if f.Status != FeeActive {
		return f, &FeeStatusError{f.Status, Payment}
	}
	return f.take(Payment, t)
}

// Waive is the fee after the library gave up t.Amount of it, also where it is in dispute, which ends with the last of
// it. Else it is as [Fee.Pay].
func (f Fee) Waive(t Transaction) (Fee, error) {
	if f.Status == FeeClosed {
		return f, &FeeStatusError{f.Status, Waiver}
	}
	return f.take(Waiver, t)
}

// Dispute is the fee after the patron said not to owe it. It goes on being owed, and counts for limits.
func (f Fee) Dispute(t Transaction) (Fee, error) {
	if f.Status != FeeActive {
		return f, &FeeStatusError{f.Status, Dispute}
	}
	t.Amount = 0
	return f.next(Dispute, t), nil
}

// Restore is the fee after its dispute was settled against the patron.
func (f Fee) Restore(t Transaction) (Fee, error) {
	if f.Status != FeeInDispute {
		return f, &FeeStatusError{f.Status, Restore}
	}
	t.Amount = 0
	return f.next(Restore, t), nil
}

func (f Fee) take(kind TransactionType, t Transaction) (Fee, error) {
	if t.Amount <= 0 {
		return f, ErrAmount
	}
	if left := f.Balance(); t.Amount > left {
		return f, &OverBalanceError{left}
	}
	return f.next(kind, t), nil
}

// next is the fee with one more transaction, whose id is unique over the institution as the fee's is.
func (f Fee) next(kind TransactionType, t Transaction) Fee {
	t.ID, t.Type = f.ID+"-"+strconv.Itoa(len(f.Transactions)+1), kind
	return f.with(t)
}

// with is the fee with a transaction at the end of its ledger, and in the state that follows from it.
func (f Fee) with(t Transaction) Fee {
	f.Transactions = append(slices.Clip(f.Transactions), t)
	switch {
	case t.Type == Dispute:
		f.Status = FeeInDispute
	case t.Type == Restore:
		f.Status = FeeActive
	case f.Balance() == 0:
		f.Status = FeeClosed
	default:
		return f
	}
	f.StatusTime = t.At
	return f
}

// AsOf is the fee as it was after that transaction, or with "" when it was charged: the ledger tells its whole life.
// ok is false when there is no such transaction.
func (f Fee) AsOf(transactionID string) (then Fee, ok bool) {
	then = f
	then.Transactions, then.Status, then.StatusTime = nil, FeeActive, f.Created
	if transactionID == "" {
		return then, true
	}
	for _, t := range f.Transactions {
		if then = then.with(t); t.ID == transactionID {
			return then, true
		}
	}
	return f, false
}

// Payable is what of the fees can be paid at the moment: the balances of the active ones.
func Payable(fees []Fee) Money {
	var sum Money
	for _, f := range fees {
		if f.Status == FeeActive {
			sum += f.Balance()
		}
	}
	return sum
}

// PayOldest pays t.Amount on the active ones of the fees, in their order and on at most so many of them. It returns
// those it pays on as they were and as they are then, and what of the amount they leave.
func PayOldest(fees []Fee, t Transaction, most int) (before, after []Fee, left Money) {
	left = t.Amount
	for _, f := range fees {
		if left <= 0 || len(after) == most {
			break
		}
		t.Amount = min(left, f.Balance())
		paid, err := f.Pay(t)
		if err != nil { // it is in dispute
			continue
		}
		before, after, left = append(before, f), append(after, paid), left-t.Amount
	}
	return before, after, left
}

// MoveFees is the movement in which fees of a patron become others, one by one, and the account with them. A zero Fee
// before stands for a new one.
func MoveFees(uid string, account Account, before, after []Fee) Movement {
	then, changes := account, make([]FeeChange, len(after))
	for i := range after {
		changes[i] = FeeChange{UID: uid, Before: before[i], After: after[i]}
		then = then.Owe(before[i], after[i])
	}
	return Movement{Fees: changes, Accounts: []AccountChange{{UID: uid, Before: account, After: then}}}
}
