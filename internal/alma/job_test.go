package alma

import (
	"testing"
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// noon is when the sample jobs were dropped.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 123e6, time.UTC)

const jobsURL = "https://lib.example/almaws/v1/conf/jobs/"

func registrarJob() Job {
	return NewJob(institution.SISProfile{Code: "REGISTRAR", Name: "Registrar's student records"}, jobsURL+"REGISTRAR")
}

func instanceOf(j job.Job) JobInstance {
	of := registrarJob()
	if j.Kind == job.Items {
		of = NewItemsJob(jobsURL + "items")
	}
	return NewJobInstance(j, of, of.Link+"/instances/"+j.ID)
}

func runningJob() job.Job {
	return job.Job{
		ID: "0f0e0d0c0b0a09080706050403020100", Kind: "sis", Profile: "REGISTRAR", Key: "sis/REGISTRAR/users.xml", Object: "v.1", Dropped: noon,
		Started: noon.Add(2 * time.Second), State: job.Running, Phase: job.Applying, Counts: job.Counts{Processed: 5000, Created: 10, Unchanged: 4990},
		Progress: job.Progress{Records: 5000, Bytes: 1 << 20, Of: 4 << 20, Since: noon.Add(2 * time.Second), At: noon.Add(4 * time.Second)},
	}
}

func heldJob() job.Job {
	j := runningJob()
	j.State, j.Phase, j.Counts, j.Reason = job.Held, job.Surveying, job.Counts{}, "The file would go over 2 limits of its profile."
	j.Forecast = &job.Counts{Processed: 100_000, Created: 120, Updated: 50_400, Unchanged: 49_480, Blanked: 50_000, BlankedEmails: 50_000, Missing: 9}
	j.Breaches = []job.Breach{{Measure: "blanked_emails", Count: 50_000, Of: 100_000, Limit: 0.05}, {Measure: "identifiers", Count: 50_000, Of: 100_000, Limit: 0.05}}
	return j
}

func doneJob() job.Job {
	j := heldJob()
	j.State, j.Phase, j.Reason, j.Finished = job.CompletedWithErrors, "", "", noon.Add(time.Minute)
	j.Released = &job.Release{By: "admin", At: noon.Add(30 * time.Second)}
	j.Counts = job.Counts{Processed: 10, Created: 1, Updated: 2, Unchanged: 3, Rejected: 4, Blanked: 5, BlankedEmails: 6, BlankedAddresses: 7,
		Identifiers: 8, Protected: 9, Deactivated: 10, Missing: 11, Inactivated: 12}
	j.Report, j.Again, j.Summary = j.Key+".report.json", "rejected/REGISTRAR/0f0e0d0c-users.xml", "SENT"
	return j
}

func TestJobStatus(t *testing.T) {
	released := heldJob()
	released.Released = &job.Release{By: "admin", At: noon}
	legal := map[string]bool{}
	for _, code := range JobStatuses() {
		legal[code] = true
	}
	for _, test := range []struct {
		job      job.Job
		want     string
		progress int
	}{
		{runningJob(), "RUNNING", 23}, {heldJob(), "MANUAL_HANDLING_REQUIRED", 25}, {released, "QUEUED", 25}, {doneJob(), "COMPLETED_FAILED", 100},
		{job.Job{State: job.Completed}, "COMPLETED_SUCCESS", 100}, {job.Job{State: job.Failed}, "FAILED", 100},
	} {
		got := instanceOf(test.job)
		if got.Status.Value != test.want || got.Progress != test.progress || !legal[got.Status.Value] {
			t.Errorf("%s: got %s and %d %%, want %s and %d %%", test.job.State, got.Status.Value, got.Progress, test.want, test.progress)
		}
	}
}

// TestJobTotals holds the sum by which Alma's report is read: processed is created, updated, unchanged and rejected.
func TestJobTotals(t *testing.T) {
	got := instanceOf(job.Job{Kind: job.Items, Counts: job.Counts{Processed: 10, Created: 1, Updated: 2, Unchanged: 3, Rejected: 4}}).Counters
	want := []JobCounter{
		{Code{"total_processed", "Total items processed"}, "10"}, {Code{"total_created", "Total items created successfully"}, "1"},
		{Code{"total_updated", "Total items updated successfully"}, "2"}, {Code{"total_unchanged", "Total items unchanged"}, "3"},
		{Code{"total_rejected", "Total items rejected"}, "4"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}
