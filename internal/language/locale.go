// Package language is how days, times, numbers and amounts of money are written in the languages the product speaks, and
// which of these somebody is spoken to in. Letters and the pages of the staff desk write them the same way.
package language

import (
	"strconv"
	"strings"
	"time"
)

// English is the language of last resort.
const English = "en"

// Locale writes in one language and on the clocks of one time zone. Make it with [New].
type Locale struct {
	tag string
	tongue
	zone *time.Location
}

// New is the locale of a language that ships, else of English; the tag may have a region ("de-AT"), which says nothing
// here. Without a zone it is UTC's.
func New(tag string, zone *time.Location) Locale {
	if zone == nil {
		zone = time.UTC
	}
	tag = Match("", tag)
	return Locale{tag: tag, tongue: tongues[tag], zone: zone}
}

// In is the locale on the clocks of another zone; of none it is the same.
func (l Locale) In(zone *time.Location) Locale {
	if zone != nil {
		l.zone = zone
	}
	return l
}

// WithDays is the locale with a Go layout of its own for days; an empty one leaves it the language's.
func (l Locale) WithDays(layout string) Locale {
	if layout != "" {
		l.day = layout
	}
	return l
}

// Tag is the language, one of [Shipped].
func (l Locale) Tag() string { return l.tag }

// Day is the day of t: 23 November 2026.
func (l Locale) Day(t time.Time) string { return l.dayIn(t.In(l.zone)) }

// ShortDay is the day of t where there is little room, such as in a table: 23 Nov 2026.
func (l Locale) ShortDay(t time.Time) string { return t.In(l.zone).Format(l.shortDay) }

// DayOf is [Locale.Day] of a day as records and Alma have it, 2026-11-23 or 2026-11-23Z, which is no moment and the same
// on all clocks. What is no such day stays as it is.
func (l Locale) DayOf(text string) string { return ofDay(text, l.dayIn) }

// ShortDayOf is [Locale.ShortDay] of such a day.
func (l Locale) ShortDayOf(text string) string {
	return ofDay(text, func(day time.Time) string { return day.Format(l.shortDay) })
}

// Time is the time of day, of 24 hours: 14:05.
func (l Locale) Time(t time.Time) string { return t.In(l.zone).Format(clock) }

// DayTime is the day and the time of day.
func (l Locale) DayTime(t time.Time) string { return l.Day(t) + ", " + l.Time(t) }

// Deadline is the day by the end of which something is due, with the time of day where that is not its last minute.
func (l Locale) Deadline(t time.Time) string {
	if l.Time(t) == lastMinute {
		return l.Day(t)
	}
	return l.DayTime(t)
}

// Number is a whole number: 1,234.
func (l Locale) Number(n int) string { return l.number(strconv.Itoa(n)) }

// Typed is a decimal number such as 1234.50 as people type it, without marks between groups of digits: 1234,50.
func (l Locale) Typed(decimal string) string { return strings.Replace(decimal, ".", l.point, 1) }

// Percent is a number of percent, of which 2.5 is 2.5%.
func (l Locale) Percent(percent float64) string {
	return l.number(strconv.FormatFloat(percent, 'f', -1, 64)) + l.percent
}

// Amount is an amount of money, given as a decimal number such as 1234.50, with the code of its currency: 1,234.50 GBP.
// Its spaces do not break.
func (l Locale) Amount(decimal, currency string) string {
	return l.number(decimal) + "\u00a0" + currency
}

const (
	clock = "15:04"
	// lastMinute is when what is due on a day ends. Nothing that ends by the hour does then.
	lastMinute = "23:59"
)

// dayIn is the day of t on the clocks t is on, the month's name in the language.
func (l Locale) dayIn(t time.Time) string {
	text := t.Format(l.day)
	if !strings.Contains(l.day, "January") {
		return text
	}
	return strings.Replace(text, t.Month().String(), l.months[t.Month()-1], 1)
}

func ofDay(text string, write func(time.Time) string) string {
	day, err := time.Parse(time.DateOnly, strings.TrimSuffix(text, "Z"))
	if err != nil {
		return text
	}
	return write(day)
}

// number is a decimal number with the language's marks between groups of three digits and before the decimals.
func (l Locale) number(decimal string) string {
	digits, decimals, _ := strings.Cut(decimal, ".")
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + l.group + digits[i:]
	}
	if negative {
		digits = "-" + digits
	}
	if decimals != "" {
		digits += l.point + decimals
	}
	return digits
}
