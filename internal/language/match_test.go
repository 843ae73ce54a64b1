package language_test

import (
	"slices"
	"testing"

	"patrondesk/internal/language"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name      string
		accept    string
		preferred []string
		want      string
	}{
		{"nothing is known", "", nil, "en"},
		{"preferred", "", []string{"fr"}, "fr"},
		{"preferred before the browser's", "de", []string{"fr"}, "fr"},
		{"the first preferred that ships", "", []string{"", "no", "de", "fr"}, "de"},
		{"a region, a script, any case", "", []string{"DE_at"}, "de"},
		{"spaces", "", []string{" fr-CA "}, "fr"},
		{"a longer code", "", []string{"deu"}, "en"},
		{"preferred is none that ships", "fr", []string{"no"}, "fr"},
		{"the browser's first", "de-AT,de;q=0.9,en;q=0.8", nil, "de"},
		{"by weight", "en;q=0.5, fr ; q=0.9, nl", nil, "fr"},
		{"of equal weight the first", "fr;q=0.5,de;q=0.5", nil, "fr"},
		{"not wanted", "de;q=0, fr;q=0.1", nil, "fr"},
		{"anything", "*", nil, "en"},
		{"none that ships", "nl,sv;q=0.5", nil, "en"},
		{"what cannot be read", ";;q=,de;q=much,-,fr;q=0.2", nil, "fr"},
	}
	for _, tt := range tests {
		if got := language.Match(tt.accept, tt.preferred...); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzMatch holds that whatever is asked for, the answer is a language that ships.
func FuzzMatch(f *testing.F) {
	f.Add("de-AT,de;q=0.9,en;q=0.8", "fr")
	f.Add("*;q=NaN,;q=,fr;q=1e400", "-")
	f.Fuzz(func(t *testing.T, accept, preferred string) {
		if got := language.Match(accept, preferred); !slices.Contains(language.Shipped(), got) {
			t.Errorf("Match(%q, %q) is %q", accept, preferred, got)
		}
	})
}
