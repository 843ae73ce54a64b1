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

// Refused is why a patron cannot ask for what they ask for, in a sentence, or "": they have it on loan, or no copy of it is
// lent to them.
func (w Waiting) Refused(copies []Item, custody map[string]Custody, rules Rules, now time.Time) string {
	if w.Type != Hold {
		return ""
	}
	will := false
	for _, it := range copies {
		if c := custody[it.ID]; w.AsksFor(it) && c.State == OnLoan && c.UID == w.UID {
			return "The user has it on loan; renew the loan instead."
		}
		will = will || w.takes(it, rules, now)
	}
	if !will {
		return "No copy of it is lent to the user."
	}
	return ""
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
