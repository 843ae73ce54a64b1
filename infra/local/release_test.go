package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/job"
)

// Jobs of the registrar's that [instance.jobs] stores.
const (
	heldID = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
	doneID = "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"
)

// jobs stores a job that is held and one that is done and has its report and rejected records in the bucket.
func (i *instance) jobs(t *testing.T) {
	t.Helper()
	im, err := newImport(t.Context(), i.dir)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	held := job.Job{ID: heldID, Kind: "sis", Profile: "REGISTRAR", Bucket: im.bucket, Key: "sis/REGISTRAR/held.xml", State: job.Held, Started: now}
	done := job.Job{ID: doneID, Kind: "sis", Profile: "REGISTRAR", Bucket: im.bucket, Key: "sis/REGISTRAR/done.xml", State: job.Completed, Started: now.Add(-time.Hour)}
	done.Report, done.Again, done.Counts = done.Key+".report.json", "rejected/REGISTRAR/0d0d0d0d-done.xml", job.Counts{Processed: 31, Unchanged: 31}
	for _, j := range []job.Job{held, done} {
		if _, _, err := im.jobs.StartJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if err := im.jobs.EnterJob(t.Context(), j.List(), job.Summary{ID: j.ID, Key: j.Key, Started: j.Started}); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{done.Report, done.Again} {
		if _, err := im.files.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &im.bucket, Key: &key, Body: strings.NewReader("{}")}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestJobsAndRelease lists jobs and tries to release what cannot be.
func TestJobsAndRelease(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	i.jobs(t)
	out, err := i.command("jobs", "-dir", i.dir).CombinedOutput()
	text := string(out)
	if held, done := strings.Index(text, heldID), strings.Index(text, doneID); err != nil || held < 0 || done < held || !strings.Contains(text, "sis/REGISTRAR/held.xml") {
		t.Errorf("jobs: %v: %s", err, text)
	}
	for _, tt := range []struct{ id, want string }{
		{doneID, "Only a job that is held can be released, and this one is COMPLETED."}, {"0a", "there is no such job"},
	} {
		if out, err := i.command("release", "-dir", i.dir, "-job", tt.id).CombinedOutput(); err == nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("release of %s: %v: %s", tt.id, err, out)
		}
	}
	if out, err := i.command("import", "-dir", i.dir, "-file", "demo/items.csv", "-items", "-dry").CombinedOutput(); err == nil {
		t.Errorf("a dry run of items: %s", out)
	}
	i.stop(t)
}
