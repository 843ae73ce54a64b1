package language_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/language"
)

func vienna(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestDays(t *testing.T) {
	evening := time.Date(2026, 2, 28, 23, 5, 0, 0, time.UTC) // the next day in Vienna
	tests := []struct{ lang, day, short, dayTime string }{
		{"en", "1 March 2026", "1 Mar 2026", "1 March 2026, 00:05"},
		{"de", "1. März 2026", "01.03.2026", "1. März 2026, 00:05"},
		{"fr", "1 mars 2026", "01/03/2026", "1 mars 2026, 00:05"},
		{"fr-CA", "1 mars 2026", "01/03/2026", "1 mars 2026, 00:05"},
		{"no", "1 March 2026", "1 Mar 2026", "1 March 2026, 00:05"},
	}
	for _, tt := range tests {
		l := language.New(tt.lang, vienna(t))
		for _, got := range []struct{ got, want string }{
			{l.Day(evening), tt.day}, {l.ShortDay(evening), tt.short}, {l.Time(evening), "00:05"}, {l.DayTime(evening), tt.dayTime},
			{l.DayOf("2026-03-01"), tt.day}, {l.DayOf("2026-03-01Z"), tt.day}, {l.ShortDayOf("2026-03-01Z"), tt.short},
		} {
			if got.got != got.want {
				t.Errorf("%s: got %q, want %q", tt.lang, got.got, got.want)
			}
		}
	}
}

func TestEveryMonth(t *testing.T) {
	want := map[string]string{
		"en": "January February March April May June July August September October November December",
		"de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		"fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	}
	for _, lang := range language.Shipped() {
		l := language.New(lang, nil).WithDays("January")
		var months []string
		for m := range 12 {
			months = append(months, l.Day(time.Date(2026, time.Month(m+1), 9, 0, 0, 0, 0, time.UTC)))
		}
		if got := strings.Join(months, " "); got != want[lang] {
			t.Errorf("%s: got %s", lang, got)
		}
	}
}

// TestNoDay holds that what is no day stays as it is.
func TestNoDay(t *testing.T) {
	for _, text := range []string{"", "soon", "2026-02-30", "2026-03-01T10:00:00Z", "Z"} {
		l := language.New("de", nil)
		if long, short := l.DayOf(text), l.ShortDayOf(text); long != text || short != text {
			t.Errorf("%q is written %q and %q", text, long, short)
		}
	}
}

func TestOwnLayoutOfDays(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for layout, want := range map[string]string{"": "1. März 2026", "02/01/2006": "01/03/2026", "January 2006": "März 2026"} {
		l := language.New("de", nil).WithDays(layout)
		if got := l.Day(day); got != want || l.DayOf("2026-03-01") != want || l.ShortDay(day) != "01.03.2026" {
			t.Errorf("%q: got %q, want %q", layout, got, want)
		}
	}
}

func TestDeadline(t *testing.T) {
	l := language.New("en", nil)
	end := time.Date(2026, 11, 23, 22, 59, 0, 0, time.UTC)
	for _, got := range []struct{ got, want string }{
		{l.Deadline(end), "23 November 2026, 22:59"},
		{l.In(vienna(t)).Deadline(end), "23 November 2026"},
		{l.In(nil).Deadline(end), "23 November 2026, 22:59"},
		{l.Deadline(end.Add(time.Hour)), "23 November 2026"},
	} {
		if got.got != got.want {
			t.Errorf("got %q, want %q", got.got, got.want)
		}
	}
}

func TestTag(t *testing.T) {
	for tag, want := range map[string]string{"en": "en", "de-CH": "de", "FR_fr": "fr", "no": "en", "": "en"} {
		if got := language.New(tag, nil).Tag(); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

func TestAmount(t *testing.T) {
	tests := []struct{ lang, decimal, currency, want string }{
		{"en", "1234.50", "GBP", "1,234.50\u00a0GBP"},
		{"de", "1234.50", "GBP", "1.234,50\u00a0GBP"},
		{"fr", "1234.50", "GBP", "1\u202f234,50\u00a0GBP"},
		{"en", "41.10", "USD", "41.10\u00a0USD"},
		{"en", "0.00", "GBP", "0.00\u00a0GBP"},
		{"en", "-0.05", "GBP", "-0.05\u00a0GBP"},
		{"en", "-123.45", "GBP", "-123.45\u00a0GBP"},
		{"de", "-1234567.89", "EUR", "-1.234.567,89\u00a0EUR"},
		{"en", "999", "JPY", "999\u00a0JPY"},
		{"de", "1234567", "JPY", "1.234.567\u00a0JPY"},
		{"fr", "1234.567", "KWD", "1\u202f234,567\u00a0KWD"},
		{"en", "0.012", "KWD", "0.012\u00a0KWD"},
	}
	for _, tt := range tests {
		if got := language.New(tt.lang, nil).Amount(tt.decimal, tt.currency); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.lang, tt.decimal, got, tt.want)
		}
	}
}

func TestTyped(t *testing.T) {
	for lang, want := range map[string]string{"en": "1234.50", "de": "1234,50", "fr": "1234,50"} {
		if got := language.New(lang, nil).Typed("1234.50"); got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	tests := []struct {
		lang    string
		n       int
		number  string
		percent float64
		share   string
	}{
		{"en", 0, "0", 0, "0%"},
		{"en", 1234567, "1,234,567", 2.5, "2.5%"},
		{"de", 1234, "1.234", 2.5, "2,5\u00a0%"},
		{"fr", -1234, "-1\u202f234", 100, "100\u00a0%"},
		{"fr", -999, "-999", 0.1, "0,1\u00a0%"},
	}
	for _, tt := range tests {
		l := language.New(tt.lang, nil)
		if n, p := l.Number(tt.n), l.Percent(tt.percent); n != tt.number || p != tt.share {
			t.Errorf("%s: got %q and %q, want %q and %q", tt.lang, n, p, tt.number, tt.share)
		}
	}
}

// TestNumberIsExact holds that a number without its marks is the number.
func TestNumberIsExact(t *testing.T) {
	marks := map[string]*strings.Replacer{
		"en": strings.NewReplacer(",", ""), "de": strings.NewReplacer(".", "", ",", "."), "fr": strings.NewReplacer("\u202f", "", ",", "."),
	}
	rapid.Check(t, func(t *rapid.T) {
		decimal := rapid.StringMatching(`-?[1-9][0-9]{0,15}(\.[0-9]{1,3})?`).Draw(t, "decimal")
		for _, lang := range language.Shipped() {
			text, _, _ := strings.Cut(language.New(lang, nil).Amount(decimal, "GBP"), "\u00a0")
			if got := marks[lang].Replace(text); got != decimal {
				t.Errorf("%s: %s is %q", lang, decimal, text)
			}
		}
	})
}
