package institution

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settings are those of a file with the text in it.
func settings(t *testing.T, text string) (*Institution, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

func TestAccountsAreWithTheirVendor(t *testing.T) {
	i, err := settings(t, `{"code_tables": {"Vendors": [{"code": "INK", "disabled": true}, {"code": "PAPER"}],
		"VendorAccounts": [{"code": "INK-1", "vendor": "INK"}, {"code": "ANY"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		account, vendor string
		want            bool
	}{
		{"INK-1", "INK", true}, {"INK-1", "PAPER", false}, {"ANY", "INK", true}, {"ANY", "PAPER", true}, {"NONE", "INK", true},
	} {
		if got := i.WithVendor(tt.account, tt.vendor); got != tt.want {
			t.Errorf("%s with %s: got %v, want %v", tt.account, tt.vendor, got, tt.want)
		}
	}
}

func TestReadRefusesWhoseAccountsAreNobodys(t *testing.T) {
	for _, table := range []string{`"VendorAccounts": [{"code": "INK-1", "vendor": "INK"}]`, `"Genders": [{"code": "INK-1", "vendor": "PAPER"}]`} {
		_, err := settings(t, `{"code_tables": {"Vendors": [{"code": "PAPER"}], `+table+`}}`)
		if err == nil || !strings.Contains(err.Error(), "INK-1") {
			t.Errorf("%s: got %v", table, err)
		}
	}
}
