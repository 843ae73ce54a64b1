package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/job"
)

const registrar = "/desk/jobs/REGISTRAR"

// job stores a job of the registrar's, started on the n-th of October 2026.
func (lib *library) job(n int, changes ...func(*job.Job)) job.Job {
	lib.t.Helper()
	j := job.Job{
		ID: fmt.Sprintf("%032x", n), Kind: job.SIS, Profile: "REGISTRAR", Bucket: "drop", Key: fmt.Sprintf("sis/REGISTRAR/users-%d.xml", n),
		State: job.Completed, Started: time.Date(2026, 10, n, 3, 0, 0, 0, time.UTC), Finished: time.Date(2026, 10, n, 3, 1, 0, 0, time.UTC),
		Counts: job.Counts{Processed: 1200, Created: 3, Unchanged: 1197},
	}
	for _, change := range changes {
		change(&j)
	}
	j, _, err := lib.store.StartJob(lib.t.Context(), j)
	if err != nil {
		lib.t.Fatal(err)
	}
	if err := lib.store.EnterJob(lib.t.Context(), j.List(), job.Summary{ID: j.ID, Key: j.Key, Started: j.Started}); err != nil {
		lib.t.Fatal(err)
	}
	return j
}

func held(j *job.Job) {
	j.State, j.Counts, j.Finished = job.Held, job.Counts{}, time.Time{}
	j.Forecast = &job.Counts{Processed: 1000, Updated: 412, Unchanged: 588, Blanked: 412, BlankedEmails: 412}
	j.Breaches = []job.Breach{{Measure: "blanked_emails", Count: 412, Of: 1000, Limit: 0.05}}
}

func dryRun(j *job.Job) { j.DryRun = true }

// reported gives a job a report with rejected records, and as many changes.
func (lib *library) reported(rejected int) func(*job.Job) {
	return func(j *job.Job) {
		j.State, j.Counts.Rejected = job.CompletedWithErrors, rejected
		j.Report, j.Again = j.Key+".report.json", "rejected/REGISTRAR/again.xml"
		report := jobReport{Rejected: []rejectedRecord{}, Changes: []recordChange{}}
		for i := range rejected {
			report.Rejected = append(report.Rejected, rejectedRecord{
				Line: 10 * i, ID: fmt.Sprintf("person.%02d", i), Identifiers: []string{"BARCODE 77"}, Field: "email", Reason: "No <such> reason.", Other: "ada.byron",
			})
			report.Changes = append(report.Changes, recordChange{ID: fmt.Sprintf("person.%02d", i), Action: "update", Field: "city", Before: "Leeds", After: "York"})
		}
		lib.put(j.Report, report)
		lib.put(j.Again, "again")
	}
}

func (lib *library) put(key string, content any) {
	lib.t.Helper()
	body, err := json.Marshal(content)
	if err == nil {
		err = lib.files.Put(lib.t.Context(), key, "", body)
	}
	if err != nil {
		lib.t.Fatal(err)
	}
}

func TestJobsWithTheirLastFiles(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for n := range 4 {
		lib.job(n + 1)
	}
	lib.job(5, held)
	page := lib.staff("32").get("/desk/jobs")
	page.has(t, "student records", "Item list", "Hold shelf round", "Borrowing activity letters", "Held, waits for a release", "users-5.xml", "users-3.xml", "1,200")
	page.lacks(t, "users-2.xml", "/upload")
	lib.staff("26").get("/desk/jobs").has(t, registrar+"/upload", "/desk/jobs/items/upload")
}

func TestJobListsItsFilesByOutcome(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for n := range instancesShown + 1 {
		lib.job(n + 1)
	}
	lib.job(instancesShown+2, held)
	b := lib.staff("32")
	page := b.get(registrar)
	page.has(t, "27 runs", "1 to 25 of 27", "users-27.xml", "users-3.xml", "offset=25")
	page.lacks(t, "users-2.xml")
	b.get(registrar+"?offset=25").has(t, "26 to 27 of 27", "users-1.xml")
	page = b.get(registrar + "?status=MANUAL_HANDLING_REQUIRED")
	page.has(t, "1 run,", "users-27.xml")
	page.lacks(t, "users-1.xml")
	b.get(registrar+"?status=FAILED").has(t, "Nothing ended so.")
	if page := b.get("/desk/jobs/NOBODY"); page.status != http.StatusBadRequest {
		t.Errorf("got %d", page.status)
	}
}

func TestJobThatRunsIsShownAnew(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	since := time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC)
	j := lib.job(1, func(j *job.Job) {
		j.State, j.Phase, j.Finished, j.Forecast = job.Running, job.Applying, time.Time{}, &job.Counts{Processed: 4000}
		j.Progress = job.Progress{Records: 2000, Bytes: 50, Of: 100, Since: since, At: since.Add(100 * time.Second)}
	})
	b := lib.staff("32")
	page := b.get(registrar + "/" + j.ID)
	page.has(t, "Applies the records", `<progress max="100" value="60"`, "60% done", "2,000 records read, 20 a second", "about 2 minutes left")
	if got := page.header.Get("Refresh"); got != refreshSeconds {
		t.Errorf("it is shown anew after %q", got)
	}
	stopped := b.get(registrar + "/" + j.ID + "?refresh=off")
	if stopped.has(t, "This page is not refreshed."); stopped.header.Get("Refresh") != "" {
		t.Error("it is shown anew although that was stopped")
	}
	if ended := b.get(registrar + "/" + lib.job(2).ID); ended.header.Get("Refresh") != "" {
		t.Error("a job that has ended is shown anew")
	}
}

func TestHeldJobIsReleasedOnce(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	j := lib.job(1, held)
	at := registrar + "/" + j.ID
	operator, admin := lib.staff("32"), lib.staff("50")
	operator.get(at).has(t, "412 of 1,000 people, 41.2%, would lose all e-mail addresses; the limit is 5%.", "can release it")
	operator.get(at+"?release=1").lacks(t, "Release this file?")
	if page := operator.post(at, nil); page.status != http.StatusUnprocessableEntity || lib.read(j).Released != nil {
		t.Errorf("an operator released it: %d", page.status)
	}
	admin.get(at).has(t, at+"?release=1")
	admin.get(at+"?release=1").has(t, "Release this file?", "412 of 1,000 people", "Leave it held", `<dd>588</dd>`)
	admin.follow(admin.post(at, nil)).has(t, "The job is released", "Released by", "staff.50")
	if got := lib.read(j); got.Released == nil || got.Released.By != "staff.50" {
		t.Errorf("got %+v", got.Released)
	}
	done := lib.job(2)
	page := admin.post(registrar+"/"+done.ID, nil)
	if page.has(t, "The job is not held any more"); page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
}

// read is the job as it is now.
func (lib *library) read(j job.Job) job.Job {
	lib.t.Helper()
	now, err := lib.store.Job(lib.t.Context(), j.ID)
	if err != nil {
		lib.t.Fatal(err)
	}
	return now
}

func TestDryRunTellsWhatWouldBeHeld(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	j := lib.job(1, held, lib.reported(1), dryRun, func(j *job.Job) { j.Reason = "Without dry-run/ the job would be held." })
	page := lib.staff("32").get(registrar + "/" + j.ID)
	page.has(t, "Dry run", "Without the dry run this file would be held", "412 of 1,000 people", "What the file would do", "before the file is really applied")
	page.lacks(t, "Without dry-run/", "Refresh")
}

func TestReportListsRecordsByPages(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	j := lib.job(1, lib.reported(rowsShown+1))
	at, b := registrar+"/"+j.ID, lib.staff("32")
	b.get(at).has(t, at+"/report", at+"/rejected", "What to do")
	page := b.get(at + "/report")
	page.has(t, "person.00", "person.49", "No &lt;such&gt; reason.", "BARCODE 77", "/desk/find?q=ada.byron", "1 to 50 of 51")
	page.lacks(t, "person.50", "York")
	b.get(at+"/report?offset=50").has(t, "person.50", "51 to 51 of 51")
	page = b.get(at + "/report?show=changes")
	page.has(t, "<del>Leeds</del>", "<ins>York</ins>", "Changed")
	page.lacks(t, "No &lt;such&gt; reason.")
	if got := b.get(at + "/rejected").location(); !strings.HasSuffix(got, "/rejected/REGISTRAR/again.xml") {
		t.Errorf("the rejected records are at %q", got)
	}
}

func TestReportThatIsNotToBeHad(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	none := lib.job(1)
	for _, part := range []string{"/report", "/rejected"} {
		if page := b.get(registrar + "/" + none.ID + part); page.status != http.StatusBadRequest || !strings.Contains(page.body, "There is no") {
			t.Errorf("%s: got %d", part, page.status)
		}
	}
	large := lib.job(2, func(j *job.Job) { j.Report = j.Key + ".report.json" })
	lib.put(large.Report, strings.Repeat("a", 4<<20))
	b.get(registrar+"/"+large.ID+"/report").has(t, "too large for a page", large.Report)
}

// hidden is the value of a hidden input of a page.
func (s shown) hidden(t *testing.T, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if m == nil {
		t.Fatalf("there is no %s in %s", name, s.body)
	}
	return m[1]
}

func TestUploadIsADryRunUnlessChosen(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("26")
	for query, folder := range map[string]string{
		"": "dry-run/REGISTRAR/2", "?partial=1": "dry-run/REGISTRAR/partial/2", "?apply=1": "sis/REGISTRAR/2", "?apply=1&partial=1": "sis/REGISTRAR/partial/2",
	} {
		page := b.get(registrar + "/upload" + query)
		if key := page.hidden(t, "key"); !strings.HasPrefix(key, folder) || !strings.HasSuffix(key, "-upload.xml") {
			t.Errorf("%s: got the key %s, want it in %s", query, key, folder)
		}
		if done := page.hidden(t, "success_action_redirect"); done != lib.server.URL+registrar+"?uploaded=1" {
			t.Errorf("%s: the browser goes to %s", query, done)
		}
		if last := page.body[strings.LastIndex(page.body, "<input"):]; !strings.HasPrefix(last, `<input type="file" name="file"`) {
			t.Errorf("%s: the file is not the last input: %s", query, last)
		}
	}
	items := b.get("/desk/jobs/items/upload")
	items.lacks(t, "Dry run first")
	if key := items.hidden(t, "key"); !strings.HasPrefix(key, "items/2") {
		t.Errorf("got the key %s", key)
	}
	if page := b.get("/desk/jobs/hold-shelf/upload"); page.status != http.StatusBadRequest {
		t.Errorf("a round takes a file: %d", page.status)
	}
	if page := lib.staff("32").get(registrar + "/upload"); page.status != http.StatusForbidden {
		t.Errorf("an operator may upload: %d", page.status)
	}
}

func TestUploadedFileLeadsToItsJob(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("26")
	at := registrar + "?" + url.Values{"uploaded": {"1"}, "key": {"sis/REGISTRAR/users-7.xml"}}.Encode()
	page := b.get(at)
	if page.has(t, "The file arrived"); page.header.Get("Refresh") == "" {
		t.Error("the page is not shown anew")
	}
	j := lib.job(7)
	if got := b.get(at).location(); got != registrar+"/"+j.ID {
		t.Errorf("got %q", got)
	}
}
