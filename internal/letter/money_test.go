package letter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
)

// paying is a writer in the language of letters of an institution with that currency.
func paying(t *testing.T, lang, currency string) writer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(path, fmt.Appendf(nil, `{"currency": %q}`, currency), 0o600); err != nil {
		t.Fatal(err)
	}
	inst, err := institution.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return writer{labels: labelsFor(BorrowingActivityCode, lang), inst: inst}
}

func TestAmount(t *testing.T) {
	tests := []struct {
		lang, currency string
		amount         fulfillment.Money
		want           string
	}{
		{"en", "GBP", 123450, "1,234.50\u00a0GBP"},
		{"de", "GBP", 123450, "1.234,50\u00a0GBP"},
		{"fr", "GBP", 123450, "1\u202f234,50\u00a0GBP"},
		{"en", "USD", 4110, "41.10\u00a0USD"},
		{"en", "GBP", 0, "0.00\u00a0GBP"},
		{"en", "GBP", 5, "0.05\u00a0GBP"},
		{"en", "GBP", -5, "-0.05\u00a0GBP"},
		{"de", "EUR", -123456789, "-1.234.567,89\u00a0EUR"},
		{"en", "JPY", 999, "999\u00a0JPY"},
		{"de", "JPY", 1234567, "1.234.567\u00a0JPY"},
		{"fr", "KWD", 1234567, "1\u202f234,567\u00a0KWD"},
		{"en", "KWD", 12, "0.012\u00a0KWD"},
	}
	for _, tt := range tests {
		if got := paying(t, tt.lang, tt.currency).amount(tt.amount); got != tt.want {
			t.Errorf("%s: %d is %q, want %q", tt.lang, tt.amount, got, tt.want)
		}
	}
}

// TestAmountIsExact holds that an amount without its marks is the decimal one.
func TestAmountIsExact(t *testing.T) {
	writers := map[int]writer{0: paying(t, "de", "JPY"), 2: paying(t, "fr", "EUR"), 3: paying(t, "en", "KWD")}
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "places")
		m, w := fulfillment.Money(rapid.Int64().Draw(t, "amount")), writers[places]
		group, point := w.marks()
		got, _, _ := strings.Cut(w.amount(m), "\u00a0")
		got = strings.ReplaceAll(strings.ReplaceAll(got, group, ""), point, ".")
		if want := m.Decimal(places); got != want {
			t.Errorf("%d is %q, want %q", m, got, want)
		}
	})
}
