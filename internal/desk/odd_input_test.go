package desk

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/obs"
)

// oddTexts are what nobody types, and what programs that look for faults send.
var oddTexts = []string{
	"", " ", ".", "..", "/", "//", "a/b", "../..", "%", "%zz", "%2e", "?", "#", "&", ";", "+", "\x00", "\xff\xfe", "a\r\nSet-Cookie: b", "{1}",
	"<script>", `"'`, "-1", "0", "1", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1e9", "NaN", "null", "{}", "[]",
	`{"values":{"x":"y"},"at":{"user_note.9":9,"address":-7,"user_note.":1},"had":{}}`, `{"values":{},"at":{},"had":{}}`, "ME", "all", "ALL",
	"ada.byron", "31105", "2026-02-30", "2026-13-01T25:61", "0000-00-00", "٣", "\u202e", strings.Repeat("x", 300), strings.Repeat("é", 3000), "user_note",
	"pay", "waive", "dispute", "cancel", "change", "add", "remove", "prefer", "renew", "return", "due", "lost", "adopt", "secrets",
}

// formNames are the names of the fields of all forms.
var formNames = []string{
	"q", "offset", "to", "desk", "barcode", "once", "op", "match", "due", "due_time", "show", "sort", "from", "override", "returned", "amount",
	"method", "reason", "comment", "external", "do", "type", "library", "item", "mms_id", "item_pid", "description", "copy", "pickup", "until",
	"chapter", "chapter_author", "note", "tell", "title", "loans", "requests", "shown", "use_sis_value", "keep.last_name", "last_name", "first_name",
	"birth_date", "user_note.new.note_text", "user_note.0.remove", "address.line1", "address.preferred", "email.email_address", "user_group", "list",
	"at", "was", "value", "id_type", "primary_id", "code", "role_type", "scope", "expiry_date", "block_description", "password", "pin_number", "adopt", "profile",
	"record_type", "as", "anyway", "vendor", "for", "email", "phone", "status", "refresh", "uploaded", "key", "apply", "partial", "release",
}

// oddCalls is how many odd calls of each kind are made of a route.
const oddCalls = 6

// TestOddInputIsRefused asks for every page and sends every form with what nobody types, about a loan, a request and a fee that
// are there. None of it is a fault.
func TestOddInputIsRefused(t *testing.T) {
	t.Parallel()
	lib, _, request := asked(t)
	lib.item("3", "b3", "98")
	b := lib.staff("21", "26", "50", "221")
	b.post("/desk/patrons/ada/loans", url.Values{"barcode": {"b3"}})
	b.post("/desk/patrons/ada/fees/new", url.Values{"type": {"OTHER"}, "amount": {"1"}, "library": {"MAIN"}})
	random := rand.New(rand.NewPCG(1, 2))
	for _, p := range pages() {
		values := map[string]string{
			"{user_id}": "ada", "{request_id}": path.Base(request), "{loan_id}": b.first("/desk/patrons/ada/loans?show=all", "loans"),
			"{fee_id}": b.first("/desk/patrons/ada/fees", "fees"), "{code}": "FulRequestsReportLetter", "{part}": "notes",
			"{job_id}": "REGISTRAR", "{instance_id}": strings.Repeat("0", 32),
		}
		for _, in := range []string{"path", "one field", "several fields"} {
			for range oddCalls {
				method, path, form := oddCall(random, p.route, in, values)
				if method == http.MethodGet {
					path, form = path+"?"+form.Encode(), nil
				}
				if page := b.ask(method, path, form); page.status >= http.StatusInternalServerError {
					t.Errorf("%s with an odd %s: %s %.300s %.500v: got %d", p.route, in, method, path, form, page.status)
				}
			}
		}
	}
}

// first is the id of the first loan or fee on a page, or 1.
func (b *browser) first(page, of string) string {
	found := regexp.MustCompile(`href="/desk/patrons/ada/` + of + `/(\d+)"`).FindStringSubmatch(b.get(page).body)
	if found == nil {
		return "1"
	}
	return found[1]
}

// oddCall is a call of the route that is odd in one way.
func oddCall(random *rand.Rand, route, in string, values map[string]string) (method, path string, form url.Values) {
	form = url.Values{}
	odd := oddTexts[random.IntN(len(oddTexts))]
	switch in {
	case "path":
		named := slices.DeleteFunc(slices.Sorted(maps.Keys(values)), func(name string) bool { return !strings.Contains(route, name) })
		if len(named) > 0 && odd != "" && odd != "." && odd != ".." { // browsers ask for no such path
			values[named[random.IntN(len(named))]] = odd
		}
	case "one field":
		for _, name := range formNames {
			form.Set(name, odd)
		}
	default:
		for range 8 {
			form.Set(formNames[random.IntN(len(formNames))], oddTexts[random.IntN(len(oddTexts))])
		}
		form.Set("op", []string{"renew", "return", "due", "lost", "change", "add", "remove", "prefer"}[random.IntN(8)])
		form.Set("do", []string{"pay", "waive", "dispute", "restore", "cancel", "change"}[random.IntN(6)])
		form.Set("list", []string{"user_note", "address", "user_block"}[random.IntN(3)])
	}
	for name, value := range values {
		route = strings.ReplaceAll(route, name, url.PathEscape(value))
	}
	method, path, _ = strings.Cut(route, " ")
	return method, path, form
}

func TestDotsAreNoFolders(t *testing.T) {
	t.Parallel()
	b := newLibrary(t).staff("32")
	for _, q := range []string{".", "..", "/", "../conf/xxxx", "\x1d99999\x04"} {
		b.get("/desk/find?"+url.Values{"q": {q}}.Encode()).has(t, "Nobody found")
	}
}

// TestSeveralRefusalsAtOnceAreLogged holds that the calls a page makes side by side do not get in each other's way.
func TestSeveralRefusalsAtOnceAreLogged(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	lib.server.Config.Handler = obs.Middleware("staff-desk", obs.NewLog(t.Output()), lib.desk.Handler())
	if page := b.get("/desk/patrons/nobody"); page.status != http.StatusBadRequest {
		t.Errorf("got %d, want 400", page.status)
	}
}
