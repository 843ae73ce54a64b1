package sis

import (
	"context"
	"errors"
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
	no := &rejection{field: identifierField(owned.Type), other: other.PrimaryID, owner: other.UID}
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
// given to somebody else within the file is free when that one's record was applied. Where patrons exchange
// identifiers among themselves each waits for the other; then one is let go first, and takes the identifier from a
// patron whose own record gives it up.
func (w *work) settleWaiting(ctx context.Context) error {
	for len(w.waiting) > 0 {
		before := w.waiting
		w.waiting = nil
		for batch := range slices.Chunk(before, window) {
			if err := w.again(ctx, batch); err != nil {
				return err
			}
		}
		if len(w.waiting) < len(before) {
			continue
		}
		freed, err := w.letGo(ctx)
		if err != nil {
			return err
		}
		if !freed {
			break
		}
	}
	for _, p := range w.waiting {
		w.reject(p)
	}
	w.waiting = nil
	return nil
}

// again takes waiting records through the steps once more.
func (w *work) again(ctx context.Context, batch []*person) error {
	for _, p := range batch {
		p.no, p.ignored = nil, 0
	}
	if err := w.steps(ctx, batch); err != nil {
		return err
	}
	for _, p := range batch {
		w.conclude(p)
	}
	return w.run.Beat(ctx)
}

// letGo lets the first waiting record take its identifier from a patron who waits too and whose record does not have
// it any more.
func (w *work) letGo(ctx context.Context) (freed bool, err error) {
	waits := map[string]*person{}
	for _, p := range w.waiting {
		if p.found.UID != "" {
			waits[p.found.UID] = p
		}
	}
	for i, p := range w.waiting {
		owner := waits[p.no.owner]
		if owner == nil || owner == p {
			continue
		}
		loser, err := w.patrons.PatronByUID(ctx, owner.found.UID)
		if err != nil {
			return false, fmt.Errorf("let a record go first: %w", err)
		}
		if claims(owner.in, loser, p.in) {
			continue
		}
		p.loser = loser
		w.waiting = slices.Delete(w.waiting, i, i+1)
		return true, w.again(ctx, []*person{p})
	}
	return false, nil
}

// claims reports whether a patron's new record still has an identifier of theirs that another record wants.
func claims(next, now, wanted patron.Patron) bool {
	return slices.ContainsFunc(wanted.AllIdentifiers(), func(id patron.Identifier) bool {
		return now.HasIdentifier("", id.Value) && (next.HasIdentifier("", id.Value) || internalPart(now, id.Value))
	})
}

// internalPart reports whether staff gave the patron the identifier, which a file does not take away.
func internalPart(p patron.Patron, value string) bool {
	return slices.ContainsFunc(p.Identifiers, func(id patron.Identifier) bool {
		return id.Segment == patron.InternalSegment && patron.Fold(id.Value) == patron.Fold(value)
	})
}

// take writes the patron together with the one who gives up an identifier. A primary id that is given up is replaced
// by the UID until that patron's own record is applied, which is next.
func (w *work) take(ctx context.Context, p *person, after patron.Patron) error {
	left := p.loser
	left.Identifiers = slices.DeleteFunc(slices.Clone(left.Identifiers), func(id patron.Identifier) bool {
		return after.HasIdentifier("", id.Value)
	})
	if after.HasIdentifier("", left.PrimaryID) {
		left.PrimaryID = left.UID
	}
	left.Synced.Hash, left.Updated = "", w.change()
	err := w.patrons.TakeIdentifiers(ctx, p.found, after, p.loser, left)
	if err != nil && !errors.Is(err, context.Canceled) {
		p.loser = patron.Patron{} // whom it was read of may have changed; the record waits again, or finds it free
	}
	return err
}
