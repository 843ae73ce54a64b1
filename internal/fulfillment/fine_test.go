package fulfillment

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFine(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	perDay, perHour := FineRule{PerDay: 20, Cap: 1000}, FineRule{PerHour: 50, Cap: 1000}
	for _, tt := range []struct {
		name          string
		rule          FineRule
		cal           Calendar
		due, returned string
		want          Money
	}{
		{"in time", perDay, london, "2026-11-23T23:59:00Z", "2026-11-23T12:00:00Z", 0},
		{"to the second", perDay, london, "2026-11-23T23:59:00Z", "2026-11-23T23:59:00Z", 0},
		{"in the last minute", perDay, london, "2026-11-23T23:59:00Z", "2026-11-23T23:59:30Z", 0},
		{"after midnight", perDay, london, "2026-11-23T23:59:00Z", "2026-11-24T00:00:00Z", 20},
		{"a day", perDay, london, "2026-11-23T23:59:00Z", "2026-11-24T12:00:00Z", 20},
		{"on the library's clocks", perDay, always("Pacific/Kiritimati"), "2026-11-23T09:59:00Z", "2026-11-23T10:00:00Z", 20},
		{"over a weekend", perDay, london, "2026-11-20T23:59:00Z", "2026-11-23T12:00:00Z", 20},
		{"on a weekend", perDay, london, "2026-11-20T23:59:00Z", "2026-11-22T12:00:00Z", 0},
		{"closed days too", FineRule{PerDay: 20, ClosedDays: true}, london, "2026-11-20T23:59:00Z", "2026-11-23T12:00:00Z", 60},
		{"over Christmas", perDay, london, "2026-12-22T23:59:00Z", "2027-01-05T12:00:00Z", 60},
		{"into summer", FineRule{PerDay: 20, ClosedDays: true}, always("Europe/London"), "2027-03-26T23:59:00Z", "2027-03-28T23:00:00Z", 60},
		{"out of summer", FineRule{PerDay: 20, ClosedDays: true}, always("Europe/London"), "2026-10-23T22:59:00Z", "2026-10-25T23:59:30Z", 40},
		{"leap day", perDay, always("UTC"), "2028-02-28T23:59:00Z", "2028-03-01T12:00:00Z", 40},
		{"capped", perDay, always("UTC"), "2026-01-01T23:59:00Z", "2026-11-23T12:00:00Z", 1000},
		{"a cap between two days", FineRule{PerDay: 30, Cap: 100}, always("UTC"), "2026-01-01T23:59:00Z", "2026-01-11T12:00:00Z", 100},
		{"no cap", FineRule{PerDay: 20}, always("UTC"), "2026-01-01T23:59:00Z", "2026-11-23T12:00:00Z", 326 * 20},
		{"within grace", FineRule{PerDay: 20, GraceDays: 2}, london, "2026-11-20T23:59:00Z", "2026-11-24T12:00:00Z", 0},
		{"after grace", FineRule{PerDay: 20, GraceDays: 2}, london, "2026-11-20T23:59:00Z", "2026-11-25T12:00:00Z", 60},
		{"grace that is longer than the cap", FineRule{PerDay: 20, Cap: 40, GraceDays: 3}, london, "2026-11-23T23:59:00Z", "2026-11-27T12:00:00Z", 40},
		{"nothing asked", FineRule{}, london, "2026-11-02T23:59:00Z", "2026-11-23T12:00:00Z", 0},
		{"less than nothing", FineRule{PerDay: -20, PerHour: -20}, london, "2026-11-02T23:59:00Z", "2026-11-23T12:00:00Z", 0},
		{"hours by the day, on the day", perDay, london, "2026-11-23T12:00:00Z", "2026-11-23T18:00:00Z", 0},

		{"an hour begun", perHour, london, "2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", 50},
		{"an hour", perHour, london, "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z", 50},
		{"a second hour begun", perHour, london, "2026-11-23T10:00:00Z", "2026-11-23T11:00:01Z", 100},
		{"over lunch", perHour, london, "2026-11-23T12:00:00Z", "2026-11-23T13:30:00Z", 50},
		{"over night", perHour, london, "2026-11-23T20:00:00Z", "2026-11-24T10:00:00Z", 100},
		{"over night, closed hours too", FineRule{PerHour: 50, ClosedDays: true}, london, "2026-11-23T20:00:00Z", "2026-11-24T10:00:00Z", 700},
		{"returned while closed", perHour, london, "2026-11-23T21:00:00Z", "2026-11-24T08:00:00Z", 0},
		{"hours capped", perHour, london, "2026-11-02T10:00:00Z", "2026-11-23T10:00:00Z", 1000},
		{"hours of a day of 25", FineRule{PerHour: 50}, always("Europe/London"), "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 1250},
		{"hours of a day of 23", FineRule{PerHour: 50}, always("Europe/London"), "2027-03-28T00:00:00Z", "2027-03-28T23:00:00Z", 1150},

		{"more than there is", FineRule{PerDay: math.MaxInt64}, always("UTC"), "2026-01-01T23:59:00Z", "2026-11-23T12:00:00Z", boundless},
		{"more than there is by the hour", FineRule{PerHour: math.MaxInt64 / 3, Cap: math.MaxInt64}, always("UTC"), "2026-01-01T23:59:00Z", "2026-11-23T12:00:00Z", boundless},
		{"hundreds of years", FineRule{PerDay: 1, ClosedDays: true}, always("UTC"), "1026-01-01T23:59:00Z", "2026-11-23T12:00:00Z", Money(math.MaxInt64 / int64(24*time.Hour))},
	} {
		if got := tt.rule.Amount(instant(tt.due), instant(tt.returned), tt.cal); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestFineGrows holds that who comes later never owes less, that nobody owes more than the cap, and nothing in time.
func TestFineGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := FineRule{Cap: Money(rapid.Int64Range(0, 5000).Draw(t, "cap")), ClosedDays: rapid.Bool().Draw(t, "closed days")}
		rate := Money(rapid.OneOf(rapid.Int64Range(0, 100), rapid.Just[int64](math.MaxInt64)).Draw(t, "rate"))
		if rapid.Bool().Draw(t, "hourly") {
			rule.PerHour = rate
		} else {
			rule.PerDay, rule.GraceDays = rate, rapid.IntRange(0, 5).Draw(t, "grace")
		}
		cal, due := drawCalendar(t), drawTime(t, "due")
		returned := due.Add(time.Duration(rapid.Int64Range(-100, 5_000_000).Draw(t, "seconds late")) * time.Second)
		after := returned.Add(time.Duration(rapid.Int64Range(0, 200_000).Draw(t, "seconds more")) * time.Second)
		first, second := rule.Amount(due, returned, cal), rule.Amount(due, after, cal)
		most := boundless
		if rule.Cap > 0 {
			most = rule.Cap
		}
		if first < 0 || second < first || second > most || !returned.After(due) && first != 0 {
			t.Errorf("%d at %v, and %d at %v", first, returned, second, after)
		}
	})
}
