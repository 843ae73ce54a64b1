package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"patrondesk/internal/directory"
	"patrondesk/internal/patron"
)

// CreatePatron stores a new patron, whose UID the caller chose, with version 1. All identifiers are claimed in the
// same transaction: the error is *patron.TakenError when one is somebody else's, and patron.ErrTooLarge when the
// record is, or when it has more identifiers than a transaction takes.
func (s *Store) CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	return s.createPatron(ctx, p)
}

// CreatePatronOnce is [Store.CreatePatron] for a UID that is not new each time. The error is patron.ErrChanged while there is
// a patron with it, and patron.ErrDeleted for a week after that one was deleted: whoever knows of the deletion would not
// see another begin.
func (s *Store) CreatePatronOnce(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	return s.createPatron(ctx, p, action{table: s.tables.Users, check: tombstoneKey(p.UID), cond: absent, or: patron.ErrDeleted})
}

// createPatron stores a new patron where the other conditions hold too.
func (s *Store) createPatron(ctx context.Context, p patron.Patron, more ...action) (patron.Patron, error) {
	claims, err := s.changeOfIdentifiers(p.UID, nil, p)
	if err != nil {
		return patron.Patron{}, err
	}
	token, now := newToken(), s.now()
	p.Version = 1
	put, err := patronRecord(p, stamp(now), token)
	if err != nil {
		return patron.Patron{}, err
	}
	create := action{table: s.tables.Users, put: put, cond: absent, or: patron.ErrChanged}
	if err := s.write(s.stamped(ctx, now), token, slices.Concat([]action{create}, more, claims)...); err != nil {
		return patron.Patron{}, fmt.Errorf("create a patron: %w", err)
	}
	return p, nil
}

// ReplacePatron stores after in place of before, which must be as it was read. Only identifiers that differ are
// written besides the record. The error is patron.ErrChanged when the record is no longer before, or is about to be
// deleted; else as for CreatePatron.
func (s *Store) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	if after.UID != before.UID {
		return patron.Patron{}, errors.New("replace a patron: not the same patron")
	}
	was, err := identifiers(before)
	if err != nil {
		return patron.Patron{}, err
	}
	changes, err := s.changeOfIdentifiers(before.UID, was, after)
	if err != nil {
		return patron.Patron{}, err
	}
	after.Version = before.Version + 1
	err = s.writeLater(ctx, before.Version, func(upd, token string) ([]action, error) {
		put, err := patronRecord(after, upd, token)
		replace := action{table: s.tables.Users, put: put, or: patron.ErrChanged,
			cond:   "v = :v AND upd < :upd AND " + unmarked,
			values: item{":v": number(before.Version), ":upd": text(upd), ":now": number(millis(s.now()))},
		}
		return append([]action{replace}, changes...), err
	})
	if err != nil {
		return patron.Patron{}, fmt.Errorf("replace a patron: %w", err)
	}
	return after, nil
}

// writeLater carries out actions whose first one is on the patron's record of that version, with a time stamp later
// than the stored one, also where the clock of whoever wrote that was ahead of ours.
func (s *Store) writeLater(ctx context.Context, version int64, actions func(upd, token string) ([]action, error)) error {
	now := s.now()
	upd := stamp(now)
	for {
		token := newToken()
		all, err := actions(upd, token)
		if err != nil {
			return err
		}
		err = s.write(s.stamped(ctx, now), token, all...)
		var refused *refusedError
		if !errors.As(err, &refused) || refused.at != 0 {
			return err
		}
		stored := refused.old.text(aUpdated)
		if refused.old.number(aVersion) != version || stored < upd {
			return err
		}
		now = s.now()
		upd = stampAfter(now, stored)
	}
}

// changeOfIdentifiers are the actions that make the identifiers of a patron, who had those in was, what they are in p.
func (s *Store) changeOfIdentifiers(uid string, was map[string]patron.Identifier, p patron.Patron) ([]action, error) {
	is, err := identifiers(p)
	if err != nil {
		return nil, err
	}
	ours := item{":uid": text(uid)}
	var all []action
	for _, fold := range slices.Sorted(maps.Keys(is)) {
		id := is[fold]
		claim := action{table: s.tables.Users, or: &patron.TakenError{Type: id.Type.Value, Value: id.Value}, cond: absent,
			put: identifierKey(fold).with(item{aUID: text(uid), aType: text(id.Type.Value)})}
		old, had := was[fold]
		if had && old.Type.Value == id.Type.Value {
			continue
		}
		if had {
			claim.cond, claim.values, claim.or = "uid = :uid", ours, patron.ErrChanged
		}
		all = append(all, claim)
	}
	for _, fold := range slices.Sorted(maps.Keys(was)) {
		if _, has := is[fold]; !has {
			all = append(all, action{table: s.tables.Users, remove: identifierKey(fold), cond: "uid = :uid", values: ours, or: patron.ErrChanged})
		}
	}
	if 1+len(all) > maxActions {
		return nil, fmt.Errorf("%w: too many identifiers change at once", patron.ErrTooLarge)
	}
	return all, nil
}

// patronRecord is the patron's own item.
func patronRecord(p patron.Patron, upd, token string) (item, error) {
	it, err := record(patronKey(p.UID), p, p.Version, token)
	if err != nil {
		return nil, err
	}
	it = it.with(synced(p))
	return it.with(item{aSearch: text(directory.Document(p)), aShard: text(shardOf(p.UID)), aUpdated: text(upd)}), nil
}

// unmarked is the condition that no deletion of the patron is under way at :now.
const unmarked = "(attribute_not_exists(deleting) OR deleting <= :now)"

// millis is t as the attribute deleting.
func millis(t time.Time) int64 { return t.UnixMilli() }
