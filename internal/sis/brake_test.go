package sis

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// crowd is a file of n people; blanked of them without an e-mail address.
func crowd(n, blanked int) string {
	var records []string
	for i := range n {
		mail := fmt.Sprintf("p%d@example.edu", i)
		if i < blanked {
			mail = ""
		}
		records = append(records, individual{primary: fmt.Sprintf("p%d", i), first: "One", mail: mail}.String())
	}
	return users(records...)
}

// release puts the object that lets a job go on, and has it processed.
func (l *library) release(j job.Job) {
	l.t.Helper()
	if err := l.process(l.put(j.Key+drop.ReleaseSuffix, `{"job": "`+j.ID+`"}`)); err != nil {
		l.t.Fatal(err)
	}
}

// permit is what the API does before it puts that object.
func (l *library) permit(o drop.Object) {
	l.t.Helper()
	j := l.job(o)
	j.Released = &job.Release{By: "admin", At: l.now()}
	if _, err := l.store.SaveJob(l.t.Context(), j); err != nil {
		l.t.Fatal(err)
	}
}

func TestBrake(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", crowd(120, 0))
	o := l.put("sis/STUDENTS/users.xml", crowd(120, 60))
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	held := l.job(o)
	forecast := job.Counts{Processed: 120, Updated: 60, Unchanged: 60, Blanked: 60, BlankedEmails: 60}
	breach := []job.Breach{{Measure: "blanked_emails", Count: 60, Of: 120, Limit: 0.05}}
	if held.State != job.Held || held.Forecast == nil || *held.Forecast != forecast || !slices.Equal(held.Breaches, breach) {
		t.Errorf("got %s %+v %+v", held.State, held.Forecast, held.Breaches)
	}
	const reason = "Nothing was written. The file is over the limits of its profile. " +
		"60 of 120: patrons to lose all e-mail addresses (50 %); the limit is 5 %. Release the job if this is right; otherwise have the file corrected and drop it again."
	var report struct {
		State    job.State
		Reason   string
		Forecast job.Counts
		Breaches []job.Breach
	}
	if err := json.Unmarshal([]byte(l.read(held.Report)), &report); err != nil {
		t.Fatal(err)
	}
	if report.State != job.Held || report.Reason != reason || report.Forecast != forecast || !slices.Equal(report.Breaches, breach) {
		t.Errorf("got the report %+v", report)
	}
	l.release(held) // nobody allowed it
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	if again := l.job(o); again.Version != held.Version || l.patron("p1").Version != 1 {
		t.Errorf("a job nobody released went on: version %d, want %d", again.Version, held.Version)
	}
	l.permit(o)
	l.release(held)
	done := l.job(o)
	if done.State != job.Completed || done.Counts != forecast || len(l.patron("p1").Emails) != 0 || len(l.patron("p100").Emails) != 1 {
		t.Errorf("got %s %+v %q", done.State, done.Counts, done.Reason)
	}
	if done.Files[0].Counts != forecast {
		t.Errorf("got %+v of the file", done.Files[0].Counts)
	}
}

func TestReleasedAfterANewerFile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", crowd(120, 0))
	o := l.put("sis/STUDENTS/bad.xml", crowd(120, 60))
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	l.synchronise("STUDENTS", crowd(121, 0))
	l.permit(o)
	l.release(l.job(o))
	if j := l.job(o); j.State != job.Failed || !strings.Contains(j.Reason, "was applied already") || l.patron("p1").Version != 1 || j.Counts != (job.Counts{}) {
		t.Errorf("got %s %+v %q", j.State, j.Counts, j.Reason)
	}
}

// TestReleaseObjects puts objects that release nothing.
func TestReleaseObjects(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	j, _ := l.drop("sis/STUDENTS/a.xml", users(user("a", "")))
	for _, body := range []string{"", "{}", `{"job": 1}`, `{"job": "0123"}`, `{"job": "` + j.ID + `"}`, "%PDF", strings.Repeat("x", 10_000)} {
		if err := l.process(l.put("sis/STUDENTS/a.xml.release", body)); err != nil {
			t.Errorf("%.20q: got %v", body, err)
		}
	}
	if err := l.process(drop.Object{Bucket: "demo", Key: "sis/STUDENTS/gone.release"}); err != nil {
		t.Error(err)
	}
}

func TestBreaches(t *testing.T) {
	b := institution.Brake{BlankedEmails: 0.1, BlankedAddresses: 0.1, Inactivated: 0.1, Identifiers: 0.1, Rejected: 0.1, Minimum: 5}
	off := institution.Brake{BlankedEmails: 1, BlankedAddresses: 1, Inactivated: 1, Identifiers: 1, Rejected: 1}
	for _, tt := range []struct {
		name   string
		brake  institution.Brake
		counts job.Counts
		people int
		want   string
	}{
		{"nothing", b, job.Counts{Processed: 100}, 100, ""},
		{"at the limit", b, job.Counts{Processed: 100, BlankedEmails: 10}, 100, ""},
		{"e-mails", b, job.Counts{Processed: 100, BlankedEmails: 11}, 100, "blanked_emails"},
		{"addresses", b, job.Counts{Processed: 100, BlankedAddresses: 11}, 100, "blanked_addresses"},
		{"missing", b, job.Counts{Processed: 89, Inactivated: 11}, 100, "inactivated"},
		{"by their records", b, job.Counts{Processed: 100, Deactivated: 11}, 100, "inactivated"},
		{"both together", b, job.Counts{Processed: 94, Deactivated: 5, Inactivated: 6}, 100, "inactivated"},
		{"identifiers", b, job.Counts{Processed: 100, Identifiers: 11}, 100, "identifiers"},
		{"rejected", b, job.Counts{Processed: 40, Rejected: 5}, 100, "rejected"},
		{"under the minimum", b, job.Counts{Processed: 10, Rejected: 4, Identifiers: 4, BlankedEmails: 4}, 10, ""},
		{"first file", b, job.Counts{Processed: 100, Created: 100}, 0, ""},
		{"several", b, job.Counts{Processed: 100, Identifiers: 20, BlankedEmails: 20}, 100, "blanked_emails identifiers"},
		{"switched off", off, job.Counts{Processed: 100, Rejected: 100, Inactivated: 100, BlankedEmails: 100, Identifiers: 100, BlankedAddresses: 100}, 100, ""},
	} {
		var got []string
		for _, m := range breaches(tt.brake, tt.counts, tt.people) {
			got = append(got, m.Measure)
			if strings.Contains(m.Words(), m.Measure+";") {
				t.Errorf("%s: no words for %s", tt.name, m.Measure)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, got, tt.want)
		}
	}
}
