package fulfillment

import "time"

// Recallable are the copies on loan of which one may be called back for a request, in the order of copies: none when
// another copy is there for it without that, or when the request waits for no item.
func Recallable(w Waiting, copies []Item, custody map[string]Custody, rules Rules, now time.Time) []Custody {
	var lent []Custody
	for _, it := range copies {
		c := custody[it.ID]
		switch {
		case !w.takes(it, rules, now), !it.Lendable(), c.State != OnLoan && c.RequestID != "":
		case c.State == OnLoan:
			lent = append(lent, c)
		default:
			return nil
		}
	}
	return lent
}

// Refused is why a patron cannot ask for what they ask for: they have it on loan, or no copy of it is lent to them.
// refused is false when they can.
func (w Waiting) Refused(copies []Item, custody map[string]Custody, rules Rules, now time.Time) (o Obstacle, refused bool) {
	if w.Type != Hold {
		return Obstacle{}, false
	}
	will := false
	for _, it := range copies {
		if c := custody[it.ID]; w.AsksFor(it) && c.State == OnLoan && c.UID == w.UID {
			return Obstacle{Kind: ItemOnLoan, Reason: OnLoanToPatron, Words: "The user has it on loan; renew the loan instead."}, true
		}
		will = will || w.takes(it, rules, now)
	}
	if !will {
		return Obstacle{Kind: NotLoanable, Reason: NoCopyLent, Words: "No copy of it is lent to the user."}, true
	}
	return Obstacle{}, false
}

// PatronLoan is a loan and whose it is.
type PatronLoan struct {
	UID  string
	Loan Loan
}

// ToRecall is the loan that is called back: of those that their terms allow to shorten the one that was lent first. ok is
// false when there is none.
func ToRecall(loans []PatronLoan, now time.Time, rules Rules) (first PatronLoan, ok bool) {
	for _, l := range loans {
		cal := rules.Calendar(l.Loan.Library.Value)
		_, _, shortens := LoanEdit{Loan: l.Loan, Now: now}.Recalled(cal)
		if shortens && (!ok || l.Loan.Lent.Before(first.Loan.Lent)) {
			first, ok = l, true
		}
	}
	return first, ok
}
