package sis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// maxAttempts is how often a record is planned anew, when others keep changing the patron meanwhile or the store fails.
const maxAttempts = 8

// applyOne plans the record and writes the patron, if there is anything to write. When the patron was changed after it
// was read, or it is not known whether a write took place, the record is matched and planned anew: a change made at
// the desk meanwhile is never lost, and what was applied is not applied twice.
func (w *work) applyOne(ctx context.Context, p *person) error {
	for attempt := 1; ; attempt++ {
		err := w.write(ctx, p)
		w.pace.told(err)
		var no *rejection
		var owned *patron.TakenError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &no) && p.met == nil:
			return no
		case errors.Is(err, patron.ErrTooLarge):
			return &rejection{reason: "The record is too large to store; the most is 400 KB with everything the library added."}
		case attempt == maxAttempts, ctx.Err() != nil:
			return fmt.Errorf("apply a record: %w", err)
		case errors.As(err, &owned) && p.met == nil:
			if no := w.takenBy(ctx, owned, p); no != nil {
				return no
			}
		}
		if err := pause(ctx, time.Duration(attempt*attempt)*10*time.Millisecond); err != nil {
			return err
		}
		if done, err := w.lookAgain(ctx, p); done || err != nil {
			return err
		}
	}
}

// lookAgain matches a record anew, and reports whether it turns out to have been applied. That the store fails is
// left to the next attempt.
func (w *work) lookAgain(ctx context.Context, p *person) (done bool, err error) {
	p.met = nil
	found, err := w.patrons.PatronsByIdentifier(ctx, w.matchValues(p))
	w.pace.told(err)
	if err != nil {
		return false, ctx.Err()
	}
	if err := w.match(p, found); err != nil {
		return false, err
	}
	p.counts = job.Counts{}
	if err := w.judgeMatch(p); err != nil {
		return false, err
	}
	return p.counts.Processed > 0, nil
}

// write does the record's one write and notes what it was.
func (w *work) write(ctx context.Context, p *person) error {
	after, effect, err := w.planner.plan(p)
	if err != nil {
		return w.withCall(err, p)
	}
	p.effect = effect
	counts := countsFor(p.found.UID == "", effect, w.gaveUp(p.found))
	after.Synced = patron.Synced{Hash: p.sum.String(), Job: w.run.Job.ID, Place: p.at.String(), Effect: effectOf(counts)}
	switch {
	case counts.Created > 0:
		err = w.create(ctx, after)
	case counts.Updated > 0:
		_, err = w.patrons.ReplacePatron(ctx, p.found, after)
	case p.found.Synced.Hash != after.Synced.Hash:
		err = w.patrons.StampPatron(ctx, p.found, after.Synced)
	}
	if err == nil {
		p.counts = counts
	}
	return err
}

// withCall adds to a rejection the call that may help.
func (w *work) withCall(err error, p *person) error {
	var no *rejection
	if errors.As(err, &no) && p.found.UID != "" {
		no.other = p.found.PrimaryID
		if p.found.AccountType == patron.Internal && no.field == "account_type" {
			no.do = w.adoption(p.found)
		}
	}
	return err
}

// countsFor is the counts of one record with that effect. gaveUp says that the patron gave up an identifier for it
// before, so that the effect lacks that.
func countsFor(new bool, e patron.Effect, gaveUp bool) job.Counts {
	c := job.Counts{Processed: 1}
	switch {
	case new:
		c.Created = 1
		return c
	case e.None() && !gaveUp:
		c.Unchanged = 1
	default:
		c.Updated = 1
	}
	c.BlankedEmails, c.BlankedAddresses = one(e.BlankedEmails), one(e.BlankedAddresses)
	c.Blanked = one(e.BlankedEmails || e.BlankedAddresses || e.BlankedPhones)
	c.Identifiers, c.Deactivated, c.Protected = one(e.Identifiers || gaveUp), one(e.Deactivated), one(len(e.Protected) > 0)
	return c
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// create writes a new patron. One that came without a primary id gets the first free one made from its name.
func (w *work) create(ctx context.Context, p patron.Patron) error {
	if p.PrimaryID != "" {
		_, err := w.patrons.CreatePatron(ctx, p)
		return err
	}
	for n := 1; ; n++ {
		p.PrimaryID = p.GeneratedID(n)
		_, err := w.patrons.CreatePatron(ctx, p)
		var owned *patron.TakenError
		if !errors.As(err, &owned) || patron.Fold(owned.Value) != patron.Fold(p.PrimaryID) || n > patron.Namesakes {
			return err
		}
	}
}
