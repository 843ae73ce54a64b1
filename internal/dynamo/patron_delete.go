package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"patrondesk/internal/patron"
)

// A patron is deleted in three steps, so that nobody can place a request unseen meanwhile: MarkDeleting, after which
// no request is accepted and no edit is; a look at what is still open; then DeletePatron, or Unmark. A mark that is
// left behind by a crash holds for a minute; the last half of it is no longer enough for DeletePatron.

// MarkDeleting marks the patron as about to be deleted and returns the record with its new version. The error is
// patron.ErrChanged when p is no longer what is stored, or a mark already holds.
func (s *Store) MarkDeleting(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	token, now := newToken(), s.now()
	err := s.write(ctx, token, action{
		table: s.tables.Users, update: patronKey(p.UID),
		set:  "SET v = :next, wt = :wt, deleting = :until",
		cond: "v = :v AND " + unmarked,
		values: item{
			":v": number(p.Version), ":next": number(p.Version + 1), ":wt": text(token),
			":now": number(millis(now)), ":until": number(millis(now.Add(markHolds))),
		},
		or: patron.ErrChanged,
	})
	if err != nil {
		return patron.Patron{}, fmt.Errorf("mark a patron: %w", err)
	}
	p.Version++
	return p, nil
}

// Unmark takes away the mark MarkDeleting returned p with. When that mark is gone already there is nothing to do.
func (s *Store) Unmark(ctx context.Context, p patron.Patron) error {
	err := s.write(ctx, "", action{
		table: s.tables.Users, update: patronKey(p.UID),
		set: "REMOVE deleting", cond: "v = :v", values: item{":v": number(p.Version)},
		or: patron.ErrChanged,
	})
	if err != nil && !errors.Is(err, patron.ErrChanged) {
		return fmt.Errorf("unmark a patron: %w", err)
	}
	return nil
}

// DeletePatron deletes the patron and frees the identifiers; a tombstone tells the directories. p must be as
// MarkDeleting returned it; the error is patron.ErrChanged when its mark is gone or about to end.
func (s *Store) DeletePatron(ctx context.Context, p patron.Patron) error {
	ids, err := identifiers(p)
	if err != nil {
		return err
	}
	err = s.writeLater(ctx, p.Version, func(upd, token string) ([]action, error) {
		now := s.now()
		all := []action{{
			table: s.tables.Users, remove: patronKey(p.UID), or: patron.ErrChanged,
			cond: "v = :v AND upd < :upd AND deleting > :soon",
			values: item{":v": number(p.Version), ":upd": text(upd),
				":soon": number(millis(now.Add(markSlack)))},
		}, {
			table: s.tables.Users, put: tombstone(p, upd, token).with(item{aTTL: number(now.Add(tombstoneKept).Unix())}),
		}}
		for _, fold := range slices.Sorted(maps.Keys(ids)) {
			all = append(all, action{table: s.tables.Users, remove: identifierKey(fold),
				cond: "uid = :uid", values: item{":uid": text(p.UID)}, or: patron.ErrChanged})
		}
		return all, nil
	})
	if err != nil {
		return fmt.Errorf("delete a patron: %w", err)
	}
	return nil
}

// tombstone is what is left of a deleted patron in the index changed.
func tombstone(p patron.Patron, upd, token string) item {
	return tombstoneKey(p.UID).with(item{
		aShard: text(shardOf(p.UID)), aUpdated: text(upd), aVersion: number(p.Version + 1), aDeleted: truth(), aOwn: text(token),
	})
}
