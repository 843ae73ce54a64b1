package api

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// upload asks for a form; the query follows op.
func (d *desk) upload(jobID, query, body string) alma.Upload {
	d.t.Helper()
	var u alma.Upload
	got := d.must(200, "POST", "/conf/jobs/"+jobID+"/instances?op=upload"+query, body)
	if err := json.Unmarshal([]byte(got.body), &u); err != nil {
		d.t.Fatalf("%v in %s", err, got.body)
	}
	return u
}

// tables is a profile that reads CSV too, which the registrar's does not.
const tables = "TABLES"

func (d *desk) withTables() {
	inst := *d.Institution
	inst.SISProfiles = slices.Concat(inst.SISProfiles, []institution.SISProfile{{Code: tables, CSV: new(institution.CSV)}})
	d.Institution = &inst
}

// TestUploadKeys holds the key of a file against where the import looks for it.
func TestUploadKeys(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withTables()
	d.Now = func() time.Time { return time.Date(2026, 11, 23, 23, 30, 5, 0, time.FixedZone("", 3600)) }
	for _, tt := range []struct{ job, query, body, folder, name string }{
		{"REGISTRAR", "&file_name=users.xml", "", "sis/REGISTRAR/", "users.xml"},
		{"REGISTRAR", "&file_name=users.zip&dry_run=TRUE", "", "dry-run/REGISTRAR/", "users.zip"},
		{"REGISTRAR", "&file_name=users.tgz&dry_run=false&partial=true", "", "sis/REGISTRAR/partial/", "users.tgz"},
		{"REGISTRAR", "&file_name=again.tar.gz&dry_run=true&partial=true", "", "dry-run/REGISTRAR/partial/", "again.tar.gz"},
		{tables, "&file_name=N.XML", "", "sis/TABLES/", "N.XML"}, {tables, "&file_name=n.csv", "", "sis/TABLES/", "n.csv"},
		{"items", "&file_name=list.jsonl", "", "items/", "list.jsonl"},
		{"items", "&file_name=list.csv.gz&dry_run=&partial=false", "", "items/", "list.csv.gz"},
		{"items", "", `{"file_name":"list.ndjson"}`, "items/", "list.ndjson"},
		{"REGISTRAR", "", `{"file_name":"body.xml","dry_run":true}`, "dry-run/REGISTRAR/", "body.xml"},
		{"REGISTRAR", "&file_name=query.xml&dry_run=false", `{"file_name":"body.xml","dry_run":true}`, "sis/REGISTRAR/", "query.xml"},
		{"REGISTRAR", "&file_name=" + url.QueryEscape(`C:\fakepath\Müller & Söhne (2).xml`), "", "sis/REGISTRAR/", "M_ller___S_hne__2_.xml"},
		{"REGISTRAR", "&file_name=" + url.QueryEscape("/home/../${filename}.xml"), "", "sis/REGISTRAR/", "__filename_.xml"},
		{"REGISTRAR", "&file_name=" + strings.Repeat("%C3%BC", 196) + ".xml", "", "sis/REGISTRAR/", strings.Repeat("_", 196) + ".xml"},
	} {
		got := d.upload(tt.job, tt.query, tt.body)
		want := "^" + regexp.QuoteMeta(tt.folder) + "20261123T223005-[a-z2-7]{6}-" + regexp.QuoteMeta(tt.name) + "$"
		if !regexp.MustCompile(want).MatchString(got.Key) || len(got.Key) > 1024 {
			t.Errorf("%s%s: got the key %s, want %s", tt.job, tt.query, got.Key, want)
		}
		if len(got.Fields) != 1 || got.Fields[0] != (alma.UploadField{Name: "key", Value: got.Key}) || got.URL == "" {
			t.Errorf("%s%s: got %+v", tt.job, tt.query, got)
		}
	}
}

func TestUploadsNeverCollide(t *testing.T) {
	t.Parallel()
	d, keys := newDesk(t), map[string]bool{}
	noon := time.Now()
	d.Now = func() time.Time { return noon }
	for range 50 {
		keys[d.upload("items", "&file_name=list.csv", "").Key] = true
	}
	if len(keys) != 50 {
		t.Errorf("50 uploads of one second have %d keys", len(keys))
	}
}

func TestUploadGoesOnToAPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const page = "https://desk.example:8443/desk/imports?of=REGISTRAR&tab=1"
	got := d.upload("REGISTRAR", "&file_name=a.xml&done="+url.QueryEscape(page), "")
	if len(got.Fields) != 2 || got.Fields[1] != (alma.UploadField{Name: "success_action_redirect", Value: page}) {
		t.Errorf("got the fields %+v", got.Fields)
	}
	var read alma.Upload
	if err := xml.Unmarshal([]byte(d.must(200, "POST", registrar+"/instances?op=upload&format=xml&file_name=a.xml", "").body), &read); err != nil || len(read.Fields) != 1 || read.Key == "" {
		t.Errorf("in XML: got %+v, %v", read, err)
	}
	if at, err := time.Parse(time.RFC3339, got.ExpiresDate); err != nil || time.Until(at) > 15*time.Minute || time.Until(at) < 14*time.Minute {
		t.Errorf("it expires at %s, %v", got.ExpiresDate, err)
	}
}

func TestBadUploads(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withTables()
	named := func(name string) string { return "?op=upload&file_name=" + url.QueryEscape(name) }
	for _, tt := range []struct{ job, query, body, code string }{
		{"REGISTRAR", "", "", "402220"}, {"REGISTRAR", "?op=release", "", "402221"}, {"nobody", named("a.xml"), "", "402216"},
		{"hold-shelf", named("a.xml"), "", "402221"}, {"activity-letters", named("a.csv") + "&dry_run=true", "", "402221"},
		{"items", named("a.csv") + "&dry_run=true", "", "401666"}, {"items", named("a.csv") + "&partial=true", "", "401666"},
		{"REGISTRAR", named("a.xml") + "&dry_run=yes", "", "401666"}, {"REGISTRAR", named("a.xml") + "&partial=1", "", "401666"},
		{"REGISTRAR", "?op=upload", "", "401664"}, {"REGISTRAR", named(""), `{"file_name":"a.xml"}`, "401664"}, {"REGISTRAR", "?op=upload", `{"dry_run":true}`, "401664"},
		{"REGISTRAR", named("folder/"), "", "401666"}, {"REGISTRAR", named(`folder\`), "", "401666"}, {"REGISTRAR", named(".."), "", "401666"},
		{"REGISTRAR", named("a\x00.xml"), "", "401666"}, {"REGISTRAR", named("a\n.xml"), "", "401666"}, {"REGISTRAR", named("a\u202e.xml"), "", "401666"},
		{"REGISTRAR", named("\xff.xml"), "", "401666"}, {"REGISTRAR", named(strings.Repeat("a", 197) + ".xml"), "", "401666"},
		{"REGISTRAR", named("users"), "", "401666"}, {"REGISTRAR", named("users.pdf"), "", "401666"}, {"REGISTRAR", named("users.tar"), "", "401666"},
		{"REGISTRAR", named("users.xml.release"), "", "401666"}, {"REGISTRAR", named("users.jsonl"), "", "401666"},
		{tables, named("users.xml.0f0f0f0f.report.csv"), "", "401666"}, {"items", named("ITEMS.REPORT.CSV"), "", "401666"}, {"items", named("a.csv.0f0f0f0f.report.json"), "", "401666"},
		{"REGISTRAR", named("users.csv"), "", "401666"}, {"items", named("items.xml"), "", "401666"},
		{"REGISTRAR", named("a.xml") + "&done=/desk", "", "401666"}, {"REGISTRAR", named("a.xml") + "&done=//desk.example/", "", "401666"},
		{"REGISTRAR", named("a.xml") + "&done=javascript:alert(1)", "", "401666"}, {"REGISTRAR", named("a.xml") + "&done=https:desk", "", "401666"},
		{"REGISTRAR", named("a.xml") + "&done=https://:443/", "", "401666"}, {"REGISTRAR", named("a.xml") + "&done=https://me:pw@desk.example/", "", "401666"},
		{"REGISTRAR", named("a.xml") + "&done=https://desk.example/%0d%0aX:%20y", "", "401666"}, {"REGISTRAR", named("a.xml") + "&done=https://d%C3%A4sk.example/", "", "401666"},
		{"REGISTRAR", named("a.xml") + "&done=https://desk.example/" + strings.Repeat("a", 1000), "", "401666"},
		{"REGISTRAR", "?op=upload", `{"file_name":"a.xml","folder":"x"}`, "401676"}, {"REGISTRAR", "?op=upload", `{"file_name":"a.xml","dry_run":"yes"}`, "401676"}, {"REGISTRAR", "?op=upload", "{", "401676"},
	} {
		if got := d.call("POST", "/conf/jobs/"+tt.job+"/instances"+tt.query, tt.body); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s%s %s: got %d %s, want 400 %s", tt.job, tt.query, tt.body, got.status, got.body, tt.code)
		}
	}
}

// TestWhoMayUploadWhatIsApplied: a file of people that is applied takes who may release a held job, and a key that may write
// users; to be told what it would do, or to bring a list of items, takes the configuration alone.
func TestWhoMayUploadWhatIsApplied(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.callers()
	d.key("pd_both", auth.ConfigurationWrite, auth.UsersWrite)
	const people, dry, items = "REGISTRAR/instances?op=upload&file_name=a.xml", "REGISTRAR/instances?op=upload&file_name=a.xml&dry_run=true", "items/instances?op=upload&file_name=a.csv"
	key := func(secret string) string { return "apikey " + secret }
	for _, tt := range []struct {
		who, header string
		applied     int
	}{
		{"General System Administrator", d.issuer.Bearer("staff-26", nil), 200}, {"Fulfillment Administrator", d.issuer.Bearer("staff-52", nil), 403},
		{"key for both", key("pd_both"), 200}, {"key for the configuration", key("pd_configuration:write"), 400},
	} {
		for path, want := range map[string]int{people: tt.applied, people + "&partial=true": tt.applied, dry: 200, dry + "&partial=true": 200, items: 200} {
			if got := d.call("POST", "/conf/jobs/"+path, "", "Authorization: "+tt.header); got.status != want {
				t.Errorf("%s: %s: got %d %s, want %d", tt.who, path, got.status, got.body, want)
			}
		}
	}
}

// notFollowed is call that does not go where it is sent.
func (d *desk) notFollowed(path string, headers ...string) answer {
	d.t.Helper()
	client := d.server.Client()
	follow := client.CheckRedirect
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer func() { client.CheckRedirect = follow }()
	return d.call("GET", path, "", headers...)
}

func TestRejected(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const again = "rejected/REGISTRAR/00000000-users-3.xml"
	missing := func(name, id, why string) {
		t.Helper()
		got := d.notFollowed(registrar + "/instances/" + id + "/rejected")
		if got.status != 400 || got.code() != "JOB_REJECTED_MISSING" || !strings.Contains(got.body, why) {
			t.Errorf("%s: got %d %s, want %q", name, got.status, got.body, why)
		}
	}
	missing("a job that is held", d.job(1, held).ID, "The job has not ended")
	missing("a job that rejected nothing", d.job(2, asIs).ID, "rejected no record")
	j := d.job(3, func(j *job.Job) { j.State, j.Again = job.CompletedWithErrors, again })
	missing("a file that was removed", j.ID, "removed from the bucket")
	if err := d.files.Put(t.Context(), again, "application/octet-stream", []byte("<users/>")); err != nil {
		t.Fatal(err)
	}
	path := registrar + "/instances/" + j.ID + "/rejected"
	got := d.notFollowed(path)
	if to := got.header.Get("Location"); got.status != 302 || !strings.HasSuffix(to, "/"+again) || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d to %q, Cache-Control %q", got.status, to, got.header.Get("Cache-Control"))
	}
	d.key("pd_conf", auth.ConfigurationWrite)
	if got := d.notFollowed(path, "Authorization: apikey pd_conf"); got.code() != "UNAUTHORIZED" || got.header.Get("Location") != "" {
		t.Errorf("a key that may not read users: got %d %.300s", got.status, got.body)
	}
	for _, bad := range []struct{ path, code string }{
		{registrar + "/instances/x/rejected", "402218"}, {registrar + "/instances/" + jobID(9) + "/rejected", "402218"},
		{"/conf/jobs/items/instances/" + j.ID + "/rejected", "402218"}, {"/conf/jobs/nobody/instances/" + j.ID + "/rejected", "402216"},
	} {
		if got := d.notFollowed(bad.path); got.status != 400 || got.code() != bad.code {
			t.Errorf("%s: got %d %s, want 400 %s", bad.path, got.status, got.body, bad.code)
		}
	}
}
