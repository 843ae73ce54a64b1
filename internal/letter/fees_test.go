package letter

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
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
	inst.Language = lang
	return newWriter(BorrowingActivityCode, patron.Patron{}, inst)
}

// TestAmount holds that an amount has the language's marks, and the code and the decimal places of the currency.
func TestAmount(t *testing.T) {
	tests := []struct {
		lang, currency string
		amount         fulfillment.Money
		want           string
	}{
		{"en", "GBP", 123450, "1,234.50\u00a0GBP"},
		{"de", "EUR", -5, "-0,05\u00a0EUR"},
		{"de", "JPY", 1234567, "1.234.567\u00a0JPY"},
		{"fr", "KWD", 1234567, "1\u202f234,567\u00a0KWD"},
	}
	for _, tt := range tests {
		if got := paying(t, tt.lang, tt.currency).amount(tt.amount); got != tt.want {
			t.Errorf("%s: %d is %q, want %q", tt.lang, tt.amount, got, tt.want)
		}
	}
}
