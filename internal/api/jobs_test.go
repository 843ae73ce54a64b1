package api

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

const registrar = "/conf/jobs/REGISTRAR"

// jobID is the id of the n-th job.
func jobID(n int) string { return fmt.Sprintf("%032x", n) }

// job stores a job of the registrar's, started n days after the first of October 2026, and enters it into the list.
func (d *desk) job(n int, change func(j *job.Job)) job.Job {
	d.t.Helper()
	j := job.Job{
		ID: jobID(n), Kind: "sis", Profile: "REGISTRAR", Bucket: "drop", Key: fmt.Sprintf("sis/REGISTRAR/users-%d.xml", n), State: job.Completed,
		Started: time.Date(2026, 10, n, 3, 0, 0, 0, time.UTC), Finished: time.Date(2026, 10, n, 3, 1, 0, 0, time.UTC),
		Counts: job.Counts{Processed: 3, Created: 1, Unchanged: 2},
	}
	change(&j)
	store := dynamotest.Open(d.t, d.tables)
	j, _, err := store.StartJob(d.t.Context(), j)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := store.EnterJob(d.t.Context(), j.List(), job.Summary{ID: j.ID, Key: j.Key, Started: j.Started}); err != nil {
		d.t.Fatal(err)
	}
	return j
}

func asIs(*job.Job) {}

func held(j *job.Job) {
	j.State, j.Counts, j.Finished, j.Reason = job.Held, job.Counts{}, time.Time{}, "The file would go over a limit of its profile."
	j.Forecast = &job.Counts{Processed: 100, Updated: 50, Unchanged: 50, Blanked: 50, BlankedEmails: 50}
	j.Breaches = []job.Breach{{Measure: "blanked_emails", Count: 50, Of: 100, Limit: 0.05}}
}

func TestJobsAreTheProfilesAndTheItemList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, tt := range []struct{ query, want, total string }{
		{"", `"id":"items"`, "4"}, {"?category=FULFILLMENT", `"id":"hold-shelf"`, "2"}, {"?category=USERS", `"id":"REGISTRAR"`, "1"}, {"?category=REPOSITORY&type=SCHEDULED", `"id":"items"`, "1"},
		{"?type=MANUAL", "", "0"}, {"?profile_id=REGISTRAR", `"id":"REGISTRAR"`, "1"}, {"?limit=1", `"id":"REGISTRAR"`, "4"},
		{"?limit=1&offset=1", `"id":"items"`, "4"},
	} {
		got := d.must(200, "GET", "/conf/jobs"+tt.query, "").body
		if !strings.Contains(got, tt.want) || !strings.Contains(got, `"total_record_count":`+tt.total+"}") {
			t.Errorf("%s: got %s, want %s and a total of %s", tt.query, got, tt.want, tt.total)
		}
	}
	got := d.must(200, "GET", registrar, "").object(t)
	if got["name"] != "Users SYNCHRONIZE using REGISTRAR" || got["link"] != d.server.URL+"/almaws/v1"+registrar {
		t.Errorf("got %v", got)
	}
}

// listed are the ids and the total of a list of instances.
func (d *desk) listed(query string) (ids string, total float64) {
	d.t.Helper()
	got := d.must(200, "GET", registrar+"/instances"+query, "").object(d.t)
	list, _ := got["job_instance"].([]any)
	for _, one := range list {
		ids += strings.TrimLeft(one.(map[string]any)["id"].(string), "0") + " "
	}
	return strings.TrimSpace(ids), got["total_record_count"].(float64)
}

func TestJobInstancesAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, n := range []int{2, 9, 4} {
		d.job(n, asIs)
	}
	d.job(6, held)
	d.job(7, func(j *job.Job) { j.Kind, j.Profile, j.Key = "items", "", "items/list.csv" })
	for _, tt := range []struct {
		query, ids string
		total      float64
	}{
		{"", "9 6 4 2", 4}, {"?limit=2", "9 6", 4}, {"?limit=2&offset=3", "2", 4}, {"?limit=0", "", 4}, {"?offset=9", "", 4},
		{"?status=COMPLETED_SUCCESS", "9 4 2", 3}, {"?status=MANUAL_HANDLING_REQUIRED&limit=1", "6", 1}, {"?status=COMPLETED_SUCCESS&limit=1&offset=1", "4", 3},
		{"?submit_date_from=2026-10-04Z&submit_date_to=2026-10-06", "6 4", 2}, {"?submit_date_to=2026-10-01", "", 0},
	} {
		if ids, total := d.listed(tt.query); ids != tt.ids || total != tt.total {
			t.Errorf("%s: got %q of %v, want %q of %v", tt.query, ids, total, tt.ids, tt.total)
		}
	}
	if got := d.must(200, "GET", "/conf/jobs/items/instances", "").body; !strings.Contains(got, jobID(7)) || !strings.Contains(got, "Total items processed") {
		t.Errorf("got %s", got)
	}
	var root struct {
		XMLName xml.Name `xml:"job_instances"`
		Total   string   `xml:"total_record_count,attr"`
	}
	if err := xml.Unmarshal([]byte(d.must(200, "GET", registrar+"/instances?format=xml", "").body), &root); err != nil || root.Total != "4" {
		t.Errorf("in XML: got %+v, %v", root, err)
	}
}

func TestBadCallsOfJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.job(1, asIs)
	d.job(7, func(j *job.Job) { j.Kind, j.Profile = "items", "" })
	for _, tt := range []struct{ method, path, code string }{
		{"GET", "/conf/jobs?limit=x", "402119"}, {"GET", "/conf/jobs?type=NONE", "40166410"}, {"GET", "/conf/jobs/nobody", "402216"},
		{"GET", "/conf/jobs/registrar/instances", "402216"}, {"GET", registrar + "/instances?limit=101", "402119"},
		{"GET", registrar + "/instances?status=DONE", "40166410"}, {"GET", registrar + "/instances?submit_date_from=1.10.2026", "401666"},
		{"GET", registrar + "/instances/x", "402218"}, {"GET", registrar + "/instances/" + strings.Repeat("x", 5000), "402218"},
		{"GET", registrar + "/instances/" + jobID(2), "402218"}, {"GET", registrar + "/instances/" + jobID(7), "402218"},
		{"GET", "/conf/jobs/nobody/instances/" + jobID(1), "402216"}, {"GET", registrar + "/instances/" + jobID(1) + "/report", "JOB_REPORT_MISSING"},
		{"POST", registrar + "/instances/" + jobID(1), "402220"}, {"POST", registrar + "/instances/" + jobID(1) + "?op=run", "402221"},
		{"POST", registrar + "/instances/" + jobID(1) + "?op=release", "JOB_NOT_HELD"}, {"POST", registrar + "/instances/" + jobID(2) + "?op=release", "402218"},
	} {
		if got := d.call(tt.method, tt.path, ""); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s %s: got %d %s, want 400 %s", tt.method, tt.path, got.status, got.body, tt.code)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	j := d.job(1, func(j *job.Job) { j.Report = j.Key + ".report.json" })
	path := registrar + "/instances/" + j.ID + "/report"
	if got := d.call("GET", path, ""); got.code() != "JOB_REPORT_MISSING" {
		t.Errorf("a report that was removed: got %s", got.body)
	}
	put := func(body string) {
		if err := d.files.Put(t.Context(), j.Report, "application/json", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	put(`{"job":"1"}`)
	got := d.must(200, "GET", path, "", "Accept: application/xml")
	if got.body != `{"job":"1"}` || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		t.Errorf("got %s as %s", got.body, got.header.Get("Content-Type"))
	}
	put(strings.Repeat(" ", 4<<20))
	d.must(200, "GET", path, "")
	put(strings.Repeat(" ", 4<<20+1))
	if got := d.call("GET", path, ""); got.code() != "JOB_REPORT_TOO_LARGE" || !strings.Contains(got.body, j.Report) {
		t.Errorf("a report of more than 4 MB: got %.300s", got.body)
	}
	d.key("pd_conf", auth.ConfigurationWrite)
	if got := d.call("GET", path, "", "Authorization: apikey pd_conf"); got.code() != "UNAUTHORIZED" {
		t.Errorf("a key that may not read users: got %.300s", got.body)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	j := d.job(1, held)
	path := registrar + "/instances/" + j.ID
	first := d.must(200, "POST", path+"?op=release", "").object(t)
	if status := first["status"].(map[string]any)["value"]; status != "QUEUED" {
		t.Errorf("the status is %v, want QUEUED", status)
	}
	body, _, err := d.files.Get(t.Context(), j.Key+".release", 1000)
	if want := `{"job":"` + j.ID + `"}`; err != nil || string(body) != want {
		t.Errorf("the object is %s, %v; want %s", body, err, want)
	}
	store := dynamotest.Open(t, d.tables)
	released, err := store.Job(t.Context(), j.ID)
	if err != nil || released.State != job.Held || released.Released == nil || released.Released.By != "test" || time.Since(released.Released.At) > time.Minute {
		t.Errorf("the job is %+v, %v", released, err)
	}
	again := d.must(200, "POST", path+"?op=release", "").object(t)
	if fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("again: got %v, want %v", again, first)
	}
	if twice, err := store.Job(t.Context(), j.ID); err != nil || twice.Version != released.Version {
		t.Errorf("again: the job was written: %+v, %v", twice, err)
	}
	released.State = job.Running // the worker took it
	if _, err := store.SaveJob(t.Context(), released); err != nil {
		t.Fatal(err)
	}
	if got := d.must(200, "POST", path+"?op=release", "").object(t); got["patrondesk"].(map[string]any)["state"] != "RUNNING" {
		t.Errorf("once it runs: got %v", got)
	}
}

// TestReleaseMeetsFaults loses answers and has others write meanwhile: the caller is told that it was released when it
// was.
func TestReleaseMeetsFaults(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]dynamotest.Fault{
		"throttled": {dynamotest.Throttled}, "time-out before": {dynamotest.LostRequest}, "time-out after": {dynamotest.LostAnswer, dynamotest.LostAnswer},
	} {
		d := newDesk(t)
		j := d.job(1, held)
		faulty := openDesk(t, d.tables, dynamotest.Open(t, d.tables, dynamotest.Sequence("PutItem", faults...)))
		got := faulty.call("POST", registrar+"/instances/"+j.ID+"?op=release", "")
		after, err := dynamotest.Open(t, d.tables).Job(t.Context(), j.ID)
		if got.status != 200 || err != nil || after.Released == nil || after.Version != 2 {
			t.Errorf("%s: got %d %.200s and the job %+v, %v", name, got.status, got.body, after, err)
		}
	}
}
