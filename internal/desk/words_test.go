package desk

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/language"
)

// keyed is a key in a template: of t or n with a text, the keys made of several parts are not looked at.
var keyed = regexp.MustCompile(`[({\s](?:t|n) "([^"]+)"`)

// TestWordsAreComplete holds the languages together: each has every key, with the same placeholders, and every key a page
// names by itself is there.
func TestWordsAreComplete(t *testing.T) {
	english, err := readWords("en")
	if err != nil {
		t.Fatal(err)
	}
	placeholder := regexp.MustCompile(`\{\d+\}`)
	for _, lang := range language.Shipped() {
		other, err := readWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for key, text := range english {
			if other[key] == "" {
				t.Errorf("%s: nothing for %s", lang, key)
				continue
			}
			want, got := placeholder.FindAllString(text, -1), placeholder.FindAllString(other[key], -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(want), slices.Compact(got)) {
				t.Errorf("%s: %s has the placeholders %v, want %v", lang, key, got, want)
			}
		}
		for key := range other {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s is not in English", lang, key)
			}
		}
	}
	for key := range keysOfTemplates(t) {
		_, said := english[key]
		_, counted := english[key+".other"]
		if !said && !counted {
			t.Errorf("a page says %s, for which there are no words", key)
		}
	}
}

func keysOfTemplates(t *testing.T) map[string]bool {
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, name := range files {
		body, err := templateFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyed.FindAllStringSubmatch(string(body), -1) {
			if key := m[1]; !strings.HasSuffix(key, ".") {
				keys[key] = true
			}
		}
	}
	return keys
}

func TestWhatIsFilledInIsNotFilled(t *testing.T) {
	if got := (words{"a": "{1} and {2}"}).say("a", "{2}", "two"); got != "{2} and two" {
		t.Errorf("got %q", got)
	}
}

// literal is a text of the program or of a page that may be a key, or the beginning or end of one that is made of parts.
var literal = regexp.MustCompile(`"([\w.?-]+)"`)

// TestEveryWordIsSaid holds that nobody translates what no page says.
func TestEveryWordIsSaid(t *testing.T) {
	written := map[string]bool{}
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(body), -1) {
				written[m[1]] = written[m[1]] || !strings.HasSuffix(name, "_test.go")
			}
		}
	}
	english, err := readWords("en")
	if err != nil {
		t.Fatal(err)
	}
	for key := range english {
		if !isSaid(key, written) {
			t.Errorf("no page says %s", key)
		}
	}
}

// isSaid reports whether a key is among the texts that are written, counts something that is, or is made of one of them.
func isSaid(key string, written map[string]bool) bool {
	for text, ok := range written {
		before, ends := strings.CutSuffix(key, text)
		after, begins := strings.CutPrefix(key, text)
		switch {
		case !ok:
		case begins && (after == "" || after == ".one" || after == ".other" || strings.ContainsAny(text[len(text)-1:], ".-")):
			return true
		case ends && text[0] == '.' && written[before]:
			return true
		}
	}
	return false
}
