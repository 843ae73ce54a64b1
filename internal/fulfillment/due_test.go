package fulfillment

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDue(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	shut := Calendar{Zone: time.UTC, Week: &[7][]Hours{}}
	terms := []string{"2026-12-11", "2027-03-26", "2027-06-18"}
	for _, tt := range []struct {
		name   string
		policy Policy
		cal    Calendar
		from   string
		want   string
	}{
		{"four weeks", Policy{Days: 28}, always("UTC"), "2026-11-23T12:00:30Z", "2026-12-21T23:59:00Z"},
		{"no settings", Policy{Days: 1}, Calendar{}, "2026-11-23T12:00:30Z", "2026-11-24T23:59:00Z"},
		{"into summer", Policy{Days: 7}, always("Europe/London"), "2027-03-25T12:00:00Z", "2027-04-01T22:59:00Z"},
		{"out of summer", Policy{Days: 7}, always("Europe/London"), "2026-10-23T12:00:00Z", "2026-10-30T23:59:00Z"},
		{"onto the day of 25 hours", Policy{Days: 1}, always("Europe/London"), "2026-10-24T12:00:00Z", "2026-10-25T23:59:00Z"},
		{"late on the evening before it", Policy{Days: 1}, always("Europe/London"), "2026-10-24T22:30:00Z", "2026-10-25T23:59:00Z"},
		{"onto the day of 23 hours", Policy{Days: 1}, always("America/New_York"), "2027-03-13T12:00:00Z", "2027-03-15T03:59:00Z"},
		{"half an hour of summer", Policy{Days: 14}, always("Australia/Lord_Howe"), "2026-09-28T02:00:00Z", "2026-10-12T12:59:00Z"},
		{"half an hour less", Policy{Days: 14}, always("Australia/Lord_Howe"), "2027-03-29T02:00:00Z", "2027-04-12T13:29:00Z"},
		{"a last minute twice", Policy{Days: 1}, always("Africa/Cairo"), "2026-10-28T12:00:00Z", "2026-10-29T21:59:00Z"},
		{"a day without a midnight", Policy{Days: 1}, always("Africa/Cairo"), "2027-04-29T12:00:00Z", "2027-04-30T20:59:00Z"},
		{"a last minute twice in the west", Policy{Days: 2}, always("America/Asuncion"), "2024-03-21T12:00:00Z", "2024-03-24T03:59:00Z"},
		{"a day without a midnight in the west", Policy{Days: 1}, always("America/Asuncion"), "2023-09-30T12:00:00Z", "2023-10-02T02:59:00Z"},
		{"leap day", Policy{Days: 1}, always("UTC"), "2028-02-28T12:00:00Z", "2028-02-29T23:59:00Z"},
		{"a year from a leap day", Policy{Days: 366}, always("UTC"), "2028-02-29T12:00:00Z", "2029-03-01T23:59:00Z"},
		{"tomorrow there is today here", Policy{Days: 1}, always("Pacific/Kiritimati"), "2026-11-23T12:00:00Z", "2026-11-25T09:59:00Z"},

		{"weekend", Policy{Days: 5}, london, "2026-11-23T12:00:00Z", "2026-11-30T23:59:00Z"},
		{"Christmas", Policy{Days: 28}, london, "2026-11-26T12:00:00Z", "2027-01-04T23:59:00Z"},
		{"short hours are open", Policy{Days: 28}, london, "2026-11-25T12:00:00Z", "2026-12-23T23:59:00Z"},
		{"never open again", Policy{Days: 28}, shut, "2026-11-23T12:00:00Z", "2026-12-21T23:59:00Z"},

		{"end of term", Policy{Days: 28, FixedDue: terms}, london, "2026-11-23T12:00:00Z", "2026-12-11T23:59:00Z"},
		{"end of term is later", Policy{Days: 7, FixedDue: terms}, london, "2026-11-23T12:00:00Z", "2026-11-30T23:59:00Z"},
		{"on the end of term", Policy{Days: 7, FixedDue: terms}, london, "2026-12-11T12:00:00Z", "2026-12-11T23:59:00Z"},
		{"in its last minute", Policy{Days: 7, FixedDue: terms}, london, "2026-12-11T23:59:30Z", "2026-12-18T23:59:00Z"},
		{"after the last one", Policy{Days: 7, FixedDue: terms}, always("UTC"), "2027-07-01T12:00:00Z", "2027-07-08T23:59:00Z"},
		{"end of term while closed", Policy{Days: 28, FixedDue: []string{"2026-12-25"}}, london, "2026-12-01T12:00:00Z", "2026-12-25T23:59:00Z"},
		{"closed at the end, and term ends before it opens", Policy{Days: 28, FixedDue: []string{"2026-12-31"}}, london, "2026-11-30T12:00:00Z", "2026-12-31T23:59:00Z"},
		{"no day", Policy{Days: 1, FixedDue: []string{"soon"}}, always("UTC"), "2026-11-23T12:00:00Z", "2026-11-24T23:59:00Z"},
		{"hours before the end of term", Policy{Hours: 48, FixedDue: terms}, always("UTC"), "2026-12-10T12:00:00Z", "2026-12-11T23:59:00Z"},

		{"four hours", Policy{Hours: 4}, always("UTC"), "2026-11-23T12:00:00Z", "2026-11-23T16:00:00Z"},
		{"to the full minute", Policy{Hours: 4}, always("UTC"), "2026-11-23T12:00:30Z", "2026-11-23T16:01:00Z"},
		{"hours while clocks are set forward", Policy{Hours: 4}, always("Europe/London"), "2027-03-28T00:00:00Z", "2027-03-28T04:00:00Z"},
		{"hours while clocks are set back", Policy{Hours: 4}, always("Europe/London"), "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"},
		{"hours within opening hours", Policy{Hours: 4}, london, "2026-11-23T10:00:00Z", "2026-11-23T14:00:00Z"},
		{"into lunch", Policy{Hours: 2}, london, "2026-11-23T10:45:00Z", "2026-11-23T13:00:00Z"},
		{"to closing time", Policy{Hours: 4}, london, "2026-11-23T17:00:00Z", "2026-11-23T21:00:00Z"},
		{"over night", Policy{Hours: 4}, london, "2026-11-23T17:01:00Z", "2026-11-24T09:00:00Z"},
		{"over the weekend", Policy{Hours: 4}, london, "2026-11-27T20:00:00Z", "2026-11-30T09:00:00Z"},
		{"over the weekend into summer", Policy{Hours: 4}, london, "2027-03-26T20:00:00Z", "2027-03-29T08:00:00Z"},
		{"over Christmas", Policy{Hours: 4}, london, "2026-12-23T14:00:00Z", "2027-01-04T09:00:00Z"},
		{"hours, and never open again", Policy{Hours: 4}, shut, "2026-11-23T12:00:00Z", "2026-11-23T16:00:00Z"},

		{"neither days nor hours", Policy{NotLoanable: true}, london, "2026-11-23T12:00:00Z", "2026-11-23T23:59:00Z"},
		{"neither, in the last minute", Policy{NotLoanable: true}, london, "2026-11-23T23:59:00Z", "2026-11-24T23:59:00Z"},
	} {
		if got, want := tt.policy.Due(instant(tt.from), tt.cal), instant(tt.want); got != want {
			t.Errorf("%s: got %v, want %v", tt.name, got, want)
		}
	}
}

func TestRenewed(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	policy := Policy{Days: 14, Renewals: 2, RenewDays: 60}
	for _, tt := range []struct {
		name      string
		policy    Policy
		lent, due string
		renewals  int
		now       string
		want      string
		ok        bool
	}{
		{"once", policy, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 0, "2026-11-10T12:00:00Z", "2026-11-24T23:59:00Z", true},
		{"overdue", policy, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 0, "2026-11-18T12:00:00Z", "2026-12-02T23:59:00Z", true},
		{"used up", policy, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 2, "2026-11-10T12:00:00Z", "2026-11-24T23:59:00Z", false},
		{"none allowed", Policy{Days: 14}, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 0, "2026-11-10T12:00:00Z", "2026-11-24T23:59:00Z", false},
		{"on the day it was lent", policy, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 0, "2026-11-02T13:00:00Z", "2026-11-16T23:59:00Z", false},
		{"due later by hand", policy, "2026-11-02T12:00:00Z", "2026-12-18T23:59:00Z", 0, "2026-11-10T12:00:00Z", "2026-11-24T23:59:00Z", false},
		{"up to the last day", policy, "2026-10-05T12:00:00Z", "2026-11-27T23:59:00Z", 1, "2026-11-25T12:00:00Z", "2026-12-04T23:59:00Z", true},
		{"last day while closed", policy, "2026-10-26T12:00:00Z", "2026-12-23T23:59:00Z", 1, "2026-12-23T12:00:00Z", "2027-01-04T23:59:00Z", true},
		{"after the last day", policy, "2026-08-03T12:00:00Z", "2026-09-21T22:59:00Z", 1, "2026-11-10T12:00:00Z", "2026-10-02T22:59:00Z", false},
		{"end of term", Policy{Days: 14, Renewals: 9, FixedDue: []string{"2026-11-20"}}, "2026-11-02T12:00:00Z", "2026-11-16T23:59:00Z", 0, "2026-11-10T12:00:00Z", "2026-11-20T23:59:00Z", true},
		{"already to the end of term", Policy{Days: 14, Renewals: 9, FixedDue: []string{"2026-11-20"}}, "2026-11-09T12:00:00Z", "2026-11-20T23:59:00Z", 0, "2026-11-10T12:00:00Z", "2026-11-20T23:59:00Z", false},
		{"hours", Policy{Hours: 4, Renewals: 1}, "2026-11-02T12:00:00Z", "2026-11-02T16:00:00Z", 0, "2026-11-02T15:00:00Z", "2026-11-02T19:00:00Z", true},
	} {
		l := Loan{Lent: instant(tt.lent), Due: instant(tt.due), Renewals: tt.renewals}
		got, ok := tt.policy.Renewed(l, instant(tt.now), london)
		if want := instant(tt.want); got != want || ok != tt.ok {
			t.Errorf("%s: got %v, %v; want %v, %v", tt.name, got, ok, want, tt.ok)
		}
	}
}

func TestRecallDue(t *testing.T) {
	london := weekdays("Europe/London", christmas...)
	rule := RecallRule{Days: 7, KeepDays: 14}
	for _, tt := range []struct {
		name           string
		rule           RecallRule
		lent, due, now string
		want           string
		shortened      bool
	}{
		{"a week from now", rule, "2026-11-02T12:00:00Z", "2026-12-18T23:59:00Z", "2026-11-23T12:00:00Z", "2026-11-30T23:59:00Z", true},
		{"lent lately", rule, "2026-11-20T12:00:00Z", "2026-12-18T23:59:00Z", "2026-11-23T12:00:00Z", "2026-12-04T23:59:00Z", true},
		{"due before", rule, "2026-11-02T12:00:00Z", "2026-11-30T23:59:00Z", "2026-11-23T12:00:00Z", "2026-11-30T23:59:00Z", false},
		{"overdue", rule, "2026-10-02T12:00:00Z", "2026-10-30T23:59:00Z", "2026-11-23T12:00:00Z", "2026-10-30T23:59:00Z", false},
		{"closed then", rule, "2026-11-02T12:00:00Z", "2027-03-26T23:59:00Z", "2026-12-18T12:00:00Z", "2027-01-04T23:59:00Z", true},
		{"no recalls", RecallRule{KeepDays: 14}, "2026-11-02T12:00:00Z", "2026-12-18T23:59:00Z", "2026-11-23T12:00:00Z", "2026-12-18T23:59:00Z", false},
		{"nothing to keep", RecallRule{Days: 1}, "2026-11-23T12:00:00Z", "2026-12-18T23:59:00Z", "2026-11-23T12:00:00Z", "2026-11-24T23:59:00Z", true},
	} {
		l := Loan{Lent: instant(tt.lent), Due: instant(tt.due)}
		got, shortened := tt.rule.Due(l, instant(tt.now), london)
		if want := instant(tt.want); got != want || shortened != tt.shortened {
			t.Errorf("%s: got %v, %v; want %v, %v", tt.name, got, shortened, want, tt.shortened)
		}
	}
}

func drawPolicy(t *rapid.T) Policy {
	p := Policy{Renewals: rapid.IntRange(0, 5).Draw(t, "renewals"), RenewDays: rapid.IntRange(0, 200).Draw(t, "renew days")}
	if rapid.Bool().Draw(t, "hourly") {
		p.Hours = rapid.IntRange(1, 100).Draw(t, "hours")
	} else {
		p.Days = rapid.IntRange(0, 400).Draw(t, "days")
	}
	if rapid.Bool().Draw(t, "fixed") {
		first := drawTime(t, "first fixed day")
		p.FixedDue = []string{first.Format(time.DateOnly), first.AddDate(0, 3, 0).Format(time.DateOnly)}
	}
	return p
}

// TestDueIsAfterAndOpen holds that a loan ends after it begins, and while the library is open on the day, unless that is
// a fixed day or none is open for a year.
func TestDueIsAfterAndOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, cal, from := drawPolicy(t), drawCalendar(t), drawTime(t, "from")
		due := p.Due(from, cal)
		if !due.After(from) {
			t.Errorf("due %v, from %v", due, from)
		}
		fixed := false
		for _, day := range p.FixedDue {
			fixed = fixed || cal.Day(due) == day
		}
		open := func(at time.Time) bool { return len(cal.hours(cal.date(at))) > 0 }
		if again := cal.openDate(cal.date(due)); !fixed && !open(due) && !open(due.Add(-1)) && len(cal.hours(again)) > 0 {
			t.Errorf("due %v, closed on that day, open on %v", due, again)
		}
	})
}

// TestRenewedNeverShortens holds that too for loans that staff changed by hand, and that a recall never lengthens.
func TestRenewedNeverShortens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, cal, now := drawPolicy(t), drawCalendar(t), drawTime(t, "now")
		l := Loan{Lent: now.Add(-time.Duration(rapid.IntRange(0, 5000).Draw(t, "hours ago")) * time.Hour), Renewals: rapid.IntRange(0, 5).Draw(t, "renewed")}
		l.Due = p.Due(l.Lent, cal).Add(time.Duration(rapid.IntRange(-500, 500).Draw(t, "moved by")) * time.Hour)
		if due, ok := p.Renewed(l, now, cal); ok && (!due.After(l.Due) || !due.After(now) || l.Renewals >= p.Renewals) {
			t.Errorf("renewed at %v for the %d. time from %v to %v", now, l.Renewals+1, l.Due, due)
		}
		rule := RecallRule{Days: rapid.IntRange(0, 30).Draw(t, "recall"), KeepDays: rapid.IntRange(0, 30).Draw(t, "keep")}
		if due, shortened := rule.Due(l, now, cal); due.After(l.Due) || shortened && (!due.Before(l.Due) || !due.After(now)) {
			t.Errorf("recalled at %v from %v to %v", now, l.Due, due)
		}
	})
}
