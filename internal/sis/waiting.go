package sis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"patrondesk/internal/patron"
)

// takenBy is why a record cannot have an identifier another patron has, or nil when trying again may help. While the
// other patron's own record may come later in the file, this one can wait for it.
func (w *work) takenBy(ctx context.Context, owned *patron.TakenError, p *person) error {
	other, err := w.patrons.Patron(ctx, owned.Value)
	if err != nil || other.UID == p.found.UID {
		return ctx.Err() // freed meanwhile, or created by a try whose answer was lost; or the store failed
	}
	no := &rejection{field: identifierField(owned.Type), other: other.PrimaryID}
	at, settled := w.settledAt(other)
	switch {
	case settled && at == p.at && other.Synced.Job == w.run.Job.ID:
		return nil // it is this record's own patron, whom its match identifier did not find yet
	case settled:
		no.reason = w.takenInFeed(owned.Type, owned.Value, at, p.at)
	default:
		no.reason = fmt.Sprintf("Identifier of type %s and value %s is already taken AcrossInstitution, by the patron with primary id %s.",
			owned.Type, owned.Value, other.PrimaryID)
		no.again = other.AccountType == patron.External && other.ExternalID == w.profile.Code
	}
	return no
}

// settleWaiting tries the records again that wanted an identifier of another patron of the profile: a card that was
// given to somebody else within the file is free when that one's record was applied. What is left is brought into an
// order, see [work.moves]. It ends when nobody comes further.
func (w *work) settleWaiting(ctx context.Context) error {
	for len(w.waiting) > 0 {
		before := len(w.waiting)
		if err := w.again(ctx, w.everyoneWaiting()); err != nil {
			return err
		}
		moves, err := w.moves(ctx)
		if err != nil {
			return err
		}
		for _, m := range moves {
			if err := w.move(ctx, m); err != nil {
				return err
			}
		}
		if len(w.waiting) >= before {
			break
		}
	}
	for _, p := range w.everyoneWaiting() {
		w.reject(p)
	}
	return nil
}

// everyoneWaiting takes all waiting records, in the order of the files.
func (w *work) everyoneWaiting() []*person {
	all := w.waiting
	w.waiting = nil
	slices.SortFunc(all, func(a, b *person) int {
		return cmp.Or(cmp.Compare(a.at.file, b.at.file), cmp.Compare(a.at.number, b.at.number))
	})
	return all
}

// again takes waiting records through the steps once more.
func (w *work) again(ctx context.Context, people []*person) error {
	for batch := range slices.Chunk(people, w.window) {
		for _, p := range batch {
			p.no, p.met = nil, nil
		}
		if err := w.steps(ctx, batch); err != nil {
			return err
		}
		for _, p := range batch {
			w.conclude(p)
		}
		if err := w.run.Beat(ctx); err != nil {
			return err
		}
	}
	return nil
}
