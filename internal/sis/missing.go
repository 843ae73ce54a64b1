package sis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// missing counts the patrons of the profile whom a full file lacks and, where the profile says so, makes them inactive.
// Nobody is made inactive by a file of which anything was rejected: a record that cannot be read may be anybody's. Nor by
// one without any record, or that lacks more people than the profile allows, where the survey could not tell because its time was over.
func (w *work) missing(ctx context.Context) error {
	if state, _ := w.run.Tally.Outcome(); !w.full || w.partly || state == job.Failed {
		return nil
	}
	if w.run.Tally.Counts.Processed == 0 {
		w.run.Job.Reason = "There is no record in the file, so nobody is taken to be missing from it."
		return nil
	}
	gone := w.unseen(true)
	if w.profile.Missing != institution.Inactivate {
		w.run.Tally.Counts.Missing += len(gone)
		return nil
	}
	if why := w.inactivatesNobody(len(gone)); why != "" {
		w.run.Tally.Counts.Missing += len(gone)
		if len(gone) > 0 {
			w.run.Job.Reason = fmt.Sprintf("%d people are not in the file, and nobody was made inactive, because %s.", len(gone), why)
		}
		return nil
	}
	if w.run.Job.Runs > 1 { // the index may show what this job did before
		gone = append(gone, w.unseen(false)...)
	}
	for uids := range slices.Chunk(gone, w.window) {
		if err := w.lack(ctx, uids); err != nil {
			return err
		}
	}
	return nil
}

// unseen are the UIDs of the patrons who are not in the file and were active, or were not.
func (w *work) unseen(active bool) []string {
	var uids []string
	for _, k := range w.known.people {
		if !k.seen && k.active == active && !w.known.met[k.uid] {
			uids = append(uids, k.uid)
		}
	}
	return uids
}

// inactivatesNobody is why no missing person is made inactive; empty where they are.
func (w *work) inactivatesNobody(missing int) string {
	b := w.profile.Brake
	_, inSurvey := w.patrons.(*trial)
	switch {
	case !w.run.Tally.Whole():
		return "not every record could be taken"
	case !inSurvey && w.run.Job.Released == nil && over(missing, len(w.known.people), b.Inactivated, b.Minimum):
		return fmt.Sprintf("that is more than the profile's limit of %g %%", b.Inactivated*100)
	}
	return ""
}

// lack looks at patrons of whom the index says that the file lacks them.
func (w *work) lack(ctx context.Context, uids []string) error {
	if w.run.OutOfTime(ctx) {
		return drop.ErrOutOfTime
	}
	people, err := w.patrons.Patrons(ctx, uids)
	if err != nil {
		return fmt.Errorf("look at who is missing in the file: %w", err)
	}
	after := make([]patron.Patron, len(people))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(firstWidth)
	for i := range people {
		group.Go(func() (err error) {
			after[i], err = w.inactivate(within, people[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, p := range people {
		if after[i].UID != "" {
			w.lacks(p, after[i])
		}
	}
	return w.run.Beat(ctx)
}

// lacks counts a patron who was made inactive.
func (w *work) lacks(before, after patron.Patron) {
	w.run.Tally.Counts.Add(job.Counts{Missing: 1, Inactivated: 1})
	if w.run.Job.DryRun {
		w.run.Differ(drop.Difference{
			ID: before.PrimaryID, Action: "inactivate", Field: "status", Before: string(before.Status), After: string(after.Status),
		})
	}
}

// inactivate makes one patron inactive, unless a record of the file was applied to them after all, and answers them as
// they are then; without a UID where nothing was to do.
func (w *work) inactivate(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	for attempt := 1; ; attempt++ {
		ours := p.Synced.Job == w.run.Job.ID
		if ours && countsOf(p.Synced.Effect).Inactivated > 0 {
			return p, nil
		}
		after, changed := p.Inactivate(w.change())
		if ours || !changed || p.ExternalID != w.profile.Code {
			return patron.Patron{}, nil
		}
		after.Synced = patron.Synced{Job: w.run.Job.ID, Effect: effectOf(job.Counts{Inactivated: 1})}
		_, err := w.patrons.ReplacePatron(ctx, p, after)
		w.pace.told(err)
		if err == nil {
			return after, nil
		}
		if attempt == maxAttempts || ctx.Err() != nil {
			return patron.Patron{}, fmt.Errorf("make a missing patron inactive: %w", err)
		}
		if err := pause(ctx, time.Duration(attempt*attempt)*10*time.Millisecond); err != nil {
			return patron.Patron{}, err
		}
		if p, err = w.patrons.PatronByUID(ctx, p.UID); errors.Is(err, patron.ErrNotFound) {
			return patron.Patron{}, nil
		} else if err != nil {
			return patron.Patron{}, fmt.Errorf("make a missing patron inactive: %w", err)
		}
	}
}
