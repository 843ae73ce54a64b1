package fulfillment

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// instant reads a time with its offset from UTC, such as 2026-11-23T12:00:30Z.
func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// weekdays is open from nine to half past twelve and from one to nine on Monday to Friday.
func weekdays(zone string, exceptions ...Exception) Calendar {
	day := []Hours{{9 * 60, 12*60 + 30}, {13 * 60, 21 * 60}}
	return Calendar{Zone: zoneOf(zone), Week: &[7][]Hours{1: day, 2: day, 3: day, 4: day, 5: day}, Exceptions: exceptions}
}

// always is open at all times.
func always(zone string) Calendar { return Calendar{Zone: zoneOf(zone)} }

// christmas is a closure with a day of short hours before it.
var christmas = []Exception{
	{First: "2026-12-23", Last: "2026-12-23", Hours: []Hours{{10 * 60, 15 * 60}}},
	{First: "2026-12-24", Last: "2027-01-01"},
}

// TestClock reads times the clocks show once, twice and not at all.
func TestClock(t *testing.T) {
	for _, tt := range []struct {
		zone, day   string
		minute      int
		first, last string
	}{
		{"UTC", "2026-11-23", 9 * 60, "2026-11-23T09:00:00Z", ""},
		{"Europe/London", "2026-07-01", 9 * 60, "2026-07-01T08:00:00Z", ""},
		{"Europe/London", "2027-03-28", 90, "2027-03-28T01:00:00Z", ""},
		{"Europe/London", "2027-03-28", 24 * 60, "2027-03-28T23:00:00Z", ""},
		{"Europe/London", "2026-10-25", 90, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Europe/London", "2026-10-25", lastMinute, "2026-10-25T23:59:00Z", ""},
		{"America/New_York", "2027-03-14", 150, "2027-03-14T07:00:00Z", ""},
		{"America/New_York", "2026-11-01", 90, "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03T15:30:00Z", ""},
		{"Australia/Lord_Howe", "2027-04-04", 105, "2027-04-03T14:45:00Z", "2027-04-03T15:15:00Z"},
		{"Africa/Cairo", "2027-04-30", 0, "2027-04-29T22:00:00Z", ""},
		{"Africa/Cairo", "2026-10-29", lastMinute, "2026-10-29T20:59:00Z", "2026-10-29T21:59:00Z"},
		{"America/Asuncion", "2023-10-01", 0, "2023-10-01T04:00:00Z", ""},
		{"America/Asuncion", "2024-03-23", lastMinute, "2024-03-24T02:59:00Z", "2024-03-24T03:59:00Z"},
		{"Pacific/Apia", "2011-12-30", 12 * 60, "2011-12-30T10:00:00Z", ""},
		{"Pacific/Kiritimati", "2026-11-23", 0, "2026-11-22T10:00:00Z", ""},
	} {
		date, _ := time.Parse(time.DateOnly, tt.day)
		first, last := always(tt.zone).clock(date, tt.minute)
		want := [2]time.Time{instant(tt.first), instant(tt.first)}
		if tt.last != "" {
			want[1] = instant(tt.last)
		}
		if got := [2]time.Time{first, last}; got != want {
			t.Errorf("%s, %s, minute %d: got %v, want %v", tt.zone, tt.day, tt.minute, got, want)
		}
	}
}

func TestOpenAt(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	night := Calendar{Zone: zoneOf("Europe/London"), Week: &[7][]Hours{0: {{60, 90}}, 6: {{22 * 60, 24 * 60}}}}
	for _, tt := range []struct {
		name string
		cal  Calendar
		at   string
		want bool
	}{
		{"no settings", Calendar{}, "2026-11-22T03:00:00Z", true},
		{"as it opens", london, "2026-11-23T09:00:00Z", true},
		{"before", london, "2026-11-23T08:59:59Z", false},
		{"summer", london, "2026-07-01T08:00:00Z", true},
		{"lunch", london, "2026-11-23T12:30:00Z", false},
		{"after lunch", london, "2026-11-23T13:00:00Z", true},
		{"as it closes", london, "2026-11-23T21:00:00Z", false},
		{"Sunday", london, "2026-11-22T10:00:00Z", false},
		{"short hours", london, "2026-12-23T16:00:00Z", false},
		{"Christmas", london, "2026-12-24T10:00:00Z", false},
		{"last day of the closure", london, "2027-01-01T10:00:00Z", false},
		{"before midnight", night, "2026-11-21T23:59:59Z", true},
		{"after midnight", night, "2026-11-22T00:00:00Z", false},
		{"the hour that is skipped", night, "2027-03-28T01:00:00Z", false},
		{"closing time for the first time", night, "2026-10-25T00:30:00Z", true},
		{"closing time for the second time", night, "2026-10-25T01:29:59Z", true},
		{"after it", night, "2026-10-25T01:30:00Z", false},
	} {
		if got := tt.cal.OpenAt(instant(tt.at)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestOpenDay(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	for _, tt := range []struct {
		cal  Calendar
		from string
		n    int
		want string
	}{
		{london, "2026-11-23T12:00:00Z", 0, "2026-11-23"},
		{london, "2026-11-23T12:00:00Z", 7, "2026-11-30"},
		{london, "2026-11-21T12:00:00Z", 7, "2026-11-30"},
		{london, "2026-12-17T12:00:00Z", 7, "2027-01-04"},
		{london, "2026-10-23T23:30:00Z", 6, "2026-10-30"}, // Saturday, as the clocks show it
		{always("Pacific/Kiritimati"), "2026-11-22T12:00:00Z", 1, "2026-11-24"},
		{Calendar{Week: &[7][]Hours{}}, "2026-11-23T12:00:00Z", 7, "2026-11-30"},
	} {
		if got := tt.cal.OpenDay(instant(tt.from), tt.n); got != tt.want {
			t.Errorf("%d days after %s: got %s, want %s", tt.n, tt.from, got, tt.want)
		}
	}
}

func TestOpenTime(t *testing.T) {
	for _, tt := range []struct {
		name     string
		cal      Calendar
		from, to string
		want     time.Duration
	}{
		{"within hours", weekdays("Europe/London"), "2026-11-23T10:00:00Z", "2026-11-23T11:30:00Z", 90 * time.Minute},
		{"over lunch", weekdays("Europe/London"), "2026-11-23T12:00:00Z", "2026-11-23T13:30:00Z", time.Hour},
		{"over a weekend", weekdays("Europe/London"), "2026-11-20T20:00:00Z", "2026-11-23T10:00:00Z", 2 * time.Hour},
		{"a day of 23 hours", always("Europe/London"), "2027-03-28T00:00:00Z", "2027-03-28T23:00:00Z", 23 * time.Hour},
		{"a day of 25 hours", always("Europe/London"), "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 25 * time.Hour},
		{"none", weekdays("Europe/London"), "2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z", 0},
		{"backward", weekdays("Europe/London"), "2026-11-24T10:00:00Z", "2026-11-23T10:00:00Z", 0},
	} {
		if got := tt.cal.openTime(instant(tt.from), instant(tt.to), 1000*time.Hour); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// zones are those of the properties: whole and half hours, clocks that are set at midnight and never.
var zones = []string{
	"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Asuncion", "Africa/Cairo",
	"Asia/Kathmandu", "Pacific/Kiritimati", "America/Havana",
}

// drawTime is a time of the years 2023 to 2031, on a full minute or not.
func drawTime(t *rapid.T, what string) time.Time {
	return time.Unix(rapid.Int64Range(1_672_531_200, 1_924_991_999).Draw(t, what), rapid.Int64Range(0, 1).Draw(t, what+": ns")).UTC()
}

func drawHours(t *rapid.T, what string) []Hours {
	times := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 0, 4, rapid.ID[int]).Draw(t, what)
	slices.Sort(times)
	var all []Hours
	for ; len(times) > 1; times = times[2:] {
		all = append(all, Hours{times[0], times[1]})
	}
	return all
}

func drawCalendar(t *rapid.T) Calendar {
	c := Calendar{Zone: zoneOf(rapid.SampledFrom(zones).Draw(t, "zone"))}
	if rapid.Bool().Draw(t, "has hours") {
		c.Week = new([7][]Hours)
		for day := range c.Week {
			c.Week[day] = drawHours(t, fmt.Sprint("hours of day ", day))
		}
	}
	for n := rapid.IntRange(0, 2).Draw(t, "exceptions"); n > 0; n-- {
		first := drawTime(t, "first")
		last := first.AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "days"))
		c.Exceptions = append(c.Exceptions, Exception{first.Format(time.DateOnly), last.Format(time.DateOnly), drawHours(t, "exception")})
	}
	return c
}

// TestClockShowsWhatItIs holds that a time that was read off the clocks is found again.
func TestClockShowsWhatItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := always(rapid.SampledFrom(zones).Draw(t, "zone"))
		at := drawTime(t, "time").Truncate(time.Minute)
		hour, minute, _ := at.In(c.Zone).Clock()
		first, last := c.clock(c.date(at), 60*hour+minute)
		if !first.Equal(at) && !last.Equal(at) || last.Before(first) {
			t.Errorf("%v is found at %v and %v", at, first, last)
		}
	})
}

// TestOpenTimeAgrees counts the open minutes of a few days one by one.
func TestOpenTimeAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t)
		from := drawTime(t, "from").Truncate(time.Minute)
		minutes := rapid.IntRange(0, 2*24*60).Draw(t, "minutes")
		var want time.Duration
		for n := range minutes {
			if c.OpenAt(from.Add(time.Duration(n) * time.Minute)) {
				want += time.Minute
			}
		}
		if got := c.openTime(from, from.Add(time.Duration(minutes)*time.Minute), 1000*time.Hour); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
