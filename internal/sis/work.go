package sis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

const (
	// window is how many candidates go through the steps together. What must be done in the order of the file is done
	// between the steps, so the result does not depend on which worker is faster.
	window = 256
	// maxKept bounds the candidates that are kept from the survey for the second pass, in bytes.
	maxKept = 64 << 20
	// maxWaiting bounds the records that wait for another patron to give up an identifier.
	maxWaiting = 10_000
	// indexLag is how long the index of the patrons may be behind what the job before this one wrote.
	indexLag = 5 * time.Second
)

// work is one run on the files of one object.
type work struct {
	run     *drop.Run
	patrons patronKeeper // the store, or in the survey what stands for it
	jobs    jobKeeper
	planner planner
	profile institution.SISProfile
	full    bool // the file is of everybody
	partly  bool // the survey did not come to its end
	spoilt  bool // the survey took records of a file that turned out to be unusable

	known   *known
	pace    pace
	ends    map[int32]ends
	waiting []*person
	batch   []*person
	done    place  // the last candidate taken into batch
	sofar   string // what is said of a file that fails: what of it was done
	keep    *keeping
	latest  job.Latest
}

// keeping are the candidates the survey keeps; all is nil when they were too many.
type keeping struct {
	all   []candidate
	bytes int
	over  bool
}

func (k *keeping) add(c candidate) {
	if k.over {
		return
	}
	k.bytes += len(c.raw)
	if k.bytes > maxKept {
		k.all, k.over = nil, true
		return
	}
	k.all = append(k.all, c)
}

// do does what is left to do of the job. The first pass tells what would happen and writes nothing; where that is over
// a limit of the profile, the job is held. The second pass does it.
func (w *work) do(ctx context.Context) error {
	if err := w.inOrder(ctx); err != nil {
		return err
	}
	if err := w.learn(ctx); err != nil {
		return err
	}
	from, candidates := w.run.Job.Place, source(nil)
	if w.run.Job.Forecast == nil {
		ended, err := w.survey(ctx)
		if ended || err != nil {
			return err
		}
		from = job.Place{}
		if !w.keep.over {
			candidates = w.kept(w.keep.all)
		}
	}
	if candidates == nil {
		candidates = w.stream(from)
	}
	return w.apply(ctx, candidates)
}

// inOrder refuses a file that is older than one that was applied: it would bring back what has changed since.
func (w *work) inOrder(ctx context.Context) error {
	var err error
	if w.latest, err = w.jobs.Latest(ctx, w.profile.Code); err != nil {
		return fmt.Errorf("look for later files: %w", err)
	}
	if w.latest.ID == w.run.Job.ID || !w.latest.Dropped.After(w.run.Job.Dropped) || w.profile.AcceptOlder || w.run.Job.DryRun {
		return nil
	}
	return &drop.RefusedError{Reason: fmt.Sprintf("The file was dropped at %s, and a later one of the profile, %s of %s, was applied already. "+
		"An older file would bring back what has changed since, so nothing of it was applied. If it is meant, drop it again.",
		w.run.Job.Dropped.Format(time.RFC3339), w.latest.Key, w.latest.Dropped.Format(time.RFC3339))}
}

// learn reads who is known, after the index had time to follow the job before this one.
func (w *work) learn(ctx context.Context) error {
	if err := w.run.Enter(ctx, job.Surveying); err != nil {
		return err
	}
	if w.latest.ID != w.run.Job.ID {
		if err := pause(ctx, indexLag-w.planner.now().Sub(w.latest.Written)); err != nil {
			return err
		}
	}
	var err error
	w.known, err = learn(ctx, w.patrons, w.profile.Code, w.run.Job.ID, w.run.Beat)
	return err
}

// survey goes through everything on a stand-in for the store that takes no write. ended says that the job has ended or
// is held. Where the time of a run does not reach for all of the file, what was seen has to do.
func (w *work) survey(ctx context.Context) (ended bool, err error) {
	store := w.patrons
	defer func() { w.patrons, w.partly = store, false }()
	w.sofar = "Nothing of this file was applied."
	for again := true; again; again = w.spoilt {
		w.startOver(newTrial(store, w))
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
// were read before that showed must not count.
func (w *work) startOver(t *trial) {
	w.patrons, w.keep, w.spoilt = t, &keeping{}, false
	w.batch, w.waiting = nil, nil
	w.known.forget()
	w.run.Restart()
}

// judge ends a dry run, holds a job that is over a limit, and lets any other begin.
func (w *work) judge(ctx context.Context) (ended bool, err error) {
	forecast := w.run.Tally.Counts
	w.run.Job.Forecast = &forecast
	state, reason := w.run.Tally.Outcome()
	if w.run.Job.DryRun || state == job.Failed {
		return true, w.finish(ctx, state, cmp.Or(reason, w.run.Job.Reason))
	}
	w.run.Job.Breaches = breaches(w.profile.Brake, forecast, len(w.known.people))
	if len(w.run.Job.Breaches) > 0 {
		return true, w.finish(ctx, job.Held, heldReason(w.run.Job.Breaches))
	}
	w.run.Restart()
	return false, w.run.Keep(ctx, job.Place{})
}

// apply is the second pass.
func (w *work) apply(ctx context.Context, candidates source) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if err := w.run.Enter(ctx, job.Applying); err != nil {
		return err
	}
	w.sofar = "The records before that were applied."
	if err := w.pass(ctx, candidates, true); err != nil {
		return err
	}
	if err := w.run.Enter(ctx, job.Settling); err != nil {
		return err
	}
	if err := w.settleWaiting(ctx); err != nil {
		return err
	}
	if err := w.missing(ctx); err != nil {
		return err
	}
	w.latest.Written = w.planner.now().UTC()
	if _, err := w.jobs.SaveLatest(ctx, w.profile.Code, w.latest); err != nil {
		return fmt.Errorf("note the latest file: %w", err)
	}
	state, reason := w.run.Tally.Outcome()
	return w.finish(ctx, state, cmp.Or(reason, w.run.Job.Reason))
}

// begin notes that the file is the latest of its profile that was applied.
func (w *work) begin(ctx context.Context) error {
	j := w.run.Job
	if w.latest.ID == j.ID {
		return nil
	}
	next := job.Latest{Version: w.latest.Version, ID: j.ID, Key: j.Key, Dropped: j.Dropped}
	if w.latest.Dropped.After(next.Dropped) {
		next.Dropped = w.latest.Dropped
	}
	var err error
	if w.latest, err = w.jobs.SaveLatest(ctx, w.profile.Code, next); err != nil {
		return fmt.Errorf("note the latest file: %w", err)
	}
	return nil
}

// finish ends the job with its report.
func (w *work) finish(ctx context.Context, state job.State, reason string) error {
	if err := w.run.Enter(ctx, job.Reporting); err != nil {
		return err
	}
	e := w.ends[0]
	for _, other := range w.ends {
		if e.head == nil {
			e = other
		}
	}
	return w.run.Finish(ctx, state, reason, e.head, e.tail)
}

// pass takes the candidates through the steps, window by window, and with save keeps the place after each that is due.
func (w *work) pass(ctx context.Context, candidates source, save bool) error {
	tick := func(done place) error {
		if w.run.OutOfTime(ctx) {
			return w.stop(ctx, done, save)
		}
		if !w.run.Due() {
			return ctx.Err()
		}
		if !save {
			return w.run.Beat(ctx)
		}
		return w.save(ctx, done)
	}
	err := candidates(ctx, func(c candidate) error {
		if w.keep != nil && !save {
			w.keep.add(c)
		}
		w.batch = append(w.batch, newPerson(c))
		if len(w.batch) < window {
			return nil
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		return tick(c.at)
	}, tick)
	if err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil || !save {
		return err
	}
	return w.run.Keep(ctx, w.place(place{file: int32(len(w.run.Tally.Files))}))
}

// stop ends the run in good time.
func (w *work) stop(ctx context.Context, done place, save bool) error {
	if save {
		if err := w.save(ctx, done); err != nil {
			return err
		}
	}
	return drop.ErrOutOfTime
}

// save keeps the place: everything up to it is done.
func (w *work) save(ctx context.Context, done place) error {
	if err := w.flush(ctx); err != nil {
		return err
	}
	return w.run.Keep(ctx, w.place(done))
}

func (w *work) place(done place) job.Place {
	return job.Place{File: int(done.file), Records: done.number, Waiting: encodePlaces(w.waiting)}
}

// flush takes the batch through the steps, and what became of it into the report.
func (w *work) flush(ctx context.Context) error {
	batch := w.batch
	w.batch = nil
	if err := w.steps(ctx, batch); err != nil {
		return err
	}
	for _, p := range batch {
		w.conclude(p)
	}
	w.run.Done(int64(len(batch)))
	return nil
}

// conclude counts what became of a record, or lets it wait for the end of the file.
func (w *work) conclude(p *person) {
	file := int(p.at.file)
	w.run.Tally.Ignore(file, p.ignored)
	switch {
	case p.no == nil:
		w.run.Tally.Add(file, p.counts)
		w.known.see(p.found)
		w.tell(p)
	case p.no.again && len(w.waiting) < maxWaiting:
		w.waiting = append(w.waiting, p)
	default:
		w.reject(p)
	}
}

// reject puts a refused record into the report.
func (w *work) reject(p *person) {
	row := drop.Rejected{Line: int(p.at.line), ID: p.in.PrimaryID, Field: p.no.field, Reason: p.no.reason, Other: p.no.other, Do: p.no.do}
	for _, id := range p.in.Identifiers {
		row.Identifiers = append(row.Identifiers, id.Type.Value+" "+id.Value)
	}
	w.run.Reject(int(p.at.file), row, p.raw)
}

// tell puts what a dry run found into the report.
func (w *work) tell(p *person) {
	if !w.run.Job.DryRun {
		return
	}
	row := drop.Difference{File: w.run.Tally.Files[p.at.file].Name, Line: int(p.at.line), ID: p.in.PrimaryID, Action: "create"}
	if p.found.UID == "" {
		w.run.Differ(row)
		return
	}
	row.ID, row.Action = p.found.PrimaryID, "update"
	for _, c := range p.effect.Changes {
		row.Field, row.Before, row.After = c.Field, c.Before, c.After
		w.run.Differ(row)
	}
}

// partial reports whether the file at key is said not to be of everybody, by its folder.
func partial(key string) bool { return strings.Contains(key, "/partial/") }

// change is who writes, and when.
func (w *work) change() patron.Change { return w.planner.change() }

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
