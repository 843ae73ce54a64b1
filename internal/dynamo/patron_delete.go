package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// A patron is deleted in three steps, so that nobody can place a request unseen meanwhile: MarkDeleting, after which
// no request is accepted and no edit is; a look at what is still open; then DeletePatron, or Unmark. A mark that is
// left behind by a crash holds for a minute; the last half of it is no longer enough for DeletePatron.
//
// Past requests and letters, and the account with all it ever counted, go with the patron, in the same transaction as
// far as they fit, the others before and only while the mark holds. So what a crash leaves is a patron with less history,
// whose deletion can be repeated, and never the history of nobody.
//
// Every loan and fee is written together with the account. So an account that is idle, and still the same when the
// patron is deleted, says that there is no active loan and no open fee, and that none was added to the history.

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

// DeletePatron deletes the patron with their account and their past requests, loans, fees and letters, and frees the
// identifiers; a tombstone tells the directories. p must be as MarkDeleting returned it; the error is
// fulfillment.ErrNotIdle when the patron has loans or open fees, patron.ErrChanged when the mark is gone or about to end
// or the account changes, and patron.ErrPastRemoved when that came after part of the history was removed.
func (s *Store) DeletePatron(ctx context.Context, p patron.Patron) error {
	ids, err := identifiers(p)
	if err != nil {
		return err
	}
	account, err := s.Account(ctx, p.UID)
	if err == nil && !account.Idle() {
		err = fulfillment.ErrNotIdle
	}
	if err != nil {
		return fmt.Errorf("delete a patron: %w", err)
	}
	last, removed, err := s.removePast(ctx, p, account, maxActions-3-len(ids))
	if err == nil {
		err = s.removePatron(ctx, p, ids, append(last, s.removeAccount(p.UID, account)))
	}
	if errors.Is(err, patron.ErrChanged) && removed {
		err = patron.ErrPastRemoved
	}
	if err != nil {
		return fmt.Errorf("delete a patron: %w", err)
	}
	return nil
}

// removePatron deletes the patron's record, its identifiers, and the last of everything else together.
func (s *Store) removePatron(ctx context.Context, p patron.Patron, ids map[string]patron.Identifier, last []action) error {
	return s.writeLater(ctx, p.Version, func(upd, token string) ([]action, error) {
		all := []action{{
			table: s.tables.Users, remove: patronKey(p.UID), or: patron.ErrChanged,
			cond:   marked + " AND upd < :upd",
			values: s.mark(p).with(item{":upd": text(upd)}),
		}, {
			table: s.tables.Users, put: tombstone(p, upd, token).with(item{aTTL: number(s.now().Add(tombstoneKept).Unix())}),
		}}
		for _, fold := range slices.Sorted(maps.Keys(ids)) {
			all = append(all, action{table: s.tables.Users, remove: identifierKey(fold),
				cond: "uid = :uid", values: item{":uid": text(p.UID)}, or: patron.ErrChanged})
		}
		return append(all, last...), nil
	})
}

// maxRemoved is how large, together, the items are that one transaction removes; DynamoDB takes 4 MB.
const maxRemoved = 2 << 20

// removePast removes the past requests, all that loans holds besides the account, and the letters of a patron about to be
// deleted, all but the last ones, at most room, whose removal it returns. removed says that some are gone.
func (s *Store) removePast(ctx context.Context, p patron.Patron, account fulfillment.Account, room int) (last []action, removed bool, err error) {
	size := 0
	for _, in := range []*dynamodb.QueryInput{
		underPrefix(s.tables.Requests, patronKey(p.UID), past),
		underPrefix(s.tables.Loans, patronKey(p.UID), ""),
		underPrefix(s.tables.Letters, patronKey(p.UID), ""),
	} {
		err := s.query(ctx, in, func(page []item) error {
			for _, it := range page {
				if sameKey(it, accountKey(p.UID)) {
					continue
				}
				if full := len(last) == room || size+it.size() > maxRemoved; full && len(last) > 0 {
					if err := s.write(ctx, newToken(), append(last, s.stillIdle(p, account)...)...); err != nil {
						return err
					}
					last, size, removed = nil, 0, true
				}
				last = append(last, action{table: *in.TableName, remove: item{aPK: it[aPK], aSK: it[aSK]}})
				size += it.size()
			}
			return nil
		})
		if err != nil {
			return nil, removed, fmt.Errorf("remove the history: %w", err)
		}
	}
	return last, removed, nil
}

// stillIdle are the actions that make sure, without a change, that the mark holds and the account is as it was read.
func (s *Store) stillIdle(p patron.Patron, account fulfillment.Account) []action {
	unchanged := s.removeAccount(p.UID, account)
	unchanged.check, unchanged.remove = unchanged.remove, nil
	return []action{
		{table: s.tables.Users, check: patronKey(p.UID), cond: marked, values: s.mark(p), or: patron.ErrChanged},
		unchanged,
	}
}

// removeAccount is the removal of an account as it was read; it may be there or not.
func (s *Store) removeAccount(uid string, account fulfillment.Account) action {
	remove := asRead(s.tables.Loans, nil, account.Version, patron.ErrChanged)
	remove.remove = accountKey(uid)
	return remove
}

// marked is the condition that the mark which MarkDeleting returned p with holds for long enough; its values are
// those of mark.
const marked = "v = :v AND deleting > :soon"

func (s *Store) mark(p patron.Patron) item {
	return item{":v": number(p.Version), ":soon": number(millis(s.now().Add(markSlack)))}
}

// patronStays is the action that makes sure that the patron is there and not about to be deleted.
func (s *Store) patronStays(uid string, or error) action {
	return action{table: s.tables.Users, check: patronKey(uid), cond: "attribute_exists(pk) AND " + unmarked,
		values: item{":now": number(millis(s.now()))}, or: or}
}

// tombstone is what is left of a deleted patron in the index changed.
func tombstone(p patron.Patron, upd, token string) item {
	return tombstoneKey(p.UID).with(item{
		aShard: text(shardOf(p.UID)), aUpdated: text(upd), aVersion: number(p.Version + 1), aDeleted: truth(), aOwn: text(token),
	})
}
