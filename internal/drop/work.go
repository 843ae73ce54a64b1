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
// that it was not there. SaveJob is conditional on the version and answers [job.ErrChanged] otherwise. Job answers
// [job.ErrNotFound] where there is none. EnterJob puts a job on the list of its profile, once. All are strongly
// consistent.
type jobKeeper interface {
	StartJob(ctx context.Context, j job.Job) (stored job.Job, fresh bool, err error)
	SaveJob(ctx context.Context, j job.Job) (job.Job, error)
	Job(ctx context.Context, id string) (job.Job, error)
	EnterJob(ctx context.Context, code string, s job.Summary) error
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

// Task is what to do with the files of an object that are short enough to be done again from the beginning: Member
// reads one into the run. A *[RefusedError] says that the file is bad and goes into the report; any other error ends
// the run without a result, and the event comes again. Ends is asked for after that: what a file of the rejected records
// begins and ends with, see [Run.Finish].
type Task interface {
	Member(ctx context.Context, file int, m Member, r *Run) error
	Ends() (head, tail []byte)
}

// Work does task on every file in o, once per version of the object, and writes the report.
func (b *Inbox) Work(ctx context.Context, o Object, kind string, task Task) error {
	return b.Do(ctx, o, job.Job{Kind: kind}, func(ctx context.Context, r *Run) error {
		r.Forget()
		if err := r.each(ctx, task); err != nil {
			return err
		}
		state, reason := r.Tally.Outcome()
		head, tail := task.Ends()
		return r.Finish(ctx, state, reason, head, tail)
	}, nil)
}

// Do does the work on the object, once per version of it: when its job is final, or is held and nobody released it,
// nothing happens. A job that another run began is handed on with the place where that one left off. A
// *[RefusedError] of do, or [ErrGone], says that nothing in the object can be used; after any other error the event
// comes again. A job of which run after run comes no further is given up, and the report says so.
//
// tell, where there is one, is called at most once with the job when it has ended or is held, and says what became of
// the news.
func (b *Inbox) Do(ctx context.Context, o Object, j job.Job, do func(context.Context, *Run) error, tell func(context.Context, job.Job) string) error {
	r, err := b.begin(ctx, o, j)
	if r == nil || err != nil {
		return err
	}
	if err := b.Jobs.EnterJob(ctx, r.Job.List(), job.Summary{ID: r.Job.ID, Key: r.Job.Key, Started: r.Job.Started}); err != nil {
		return fmt.Errorf("list the job: %w", err)
	}
	if err := b.end(ctx, r, do); err != nil || tell == nil {
		return err
	}
	if r.Job.Summary = tell(ctx, r.Job); r.Job.Summary == "" {
		return nil
	}
	return r.save(ctx)
}

// end does the work and sees to it that the job ends where it can.
func (b *Inbox) end(ctx context.Context, r *Run, do func(context.Context, *Run) error) error {
	if r.Job.Stalls > maxStalls {
		return r.Finish(ctx, job.Failed, fmt.Sprintf("It was tried %d times and came no further; what was done before is counted here. "+
			"See the alarm of failed imports, and drop the file again.", maxStalls), nil, nil)
	}
	err := do(ctx, r)
	var reason string
	if err == nil || refusal(err, &reason) != nil {
		return err
	}
	return r.Finish(ctx, job.Failed, reason, nil, nil)
}

// each does the task on every member of the object.
func (r *Run) each(ctx context.Context, task Task) error {
	members, err := r.Members(ctx)
	if err != nil {
		return err
	}
	for i, m := range members {
		r.Tally.Begin(i, m.Name)
		var reason string
		if err := refusal(task.Member(ctx, i, m, r), &reason); err != nil {
			return err
		}
		r.Tally.Refuse(i, reason)
	}
	return nil
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
