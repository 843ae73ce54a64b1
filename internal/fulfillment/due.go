package fulfillment

import "time"

// lastMinute is when a loan of days ends on its last day, in minutes since midnight: 23:59:00, as in Alma.
const lastMinute = 24*60 - 1

// Due is when a loan that begins at from ends. A loan of days ends on the n-th day, or the next one on which the library
// is open; one of hours with the minute in which the n-th hour is over, or as the library opens next; one of a policy
// that sets neither with the day itself. None ends after the first fixed day that is still to come, which stays as it is
// though the library be closed: it is the day everybody was told, and nobody is to have items for longer.
func (p Policy) Due(from time.Time, cal Calendar) time.Time {
	due := cal.inHours(from, p.Hours)
	if p.Hours == 0 {
		due = cal.inDays(from, p.Days)
	}
	for _, day := range p.FixedDue {
		date, err := time.Parse(time.DateOnly, day)
		if err != nil {
			continue // the settings were checked
		}
		if fixed := cal.End(date); fixed.After(from) {
			return earliest(due, fixed)
		}
	}
	return due
}

// Renewed is when a loan would end that is renewed at now: as if it were lent then, and no later than RenewDays after it
// was lent, or the next day on which the library is open. ok is false when the renewals are used up, or it would end no
// later than it does, or in the past.
func (p Policy) Renewed(l Loan, now time.Time, cal Calendar) (due time.Time, ok bool) {
	due = p.Due(now, cal)
	if p.RenewDays > 0 {
		due = earliest(due, cal.inDays(l.Lent, p.RenewDays))
	}
	return due, l.Renewals < p.Renewals && due.After(l.Due) && due.After(now)
}

// Due is when a loan ends that is recalled at now; shortened is false when that is no earlier than it ends anyway. The
// day is one on which the library is open.
func (r RecallRule) Due(l Loan, now time.Time, cal Calendar) (due time.Time, shortened bool) {
	due = latest(cal.inDays(now, r.Days), cal.inDays(l.Lent, r.KeepDays))
	if r.Days <= 0 || !due.Before(l.Due) {
		return l.Due, false
	}
	return due, true
}

// inDays is the end of the n-th day after that of t, or of the next one on which the library is open. The last minute
// itself counts as the next day: what is lent in it is not due at once.
func (c Calendar) inDays(t time.Time, n int) time.Time {
	date := c.date(t)
	if n <= 0 && !c.End(date).After(t) {
		n = 1
	}
	return c.End(c.openDate(date.AddDate(0, 0, n)))
}

// inHours is the minute in which the n-th hour after t is over, or when the library opens next. Who brings an item as the
// library closes is in time.
func (c Calendar) inHours(t time.Time, n int) time.Time {
	due := t.Add(time.Duration(n) * time.Hour).UTC()
	if whole := due.Truncate(time.Minute); whole.Before(due) {
		due = whole.Add(time.Minute)
	}
	if c.OpenAt(due) || c.OpenAt(due.Add(-1)) {
		return due
	}
	return c.opening(due)
}

// End is when a loan of days ends whose last day it is, which is given as midnight UTC: in its last minute on the
// library's clocks.
func (c Calendar) End(date time.Time) time.Time {
	_, last := c.clock(date, lastMinute)
	return last
}
