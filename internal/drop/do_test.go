package drop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

// bench is an inbox on a directory, and one object in it.
type bench struct {
	*Inbox
	t     *testing.T
	dir   string
	store *dynamo.Store
	clock atomic.Int64
	o     Object
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), store: dynamotest.Store(t)}
	d, err := NewDir(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	b.clock.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(b.clock.Load(), 0).UTC() }
	b.Inbox = &Inbox{Source: d, Sink: d, Jobs: b.store, Log: slog.New(slog.DiscardHandler), Now: now}
	b.o = Object{Bucket: "demo", Key: "sis/P/a.xml", VersionID: "1", Time: now()}
	if err := d.Put(t.Context(), b.o.Key, "", []byte("<users/>")); err != nil {
		t.Fatal(err)
	}
	return b
}

// do does the work once, as for one delivery of the event, with time for the lease to end behind it.
func (b *bench) do(work func(context.Context, *Run) error) error {
	defer b.clock.Add(60)
	return b.Do(b.t.Context(), b.o, job.Job{Kind: "sis", Profile: "P"}, work, nil)
}

func (b *bench) job() job.Job {
	b.t.Helper()
	j, err := b.store.Job(b.t.Context(), b.o.JobID())
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

func (b *bench) report() (r report) {
	b.t.Helper()
	body, err := os.ReadFile(filepath.Join(b.dir, b.job().Report))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &r); err != nil {
		b.t.Fatal(err)
	}
	return r
}

var errStore = errors.New("the store failed")

// TestGivenUp has every run fail. The first comes as far as a record, those behind it keep the same place again.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	runs := 0
	for b.do(func(ctx context.Context, r *Run) error {
		runs++
		r.Tally.Begin(0, "a.xml")
		if r.Job.Place.Records == 0 {
			r.Reject(0, Rejected{Line: 1, Reason: "bad"}, []byte("<user/>"))
		}
		if err := r.Keep(ctx, job.Place{Records: 1}); err != nil {
			t.Fatal(err)
		}
		return errStore
	}) != nil {
		if runs > 20 {
			t.Fatal("the job was never given up")
		}
	}
	j := b.job()
	if j.State != job.Failed || runs != 1+maxStalls || !strings.HasPrefix(j.Reason, "It was tried 8 times and came no further") {
		t.Errorf("got %s after %d runs: %q", j.State, runs, j.Reason)
	}
	if r := b.report(); r.Counts.Rejected != 1 || len(r.Rejected) != 1 || r.Reason != j.Reason || r.Again != "" {
		t.Errorf("got the report %+v", r)
	}
	if err := b.do(func(context.Context, *Run) error { t.Error("a job that was given up went on"); return nil }); err != nil {
		t.Error(err)
	}
}

// TestComesFurther has every run fail after one more record, more often than a job that stalls is tried.
func TestComesFurther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for n := range int64(3 * maxStalls) {
		err := b.do(func(ctx context.Context, r *Run) error {
			if r.Job.Place.Records != n {
				t.Errorf("got the place %+v, want %d", r.Job.Place, n)
			}
			if err := r.Keep(ctx, job.Place{Records: n + 1}); err != nil {
				t.Fatal(err)
			}
			return errStore
		})
		if !errors.Is(err, errStore) {
			t.Fatal(err)
		}
	}
}

// failing is a sink that fails for one key as often as told.
type failingSink struct {
	Sink
	key  string
	left int
}

func (f *failingSink) Put(ctx context.Context, key, contentType string, body []byte) error {
	if strings.HasSuffix(key, f.key) && f.left > 0 {
		f.left--
		return errStore
	}
	return f.Sink.Put(ctx, key, contentType, body)
}

// TestReportFails has the bucket fail while a report is put. The run that comes again ends with the same counts and rows.
func TestReportFails(t *testing.T) {
	t.Parallel()
	for _, key := range []string{jsonReport, csvReport, "-a.xml"} {
		b := newBench(t)
		b.Sink = &failingSink{Sink: b.Sink, key: key, left: 2}
		work := func(ctx context.Context, r *Run) error {
			r.Tally.Begin(0, "a.xml")
			if r.Job.Place.Records == 0 {
				r.Reject(0, Rejected{Line: 1, Reason: "one"}, []byte("<user>1</user>"))
				if err := r.Keep(ctx, job.Place{Records: 1}); err != nil {
					return err
				}
			}
			r.Reject(0, Rejected{Line: 2, Reason: "two"}, []byte("<user>2</user>"))
			return r.Finish(ctx, job.CompletedWithErrors, "", []byte("<users>"), []byte("</users>"))
		}
		for range 2 {
			if err := b.do(work); !errors.Is(err, errStore) {
				t.Fatalf("%s: got %v", key, err)
			}
			if j := b.job(); j.State != job.Running {
				t.Errorf("%s: got the job %s", key, j.State)
			}
		}
		if err := b.do(work); err != nil {
			t.Fatal(err)
		}
		r := b.report()
		again, err := os.ReadFile(filepath.Join(b.dir, r.Again))
		if err != nil || string(again) != "<users>\n<user>1</user>\n<user>2</user>\n</users>\n" {
			t.Errorf("%s: got %q, %v", key, again, err)
		}
		if b.job().State != job.CompletedWithErrors || r.Counts.Rejected != 2 || len(r.Rejected) != 2 {
			t.Errorf("%s: got %+v", key, r)
		}
	}
}

// TestManyRejections lists a hundred thousand and counts the others.
func TestManyRejections(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const most = maxRows + 2_345
	err := b.do(func(ctx context.Context, r *Run) error {
		r.Tally.Begin(0, "a.xml")
		for n := range most {
			r.Reject(0, Rejected{Line: n + 1, Reason: "bad"}, nil)
			r.Differ(Difference{ID: "p", Action: "create"})
			if n%40_000 == 39_999 {
				if err := r.Keep(ctx, job.Place{Records: int64(n)}); err != nil {
					return err
				}
			}
		}
		return r.Finish(ctx, job.CompletedWithErrors, "", nil, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	r := b.report()
	if r.Counts.Rejected != most || len(r.Rejected) != maxRows || r.LeftOut != 2_345 || len(r.Changes) != maxRows || r.Unlisted != 2_345 {
		t.Errorf("got %d, %d rows and %d left out, %d differences and %d left out", r.Counts.Rejected, len(r.Rejected), r.LeftOut, len(r.Changes), r.Unlisted)
	}
	csv, err := os.ReadFile(filepath.Join(b.dir, strings.TrimSuffix(b.job().Report, jsonReport)+csvReport))
	if err != nil || !strings.Contains(string(csv), "2345 more rejected records are not listed.") || !strings.Contains(string(csv), "2345 more differences are not listed.") {
		t.Errorf("the CSV report does not say what it leaves out: %v", err)
	}
}

// TestReportOrder holds that the rows stand in the order of the files.
func TestReportOrder(t *testing.T) {
	j := job.Job{Files: []job.File{{Name: "b.xml"}, {Name: "a.xml"}}}
	r := newReport(j, part{
		Rejected:    []Rejected{{File: "a.xml", Line: 2}, {File: "b.xml", Line: 9}, {File: "a.xml", Line: 1}, {File: "b.xml", Line: 10}},
		Differences: []Difference{{ID: "gone"}, {File: "a.xml", Line: 2, Field: "x"}, {File: "a.xml", Line: 2, Field: "a"}, {File: "b.xml", Line: 3}},
	})
	var got []string
	for _, row := range r.Rejected {
		got = append(got, fmt.Sprint(row.File, row.Line))
	}
	for _, row := range r.Changes {
		got = append(got, fmt.Sprint(row.File, row.Line, row.Field, row.ID))
	}
	if want := "b.xml9 b.xml10 a.xml1 a.xml2 b.xml3 a.xml2x a.xml2a 0gone"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}
