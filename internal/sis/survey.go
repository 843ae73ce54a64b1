package sis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"patrondesk/internal/drop"
	"patrondesk/internal/job"
)

// maxKept bounds the candidates that are kept from the survey for the second pass, in bytes of memory: each takes its
// text, and about as much as learnt for what the text says and whom it matched.
const (
	maxKept = 192 << 20
	learnt  = 8 << 10
)

// keeping are the candidates the survey keeps; all is nil when they were too many.
type keeping struct {
	all  []*person
	left int // bytes
	over bool
}

func (k *keeping) add(p *person) {
	if k.over {
		return
	}
	if k.left -= len(p.raw) + learnt; k.left < 0 {
		k.all, k.over = nil, true
		return
	}
	k.all = append(k.all, p)
}

// survey goes through everything on a stand-in for the store that takes no write. ended says that the job has ended or
// is held. Where the time of a run does not reach for all of the file, what was seen has to do.
func (w *work) survey(ctx context.Context) (ended bool, err error) {
	store := w.patrons
	w.planner.sketch = true
	defer func() { w.patrons, w.partly, w.planner.sketch = store, false, false }()
	w.sofar = "Nothing of this file was applied."
	for again := true; again; again = !w.partly && (w.spoilt || w.contested) {
		if err := w.startOver(ctx, newTrial(store, w)); err != nil {
			return false, err
		}
		err := w.pass(ctx, w.stream(job.Place{}), false)
		if errors.Is(err, drop.ErrOutOfTime) {
			w.keep.all, w.keep.over = nil, true
			w.waiting, w.batch, w.partly = nil, nil, true
		} else if err != nil {
			return false, err
		}
	}
	if err := w.settleWaiting(ctx); err != nil {
		return false, err
	}
	if err := w.missing(ctx); err != nil {
		return false, err
	}
	w.patrons = store
	return w.judge(ctx)
}

// startOver begins a survey anew. Of the one before is known which files cannot be used: records of such a file that
// were read before that showed must not count. Where the record a patron has turned out to stand behind another one of
// them, it is the one that is taken.
func (w *work) startOver(ctx context.Context, t *trial) error {
	w.glance = w.glance || w.contested
	w.patrons, w.keep, w.spoilt, w.contested = t, &keeping{left: w.mostKept, over: w.run.Job.DryRun}, false, false
	w.batch, w.waiting = nil, nil
	w.known.forget()
	w.run.Restart()
	if !w.glance {
		return nil
	}
	return w.lookAhead(ctx)
}

// judge ends a dry run, holds a job that is over a limit, and lets any other begin.
func (w *work) judge(ctx context.Context) (ended bool, err error) {
	forecast := w.run.Tally.Counts
	w.run.Job.Forecast = &forecast
	state, reason := w.run.Tally.Outcome()
	if state == job.Failed {
		return true, w.finish(ctx, state, reason)
	}
	people, part := len(w.known.people), ""
	if w.partly {
		people = min(people, forecast.Processed)
		part = fmt.Sprintf("The survey saw only the first %d records, for want of time. ", forecast.Processed)
	}
	over := breaches(w.profile.Brake, forecast, people)
	w.run.Job.Breaches = over
	switch {
	case w.run.Job.DryRun:
		return true, w.finish(ctx, state, strings.TrimSpace(part+foretold(over)+" "+cmp.Or(reason, w.run.Job.Reason)))
	case len(over) > 0:
		return true, w.finish(ctx, job.Held, part+heldReason(over))
	}
	w.run.Restart()
	w.run.Job.Reason = strings.TrimSpace(part)
	return false, w.run.Keep(ctx, job.Place{})
}

// lookAhead finds where the records stand that the patrons have, so that it does not depend on where a run begins which
// of two records of a patron is taken.
func (w *work) lookAhead(ctx context.Context) error {
	tally, beat := w.run.Tally.Clone(), func(place) error { return w.run.Beat(ctx) }
	err := w.stream(job.Place{})(ctx, func(*person) error { return nil }, beat)
	w.run.Tally, w.spoilt = tally, false
	return err
}
