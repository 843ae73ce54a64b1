package fulfillment

import (
	"errors"
	"time"
)

// Errors of changing a loan. Nothing was written.
var (
	ErrDueInPast = errors.New("the due date is in the past")
	// ErrReturned says that the loan is over.
	ErrReturned = errors.New("the item was returned")
	// ErrSameProcess says that the loan has that status already.
	ErrSameProcess = errors.New("the loan has that status already")
)

// LoanEdit is a loan that staff change by hand, as it was read.
type LoanEdit struct {
	UID     string
	Loan    Loan
	Account Account
	Fees    []Fee // that were charged when the item was declared lost
	Rules   Rules
	By      string
	Now     time.Time
}

// Due is the loan with another due date, in whole minutes. Of a loan that is overdue the fine so far is charged: who is not
// to pay it has it waived, which is recorded.
func (e LoanEdit) Due(due time.Time) (Loan, Movement, error) {
	if !e.Loan.Active() {
		return Loan{}, Movement{}, ErrReturned
	}
	if !due.After(e.Now) {
		return Loan{}, Movement{}, ErrDueInPast
	}
	after := e.Loan
	after.Due = due.Add(time.Minute - 1).Truncate(time.Minute)
	after, m := e.anew(after)
	return after, m, nil
}

// anew is the loan with another due date, and the movement that charges the fine so far.
func (e LoanEdit) anew(after Loan) (Loan, Movement) {
	fine, owed := e.Loan.fine(e.Now, e.Rules.Calendar(e.Loan.Library.Value), e.Now, e.By)
	if !owed {
		return after, e.movement(after, nil)
	}
	after.Fined += fine.Original
	return after, e.movement(after, []FeeChange{{UID: e.UID, After: fine}})
}

// Lost is the loan of an item that is declared lost: what its terms ask for that is charged.
func (e LoanEdit) Lost() (Loan, Movement, error) {
	after, err := e.become(Lost)
	if err != nil {
		return Loan{}, Movement{}, err
	}
	var fees []FeeChange
	charge := func(kind FeeType, amount Money) {
		if amount > 0 {
			fee := e.Loan.fee(kind, amount, e.Now, e.By)
			fees = append(fees, FeeChange{UID: e.UID, After: fee})
			after.LostFees = append(after.LostFees, fee.ID)
		}
	}
	after.LostFees = nil
	charge(LostReplacement, e.Loan.Terms.Lost.Replacement)
	charge(LostProcessing, e.Loan.Terms.Lost.Processing)
	return after, e.movement(after, fees), nil
}

// ClaimedReturned is the loan of an item that the patron says to have returned.
func (e LoanEdit) ClaimedReturned() (Loan, Movement, error) {
	after, err := e.become(ClaimedReturned)
	if err != nil {
		return Loan{}, Movement{}, err
	}
	return after, e.movement(after, found(e.UID, e.Fees, e.By, e.Now)), nil
}

// Found is the loan of an item that is neither lost nor returned after all.
func (e LoanEdit) Found() (Loan, Movement, error) {
	after, err := e.become(Normal)
	if err != nil {
		return Loan{}, Movement{}, err
	}
	after.LostFees = nil
	return after, e.movement(after, found(e.UID, e.Fees, e.By, e.Now)), nil
}

// become is the loan with another process status.
func (e LoanEdit) become(p Process) (Loan, error) {
	after := e.Loan
	switch {
	case !after.Active():
		return Loan{}, ErrReturned
	case after.Process == p, p == Normal && after.InHand():
		return Loan{}, ErrSameProcess
	}
	after.Process, after.ProcessAt = p, e.Now
	if p == Normal {
		after.FineUntil = time.Time{}
	} else if after.FineUntil.IsZero() {
		after.FineUntil = e.Now
	}
	return after, nil
}

// Recalled is the loan as it is shortened because somebody else asked for the item; ok is false when its terms do not
// allow that.
func (e LoanEdit) Recalled(cal Calendar) (after Loan, m Movement, ok bool) {
	due, shortened := e.Loan.Terms.Recall.Due(e.Loan, e.Now, cal)
	if !shortened || !e.Loan.InHand() || e.Loan.Process == Recalled {
		return Loan{}, Movement{}, false
	}
	after = e.Loan
	after.Due, after.Process, after.ProcessAt = due, Recalled, e.Now
	return after, e.movement(after, nil), true
}

// movement is the loan with its account and fees.
func (e LoanEdit) movement(after Loan, fees []FeeChange) Movement {
	account := e.Account.Change(e.Loan, after)
	for _, f := range fees {
		account = account.Owe(f.Before, f.After)
	}
	return Movement{
		Loans:    []LoanChange{{UID: e.UID, Before: e.Loan, After: after}},
		Accounts: []AccountChange{{UID: e.UID, Before: e.Account, After: account}},
		Fees:     fees,
	}
}

// LostItemFound is why what was owed for the replacement of a lost item is waived.
var LostItemFound = Code{Value: "ITEM_FOUND", Desc: "The item was found"}

// found waives what is still owed for the replacement of an item that is there after all. What was paid for it is paid
// back by hand, or not, as the library's rules are.
func found(uid string, fees []Fee, by string, at time.Time) []FeeChange {
	var changes []FeeChange
	for _, f := range fees {
		if f.Type != LostReplacement || f.Owed() <= 0 {
			continue
		}
		waived, err := f.Waive(Transaction{Amount: f.Balance(), Reason: LostItemFound, By: by, At: at})
		if err == nil {
			changes = append(changes, FeeChange{UID: uid, Before: f, After: waived})
		}
	}
	return changes
}
