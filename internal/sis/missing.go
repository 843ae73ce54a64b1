package sis

import (
	"context"
	"errors"
	"fmt"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// missing counts the patrons of the profile whom a full file lacks and, where the profile says so, makes them inactive.
// Nobody is made inactive by a file of which anything was rejected: a record that cannot be read may be anybody's.
func (w *work) missing(ctx context.Context) error {
	if !w.full || w.partly {
		return nil
	}
	var gone []string
	flush := func() error {
		defer func() { gone = gone[:0] }()
		return w.lack(ctx, gone)
	}
	act := w.profile.Missing == institution.Inactivate && w.run.Tally.Whole()
	resumed := w.run.Job.Runs > 1 // the index may show what this job did before
	for _, k := range w.known.people {
		switch {
		case k.seen || !k.active && !(act && resumed):
			continue
		case !act:
			w.run.Tally.Counts.Missing++
			continue
		}
		if gone = append(gone, k.uid); len(gone) == window {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if n := w.run.Tally.Counts.Missing; n > 0 && w.profile.Missing == institution.Inactivate && !act {
		w.run.Job.Reason = fmt.Sprintf("%d people are not in the file, and nobody was made inactive, because not every record could be taken.", n)
	}
	return flush()
}

// lack looks at patrons of whom the index says that the file lacks them.
func (w *work) lack(ctx context.Context, uids []string) error {
	if len(uids) == 0 {
		return w.run.Beat(ctx)
	}
	people, err := w.patrons.Patrons(ctx, uids)
	if err != nil {
		return fmt.Errorf("look at who is missing in the file: %w", err)
	}
	for _, p := range people {
		if err := w.inactivate(ctx, p); err != nil {
			return err
		}
	}
	return w.run.Beat(ctx)
}

// inactivate makes one patron inactive, unless a record of the file was applied to them after all.
func (w *work) inactivate(ctx context.Context, p patron.Patron) error {
	for attempt := 1; ; attempt++ {
		ours := p.Synced.Job == w.run.Job.ID
		if ours && countsOf(p.Synced.Effect).Inactivated > 0 {
			w.run.Tally.Counts.Add(job.Counts{Missing: 1, Inactivated: 1})
			return nil
		}
		after, changed := p.Inactivate(w.change())
		if ours || !changed || p.ExternalID != w.profile.Code {
			return nil
		}
		after.Synced = patron.Synced{Job: w.run.Job.ID, Effect: effectOf(job.Counts{Inactivated: 1})}
		_, err := w.patrons.ReplacePatron(ctx, p, after)
		if err == nil {
			w.run.Tally.Counts.Add(job.Counts{Missing: 1, Inactivated: 1})
			if w.run.Job.DryRun {
				w.run.Differ(drop.Difference{ID: p.PrimaryID, Action: "inactivate", Field: "status", Before: string(p.Status), After: string(after.Status)})
			}
			return nil
		}
		if attempt == maxAttempts || ctx.Err() != nil {
			return fmt.Errorf("make a missing patron inactive: %w", err)
		}
		if p, err = w.patrons.PatronByUID(ctx, p.UID); errors.Is(err, patron.ErrNotFound) {
			return nil
		} else if err != nil {
			return fmt.Errorf("make a missing patron inactive: %w", err)
		}
	}
}
