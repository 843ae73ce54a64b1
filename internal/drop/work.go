package drop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"patrondesk/internal/job"
)

// jobKeeper keeps jobs. StartJob stores the job unless one of its id is there, and answers the stored one; fresh says
// that it was not there. SaveJob is conditional on the version. Both are strongly consistent.
type jobKeeper interface {
	StartJob(ctx context.Context, j job.Job) (stored job.Job, fresh bool, err error)
	SaveJob(ctx context.Context, j job.Job) (job.Job, error)
}

// Inbox is where dropped files are worked on. It brings together the bucket, the jobs and the clock; Limits need not be
// set.
type Inbox struct {
	Source Source
	Sink   Sink
	Jobs   jobKeeper
	Limits Limits
	Log    *slog.Logger // takes one line when a job ends: its id, kind, state and counts
	Now    func() time.Time
}

// Task is what to do with one file: Member reads it into the report. A *[RefusedError] says that the file is bad and
// goes into the report; any other error ends the work without a result, and the event comes again. Finish, where
// there is one, is called after the last file; its errors are of the second kind.
type Task interface {
	Member(ctx context.Context, m Member, r *Report) error
	Finish(ctx context.Context, r *Report) error
}

// Work does task on every file in o, once per version of the object: when the job of the object is final nothing
// happens. A job that is still running belongs to a run that ended before its time, for the queue delivers one file
// at a time; it is done again from the beginning. refused, when not empty, says in a sentence why nothing in the object
// can be used.
func (b *Inbox) Work(ctx context.Context, o Object, kind, profile, refused string, task Task) error {
	j, fresh, err := b.Jobs.StartJob(ctx, job.Job{
		ID: o.JobID(), Kind: kind, Profile: profile, Bucket: o.Bucket, Key: o.Key, Object: o.VersionID,
		State: job.Running, Started: b.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("start the job: %w", err)
	}
	if !fresh && j.State.Final() {
		return nil
	}
	r := &Report{Job: j.ID, Kind: kind, Profile: profile, Key: o.Key, Object: o.VersionID, Started: j.Started, Reason: refused}
	if refused == "" {
		if err := b.read(ctx, o, r, task); err != nil {
			return err
		}
	}
	return b.finish(ctx, j, r)
}

// read does the task on every member of the object.
func (b *Inbox) read(ctx context.Context, o Object, r *Report, task Task) error {
	members, err := b.members(ctx, o)
	if err != nil {
		return refusal(err, &r.Reason)
	}
	for _, m := range members {
		r.Begin(m.Name)
		if err := refusal(task.Member(ctx, m, r), &r.Files[len(r.Files)-1].Reason); err != nil {
			return err
		}
	}
	return task.Finish(ctx, r)
}

func (b *Inbox) members(ctx context.Context, o Object) ([]Member, error) {
	f, err := b.Source.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return Unpack(ctx, f, o.Key, b.Limits)
}

// refusal puts the reason of a bad file where it is reported; any other error it hands back.
func refusal(err error, reason *string) error {
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		*reason = refused.Reason
		return nil
	case errors.Is(err, ErrGone):
		*reason = "The file was removed or replaced before it could be read."
		return nil
	}
	return err
}

// finish writes the report beside the file, and then the job, so that a final job always has its report.
func (b *Inbox) finish(ctx context.Context, j job.Job, r *Report) error {
	r.State = r.state()
	if r.State == job.Failed {
		r.Reason = r.failure()
	}
	r.Finished = b.Now().UTC()
	body, err := r.json()
	if err != nil {
		return err
	}
	j.Report = j.Key + jsonReport
	if err := b.Sink.Put(ctx, j.Report, "application/json", body); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := b.Sink.Put(ctx, j.Key+csvReport, "text/csv; charset=utf-8", r.csv()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	j.State, j.Reason, j.Counts, j.Finished = r.State, r.Reason, r.Counts, r.Finished
	if _, err := b.Jobs.SaveJob(ctx, j); err != nil {
		return fmt.Errorf("finish the job: %w", err)
	}
	b.Log.LogAttrs(ctx, slog.LevelInfo, "job", slog.String("job", j.ID), slog.String("kind", j.Kind),
		slog.String("state", string(j.State)), slog.Any("counts", j.Counts))
	return nil
}
