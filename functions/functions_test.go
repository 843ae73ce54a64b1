package functions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/functions"
	"patrondesk/internal/api"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/desk"
	"patrondesk/internal/institution"
	"patrondesk/internal/session"
)

// TestFoldersAreTheFunctions holds the list against the folders that have a main.
func TestFoldersAreTheFunctions(t *testing.T) {
	var got, want []string
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" {
			got = append(got, e.Name())
		}
	}
	for _, f := range functions.All {
		want = append(want, f.Name)
		if _, err := os.Stat(f.Name + "/main.go"); err != nil {
			t.Errorf("%s has no main: %v", f.Name, err)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the folders are %v and the functions %v", got, want)
	}
}

// TestMainsReadTheirSettings holds each main against the settings the list says it needs.
func TestMainsReadTheirSettings(t *testing.T) {
	for _, f := range functions.All {
		text, err := os.ReadFile(f.Name + "/main.go")
		if err != nil {
			t.Fatal(err)
		}
		main := string(text)
		if lines := strings.Count(main[strings.Index(main, "func main()"):], "\n"); lines > 25 {
			t.Errorf("the main of %s has %d lines, want at most 25", f.Name, lines)
		}
		settings := f.Settings()
		for _, name := range settings {
			if !strings.HasPrefix(name, "OIDC_") && !strings.Contains(main, fmt.Sprintf("boot.Setting(%q)", name)) {
				t.Errorf("the main of %s does not read %s", f.Name, name)
			}
		}
		for part := range strings.SplitSeq(main, `boot.Setting("`) {
			if name, _, ok := strings.Cut(part, `"`); ok && strings.ToUpper(name) == name && !slices.Contains(settings, name) {
				t.Errorf("the main of %s reads %s, which is none of its settings", f.Name, name)
			}
		}
		if guarded := strings.Contains(main, "boot.Guard("); guarded != (f.SignIn && !f.Pages) {
			t.Errorf("the main of %s has a guard: %v; SignIn: %v", f.Name, guarded, f.SignIn)
		}
	}
}

// TestRoutesAreMounted holds the routes of each function against those its handler takes: its own, and nobody else's.
func TestRoutesAreMounted(t *testing.T) {
	a := &api.API{Guard: auth.New(nil, nil, nil, time.Now)}
	pages := (&desk.Desk{Institution: &institution.Institution{}, Provider: &session.Provider{}}).Handler()
	for _, f := range functions.All {
		handler, ok := a.Function(f.Name)
		if f.Pages {
			handler, ok = pages, true
		}
		if ok != (len(f.Routes) > 0) {
			t.Errorf("%s: api has a handler: %v, and it has %d routes", f.Name, ok, len(f.Routes))
		}
		if !ok {
			continue
		}
		for _, other := range functions.All {
			for _, route := range other.Routes {
				want := "/"
				if f.Pages && other.Name != f.Name {
					continue // what is no page of the desk's shows one that says so
				}
				if other.Name == f.Name {
					want = apigw.Pattern(route)
				}
				if got := matched(handler, route); got != want {
					t.Errorf("%s takes %s as %q, want %q", f.Name, route, got, want)
				}
			}
		}
	}
}

// matched is the pattern under which a handler takes a request for the route. The request is nobody's and is refused.
func matched(h http.Handler, route string) string {
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequest(method, regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "1"), nil)
	h.ServeHTTP(httptest.NewRecorder(), r)
	return r.Pattern
}

// TestTables holds the grants against the list of tables.
func TestTables(t *testing.T) {
	indexes := map[string]string{}
	for _, table := range functions.Tables {
		indexes[table.Name] = ""
		if table.Index != nil {
			indexes[table.Name] = table.Index.Name
		}
	}
	for _, f := range functions.All {
		for _, g := range f.Tables {
			if index, known := indexes[g.Table]; !known || g.Index != "" && g.Index != index {
				t.Errorf("%s is granted the table %s and its index %q, which do not exist", f.Name, g.Table, g.Index)
			}
		}
	}
}
