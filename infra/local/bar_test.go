package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/job"
)

var since = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func applying() job.Job {
	return job.Job{ID: "0f", State: job.Running, Phase: job.Applying, Progress: job.Progress{
		Records: 53_000, Bytes: 53, Of: 100, Since: since, At: since.Add(10 * time.Second)}}
}

func TestBarLine(t *testing.T) {
	begun := applying()
	begun.Progress = job.Progress{Of: 100, Since: since, At: since}
	long := applying()
	long.Progress.Bytes, long.Progress.At = 1, since.Add(time.Minute)
	million := job.Job{ID: "0f", State: job.Running, Phase: job.Surveying, Progress: job.Progress{
		Records: 9_000_000, Bytes: 99, Of: 100, Since: since, At: since.Add(time.Minute)}}
	for _, tt := range []struct {
		job  job.Job
		want string
	}{
		{million, "Checking [###################.]  99 %  9,000,000 records  150,000/s  0:01 left"},
		{job.Job{}, "Waiting for the file to be taken"},
		{job.Job{ID: "0f", State: job.Running}, "Beginning"},
		{job.Job{ID: "0f", State: job.Held, Released: &job.Release{}}, "Released; waiting for the job to go on"},
		{begun, "Applying [....................]   0 %  0 records"},
		{applying(), "Applying [##########..........]  53 %  53,000 records  5,300/s  0:09 left"},
		{long, "Applying [....................]   1 %  53,000 records  883/s  1:39:00 left"},
		{job.Job{ID: "0f", State: job.Running, Phase: job.Settling}, "Settling"},
	} {
		if got := barLine(tt.job); got != tt.want || len(got) > 79 {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

// TestBar shows a job every second: a terminal's line is drawn anew and left empty, elsewhere a line comes every five.
func TestBar(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out strings.Builder
		now := since
		b := &bar{out: &out, terminal: terminal, now: func() time.Time { return now }, last: since}
		for range 11 {
			b.show(applying())
			now = now.Add(time.Second)
		}
		b.show(job.Job{ID: "0f", State: job.Running})
		b.end()
		text := out.String()
		if !terminal && (strings.Count(text, "\n") != 2 || strings.Contains(text, "\r")) {
			t.Errorf("got %q, want two lines", text)
		}
		if terminal && (strings.Contains(text, "\n") || strings.Count(text, "\r") != 14 || !strings.HasSuffix(text, "\r")) {
			t.Errorf("on a terminal: got %q", text)
		}
	}
}

func TestHeldTellsFiguresAndTheCommand(t *testing.T) {
	var out strings.Builder
	err := tellHeld(job.Job{
		ID: "0f0e", State: job.Held, Reason: "Nothing was written. 50 of 100.", Forecast: &job.Counts{Processed: 100, Updated: 50, Unchanged: 50, BlankedEmails: 50},
	}, &out)
	if err == nil || errors.Unwrap(err) != nil {
		t.Errorf("got %v, want an error of its own", err)
	}
	if n := strings.Count(out.String(), "Nothing was written"); n != 1 {
		t.Errorf("that nothing was written is said %d times in\n%s", n, out.String())
	}
	for _, want := range []string{
		"HELD: Nothing was written. 50 of 100.\n",
		"100 records: 0 created, 50 updated, 50 unchanged, 0 rejected.\n", "  50 lost all e-mail addresses\n", "\n    make release JOB=0f0e\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
