package dynamo

import (
	"context"
	"fmt"

	"patrondesk/internal/fulfillment"
)

// Custody is where an item is; one that is at its place has the version 0.
func (s *Store) Custody(ctx context.Context, itemID string) (fulfillment.Custody, error) {
	if !fulfillment.PossibleKey(itemID) {
		return fulfillment.Custody{ItemID: itemID}, nil
	}
	it, err := s.get(ctx, s.tables.Loans, custodyKey(itemID))
	if err != nil {
		return fulfillment.Custody{}, fmt.Errorf("get a custody: %w", err)
	}
	return custodyOf(itemID, it)
}

// CustodyOf tells of items where they are, by their ids; it tells of every item asked for.
func (s *Store) CustodyOf(ctx context.Context, itemIDs []string) (map[string]fulfillment.Custody, error) {
	all := make(map[string]fulfillment.Custody, len(itemIDs))
	var keys []item
	for _, id := range distinct(itemIDs) {
		keys = append(keys, custodyKey(id))
		all[id] = fulfillment.Custody{ItemID: id}
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Loans: keys})
	if err != nil {
		return nil, fmt.Errorf("get custodies: %w", err)
	}
	for _, it := range found[s.tables.Loans] {
		id := it.text(aPK)[len("P#"):]
		if all[id], err = custodyOf(id, it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func custodyOf(itemID string, it item) (fulfillment.Custody, error) {
	if len(it) == 0 {
		return fulfillment.Custody{ItemID: itemID}, nil
	}
	c, err := decode[fulfillment.Custody](it)
	c.Version = it.number(aVersion)
	return c, err
}
