package fulfillment

import (
	"slices"
	"time"
)

// Account is what a patron has borrowed and owes, in the figures every check-out looks at. It is written in the same
// transaction as each loan and fee it counts, so it always agrees with them. The zero value is that of a patron who
// never borrowed.
type Account struct {
	// Version counts the writes of the account from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	Loans int `json:"loans"` // active ones, lost ones included
	// Dues are when the loans in hand are due, in minutes since 1970, in order.
	Dues    []int64 `json:"dues,omitempty"`
	Balance Money   `json:"balance"`        // of the fees that are active or in dispute
	Fees    int     `json:"fees,omitempty"` // how many these are
}

// Overdue is how many loans are overdue at now.
func (a Account) Overdue(now time.Time) int {
	i, _ := slices.BinarySearch(a.Dues, minutes(now))
	return i
}

// Change is the account after a loan that was before is after. A zero Loan stands for none.
func (a Account) Change(before, after Loan) Account {
	a.Dues = slices.Clone(a.Dues)
	if before.counts() {
		a.Loans--
	}
	if after.counts() {
		a.Loans++
	}
	if before.counts() && before.InHand() {
		if i, found := slices.BinarySearch(a.Dues, minutes(before.Due)); found {
			a.Dues = slices.Delete(a.Dues, i, i+1)
		}
	}
	if after.counts() && after.InHand() {
		i, _ := slices.BinarySearch(a.Dues, minutes(after.Due))
		a.Dues = slices.Insert(a.Dues, i, minutes(after.Due))
	}
	return a
}

// Owe is the account after a fee that was before is after. A zero Fee stands for none.
func (a Account) Owe(before, after Fee) Account {
	a.Balance += after.Owed() - before.Owed()
	if before.Open() {
		a.Fees--
	}
	if after.Open() {
		a.Fees++
	}
	return a
}

// Idle reports whether there is nothing the patron has or owes.
func (a Account) Idle() bool { return a.Loans == 0 && a.Fees == 0 }

func (l Loan) counts() bool { return l.ID != "" && l.Active() }

// minutes is a time in minutes since 1970, rounded up: a loan is overdue when its minute is over.
func minutes(t time.Time) int64 {
	m := t.Unix() / 60
	if t.Unix()%60 != 0 || t.Nanosecond() != 0 {
		m++
	}
	return m
}
