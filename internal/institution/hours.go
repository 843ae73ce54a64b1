package institution

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/fulfillment"
)

// weekdays are the names of the days in settings, as time.Weekday counts them.
var weekdays = strings.Fields("sunday monday tuesday wednesday thursday friday saturday")

// calendar is when the library is open. The error says in a sentence which setting cannot be read.
func (l *Library) calendar() (fulfillment.Calendar, error) {
	zone, err := time.LoadLocation(l.TimeZone)
	if err != nil {
		return fulfillment.Calendar{}, fmt.Errorf("time_zone %q is unknown", l.TimeZone)
	}
	c := fulfillment.Calendar{Zone: zone}
	if c.Week, err = week(l.Hours); err != nil {
		return fulfillment.Calendar{}, fmt.Errorf("hours: %w", err)
	}
	for _, closed := range l.Closed {
		e, err := closed.exception()
		if err != nil {
			return fulfillment.Calendar{}, fmt.Errorf("closed: %w", err)
		}
		c.Exceptions = append(c.Exceptions, e)
	}
	return c, nil
}

// week are the hours of the days of a week, Sunday first, or nil for a library that is open at all times.
func week(byName map[string][]string) (*[7][]fulfillment.Hours, error) {
	if byName == nil {
		return nil, nil
	}
	if len(byName) == 0 {
		return nil, errors.New("no day is named; leave the setting out for a library that is open at all times")
	}
	var all [7][]fulfillment.Hours
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		day := slices.Index(weekdays, name)
		if day < 0 {
			return nil, fmt.Errorf("there is no day %q; the days are %s", name, strings.Join(weekdays, ", "))
		}
		hours, err := parseHours(byName[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[day] = hours
	}
	return &all, nil
}

func (c Closure) exception() (fulfillment.Exception, error) {
	for _, day := range []string{c.First, c.Last} {
		if !isDay(day) {
			return fulfillment.Exception{}, fmt.Errorf("%q is no day such as 2026-12-24", day)
		}
	}
	if c.Last < c.First {
		return fulfillment.Exception{}, fmt.Errorf("the last day %s is before the first, %s", c.Last, c.First)
	}
	hours, err := parseHours(c.Hours)
	if err != nil {
		return fulfillment.Exception{}, fmt.Errorf("%s: %w", c.First, err)
	}
	return fulfillment.Exception{First: c.First, Last: c.Last, Hours: hours}, nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// parseHours reads the hours of a day, each as 09:00-12:30, in order.
func parseHours(texts []string) ([]fulfillment.Hours, error) {
	var all []fulfillment.Hours
	for n, text := range texts {
		from, to, _ := strings.Cut(text, "-")
		h := fulfillment.Hours{From: minuteOf(from), To: minuteOf(to)}
		switch {
		case h.From < 0 || h.To < 0:
			return nil, fmt.Errorf("%q are no hours such as 09:00-12:30", text)
		case h.To <= h.From:
			return nil, fmt.Errorf("%q ends before it begins; what is open past midnight has the rest in the hours of the next day", text)
		case n > 0 && h.From < all[n-1].To:
			return nil, fmt.Errorf("%q begins before %q ends", text, texts[n-1])
		}
		all = append(all, h)
	}
	return all, nil
}

// minuteOf is a time such as 09:00 in minutes since midnight, of which 24:00 is the last, or -1.
func minuteOf(text string) int {
	if text == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return -1
	}
	return 60*t.Hour() + t.Minute()
}
