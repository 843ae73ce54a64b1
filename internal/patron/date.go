package patron

import (
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day as "2006-01-02", or "" for none. Dates compare as strings.
type Date string

// ParseDate reads a day as Alma writes it ("2026-11-23Z") and as its clients do: without the Z, or as a timestamp
// whose time of day is dropped. An empty text is no date. A day that does not exist is an error.
func ParseDate(text string) (Date, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	day, rest := text, ""
	if len(text) > 10 {
		day, rest = text[:10], text[10:]
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", fmt.Errorf("%q is not a date; give it as YYYY-MM-DD", text)
	}
	if !isTail(rest) {
		return "", fmt.Errorf("%q is not a date; give it as YYYY-MM-DD", text)
	}
	return Date(day), nil
}

// isTail reports whether the text may follow a day: nothing, a zone, or a time of day with or without one.
func isTail(rest string) bool {
	for _, layout := range []string{"", "Z07:00", "T15:04:05", "T15:04:05Z07:00", "T15:04:05Z0700", "T15:04", "T15:04Z07:00"} {
		if _, err := time.Parse(layout, rest); err == nil {
			return true
		}
	}
	return false
}

// DateOf is the day of t in UTC.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// Passed reports whether the day is over at now, on the clocks of the zone now is in; no date never passes.
func (d Date) Passed(now time.Time) bool { return d != "" && d < Date(now.Format(time.DateOnly)) }

// after is the day so many days later; no date stays none.
func (d Date) after(days int) Date {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return DateOf(day.AddDate(0, 0, days))
}
