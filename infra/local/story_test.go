package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"patrondesk/infra/local/demo"
)

// stage is where the story is played: the deployment that API_URL and API_KEY in the environment name, such as a
// `make run` whose demo.env was read into the shell, or else an instance started for the test.
type stage struct {
	t   *testing.T
	env map[string]string
}

func openStage(t *testing.T) stage {
	t.Helper()
	if os.Getenv("API_URL") == "" {
		i := newInstance(t)
		i.start(t)
		t.Cleanup(func() { i.stop(t) })
		return stage{t, i.environment(t)}
	}
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return stage{t, env}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// call makes a request with the key for everything, unless a header says otherwise; headers are "Name: value".
func (d stage) call(method, path, body string, headers ...string) reply {
	d.t.Helper()
	r, err := http.NewRequest(method, d.env["API_URL"]+"/almaws/v1"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "apikey "+d.env["API_KEY"])
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// must is call with an answer of that status.
func (d stage) must(status int, method, path, body string, headers ...string) reply {
	d.t.Helper()
	got := d.call(method, path, body, headers...)
	if got.status != status {
		d.t.Fatalf("%s %s: got %d %s, want %d", method, path, got.status, got.body, status)
	}
	return got
}

func (r reply) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(r.body), &o); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return o
}

// TestStory is the story of the README, on the demo library. It can be played any number of times on the same data.
func TestStory(t *testing.T) {
	d := openStage(t)
	street := fmt.Sprintf("%d Harbour Steps", time.Now().UnixNano())
	thomas := "/users/" + demo.ThomasBarcode

	t.Log("the barcode is scanned")
	scanned := d.must(200, "GET", thomas+"?expand=requests", "")
	user := scanned.object(t)
	if user["primary_id"] != demo.Thomas || user["requests"].(map[string]any)["value"] != "3" {
		t.Fatalf("got %s", scanned.body)
	}

	t.Log("the address is changed, and the change is searchable within a second")
	address := user["contact_info"].(map[string]any)["address"].([]any)[0].(map[string]any)
	address["line1"] = street
	text, err := json.Marshal(user)
	if err != nil {
		t.Fatal(err)
	}
	d.must(200, "PUT", thomas, string(text), "If-Match: "+scanned.header.Get("ETag"))
	if got := d.must(200, "GET", thomas, ""); !strings.Contains(got.body, street) {
		t.Errorf("the new address is not there: %s", got.body)
	}
	if got := d.call("PUT", thomas, string(text), "If-Match: "+scanned.header.Get("ETag")); got.status != 412 {
		t.Errorf("a stale change: got %d", got.status)
	}
	if got := d.must(200, "GET", "/users?q=last_name~reed+AND+first_name~THOMAS", "").object(t); got["total_record_count"] != float64(1) {
		t.Errorf("searching Thomas finds %v", got["total_record_count"])
	}

	t.Log("the requests are listed")
	requests := d.must(200, "GET", thomas+"/requests", "").body
	for _, want := range []string{`"NOT_STARTED"`, `"IN_PROCESS"`, `"ON_HOLD_SHELF"`, `"place_in_queue":2`} {
		if !strings.Contains(requests, want) {
			t.Errorf("%s is not among the requests", want)
		}
	}

	t.Log("the letter is sent, once")
	key := "Idempotency-Key: story " + street
	first := d.must(200, "POST", thomas+"/letters", `{"code":"FulRequestsReportLetter"}`, key).object(t)
	second := d.must(200, "POST", thomas+"/letters", `{"code":"FulRequestsReportLetter"}`, key).object(t)
	if first["status"] != "SENT" || first["id"] != second["id"] || first["message_id"] == nil {
		t.Errorf("got %v, then %v", first, second)
	}
	d.arrived(fmt.Sprint(first["message_id"]))
	if got := d.must(200, "GET", thomas+"/letters", "").body; !strings.Contains(got, fmt.Sprint(first["id"])) {
		t.Errorf("the letter is not among those sent: %s", got)
	}
	d.externalPatron()
	d.lending()
}

// arrived looks for the letter in the mailbox, where there is one to look in.
func (d stage) arrived(messageID string) {
	d.t.Helper()
	mailbox := d.env["MAILBOX_URL"]
	if mailbox == "" {
		d.t.Log("there is no mailbox to look in")
		return
	}
	res, err := http.Get(mailbox + "/store")
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, want := range []string{messageID, "thomas.reed@post.example", "Middlemarch", "<h1"} {
		if !strings.Contains(string(text), want) {
			d.t.Errorf("the mailbox does not have %q", want)
		}
	}
}

// externalPatron shows that the desk cannot change what the SIS owns, and that the SIS's file can.
func (d stage) externalPatron() {
	d.t.Helper()
	maria := "/users/" + demo.MariaBarcode
	if token := d.env["STAFF_TOKEN"]; token != "" {
		d.t.Log("the desk may not change the registrar's address")
		before := d.must(200, "GET", maria, "").body
		changed := strings.NewReplacer("27 Mill Road", "1 Elsewhere", "3 Saint Clement's Walk", "1 Elsewhere").Replace(before)
		refused := d.call("PUT", maria, changed, "Authorization: Bearer "+token)
		if refused.status != 400 || !strings.Contains(refused.body, "FIELD_OWNED_BY_SIS") || !strings.Contains(refused.body, "egistrar") {
			d.t.Errorf("got %d %s", refused.status, refused.body)
		}
		if after := d.must(200, "GET", maria, "").body; after != before {
			d.t.Error("the record was changed")
		}
	}
	if d.env["SIS_BUCKET"] == "" {
		return
	}
	d.t.Log("the registrar's file brings the new address")
	files, jobs := ownConfig(d.env["AWS_ENDPOINT_URL_S3"]), ownConfig(d.env["AWS_ENDPOINT_URL_DYNAMODB"])
	file, err := os.Open("demo/registrar.xml")
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	i := openImport(d.env["SIS_BUCKET"], "jobs", files, jobs)
	if err := i.run(context.Background(), file, "sis/"+demo.Profile+"/registrar.xml", io.Discard); err != nil {
		d.t.Fatal(err)
	}
	if got := d.must(200, "GET", maria, ""); !strings.Contains(got.body, "3 Saint Clement's Walk") {
		d.t.Errorf("the new address is not there: %s", got.body)
	}
}
