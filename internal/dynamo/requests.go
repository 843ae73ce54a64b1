package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"patrondesk/internal/fulfillment"
)

// ActiveRequests are all active requests of a patron, the oldest first.
func (s *Store) ActiveRequests(ctx context.Context, uid string) ([]fulfillment.Request, error) {
	all, err := s.requests(ctx, uid, active)
	slices.SortFunc(all, func(a, b fulfillment.Request) int {
		return cmp.Or(a.Requested.Compare(b.Requested), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// PastRequests are the requests of a patron that ended within the last year, the one that ended last first.
func (s *Store) PastRequests(ctx context.Context, uid string) ([]fulfillment.Request, error) {
	all, err := s.requests(ctx, uid, past)
	slices.SortFunc(all, func(a, b fulfillment.Request) int {
		return cmp.Or(b.Ended.Compare(a.Ended), strings.Compare(b.ID, a.ID))
	})
	return all, err
}

// CountRequests is the number of active requests of a patron.
func (s *Store) CountRequests(ctx context.Context, uid string) (int, error) {
	n, err := s.count(ctx, underPrefix(s.tables.Requests, patronKey(uid), active))
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return n, nil
}

// Request is one active request of a patron, or fulfillment.ErrRequestNotFound; those of the past are found in
// [Store.PastRequests] alone.
func (s *Store) Request(ctx context.Context, uid, id string) (fulfillment.Request, error) {
	it, err := s.get(ctx, s.tables.Requests, activeKey(uid, id))
	if err != nil {
		return fulfillment.Request{}, fmt.Errorf("get a request: %w", err)
	}
	if len(it) == 0 {
		return fulfillment.Request{}, fulfillment.ErrRequestNotFound
	}
	return requestOf(it)
}

// requests are a patron's requests under a prefix, in order of their keys.
func (s *Store) requests(ctx context.Context, uid, prefix string) ([]fulfillment.Request, error) {
	items, err := s.collect(ctx, underPrefix(s.tables.Requests, patronKey(uid), prefix))
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	all := make([]fulfillment.Request, len(items))
	for i, it := range items {
		if all[i], err = requestOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func requestOf(it item) (fulfillment.Request, error) {
	r, err := decode[fulfillment.Request](it)
	r.Version = it.number(aVersion)
	return r, err
}
