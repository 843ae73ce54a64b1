package sis

import (
	"bytes"
	"cmp"
	"context"
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
	window  int  // see the constant
	// mostKept is maxKept.
	mostKept int
	partly   bool // the survey did not come to its end
	spoilt   bool // the survey took records of a file that turned out to be unusable
	// contested says that the survey took a record of a patron whose known record stands further on. glance says that it
	// is to be known from the beginning where those stand.
	contested, glance bool

	known   *known
	pace    pace
	ends    map[int32]ends
	waiting []*person
	batch   []*person
	doubted []*person // done, and of patrons of whom it is not known that they are in the file, see recall
	sofar   string    // what is said of a file that fails: what of it was done
	keep    *keeping
	latest  job.Latest
}

// do does what is left to do of the job. The first pass tells what would happen and writes nothing; where that is over
// a limit of the profile, the job is held. The second pass does it.
func (w *work) do(ctx context.Context) error {
	if from := w.run.Job.Place; from.File == 0 && from.Records == 0 {
		w.run.Restart() // what is counted of a job that was held is its forecast
	}
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
	} else if w.run.Job.Forecast.Rejected > 0 { // otherwise there are no two records of one patron
		if err := w.lookAhead(ctx); err != nil {
			return err
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
	e := w.firstEnds(len(w.run.Tally.Files))
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
	err := candidates(ctx, func(p *person) error {
		if w.keep != nil && !save {
			w.keep.add(p)
		}
		w.batch = append(w.batch, p)
		if len(w.batch) < w.window {
			return nil
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		return tick(p.at)
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
	switch {
	case p.no == nil:
		w.run.Tally.Add(file, p.counts)
		w.run.Tally.Ignore(file, p.ignored)
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
	w.run.Tally.Ignore(int(p.at.file), p.ignored)
	raw := p.raw
	if !w.loadable(p) {
		raw = nil
	}
	w.run.Reject(int(p.at.file), row, raw)
}

// firstEnds are those of the first file of some that has any: of the file of the rejected records.
func (w *work) firstEnds(files int) ends {
	for file := range int32(files) {
		if e := w.ends[file]; e.head != nil {
			return e
		}
	}
	return ends{}
}

// loadable reports whether the record can stand in the file of the rejected records: rows of another header cannot.
func (w *work) loadable(p *person) bool {
	head, first := p.from.Head(), w.firstEnds(int(p.at.file)).head
	bothXML := bytes.HasPrefix(head, []byte("<")) && bytes.HasPrefix(first, []byte("<"))
	return first == nil || bothXML || bytes.Equal(head, first)
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
