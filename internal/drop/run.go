package drop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"patrondesk/internal/job"
)

// The times of a run.
const (
	// leaseHolds is how long a run that says nothing more is taken to be alive.
	leaseHolds = 20 * time.Second
	// beatEvery is how often a run says that it is alive, and how far it is.
	beatEvery = 3 * time.Second
	// wrapUp is what a run needs, before its function's time is over, to save how far it came.
	wrapUp = 45 * time.Second
	// maxStalls is how many runs in a row may come no further before the job is given up.
	maxStalls = 8
)

// ErrOutOfTime says that the time of this run is over. Its place is saved, and the next run goes on there.
var ErrOutOfTime = errors.New("the run's time is over; the next one goes on where it was")

// errBusy says that another run is at work on the job.
var errBusy = errors.New("another run is at work on the job")

// Run is one run of a job: it counts, remembers for the report, and saves how far it came. The job is this run's alone
// until its lease ends; when another run took it over, whatever saves returns [job.ErrChanged]. It is not safe for
// concurrent use.
type Run struct {
	Job    job.Job
	Object Object
	Tally  Tally // of what is done; saved with the place

	inbox   *Inbox
	pending part         // of the report, not written yet
	size    int64        // of the object, in bytes
	read    atomic.Int64 // of it, in this phase
	saved   time.Time
}

// begin takes the job of the object, and answers nil when there is nothing to do in it.
func (b *Inbox) begin(ctx context.Context, o Object, j job.Job) (*Run, error) {
	j.ID, j.Bucket, j.Key, j.Object, j.ETag, j.Dropped = o.JobID(), o.Bucket, o.Key, o.VersionID, o.ETag, o.Time.UTC()
	j.State, j.Started = job.Running, b.Now().UTC()
	stored, _, err := b.Jobs.StartJob(ctx, j)
	if err != nil {
		return nil, fmt.Errorf("start the job: %w", err)
	}
	if stored.State.Final() || (stored.State == job.Held && stored.Released == nil) {
		return nil, nil
	}
	if stored, err = b.waitForLease(ctx, stored); err != nil {
		return nil, err
	}
	r := &Run{Job: stored, Object: o, inbox: b, Tally: Tally{Counts: stored.Counts, Files: slices.Clone(stored.Files)}}
	return r, r.take(ctx)
}

// waitForLease waits while another run may be alive.
func (b *Inbox) waitForLease(ctx context.Context, j job.Job) (job.Job, error) {
	left := j.Lease.Until.Sub(b.Now())
	if left <= 0 {
		return j, nil
	}
	select {
	case <-ctx.Done():
		return j, ctx.Err()
	case <-time.After(min(left, leaseHolds) + time.Second):
	}
	now, err := b.Jobs.Job(ctx, j.ID)
	if err != nil {
		return j, fmt.Errorf("look at the job again: %w", err)
	}
	if now.Version != j.Version {
		return j, errBusy
	}
	return now, nil
}

// take makes the job this run's.
func (r *Run) take(ctx context.Context) error {
	j := &r.Job
	j.State, j.Reason = job.Running, ""
	j.Lease.Run = rand.Text()
	j.Runs++
	j.Stalls++ // a run that comes further takes it back
	return r.save(ctx)
}

// save stores the job and renews the lease.
func (r *Run) save(ctx context.Context) error {
	now := r.inbox.Now().UTC()
	if r.Job.State == job.Running {
		r.Job.Lease.Until = now.Add(leaseHolds)
		r.Job.Progress.Bytes, r.Job.Progress.At = min(r.read.Load(), r.size), now
	}
	stored, err := r.inbox.Jobs.SaveJob(ctx, r.Job)
	if err != nil {
		return fmt.Errorf("save the job: %w", err)
	}
	r.Job, r.saved = stored, now
	return nil
}

// Enter begins a phase.
func (r *Run) Enter(ctx context.Context, phase job.Phase) error {
	now := r.inbox.Now().UTC()
	r.read.Store(0)
	r.Job.Phase, r.Job.Progress = phase, job.Progress{Of: r.size, Since: now, At: now}
	return r.save(ctx)
}

// Done counts records of the phase that are done, for the progress.
func (r *Run) Done(records int64) { r.Job.Progress.Records += records }

// Advance says which share of the object is done, where it is not read again.
func (r *Run) Advance(share float64) { r.read.Store(int64(share * float64(r.size))) }

// Due reports whether it is time to say how far the run is, by Beat or Keep.
func (r *Run) Due() bool { return r.inbox.Now().Sub(r.saved) >= beatEvery }

// Beat says that the run is alive, and how far it is in its phase, if that is due. The counts saved with it are of the
// place last saved, so that nothing is counted twice.
func (r *Run) Beat(ctx context.Context) error {
	if !r.Due() {
		return ctx.Err()
	}
	return r.save(ctx)
}

// Keep saves the place: everything before it is done, counted in the tally, and in the report. A run that keeps no
// other place than the one it began at came no further.
func (r *Run) Keep(ctx context.Context, place job.Place) error {
	if old := r.Job.Place; place.File != old.File || place.Records != old.Records {
		r.Job.Stalls = 0
	}
	place.Parts = r.Job.Place.Parts
	if !r.pending.empty() {
		if err := r.inbox.putPart(ctx, r.Job.ID, place.Parts, r.pending); err != nil {
			return err
		}
		place.Parts++
		r.pending = part{}
	}
	r.Job.Place = place
	r.Job.Counts, r.Job.Files = r.Tally.Counts, slices.Clone(r.Tally.Files)
	return r.save(ctx)
}

// OutOfTime reports whether the run has to end, so that the next one can go on.
func (r *Run) OutOfTime(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end) < wrapUp
}

// Members are the files of the object.
func (r *Run) Members(ctx context.Context) ([]Member, error) {
	f, err := r.inbox.Source.Open(ctx, r.Object)
	if err != nil {
		return nil, err
	}
	r.size = f.Size()
	r.Job.Progress.Of = r.size
	return Unpack(ctx, &metered{File: f, read: &r.read}, r.Object.Key, r.inbox.Limits)
}

// metered is a file that counts the bytes read of it.
type metered struct {
	File
	read *atomic.Int64
}

func (m *metered) Range(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	body, err := m.File.Range(ctx, offset, length)
	if err != nil {
		return nil, err
	}
	return &meteredRange{ReadCloser: body, read: m.read}, nil
}

type meteredRange struct {
	io.ReadCloser
	read *atomic.Int64
}

func (m *meteredRange) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.read.Add(int64(n))
	return n, err
}

// Reject counts a record of a file as rejected and puts it into the report, raw being its text or nil.
func (r *Run) Reject(file int, row Rejected, raw []byte) {
	r.Tally.Add(file, job.Counts{Processed: 1, Rejected: 1})
	row.File = r.Tally.Files[file].Name
	r.pending.reject(row)
	if raw != nil {
		r.pending.addRaw(raw)
	}
}

// Differ puts what would change in a patron into the report.
func (r *Run) Differ(row Difference) { r.pending.differ(row) }

// Forget begins the tally and the report anew.
func (r *Run) Forget() { r.Tally, r.pending = Tally{}, part{} }

// Restart is Forget, but what is known of files that cannot be used stays.
func (r *Run) Restart() {
	files := r.Tally.Files
	r.Forget()
	for i, f := range files {
		r.Tally.Begin(i, f.Name)
		r.Tally.Files[i].Reason = f.Reason
	}
}

// Finish writes the report and ends the job, or holds it, in that state. head and tail are what a file of its records
// begins and ends with, and may be empty; head is nil where none of them are to be dropped again.
func (r *Run) Finish(ctx context.Context, state job.State, reason string, head, tail []byte) error {
	j := &r.Job
	j.Phase, j.State, j.Reason = "", state, reason
	j.Counts, j.Files = r.Tally.Counts, r.Tally.Files
	j.Place.Waiting, j.Lease = nil, job.Lease{}
	j.Finished = r.inbox.Now().UTC()
	if err := r.inbox.writeReports(ctx, j, r.pending, head, tail); err != nil {
		return err
	}
	if err := r.save(ctx); err != nil {
		return err
	}
	r.inbox.Log.LogAttrs(ctx, slog.LevelInfo, "job", slog.String("job", j.ID), slog.String("kind", j.Kind),
		slog.String("state", string(j.State)), slog.Any("counts", j.Counts))
	return nil
}
