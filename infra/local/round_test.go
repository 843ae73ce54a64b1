package main

import (
	"testing"
	"time"

	"patrondesk/infra/local/clock"
	"patrondesk/internal/job"
)

func TestFiguresSayWhatWasCounted(t *testing.T) {
	counts := job.Counts{Processed: 42, Created: 40, Updated: 1, Unchanged: 1, Rejected: 1}
	for kind, want := range map[string]string{
		"sis":              "42 records: 40 created, 1 updated, 1 unchanged, 1 rejected.",
		"activity-letters": "42 patrons: 40 letters sent, 1 with nothing to report, 1 without a letter.",
		"hold-shelf":       "42 items: 1 taken off the hold shelf, 1 moved by others meanwhile, 1 not in the item list.",
	} {
		if got := figuresOf(job.Job{Kind: kind, Counts: counts}); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestTimeTold(t *testing.T) {
	now := time.Date(2027, time.July, 5, 11, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		ahead time.Duration
		zone  string
		want  string
	}{
		{0, "Europe/London", "It is Monday, 5 July 2027, 12:30 BST, in the library."},
		{36 * time.Hour, "Europe/London", "It is Monday, 5 July 2027, 12:30 BST, in the library: 1 day and 12 hours ahead of this machine."},
		{0, "Nowhere", "It is Monday, 5 July 2027, 11:30 UTC, in the library."},
	} {
		if got := timeTold(clock.Reading{Now: now, Ahead: tt.ahead}, tt.zone); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
