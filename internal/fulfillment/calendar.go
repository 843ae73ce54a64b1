package fulfillment

import (
	"slices"
	"time"
)

// Rules are the institution's settings for lending. Every question has an answer: what the settings leave open has a
// default.
type Rules interface {
	// Policy is the first policy for the user group, the item's policy and the library that owns it.
	Policy(userGroup, itemPolicy, library string) Policy
	// Limits are those of the user group.
	Limits(userGroup string) Limits
	// Calendar is when a library is open.
	Calendar(library string) Calendar
	// ShelfDays is for how many days an item waits on the hold shelf of a library.
	ShelfDays(library string) int
	// MoneyText is an amount in the institution's currency, for people: "12.50 GBP".
	MoneyText(m Money) string
}

// Calendar is when a library is open, on the clocks of its time zone. The zero value is open at all times, in UTC.
//
// Where clocks are set back and show a time twice, the library opens the first time and closes the second; where they
// are set forward, a time they skip is when they skip it. Either way the patron loses nothing by it.
type Calendar struct {
	Zone *time.Location
	// Week is when it is open on each day of the week, Sunday first, in order; a day without hours is closed. A nil Week
	// is open at all times.
	Week *[7][]Hours
	// Exceptions are days with other hours than those of the week. Of several that have a day the first one holds.
	Exceptions []Exception
}

// Hours is a time of a day in which a library is open, in minutes since midnight on its clocks; To may be 24*60. What is
// open past midnight has the rest in the hours of the next day.
type Hours struct{ From, To int }

// Exception is a range of days, YYYY-MM-DD and both included, with the hours given, in order; none means that it is
// closed.
type Exception struct {
	First, Last string
	Hours       []Hours
}

// daysAhead is for how many days an open one is looked for. A library that has none in a year is closed for good.
const daysAhead = 366

// Day is the day on the library's clocks, YYYY-MM-DD.
func (c Calendar) Day(t time.Time) string { return c.date(t).Format(time.DateOnly) }

// OpenDay is the n-th day after that of t, or the next one on which the library is open, YYYY-MM-DD.
func (c Calendar) OpenDay(t time.Time, n int) string {
	return c.openDate(c.date(t).AddDate(0, 0, n)).Format(time.DateOnly)
}

// OpenAt reports whether the library is open at t: it is from the minute in which it opens, and no longer is in that in
// which it closes.
func (c Calendar) OpenAt(t time.Time) bool {
	return slices.ContainsFunc(c.spans(c.date(t)), func(s span) bool { return !t.Before(s.from) && t.Before(s.to) })
}

// span is a time in which the library is open.
type span struct{ from, to time.Time }

// date is the day on the library's clocks as midnight UTC: days are counted in UTC, where each has 24 hours.
func (c Calendar) date(t time.Time) time.Time {
	year, month, day := t.In(c.zone()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// hours are those of a day.
func (c Calendar) hours(date time.Time) []Hours {
	day := date.Format(time.DateOnly)
	for _, e := range c.Exceptions {
		if e.First <= day && day <= e.Last {
			return e.Hours
		}
	}
	if c.Week == nil {
		return []Hours{{0, 24 * 60}}
	}
	return c.Week[date.Weekday()]
}

// spans are when the library is open on a day, in order.
func (c Calendar) spans(date time.Time) []span {
	var all []span
	for _, h := range c.hours(date) {
		from, _ := c.clock(date, h.From)
		_, to := c.clock(date, h.To)
		all = append(all, span{from, to})
	}
	return all
}

// openDate is the first day from that one on on which the library is open, or that one itself when there is none.
func (c Calendar) openDate(date time.Time) time.Time {
	for n := range daysAhead {
		if day := date.AddDate(0, 0, n); len(c.hours(day)) > 0 {
			return day
		}
	}
	return date
}

// opening is when the library, closed at t, opens next, or t itself when it does not.
func (c Calendar) opening(t time.Time) time.Time {
	today := c.date(t)
	for n := range daysAhead {
		for _, s := range c.spans(today.AddDate(0, 0, n)) {
			if !s.from.Before(t) && s.to.After(s.from) {
				return s.from
			}
		}
	}
	return t
}

// openTime is for how long the library is open between two times. It stops counting at enough.
func (c Calendar) openTime(from, to time.Time, enough time.Duration) time.Duration {
	var open time.Duration
	last := c.date(to)
	for day := c.date(from); !day.After(last) && open < enough; day = day.AddDate(0, 0, 1) {
		for _, s := range c.spans(day) {
			open += max(0, earliest(s.to, to).Sub(latest(s.from, from)))
		}
	}
	return open
}

// clock is when the library's clocks show a minute of a day, the first time and the last. These differ where clocks are
// set back.
func (c Calendar) clock(date time.Time, minute int) (first, last time.Time) {
	shown := date.Add(time.Duration(minute) * time.Minute)
	// No zone is a day away from UTC, and none sets its clocks twice within two days.
	before := shown.Add(-c.offset(shown.AddDate(0, 0, -1)))
	after := shown.Add(-c.offset(shown.AddDate(0, 0, 1)))
	shows := func(t time.Time) bool { return t.Add(c.offset(t)).Equal(shown) }
	switch {
	case shows(before) && shows(after):
		return before, after
	case shows(before):
		return before, before
	case shows(after):
		return after, after
	}
	set, _ := before.In(c.zone()).ZoneBounds() // skipped, and by the old offset it would be after they were set
	return set.UTC(), set.UTC()
}

// offset is how far the library's clocks are ahead of UTC.
func (c Calendar) offset(t time.Time) time.Duration {
	_, seconds := t.In(c.zone()).Zone()
	return time.Duration(seconds) * time.Second
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
