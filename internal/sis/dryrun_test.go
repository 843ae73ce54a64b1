package sis

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

// TestDryRun makes a dry run of a file and then a real one.
func TestDryRun(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		n := newNight(t, seed, seed > 3)
		n.imp.window = 1 + int(seed*7)
		_, second := twoNights(rand.New(rand.NewPCG(seed, 1)), n.profile, seed > 3)
		before := n.everybody()
		recorder := dynamotest.Record()
		watched := dynamotest.Open(t, n.tables, recorder)
		imp := New(n.inbox, watched, n.store, nil, n.imp.inst)
		imp.window = n.imp.window
		o := n.put("dry-run/"+n.profile+"/night.zip", zipped(t, strings.Split(second, "\x00")...))
		if err := imp.Process(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if used := recorder.Take(); used.Calls["PutItem"]+used.Calls["UpdateItem"]+used.Calls["TransactWriteItems"]+used.Calls["DeleteItem"] > 0 || used.Writes > 0 {
			t.Errorf("got %+v, want no write", used)
		}
		if text(t, n.everybody()) != text(t, before) {
			t.Error("the dry run changed something")
		}
		dry := n.job(o)
		var report struct {
			Rejected    []drop.Rejected
			Differences []drop.Difference
		}
		if err := json.Unmarshal([]byte(n.read(dry.Report)), &report); err != nil {
			t.Fatal(err)
		}
		for _, want := range []drop.Difference{
			{ID: "p13", Action: "update", Field: "email", Before: "p13@example.edu", After: ""},
			{ID: "p14", Action: "update", Field: "first_name", Before: "First", After: "Second"},
			{ID: "p16", Action: "update", Field: "status", Before: "ACTIVE", After: "INACTIVE"},
			{ID: "new1", Action: "create"},
		} {
			found := slices.ContainsFunc(report.Differences, func(d drop.Difference) bool {
				return d.ID == want.ID && d.Action == want.Action && strings.HasPrefix(d.Field, want.Field) && strings.HasPrefix(d.Before, want.Before) && strings.HasPrefix(d.After, want.After) &&
					d.File != "" && d.Line > 0
			})
			if !found {
				t.Errorf("seed %d: got no row like %+v in\n%+v", seed, want, report.Differences)
			}
		}
		if gone := slices.ContainsFunc(report.Differences, func(d drop.Difference) bool { return d.ID == "p30" && d.Action == "inactivate" }); gone == (seed > 3) {
			t.Errorf("seed %d: that p30 becomes inactive is told: %t", seed, gone)
		}
		n.clock.Add(60)
		if err := n.process(n.file); err != nil {
			t.Fatal(err)
		}
		if real := n.outcome(); real.Counts != dry.Counts || text(t, real.Files) != text(t, dry.Files) || text(t, real.Rejected) != text(t, report.Rejected) {
			t.Errorf("seed %d: got %+v, and the dry run said %+v\n%s\n%s", seed, real.Counts, dry.Counts, text(t, real.Rejected), text(t, report.Rejected))
		}
	}
}

func TestDryRunTellsThatTheJobWouldBeHeld(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", crowd(120, 0))
	o := l.put("dry-run/STUDENTS/users.xml", crowd(120, 60))
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	const reason = "Without dry-run/ the job would be held until it is released. The file is over the limits of its profile. " +
		"60 of 120: patrons to lose all e-mail addresses (50 %); the limit is 5 %."
	if j := l.job(o); j.State != job.Completed || j.Reason != reason || len(j.Breaches) != 1 || j.Counts.Updated != 60 {
		t.Errorf("got %s %q %+v %+v", j.State, j.Reason, j.Breaches, j.Counts)
	}
}
