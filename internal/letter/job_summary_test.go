package letter_test

import (
	"strings"
	"testing"
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
)

// registrar is the library with a profile, in a language.
func registrar(lang string) *institution.Institution {
	inst := library()
	inst.Language = lang
	inst.SISProfiles = []institution.SISProfile{{Code: "REGISTRAR", Name: "Registrar's student records"}}
	return inst
}

func heldJob() job.Job {
	return job.Job{
		ID: "0f0e0d0c0b0a09080706050403020100", Kind: "sis", Profile: "REGISTRAR", Key: "sis/REGISTRAR/students-2026-11-22.xml.gz", State: job.Held,
		Reason: "<b>Ada Byron</b>", Started: now.Add(-time.Minute), Progress: job.Progress{At: now},
		Forecast: &job.Counts{Processed: 100_000, Created: 120, Updated: 50_400, Unchanged: 49_477, Rejected: 3, Blanked: 50_000, BlankedEmails: 50_000, Missing: 1_250},
		Breaches: []job.Breach{{Measure: "blanked_emails", Count: 50_000, Of: 100_000, Limit: 0.05}, {Measure: "shoes", Count: 1, Of: 3, Limit: 0.125}},
	}
}

func doneJob() job.Job {
	j := heldJob()
	j.State, j.Breaches, j.Finished = job.CompletedWithErrors, nil, now
	j.Counts = job.Counts{Processed: 1_234_567, Created: 4, Updated: 5, Unchanged: 1_234_500, Rejected: 58, Protected: 7}
	j.Report, j.Again = j.Key+".report.json", "rejected/REGISTRAR/0f0e0d0c-students-2026-11-22.xml"
	return j
}

func summary(t *testing.T, lang string, j job.Job) letter.Message {
	t.Helper()
	m, err := letter.JobSummary(registrar(lang), j)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// summaries are the mails about jobs, by the name of their golden.
func summaries(t *testing.T) map[string]letter.Message {
	all := map[string]letter.Message{}
	for _, lang := range languages() {
		all["job_summary_held_"+lang] = summary(t, lang, heldJob())
		all["job_summary_done_"+lang] = summary(t, lang, doneJob())
	}
	failed := doneJob()
	failed.State, failed.Counts, failed.Again = job.Failed, job.Counts{}, ""
	failed.Profile, failed.Kind, failed.Key = "", "items", "items/list.csv"
	all["job_summary_failed_en"] = summary(t, "en", failed)
	return all
}

func TestJobSummarySubject(t *testing.T) {
	dry := doneJob()
	dry.DryRun = true
	unknown := doneJob()
	unknown.Profile, unknown.State = "GONE\r\nBcc: x", job.Completed
	for _, tt := range []struct {
		lang, want string
		job        job.Job
	}{
		{"en", "Registrar's student records: held, waiting for a release", heldJob()},
		{"de", "Registrar's student records: abgeschlossen, 58 Datensätze abgelehnt", doneJob()},
		{"en", "Registrar's student records: dry run, completed, 58 records rejected", dry},
		{"en", "GONE Bcc: x: completed", unknown},
	} {
		if got := summary(t, tt.lang, tt.job).Subject; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestJobSummaryHasNothingOfPatrons holds that the reason, which may quote the file, stays in the report, and that
// nobody is named who released the job.
func TestJobSummaryHasNothingOfPatrons(t *testing.T) {
	j := heldJob()
	j.Files = []job.File{{Name: "Ada", Reason: "Byron"}}
	j.Released = &job.Release{By: "Lovelace", At: now}
	for _, state := range []job.State{job.Held, job.Failed, job.Completed, job.CompletedWithErrors} {
		j.State = state
		m := summary(t, "en", j)
		for _, word := range []string{"Ada", "Byron", "Lovelace"} {
			if strings.Contains(m.HTML+m.Text+m.Subject, word) {
				t.Errorf("%s: the mail holds %q", state, word)
			}
		}
	}
}
