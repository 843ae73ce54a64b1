package dynamo

import (
	"context"
	"errors"
	"fmt"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// ItemKey names an item: by its id or, where that is empty, by its barcode.
type ItemKey struct{ ID, Barcode string }

// possible reports whether an item may have the key.
func (k ItemKey) possible() bool {
	if k.ID != "" {
		return fulfillment.PossibleKey(k.ID)
	}
	return findable(k.Barcode)
}

// AtCounter is a patron with everything else that a check-out looks at; its borrower, desk, rules and time are left to
// the caller.
type AtCounter struct {
	Patron patron.Patron
	fulfillment.CheckOut
}

// errMoved says that what was read later does not fit what was read before: somebody wrote in between. It never leaves
// the package.
var errMoved = errors.New("what was read was moved meanwhile")

// again reads until everything that was read fits together, at most three times.
func again(read func() error) error {
	for range 3 {
		if err := read(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return fulfillment.ErrChanged
}

// ForCheckOut reads what a check-out of an item to the patron with that identifier looks at, in three calls, or in four
// where a request of the patron is for the item. What a [fulfillment.Movement] does not write is as it was at some
// moment of the call. The error is patron.ErrNotFound or fulfillment.ErrItemNotFound, and fulfillment.ErrChanged when
// others keep writing in between.
func (s *Store) ForCheckOut(ctx context.Context, identifier string, key ItemKey) (c AtCounter, err error) {
	fold := patron.Fold(identifier)
	if !findable(fold) {
		return AtCounter{}, patron.ErrNotFound
	}
	if !key.possible() {
		return AtCounter{}, fulfillment.ErrItemNotFound
	}
	err = again(func() error {
		c = AtCounter{}
		uid, itemID, err := s.pointers(ctx, fold, key)
		if err == nil {
			err = s.readCounter(ctx, uid, itemID, &c)
		}
		if err == nil && (!c.Patron.HasIdentifier("", identifier) || key.ID == "" && c.Item.Barcode != key.Barcode) {
			err = errMoved
		}
		if err == nil {
			err = s.readWaiting(ctx, &c)
		}
		return err
	})
	if err != nil {
		return AtCounter{}, fmt.Errorf("read for a check-out: %w", err)
	}
	return c, nil
}

// pointers are the UID of the patron with the folded identifier, and the id of the item.
func (s *Store) pointers(ctx context.Context, fold string, key ItemKey) (uid, itemID string, err error) {
	users, items := s.tables.Users, s.tables.Items
	keys := byTable{users: {identifierKey(fold)}}
	if key.ID == "" {
		keys[items] = []item{barcodeKey(key.Barcode)}
	}
	found, err := s.batchGet(ctx, keys)
	if err != nil {
		return "", "", err
	}
	if len(found[users]) == 0 {
		return "", "", patron.ErrNotFound
	}
	if key.ID == "" && len(found[items]) == 0 {
		return "", "", fulfillment.ErrItemNotFound
	}
	if key.ID != "" {
		return found[users][0].text(aUID), key.ID, nil
	}
	return found[users][0].text(aUID), found[items][0].text(aID), nil
}

// readCounter reads the patron with the account, and the item with its custody.
func (s *Store) readCounter(ctx context.Context, uid, itemID string, c *AtCounter) error {
	users, loans := s.tables.Users, s.tables.Loans
	found, err := s.batchGet(ctx, byTable{
		users:          {patronKey(uid)},
		s.tables.Items: {itemKey(itemID)},
		loans:          {accountKey(uid), custodyKey(itemID)},
	})
	if err != nil {
		return err
	}
	if len(found[users]) == 0 {
		return errMoved
	}
	var errs [4]error
	c.Patron, errs[0] = patronOf(found[users][0])
	c.Account, errs[1] = accountOf(found.one(loans, accountKey(uid)))
	c.Custody, errs[2] = custodyOf(itemID, found.one(loans, custodyKey(itemID)))
	c.Item, errs[3] = s.itemIn(found, itemID)
	return errors.Join(errs[:]...)
}

// itemIn is the item of that id where it was found.
func (s *Store) itemIn(found byTable, id string) (fulfillment.Item, error) {
	stored := found.one(s.tables.Items, itemKey(id))
	if len(stored) == 0 {
		return fulfillment.Item{}, fulfillment.ErrItemNotFound
	}
	return decode[fulfillment.Item](stored)
}

// readWaiting reads the queue of the item's title, and the patron's own request that the item is for: the one it waits
// or travels for, or else the first in the queue for which it will do.
func (s *Store) readWaiting(ctx context.Context, c *AtCounter) (err error) {
	if c.Item.MMSID != "" {
		if c.Queue, err = s.Queue(ctx, c.Item.MMSID); err != nil {
			return err
		}
	}
	uid, id := c.Patron.UID, c.Custody.RequestID
	held := id != "" && c.Custody.UID == uid
	if !held {
		waiting, waits := c.Queue.Of(uid, c.Item)
		if !waits {
			return nil
		}
		id = waiting.ID
	}
	r, err := s.Request(ctx, uid, id)
	if errors.Is(err, fulfillment.ErrRequestNotFound) {
		if held { // it was cancelled, and the item not moved since
			return nil
		}
		return errMoved
	}
	c.Request = &r
	return err
}
