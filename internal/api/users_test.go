package api

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const barcode = `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"2100"}]`

func TestUserIsFoundByEveryIdentifier(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada.byron", barcode))
	for _, tt := range []struct {
		path, code string
		status     int
	}{
		{"/users/ada.byron", "", 200},
		{"/users/ADA.Byron", "", 200},
		{"/users/2100", "", 200},
		{"/users/2100?user_id_type=BARCODE", "", 200},
		{"/users/2100?user_id_type=all_unique", "", 200},
		{"/users/2100?user_id_type=INST_ID", "401890", 400},
		{"/users/ada.byron?user_id_type=BARCODE", "401890", 400},
		{"/users/nobody", "401861", 400},
		{"/users/%20", "401861", 400},
		{"/users/a%2Fb", "401861", 400},
		{"/users/a%3Fb", "401861", 400},
		{"/users/a+b", "401861", 400},
		{"/users/%FF", "401861", 400},
		{"/users/" + strings.Repeat("x", 2000), "401861", 400},
		{"/users/ME", "60101", 400},
	} {
		if got := d.call("GET", tt.path, ""); got.status != tt.status || got.code() != tt.code {
			t.Errorf("GET %s: got %d %s, want %d %s", tt.path, got.status, got.body, tt.status, tt.code)
		}
	}
}

func TestOddIdentifiersAreFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, id := range []string{"a/b", "a?b", "a+b", "a b", "a%2Fb", "50% off", "müller", "\u5f20\u4f1f", "a#b", "a&b=c", "..", "a;b"} {
		d.must(200, "POST", "/users", person(fmt.Sprintf("p%d", i), fmt.Sprintf(`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":%q}]`, id)))
		got := d.must(200, "GET", "/users/"+strings.ReplaceAll(url.PathEscape(id), "..", "%2E%2E"), "").object(t)
		if got["primary_id"] != fmt.Sprintf("p%d", i) {
			t.Errorf("%q finds %v", id, got["primary_id"])
		}
	}
}

func TestExpandAndBrief(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada.byron", barcode))
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users/2100/requests?item_pid=1", holdAtMain)
	got := d.must(200, "GET", "/users/2100?expand=loans,requests,fees", "").object(t)
	requests, _ := got["requests"].(map[string]any)
	if requests["value"] != "1" || !strings.HasSuffix(fmt.Sprint(requests["link"]), "/almaws/v1/users/ada.byron/requests") {
		t.Errorf("requests is %v", got["requests"])
	}
	for total, want := range map[string]string{"loans": "0", "fees": "0.0"} {
		if shown, _ := got[total].(map[string]any); shown["value"] != want || !strings.HasSuffix(fmt.Sprint(shown["link"]), "/users/ada.byron/"+total) {
			t.Errorf("%s is %v, want %s and a link", total, got[total], want)
		}
	}
	if got := d.must(200, "GET", "/users/2100", "").object(t); got["requests"] != nil || got["loans"] != nil || got["fees"] != nil {
		t.Errorf("without expand: %v, %v, %v", got["requests"], got["loans"], got["fees"])
	}
	if got := d.must(200, "GET", "/users/2100?view=brief", "").object(t); got["user_role"] != nil || got["user_identifier"] == nil {
		t.Errorf("brief is %v", got)
	}
}

func TestCreateUserRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada.byron", barcode))
	for _, tt := range []struct{ name, body, code string }{
		{"no JSON", `{"record_type"`, "401676"},
		{"unknown field", person("x", `"shoe_size":42`), "401676"},
		{"wrong type", person("x", `"first_name":{"a":1}`), "401676"},
		{"taken primary id", person("ADA.byron"), "401851"},
		{"taken barcode", person("x", barcode), "401851"},
		{"primary id that is a barcode", person("2100"), "401851"},
		{"no record type", `{"account_type":{"value":"INTERNAL"},"last_name":"B","primary_id":"x"}`, "401664"},
		{"illegal record type", strings.Replace(person("x"), "PUBLIC", "ROBOT", 1), "401864"},
		{"illegal account type", strings.Replace(person("x"), "INTERNAL", "GUEST", 1), "401857"},
		{"internal with external authentication", strings.Replace(person("x"), "INTERNAL", "INTEXTAUTH", 1), "401855"},
		{"internal with external id", person("x", `"external_id":"REGISTRAR"`), "401853"},
		{"external without profile", strings.Replace(person("x"), "INTERNAL", "EXTERNAL", 1), "401854"},
		{"external of an unknown profile", strings.Replace(person("x", `"external_id":"NONE"`), "INTERNAL", "EXTERNAL", 1), "401854"},
		{"illegal user group", strings.Replace(person("x"), `"01"`, `"77"`, 1), "401852"},
		{"user group not for staff", strings.Replace(person("x"), "PUBLIC", "STAFF", 1), "401863"},
		{"contact with a barcode", strings.Replace(person("x", `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"9"}]`), "PUBLIC", "CONTACT", 1), "401863"},
		{"illegal identifier type", person("x", `"user_identifier":[{"id_type":{"value":"TATTOO"},"value":"9"}]`), "401864"},
		{"day that does not exist", person("x", `"birth_date":"2001-02-29Z"`), "401864"},
		{"short password", person("x", `"password":"short"`), "500038"},
		{"PIN of letters", person("x", `"pin_number":"abcd"`), "401864"},
	} {
		if got := d.call("POST", "/users", tt.body); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s: got %d %s, want %s", tt.name, got.status, got.body, tt.code)
		}
		if got := d.call("GET", "/users/x", ""); got.status != 400 {
			t.Fatalf("%s: a user was created", tt.name)
		}
	}
}

func TestGeneratedPrimaryIDsDiffer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := strings.Replace(person("x"), `"primary_id":"x",`, "", 1)
	first := d.must(200, "POST", "/users", body).object(t)["primary_id"]
	second := d.must(200, "POST", "/users", body).object(t)["primary_id"]
	if first == second || first == "" {
		t.Errorf("got %v and %v", first, second)
	}
}

func TestPutNeedsTheVersionRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tag := d.must(200, "POST", "/users", person("ada")).header.Get("ETag")
	if read := d.must(200, "GET", "/users/ada", "").header.Get("ETag"); read != tag || tag == "" {
		t.Fatalf("ETag %q after %q", read, tag)
	}
	changed := d.must(200, "PUT", "/users/ada", person("ada", `"web_site_url":"https://a.example"`), "If-Match: "+tag).header.Get("ETag")
	if changed == tag {
		t.Error("the ETag did not change")
	}
	stale := d.call("PUT", "/users/ada", person("ada", `"web_site_url":"https://b.example"`), "If-Match: "+tag)
	if stale.status != 412 || stale.code() != "PRECONDITION_FAILED" {
		t.Errorf("stale PUT: got %d %s", stale.status, stale.body)
	}
	same := d.must(200, "PUT", "/users/ada", person("ada", `"web_site_url":"https://a.example"`)).header.Get("ETag")
	if same != changed {
		t.Error("a PUT that changes nothing wrote the record")
	}
	if got := d.call("DELETE", "/users/ada", "", "If-Match: "+tag); got.status != 412 {
		t.Errorf("stale DELETE: got %d", got.status)
	}
}

func TestConcurrentPutsLoseNothingSilently(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada"))
	var wg sync.WaitGroup
	answers := make([]answer, 20)
	before := d.must(200, "GET", "/users/ada", "").header.Get("ETag")
	for i := range answers {
		wg.Go(func() {
			body := person("ada", fmt.Sprintf(`"job_description":"writer %d"`, i))
			answers[i] = d.call("PUT", "/users/ada", body, "If-Match: "+before)
		})
	}
	wg.Wait()
	won := 0
	for _, a := range answers {
		if a.status == 200 {
			won++
		} else if a.status != 412 {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d writers of one version won", won, len(answers))
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada", barcode))
	d.item("1", "b1", "99")
	id := d.must(200, "POST", "/users/ada/requests?item_pid=1", holdAtMain).object(t)["request_id"]
	refused := d.call("DELETE", "/users/2100", "")
	if refused.code() != "401850" || !strings.Contains(refused.body, fmt.Sprintf("1 open request (%v), no open loans and no open fees", id)) {
		t.Errorf("got %d %s", refused.status, refused.body)
	}
	d.must(200, "GET", "/users/2100", "")
	d.must(204, "DELETE", fmt.Sprintf("/users/ada/requests/%s?reason=CancelledAtPatronRequest&notify_user=false", id), "")
	if a := d.must(204, "DELETE", "/users/2100", ""); a.body != "" {
		t.Errorf("body %q", a.body)
	}
	for _, path := range []string{"/users/ada", "/users/2100"} {
		if got := d.call("GET", path, ""); got.code() != "401861" {
			t.Errorf("GET %s after deletion: %d", path, got.status)
		}
	}
	d.must(200, "POST", "/users", person("ada", barcode))
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada", `"password":"analytical engine"`))
	d.must(200, "POST", "/users", person("grace"))
	for _, tt := range []struct {
		path, header, code string
		status             int
	}{
		{"/users/ada?op=auth&password=analytical%20engine", "", "", 204},
		{"/users/ada?password=analytical+engine", "", "", 204},
		{"/users/ada?op=auth", "Exl-User-Pw: analytical%20engine", "", 204},
		{"/users/ada?op=auth&password=wrong", "", "401866", 400},
		{"/users/ada?op=auth", "", "401866", 400},
		{"/users/grace?op=auth&password=", "", "401866", 400},
		{"/users/grace?op=auth&password=x", "", "401866", 400},
		{"/users/nobody?op=auth&password=x", "", "401861", 400},
		{"/users/ada?op=refresh", "", "60229", 400},
		{"/users/ada?op=dance", "", "401666", 400},
	} {
		headers := []string{}
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		if got := d.call("POST", tt.path, "", headers...); got.status != tt.status || got.code() != tt.code {
			t.Errorf("POST %s: got %d %s, want %d %s", tt.path, got.status, got.body, tt.status, tt.code)
		}
	}
	if body := d.must(200, "PUT", "/users/ada", person("ada")).body; strings.Contains(body, "$2a$") {
		t.Error("a hash is shown")
	}
	d.must(204, "POST", "/users/ada?op=auth&password=analytical+engine", "")
}

func TestSearchUsers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 12 {
		d.must(200, "POST", "/users", strings.Replace(person(fmt.Sprintf("p%02d", i)), "Byron", fmt.Sprintf("Müller %02d", i), 1))
	}
	for _, tt := range []struct {
		query       string
		rows, total int
		code        string
	}{
		{"", 10, 12, ""}, {"limit=100", 12, 12, ""}, {"limit=5&offset=10", 2, 12, ""}, {"limit=0", 0, 12, ""}, {"offset=99", 0, 12, ""},
		{"q=last_name~Muller", 10, 12, ""}, {"q=last_name~M%C3%BCller_07", 1, 1, ""}, {"q=last_name~Muller+AND+primary_id~p03", 1, 1, ""},
		{"q=first_name~Grace", 0, 0, ""}, {"modify_date_from=2020-01-01&limit=2", 2, 12, ""}, {"modify_date_from=2999-01-01", 0, 0, ""},
		{"limit=101", 0, 0, "402119"}, {"limit=-1", 0, 0, "402119"}, {"limit=ten", 0, 0, "402119"}, {"offset=-1", 0, 0, "402119"},
		{"q=last_name~a&modify_date_from=2020-01-01", 0, 0, "402119"}, {"modify_date_from=2020-02-30", 0, 0, "402119"},
		{"order_by=shoe_size", 0, 0, "402119"}, {"q=nonsense", 0, 0, "402119"}, {"q=shoe_size~42", 0, 0, "402119"}, {"source_user_id=x", 0, 0, "60224"},
	} {
		got := d.call("GET", "/users?"+tt.query, "")
		if got.code() != tt.code {
			t.Errorf("%s: got %d %s", tt.query, got.status, got.body)
		}
		if tt.code != "" {
			continue
		}
		o := got.object(t)
		rows, _ := o["user"].([]any)
		if len(rows) != tt.rows || o["total_record_count"] != float64(tt.total) {
			t.Errorf("%s: %d rows of %v, want %d of %d", tt.query, len(rows), o["total_record_count"], tt.rows, tt.total)
		}
		if _, there := o["user"]; there != (tt.rows > 0) {
			t.Errorf("%s: the list is there: %v", tt.query, there)
		}
	}
}

// The sample records of public Alma clients survive a POST and a GET: every field with a value comes back with it.
func TestSampleRecordsSurvive(t *testing.T) {
	t.Parallel()
	const samples = "../../../shared/reference/alma/api-json/"
	if _, err := os.Stat(samples); err != nil {
		t.Skip("the samples are not beside the repository")
	}
	d := newDesk(t)
	for _, tables := range []string{"UserGroups", "UserIdentifierTypes", "CampusCodes", "Libraries", "UserBlockDescription"} {
		d.Institution.CodeTables[tables] = nil // the samples' institutions have codes of their own
	}
	for _, name := range []string{"scriptotek_user.json", "tul_single_user.json"} {
		text, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		sent := answer{body: string(text)}.object(t)
		d.must(200, "POST", "/users", string(text))
		got := d.must(200, "GET", "/users/"+fmt.Sprint(sent["primary_id"]), "").object(t)
		for _, output := range []string{"loans", "link"} {
			delete(sent, output)
		}
		lost(t, name, sent, got)
		d.must(200, "PUT", "/users/"+fmt.Sprint(sent["primary_id"]), d.must(200, "GET", "/users/"+fmt.Sprint(sent["primary_id"]), "").body)
		lost(t, name+" put back", got, d.must(200, "GET", "/users/"+fmt.Sprint(sent["primary_id"]), "").object(t))
	}
}

// lost reports each value in sent that got does not have. Null, empty and absent are the same to Alma.
func lost(t *testing.T, at string, sent, got any) {
	t.Helper()
	switch s := sent.(type) {
	case nil:
	case map[string]any:
		g, _ := got.(map[string]any)
		for name, value := range s {
			lost(t, at+"."+name, value, g[name])
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(s) {
			t.Errorf("%s: %d of %d entries", at, len(g), len(s))
			return
		}
		for i := range s {
			lost(t, fmt.Sprintf("%s[%d]", at, i), s[i], g[i])
		}
	default:
		if s != got && s != "" {
			t.Errorf("%s: sent %v, got %v", at, s, got)
		}
	}
}

func TestExternalRecordThroughTheAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	external := strings.Replace(person("eve", `"external_id":"REGISTRAR"`, `"contact_info":{"email":[{"email_address":"eve@example.org","email_type":[{"value":"school"}]}]}`), "INTERNAL", "EXTERNAL", 1)
	got := d.must(200, "POST", "/users", external).object(t)
	email := got["contact_info"].(map[string]any)["email"].([]any)[0].(map[string]any)
	if email["segment_type"] != "External" {
		t.Errorf("segment_type is %v", email["segment_type"])
	}
	if got := d.call("PUT", "/users/eve", person("eve")); got.code() != "401859" {
		t.Errorf("to internal: %d %s", got.status, got.body)
	}
	if got := d.call("PUT", "/users/eve", strings.Replace(external, "REGISTRAR", "OTHER", 1)); got.code() != "401858" {
		t.Errorf("to another profile: %d %s", got.status, got.body)
	}
	if got := d.call("PUT", "/users/eve?override=shoe_size", external); got.code() != "401859" {
		t.Errorf("override of nothing: %d %s", got.status, got.body)
	}
}

func TestXMLBothWays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := `<?xml version="1.0"?><user><primary_id>ada</primary_id><record_type>PUBLIC</record_type><account_type desc="x">INTERNAL</account_type><last_name>Byron &amp; King</last_name></user>`
	got := d.must(200, "POST", "/users", body, "Content-Type: application/xml", "Accept: application/xml")
	if !strings.Contains(got.body, `<account_type desc="Internal">INTERNAL</account_type>`) || !strings.Contains(got.body, "Byron &amp; King") {
		t.Errorf("got %s", got.body)
	}
	if got := d.call("GET", "/users/nobody", "", "Accept: application/xml"); !strings.Contains(got.body, `<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist>`) {
		t.Errorf("got %s", got.body)
	}
}
