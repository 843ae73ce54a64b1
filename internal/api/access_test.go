package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"patrondesk/functions"
	"patrondesk/internal/auth"
)

// probe is a route asked in a way that changes nothing whoever asks: through is what who may use it is answered.
type probe struct {
	route, query, header string
	through              string // status and code
	finds                bool   // looks the patron up before it finds fault with the request
}

// probes are all routes, in the order of the columns of the matrix.
var probes = []probe{
	{"GET /almaws/v1/users/{user_id}", "", "", "200 ", true},
	{"GET /almaws/v1/users/{user_id}/provenance", "", "", "200 ", true},
	{"GET /almaws/v1/users/operation/test", "", "", "200 ", false},
	{"POST /almaws/v1/users/operation/test", "", "", "200 ", false},
	{"GET /almaws/v1/users", "limit=1", "", "200 ", false},
	{"POST /almaws/v1/users", "", "", "400 401676", false},
	{"PUT /almaws/v1/users/{user_id}", "", "", "400 401676", false},
	{"DELETE /almaws/v1/users/{user_id}", "", `If-Match: "stale"`, "412 PRECONDITION_FAILED", true},
	{"POST /almaws/v1/users/{user_id}", "op=dance", "", "400 401666", false},
	{"GET /almaws/v1/users/{user_id}/loans", "", "", "200 ", true},
	{"POST /almaws/v1/users/{user_id}/loans", "", "", "400 401672", false},
	{"GET /almaws/v1/users/{user_id}/loans/{loan_id}", "", "", "400 401823", true},
	{"POST /almaws/v1/users/{user_id}/loans/{loan_id+}", "", "", "400 401666", false},
	{"PUT /almaws/v1/users/{user_id}/loans/{loan_id}", "", "", "400 401676", false},
	{"GET /almaws/v1/items", "", "", "400 401664", false},
	{"POST /almaws/v1/items", "", "", "400 401664", false},
	{"GET /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", "", "", "400 401652", false},
	{"POST /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", "", "", "400 402504", false},
	{"GET /almaws/v1/users/{user_id}/fees", "", "", "200 ", true},
	{"POST /almaws/v1/users/{user_id}/fees", "", "", "400 401676", false},
	{"POST /almaws/v1/users/{user_id}/fees/all", "", "", "400 401666", false},
	{"GET /almaws/v1/users/{user_id}/fees/{fee_id}", "", "", "400 401665", true},
	{"POST /almaws/v1/users/{user_id}/fees/{fee_id}", "", "", "400 401666", false},
	{"GET /almaws/v1/users/{user_id}/requests", "", "", "200 ", true},
	{"GET /almaws/v1/users/{user_id}/requests/{request_id}", "", "", "400 401694", true},
	{"POST /almaws/v1/users/{user_id}/requests", "", "", "400 401676", false},
	{"PUT /almaws/v1/users/{user_id}/requests/{request_id}", "", "", "400 401676", false},
	{"POST /almaws/v1/users/{user_id}/requests/{request_id}", "", "", "400 401666", false},
	{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", "", "", "400 401664", false},
	{"POST /almaws/v1/users/{user_id}/letters", "", "", "400 401676", false},
	{"GET /almaws/v1/users/{user_id}/letters", "", "", "200 ", true},
	{"GET /almaws/v1/conf/code-tables/{name}", "", "", "200 ", false},
	{"GET /almaws/v1/conf/test", "", "", "200 ", false},
	{"POST /almaws/v1/conf/test", "", "", "200 ", false},
	{"GET /almaws/v1/conf/jobs", "", "", "200 ", false},
	{"GET /almaws/v1/conf/jobs/{job_id}", "", "", "200 ", false},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances", "", "", "200 ", false},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances", "op=upload", "", "400 401664", false},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "", "", "400 402218", false},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "op=release", "", "400 402218", false},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/report", "", "", "400 402218", false},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/rejected", "", "", "400 402218", false},
}

// The refusals of the matrix. U and X are of keys, the others of tokens: T of the token, N of its
// person's record, F of what they ask.
var refusals = map[byte]struct{ answer, body string }{
	'U': {"400 UNAUTHORIZED", keyRefusal("UNAUTHORIZED", "API-key not defined or not configured to allow this API.")},
	'X': {"403 INVALID_REQUEST", keyRefusal("INVALID_REQUEST", "Invalid API Key")},
	'T': {"401 UNAUTHORIZED", tokenRefusal("UNAUTHORIZED", "The token was not accepted. Sign in again.")},
	'F': {"403 FORBIDDEN", tokenRefusal("FORBIDDEN", "Forbidden. You may not do this or see this record.")},
	'N': {"403 FORBIDDEN", tokenRefusal("FORBIDDEN", "Forbidden. The library has no valid record for this account.")},
}

func keyRefusal(code, message string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist><errorList><error>` +
		`<errorCode>` + code + `</errorCode><errorMessage>` + message + `</errorMessage></error></errorList></web_service_result>`
}

func tokenRefusal(code, message string) string {
	return fmt.Sprintf(`{"errorsExist":true,"errorList":{"error":[{"errorCode":%q,"errorMessage":%q}]},"result":null}`, code, message)
}

// matrix says for every kind of caller, asking for somebody's record, what each route answers: "." lets through, "?"
// says that there is no such user, "m" that a key is no person, and a letter is a refusal. The columns:
//
//	lookup: GET user, provenance, GET and POST test | search: GET users | update: POST users, PUT, DELETE, POST user |
//	loans: GET loans, POST loans, GET loan, POST loan, PUT loan, GET items, POST items, GET item, POST item |
//	fees: GET fees, POST fees, POST all, GET fee, POST fee |
//	listing: GET requests, GET request | update: POST requests, PUT, POST, DELETE request | letters: POST, GET |
//	configuration: GET table, GET and POST test | jobs: GET jobs, job, instances; POST instances; GET instance; POST instance;
//	GET report, rejected
var matrix = []struct{ who, target, want string }{
	{"nothing", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"another scheme", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"unknown key", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"unknown key in the query", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"key and token", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"two different keys", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"key pd_expired", "other", "XXXX X XXXX XXXXXXXXX XXXXX XX XXXX XX XXX XXXXXXXX"},
	{"key pd_expired in the query", "other", "XXXX X XXXX XXXXXXXXX XXXXX XX XXXX XX XXX XXXXXXXX"},
	{"key pd_revoked", "other", "XXXX X XXXX XXXXXXXXX XXXXX XX XXXX XX XXX XXXXXXXX"},
	{"key pd_none", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"key pd_users:read", "other", "...U . UUU. UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"key pd_users:write", "other", ".... . .... UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"key pd_fulfilment:read", "other", "UUUU U UUUU .U.UU.U.U .UU.U .. UUUU U. UUU UUUUUUUU"},
	{"key pd_fulfilment:write", "other", "UUUU U UUUU ......... ..... .. .... .. UUU UUUUUUUU"},
	{"key pd_configuration:read", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU ..U ...U.UUU"},
	{"key pd_configuration:write", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU ... ...U..UU"},
	{"key pd_configuration:write in the query", "other", "UUUU U UUUU UUUUUUUUU UUUUU UU UUUU UU ... ...U..UU"},
	{"key " + allRights, "other", ".... . .... ......... ..... .. .... .. ... ........"},
	{"key " + allRights + " in the query", "other", ".... . .... ......... ..... .. .... .. ... ........"},
	{"the same key twice", "other", ".... . .... ......... ..... .. .... .. ... ........"},
	{"key " + allRights, "nobody", "??.. . ..?. ?.?...... ?..?. ?? .... .? ... ........"},
	{"key " + allRights, "ME", "mm.. . ..m. m.m...... m..m. mm .... .m ... ........"},
	{"key pd_users:read", "nobody", "??.U . UUU. UUUUUUUUU UUUUU UU UUUU UU UUU UUUUUUUU"},
	{"token nonsense", "other", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"token expired", "desk", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"token for another audience", "desk", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"token of another issuer", "desk", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"token of another key", "desk", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"token without a person", "desk", "TTTT T TTTT TTTTTTTTT TTTTT TT TTTT TT TTT TTTTTTTT"},
	{"stranger", "ME", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"},
	{"B-plain", "plain", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"}, // a barcode signs nobody in
	{"plain", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"plain", "nobody", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"plain", "plain", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
	{"plain", "PLAIN", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
	{"plain", "B-plain", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
	{"plain", "ME", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
	{"contact", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"contact", "ME", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
	{"expired", "ME", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"},
	{"expired", "expired", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"},
	{"inactive", "ME", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"},
	{"inactive", "inactive", "NNNN N NNNN NNNNNNNNN NNNNN NN NNNN NN NNN NNNNNNNN"},
	{"staff-21", "other", ".... . .... FFFFFFFFF FFFFF FF FFFF FF ..F ...F.F.."},
	{"staff-26", "other", "...F . FFF. FFFFFFFFF FFFFF FF FFFF FF ... ........"},
	{"staff-32", "other", ".... . .... ......... ..... .. .... .. ..F ...F.F.."},
	{"STAFF-32", "other", ".... . .... ......... ..... .. .... .. ..F ...F.F.."},
	{"staff-32", "nobody", "??.. . ..?. ?.?...... ?..?. ?? .... .? ..F ...F.F.."},
	{"staff-32", "ME", ".... . .... ......... ..... .. .... .. ..F ...F.F.."},
	{"staff-50", "other", ".... . .... FFFFFFFFF FFFFF FF FFFF FF ..F ...F...."},
	{"staff-51", "other", "...F . FFF. ......... ..... .. .... .. ..F ...F.F.."},
	{"staff-52", "other", "...F . FFF. ......... ..... .. .... .. ... ...F.F.."},
	{"staff-215", "other", "...F . FFF. ......... ..... .. .... .. ..F ...F.F.."},
	{"staff-221", "other", ".... . .... ......... ..... .. .... .. ..F ...F.F.."},
	{"staff-299", "other", "...F . FFF. .F.FF.F.F .FF.F .. FFFF F. ..F ...F.F.."},
	{"staff-21", "ME", ".... . .... .F.FFFFFF .FF.F .. FFFF F. ..F ...F.F.."}, // their own requests, as any patron
	{"role-expired", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"role-inactive", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"role-elsewhere", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"role-unknown", "other", "FFFF F FFFF FFFFFFFFF FFFFF FF FFFF FF FFF FFFFFFFF"},
	{"role-expired", "ME", ".FFF F FFFF .F.FFFFFF .FF.F .. FFFF F. FFF FFFFFFFF"},
}

func TestAccess(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.callers()
	before := d.contents()
	for _, row := range matrix {
		columns := strings.ReplaceAll(row.want, " ", "")
		if len(columns) != len(probes) {
			t.Fatalf("%s: %d columns, want %d", row.who, len(columns), len(probes))
		}
		for i, p := range probes {
			headers, query := d.credentials(row.who, row.target, i)
			got := d.call(p.method(), p.path(row.target)+"?"+p.query+query, "", append(headers, p.headers()...)...)
			want, body := p.answer(columns[i])
			if fmt.Sprintf("%d %s", got.status, got.code()) != want || body != "" && got.body != body {
				t.Errorf("%s asks %s of %s: got %d %s, want %s %s", row.who, p.route, row.target, got.status, got.body, want, body)
			}
			if challenged := got.header.Get("WWW-Authenticate") != ""; challenged != (columns[i] == 'T') {
				t.Errorf("%s asks %s of %s: the answer has a challenge: %v", row.who, p.route, row.target, challenged)
			}
		}
	}
	if after := d.contents(); after != before {
		t.Error("the tables changed")
	}
}

func (p probe) headers() []string {
	if p.header == "" {
		return nil
	}
	return []string{p.header}
}

func (p probe) method() string { method, _, _ := strings.Cut(p.route, " "); return method }

func (p probe) path(target string) string {
	_, path, _ := strings.Cut(p.route, " /almaws/v1")
	return strings.NewReplacer("{user_id}", url.PathEscape(target), "{request_id}", "1", "{loan_id}", "1", "{fee_id}", "1", "{mms_id}", "99",
		"{holding_id}", "22", "{item_pid}", "1", "{name}", "UserGroups",
		"{job_id}", "REGISTRAR", "{instance_id}", "0123456789abcdef0123456789abcdef").Replace(path)
}

// answer is what the letter of the matrix means for the route: status and code, and the whole body where it is fixed.
func (p probe) answer(letter byte) (want, body string) {
	switch letter {
	case '.':
		return p.through, ""
	case '?':
		return "400 401861", ""
	case 'm':
		return "400 60101", ""
	}
	return refusals[letter].answer, refusals[letter].body
}

// TestAccessIsComplete holds the matrix's columns against the list of functions.
func TestAccessIsComplete(t *testing.T) {
	var got, want []string
	for _, p := range probes {
		got = append(got, p.route)
	}
	for _, f := range functions.All {
		if f.Pages {
			continue // they are no calls, and package desk has a matrix of them
		}
		want = append(want, f.Routes...)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("probes are\n%v\nand the routes\n%v", got, want)
	}
}

// credentials are what that caller shows: headers, and more of the query. Every second key comes in another case of
// the scheme's name.
func (d *desk) credentials(who, target string, n int) (headers []string, query string) {
	scheme := []string{"apikey", "Apikey"}[n%2]
	key, isKey := strings.CutPrefix(who, "key pd_")
	key, inQuery := strings.CutSuffix("pd_"+key, " in the query")
	switch {
	case isKey && inQuery:
		return []string{"Authorization: "}, "&apikey=" + key
	case isKey:
		return []string{"Authorization: " + scheme + " " + key}, ""
	}
	switch who {
	case "nothing":
		return []string{"Authorization: "}, ""
	case "another scheme":
		return []string{"Authorization: Basic dTpw"}, ""
	case "unknown key":
		return []string{"Authorization: apikey pd_unknown"}, ""
	case "unknown key in the query":
		return []string{"Authorization: "}, "&apikey=pd_unknown"
	case "key and token":
		return []string{"Authorization: " + d.issuer.Bearer("staff-32", nil)}, "&apikey=" + allRights
	case "two different keys":
		return []string{"Authorization: apikey " + allRights}, "&apikey=pd_users:read"
	case "the same key twice":
		return []string{"Authorization: apikey " + allRights}, "&apikey=" + allRights
	}
	return []string{"Authorization: " + d.token(who, target)}, ""
}

func (d *desk) token(who, target string) string {
	switch who {
	case "token nonsense":
		return "Bearer nonsense"
	case "token expired":
		return d.issuer.Bearer("staff-32", map[string]any{"exp": time.Now().Add(-time.Minute).Unix()})
	case "token for another audience":
		return d.issuer.Bearer("staff-32", map[string]any{"aud": "elsewhere"})
	case "token of another issuer":
		return d.issuer.Bearer("staff-32", map[string]any{"iss": "https://elsewhere.example"})
	case "token without a person":
		return d.issuer.Bearer("", nil)
	case "token of another key":
		return d.issuer.Forged("staff-32")
	}
	return d.issuer.Bearer(who, nil)
}

// callers stores everybody the matrix names, and "other", whom they ask for.
func (d *desk) callers() {
	day := time.Now()
	for _, right := range auth.AllRights() {
		d.key("pd_"+string(right), right)
	}
	d.key("pd_none")
	d.storeKey(auth.Key{Name: "expired", Rights: auth.AllRights(), Expires: day.Add(-time.Second)}, "pd_expired")
	d.storeKey(auth.Key{Name: "revoked", Rights: auth.AllRights(), Revoked: day.Add(-time.Second)}, "pd_revoked")
	for _, code := range []string{"21", "26", "32", "50", "51", "52", "215", "221", "299"} {
		d.must(200, "POST", "/users", person("staff-"+code, role(code, "01DEMO_INST", "ACTIVE", "")))
	}
	yesterday := fmt.Sprintf(`"expiry_date":%q`, day.AddDate(0, 0, -2).Format("2006-01-02Z"))
	desk := role("32", "MAIN", "ACTIVE", "")
	for _, body := range []string{
		person("other"), person("plain", `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"B-plain"}]`),
		strings.Replace(person("contact"), "PUBLIC", "CONTACT", 1),
		person("expired", desk, yesterday),
		person("inactive", desk, `"status":{"value":"INACTIVE"}`),
		person("role-expired", role("32", "MAIN", "ACTIVE", yesterday)),
		person("role-inactive", role("32", "MAIN", "INACTIVE", "")),
		person("role-elsewhere", role("32", "02ELSEWHERE_INST", "ACTIVE", "")),
		person("role-unknown", role("200", "01DEMO_INST", "ACTIVE", "")),
	} {
		d.must(200, "POST", "/users", body)
	}
}

// role is the JSON of a record's one role; more is a further member or "".
func role(code, scope, status, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`"user_role":[{"role_type":{"value":%q},"scope":{"value":%q},"status":{"value":%q}%s}]`, code, scope, status, more)
}
