package desk

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// roleNames are the callers of the matrix: nobody, a patron, and staff with each of the roles that work with patrons.
var roleNames = []struct{ code, name string }{
	{"nobody", "nobody signed in"}, {"200", "Patron"}, {"21", "User Manager"}, {"26", "General System Administrator"},
	{"32", "Circulation Desk Operator"}, {"50", "User Administrator"}, {"51", "Requests Operator"}, {"52", "Fulfillment Administrator"},
	{"215", "Fulfillment Services Manager"}, {"221", "Circulation Desk Manager"}, {"299", "Circulation Desk Operator - Limited"},
}

// placeholders are what the routes' parameters stand for.
var placeholders = strings.NewReplacer("{user_id}", "ada.byron", "{loan_id}", "1", "{request_id}", "1", "{fee_id}", "1",
	"{code}", "FulRequestsReportLetter", "{part}", "notes", "{job_id}", "REGISTRAR", "{instance_id}", strings.Repeat("0", 32),
	"{file}", "desk.css", "{page+}", "nothing")

// TestAccess asks for every page and sends every form, empty, as each of the callers. The file says what each is answered:
// an x where they are let in, S where they are asked to sign in, and a dot where they are refused.
func TestAccess(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	for _, caller := range roleNames {
		lib.patron("caller."+caller.code, func(p *patron.Patron) { p.Roles = append(p.Roles, role(caller.code, "MAIN")) })
	}
	var got strings.Builder
	for i, caller := range roleNames {
		fmt.Fprintf(&got, "%c  %s\n", 'A'+i, caller.name)
	}
	got.WriteString("\n")
	for _, route := range Routes() {
		for _, caller := range roleNames {
			got.WriteByte(lib.admitted(route, caller.code))
		}
		got.WriteString("  " + route + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/access.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/access.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("testdata/access.txt differs; if that is meant, run the test with -update\ngot:\n%s", got.String())
	}
}

// admitted is how a caller is answered.
func (lib *library) admitted(route, caller string) byte {
	lib.t.Helper()
	b := lib.anybody()
	if caller != "nobody" {
		b = lib.signIn("caller." + caller)
	}
	method, path, _ := strings.Cut(placeholders.Replace(route), " ")
	var form url.Values
	if method == http.MethodPost {
		form = url.Values{"nothing": {""}}
	}
	page := b.ask(method, path, form)
	switch {
	case page.status == http.StatusUnauthorized, strings.HasPrefix(page.location(), "/desk/sign-in?"):
		return 'S'
	case page.status == http.StatusForbidden:
		return '.'
	case page.status >= http.StatusInternalServerError && route != "GET /desk/sign-in": // no provider answers here
		lib.t.Errorf("%s for %s: got %d %s", route, caller, page.status, page.body)
	}
	return 'x'
}

// TestWhatOneMayNotDoIsNotShown holds that no page offers what its reader would be refused.
func TestWhatOneMayNotDoIsNotShown(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	for _, caller := range roleNames[2:] {
		b := lib.staff(caller.code)
		for _, at := range []string{"/desk", "/desk/patrons/ada.byron", "/desk/patrons/ada.byron/record", "/desk/contacts", "/desk/jobs"} {
			page := b.get(at)
			if page.status == http.StatusSeeOther {
				page = b.follow(page)
			}
			if page.status != http.StatusOK {
				continue
			}
			for _, to := range linksIn(page.body) {
				if led := b.get(to); led.status == http.StatusForbidden || led.status == http.StatusNotFound {
					t.Errorf("%s is shown a link from %s to %s, which answers %d", caller.name, at, to, led.status)
				}
			}
		}
	}
}

// linksIn are the pages of the desk a page leads to.
func linksIn(body string) []string {
	var all []string
	for part := range strings.SplitSeq(body, `href="/desk`) {
		to, _, ok := strings.Cut(part, `"`)
		if ok && !strings.HasPrefix(part, "<!doctype") && !strings.HasPrefix(to, "/assets/") && !strings.HasPrefix(to, "/sign-in") {
			all = append(all, strings.ReplaceAll("/desk"+to, "&amp;", "&"))
		}
	}
	return all
}
