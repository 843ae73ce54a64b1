package dynamo

import (
	"context"
	"fmt"

	"patrondesk/internal/fulfillment"
)

// OpenFees are the fees of a patron that are active or in dispute, in order of their ids.
func (s *Store) OpenFees(ctx context.Context, uid string) ([]fulfillment.Fee, error) {
	return s.fees(ctx, uid, open)
}

// ClosedFees are the fees of a patron that are paid or waived, in order of their ids.
func (s *Store) ClosedFees(ctx context.Context, uid string) ([]fulfillment.Fee, error) {
	return s.fees(ctx, uid, closed)
}

func (s *Store) fees(ctx context.Context, uid, prefix string) ([]fulfillment.Fee, error) {
	items, err := s.collect(ctx, underPrefix(s.tables.Loans, patronKey(uid), prefix))
	if err != nil {
		return nil, fmt.Errorf("list fees: %w", err)
	}
	all := make([]fulfillment.Fee, len(items))
	for i, it := range items {
		if all[i], err = feeOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Fee is a fee of a patron, open or closed, or fulfillment.ErrFeeNotFound.
func (s *Store) Fee(ctx context.Context, uid, id string) (fulfillment.Fee, error) {
	if !fulfillment.PossibleID(id) {
		return fulfillment.Fee{}, fulfillment.ErrFeeNotFound
	}
	// A fee that is closed between the reads of its two keys is at neither; then again.
	for range 2 {
		found, err := s.batchGet(ctx, byTable{s.tables.Loans: feeKeys(uid, id)})
		if err != nil {
			return fulfillment.Fee{}, fmt.Errorf("get a fee: %w", err)
		}
		fees, err := s.feesIn(found, uid, id)
		if err != nil {
			return fulfillment.Fee{}, err
		}
		if len(fees) > 0 {
			return fees[0], nil
		}
	}
	return fulfillment.Fee{}, fulfillment.ErrFeeNotFound
}

// feeKeys are the keys fees may have.
func feeKeys(uid string, ids ...string) []item {
	var keys []item
	for _, id := range distinct(ids) {
		keys = append(keys, openKey(uid, id), closedKey(uid, id))
	}
	return keys
}

// feesIn are those of the fees that were found under one of their keys, in the order of ids. One that was found under
// both was closed or opened in between; the later version is it.
func (s *Store) feesIn(found byTable, uid string, ids ...string) ([]fulfillment.Fee, error) {
	var all []fulfillment.Fee
	for _, id := range distinct(ids) {
		stored, other := found.one(s.tables.Loans, openKey(uid, id)), found.one(s.tables.Loans, closedKey(uid, id))
		if other.number(aVersion) > stored.number(aVersion) {
			stored = other
		}
		if len(stored) == 0 {
			continue
		}
		f, err := feeOf(stored)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func feeOf(it item) (fulfillment.Fee, error) {
	f, err := decode[fulfillment.Fee](it)
	f.Version = it.number(aVersion)
	return f, err
}
