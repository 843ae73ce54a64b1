package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/fulfillment"
)

// Item is the item of that id, or fulfillment.ErrItemNotFound.
func (s *Store) Item(ctx context.Context, id string) (fulfillment.Item, error) {
	it, _, err := s.item(ctx, id)
	return it, err
}

// item is an item with its version.
func (s *Store) item(ctx context.Context, id string) (fulfillment.Item, int64, error) {
	if !fulfillment.PossibleKey(id) {
		return fulfillment.Item{}, 0, fulfillment.ErrItemNotFound
	}
	it, err := s.get(ctx, s.tables.Items, itemKey(id))
	if err != nil {
		return fulfillment.Item{}, 0, fmt.Errorf("get an item: %w", err)
	}
	if len(it) == 0 {
		return fulfillment.Item{}, 0, fulfillment.ErrItemNotFound
	}
	decoded, err := decode[fulfillment.Item](it)
	return decoded, it.number(aVersion), err
}

// ItemByBarcode is the item with that barcode, or fulfillment.ErrItemNotFound.
func (s *Store) ItemByBarcode(ctx context.Context, barcode string) (fulfillment.Item, error) {
	if !findable(barcode) {
		return fulfillment.Item{}, fulfillment.ErrItemNotFound
	}
	// The barcode may go over to another item between the two reads; then again.
	for range 3 {
		pointer, err := s.get(ctx, s.tables.Items, barcodeKey(barcode))
		if err != nil {
			return fulfillment.Item{}, fmt.Errorf("get a barcode: %w", err)
		}
		if len(pointer) == 0 {
			return fulfillment.Item{}, fulfillment.ErrItemNotFound
		}
		it, err := s.Item(ctx, pointer.text(aID))
		if err != nil || it.Barcode == barcode {
			return it, err
		}
	}
	return fulfillment.Item{}, fulfillment.ErrItemNotFound
}

// ItemsOfTitle are the items of a title, in order of their ids. The index it reads follows writes within a second.
func (s *Store) ItemsOfTitle(ctx context.Context, mms string) ([]fulfillment.Item, error) {
	if mms == "" || !fulfillment.PossibleKey(mms) {
		return nil, nil
	}
	keys, err := s.collect(ctx, &dynamodb.QueryInput{
		TableName:                 &s.tables.Items,
		IndexName:                 aws.String(indexTitle),
		KeyConditionExpression:    aws.String("mms = :mms"),
		ExpressionAttributeValues: item{":mms": text(mms)},
	})
	if err != nil {
		return nil, fmt.Errorf("list the items of a title: %w", err)
	}
	for i := range keys {
		keys[i] = item{aPK: keys[i][aPK]}
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Items: keys})
	if err != nil {
		return nil, fmt.Errorf("get the items of a title: %w", err)
	}
	var all []fulfillment.Item
	for _, stored := range found[s.tables.Items] {
		it, err := decode[fulfillment.Item](stored)
		if err != nil {
			return nil, err
		}
		if it.MMSID == mms {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b fulfillment.Item) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// SaveItem stores an item under its id, whatever was there, and reports whether it is new and whether anything is
// different now; one that did not change costs one read. The error is fulfillment.ErrBarcodeTaken when another item
// has the barcode, fulfillment.ErrAskedFor when it would move to another title while somebody waits for that very item,
// whose request would be left behind, and fulfillment.ErrChanged when others keep changing the same item.
func (s *Store) SaveItem(ctx context.Context, it fulfillment.Item) (created, changed bool, err error) {
	for range 4 {
		old, version, err := s.item(ctx, it.ID)
		if err != nil && !errors.Is(err, fulfillment.ErrItemNotFound) {
			return false, false, err
		}
		if version > 0 && old == it {
			return false, false, nil
		}
		if version > 0 && old.MMSID != it.MMSID {
			if err := s.notAskedFor(ctx, old); err != nil {
				return false, false, err
			}
		}
		err = s.replaceItem(ctx, old, version, it)
		if !errors.Is(err, fulfillment.ErrChanged) {
			return err == nil && version == 0, err == nil, err
		}
	}
	return false, false, fulfillment.ErrChanged
}

// notAskedFor makes sure that nobody waits in the queue of the item's title for that very item.
func (s *Store) notAskedFor(ctx context.Context, it fulfillment.Item) error {
	if it.MMSID == "" {
		return nil
	}
	q, err := s.Queue(ctx, it.MMSID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(q.Waiting, func(w fulfillment.Waiting) bool { return w.ItemID == it.ID }) {
		return fulfillment.ErrAskedFor
	}
	return nil
}

// replaceItem stores an item over the version that was read, and keeps the pointers of barcodes right.
func (s *Store) replaceItem(ctx context.Context, old fulfillment.Item, version int64, it fulfillment.Item) error {
	token := newToken()
	put, err := record(itemKey(it.ID), it, version+1, token)
	if err != nil {
		return err
	}
	if it.MMSID != "" {
		put[aTitle] = text(it.MMSID)
	}
	actions := []action{asRead(s.tables.Items, put, version, fulfillment.ErrChanged)}
	if old.Barcode != "" && old.Barcode != it.Barcode {
		actions = append(actions, action{table: s.tables.Items, remove: barcodeKey(old.Barcode),
			cond: "id = :id", values: item{":id": text(it.ID)}, or: fulfillment.ErrChanged})
	}
	if it.Barcode != "" && old.Barcode != it.Barcode {
		actions = append(actions, action{table: s.tables.Items, put: barcodeKey(it.Barcode).with(item{aID: text(it.ID)}),
			cond: absent, or: fulfillment.ErrBarcodeTaken})
	}
	if err := s.write(ctx, token, actions...); err != nil {
		return fmt.Errorf("save an item: %w", err)
	}
	return nil
}
