package sis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// maxAttempts is how often a record is planned when others keep changing the patron meanwhile.
const maxAttempts = 6

// apply plans the record and writes the patron, if there is anything to write. When the patron was changed after it
// was read, it is matched and planned anew, so that a change made at the desk meanwhile is never lost.
func (r *run) apply(ctx context.Context, p *person) error {
	rematched := false
	for attempt := 0; ; attempt++ {
		err := r.write(ctx, p)
		var taken *patron.TakenError
		switch {
		case errors.As(err, &taken) && p.found.UID == "" && !rematched:
			rematched = true // an earlier try whose answer was lost may have created the patron
		case errors.As(err, &taken):
			return r.takenBy(ctx, taken)
		case errors.Is(err, patron.ErrTooLarge):
			return &rejection{reason: "The record is too large to store; the most is 400 KB with everything the library added."}
		case errors.Is(err, patron.ErrChanged), errors.Is(err, patron.ErrNotFound):
			if attempt == maxAttempts {
				return fmt.Errorf("apply a record: %w", err)
			}
		case err != nil:
			var no *rejection
			if errors.As(err, &no) {
				return no
			}
			return fmt.Errorf("apply a record: %w", err)
		default:
			return nil
		}
		if err := pause(ctx, time.Duration(attempt)*20*time.Millisecond); err != nil {
			return err
		}
		if err := r.match(ctx, p); err != nil {
			return err
		}
	}
}

// write does the record's one write and notes what it was.
func (r *run) write(ctx context.Context, p *person) error {
	after, changed, err := r.planner.plan(p)
	if err != nil {
		return err
	}
	p.job = job.Counts{Processed: 1}
	switch {
	case !changed:
		p.job.Unchanged = 1
		return nil
	case p.found.UID == "":
		p.job.Created = 1
		return r.create(ctx, after)
	}
	p.job.Updated = 1
	_, err = r.patrons.ReplacePatron(ctx, p.found, after)
	return err
}

// create writes a new patron. One that came without a primary id gets the first free one made from its name.
func (r *run) create(ctx context.Context, p patron.Patron) error {
	if p.PrimaryID != "" {
		_, err := r.patrons.CreatePatron(ctx, p)
		return err
	}
	for n := 1; ; n++ {
		p.PrimaryID = p.GeneratedID(n)
		_, err := r.patrons.CreatePatron(ctx, p)
		var taken *patron.TakenError
		if !errors.As(err, &taken) || patron.Fold(taken.Value) != patron.Fold(p.PrimaryID) || n > patron.Namesakes {
			return err
		}
	}
}

// takenBy rejects a record for an identifier another patron has, and names that one.
func (r *run) takenBy(ctx context.Context, taken *patron.TakenError) error {
	no := &rejection{field: identifierField(taken.Type), again: true}
	no.reason = fmt.Sprintf("Identifier of type %s and value %s is already taken AcrossInstitution", taken.Type, taken.Value)
	other, err := r.patrons.Patron(ctx, taken.Value)
	switch {
	case errors.Is(err, patron.ErrNotFound):
		no.reason += "."
	case err != nil:
		return fmt.Errorf("find whose identifier it is: %w", err)
	default:
		no.reason += fmt.Sprintf(", by the patron with primary id %s.", other.PrimaryID)
	}
	return no
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
