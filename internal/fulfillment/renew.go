package fulfillment

import "time"

// Renewal is a loan that is to be renewed, with everything that decides about it as it was read.
type Renewal struct {
	Borrower Borrower
	Account  Account
	Loan     Loan
	Queue    Queue // of the item's title
	Rules    Rules
	By       string // the caller, as in patron.Change
	Now      time.Time
	Override bool // what can be overridden
}

// Obstacles is everything in the way of the renewal.
func (r Renewal) Obstacles() []Obstacle {
	_, all := r.due()
	if _, waits := r.Queue.Other(r.Borrower.UID, r.Loan.item(), r.Rules, r.Now); waits {
		all = append(all, Obstacle{
			Kind: ItemRequested, Reason: RequestedByAnother, Overridable: true,
			Words: "Another patron asked for the item, or for any copy of its title.",
		})
	}
	all = append(all, r.Borrower.Obstacles...)
	return append(all, r.Account.obstacles(r.Rules.Limits(r.Borrower.UserGroup), r.Rules, r.Now)...)
}

// due is when the loan would end, or why it cannot be renewed whoever asks.
func (r Renewal) due() (time.Time, []Obstacle) {
	if !r.Loan.InHand() {
		return time.Time{}, []Obstacle{{Kind: LoanLost, Reason: LostOrClaimed, Words: "The item is declared lost, or said to be returned."}}
	}
	due, ok := r.policy().Renewed(r.Loan, r.Now, r.calendar())
	if !ok {
		return time.Time{}, []Obstacle{{
			Kind: NoRenewals, Reason: NotRenewedAgain, Words: "The policy allows no further renewal, or it would end no later than it does.",
		}}
	}
	return due, nil
}

// Left is how often the policy allows the loan to be renewed yet.
func (r Renewal) Left() int { return max(0, r.policy().Renewals-r.Loan.Renewals) }

func (r Renewal) policy() Policy {
	return r.Rules.Policy(r.Borrower.UserGroup, r.Loan.ItemPolicy.Value, r.Loan.Library.Value)
}

func (r Renewal) calendar() Calendar { return r.Rules.Calendar(r.Loan.Library.Value) }

// Do is the loan as it is renewed, and what changes with it: of a loan that is overdue the fine so far is charged. The
// error is an [*ObstaclesError].
func (r Renewal) Do() (Loan, Movement, error) {
	overridden, err := weigh(r.Obstacles(), r.Override, r.By, r.Now)
	if err != nil {
		return Loan{}, Movement{}, err
	}
	after := r.Loan
	after.Due, _ = r.due()
	after.Process, after.Renewals, after.Renewed = Renewed, r.Loan.Renewals+1, r.Now
	after.Terms = r.policy().terms()
	after.Overrides = append(after.Overrides[:len(after.Overrides):len(after.Overrides)], overridden...)
	edit := LoanEdit{UID: r.Borrower.UID, Loan: r.Loan, Account: r.Account, Rules: r.Rules, By: r.By, Now: r.Now}
	after, m := edit.anew(after)
	return after, m, nil
}

// item is as much of the loan's item as a request asks for.
func (l Loan) item() Item {
	return Item{
		ID: l.ItemID, MMSID: l.MMSID, Description: l.Description, MaterialType: l.MaterialType, Library: l.Library, ItemPolicy: l.ItemPolicy,
	}
}

// FineAt is what would be owed for lateness if the item were returned at now, besides what was charged for the loan
// before; with that it is no more than the cap.
func (l Loan) FineAt(now time.Time, cal Calendar) Money {
	if !l.FineUntil.IsZero() && l.FineUntil.Before(now) {
		now = l.FineUntil
	}
	amount := l.Terms.Fine.Amount(l.Due, now, cal)
	if most := l.Terms.Fine.Cap; most > 0 {
		amount = min(amount, max(0, most-l.Fined))
	}
	return amount
}

// fine is the fee for what is owed at a time, charged at now.
func (l Loan) fine(at time.Time, cal Calendar, now time.Time, by string) (f Fee, owed bool) {
	amount := l.FineAt(at, cal)
	if amount <= 0 {
		return Fee{}, false
	}
	return l.fee(OverdueFine, amount, now, by), true
}

// fee is a new fee for the loan.
func (l Loan) fee(kind FeeType, amount Money, now time.Time, by string) Fee {
	return Fee{
		ID: NewID(now), Type: kind, Status: FeeActive, Original: amount, Created: now, CreatedBy: by, StatusTime: now,
		Owner: l.Library, Title: l.Title, Barcode: l.Barcode, ItemID: l.ItemID, LoanID: l.ID,
	}
}
