package fulfillment

import (
	"math"
	"time"
)

// boundless is the cap of a fine that has none: more than anybody owes, and little enough that sums do not overflow.
const boundless Money = math.MaxInt64 / 1_000_000

// Amount is what is owed for an item that was due and is returned later. A rule with a rate per hour is one for loans of
// hours, and counts hours; every other one counts days. Time in which the library is closed counts only with ClosedDays.
func (r FineRule) Amount(due, returned time.Time, cal Calendar) Money {
	if !returned.After(due) {
		return 0
	}
	most := boundless
	if r.Cap > 0 {
		most = min(r.Cap, boundless)
	}
	if r.PerHour > 0 {
		return r.PerHour.times(r.hoursLate(due, returned, cal, int64(most/r.PerHour)+1), most)
	}
	if r.PerDay <= 0 {
		return 0
	}
	enough := max(int64(most/r.PerDay), int64(r.GraceDays)) + 1
	days := r.daysLate(due, returned, cal, enough)
	if days <= int64(r.GraceDays) {
		return 0
	}
	return r.PerDay.times(days, most)
}

// daysLate are the days on the library's clocks after the day on which the item was due, that of its return included. It
// stops counting at enough.
func (r FineRule) daysLate(due, returned time.Time, cal Calendar, enough int64) int64 {
	first, last := cal.date(due), cal.date(returned)
	if r.ClosedDays {
		return int64(last.Sub(first) / (24 * time.Hour))
	}
	var days int64
	for day := first.AddDate(0, 0, 1); !day.After(last) && days < enough; day = day.AddDate(0, 0, 1) {
		if len(cal.hours(day)) > 0 {
			days++
		}
	}
	return days
}

// hoursLate are the hours begun since the item was due. It stops counting at enough.
func (r FineRule) hoursLate(due, returned time.Time, cal Calendar, enough int64) int64 {
	late := returned.Sub(due)
	if !r.ClosedDays {
		late = cal.openTime(due, returned, time.Duration(min(enough, math.MaxInt64/int64(time.Hour)))*time.Hour)
	}
	hours := int64(late / time.Hour)
	if late%time.Hour > 0 {
		hours++
	}
	return hours
}

// times is n times the amount, and at most that much. The amount is more than zero.
func (m Money) times(n int64, most Money) Money {
	if n > int64(most/m) {
		return most
	}
	return m * Money(n)
}
