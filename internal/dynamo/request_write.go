package dynamo

import (
	"context"
	"fmt"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
)

// PlaceRequest stores a new request of a patron, with version 1, together with its title's queue: q is the queue as it
// shall be, with the version it was read with; a q without MMSID leaves every queue alone. The error is
// fulfillment.ErrChanged when the queue is no longer as read, and fulfillment.ErrPatronGone when the patron is deleted
// or about to be.
func (s *Store) PlaceRequest(ctx context.Context, uid string, r fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	token := newToken()
	r.Version = 1
	put, err := record(activeKey(uid, r.ID), r, r.Version, token)
	if err != nil {
		return fulfillment.Request{}, err
	}
	actions := append([]action{
		{table: s.tables.Requests, put: put, cond: absent, or: fulfillment.ErrChanged},
		s.patronStays(uid, fulfillment.ErrPatronGone),
	}, s.putQueue(q, token)...)
	if err := s.write(ctx, token, actions...); err != nil {
		return fulfillment.Request{}, fmt.Errorf("place a request: %w", err)
	}
	return r, nil
}

// ReplaceRequest stores after in place of before, an active request as it was read, which keeps its place in the
// queue. The error is fulfillment.ErrChanged when the request is no longer before.
func (s *Store) ReplaceRequest(ctx context.Context, uid string, before, after fulfillment.Request) (fulfillment.Request, error) {
	return s.AdvanceRequest(ctx, uid, before, after, fulfillment.Queue{})
}

// AdvanceRequest is ReplaceRequest together with the title's queue, for a request that leaves it or comes back; q is
// as for PlaceRequest.
func (s *Store) AdvanceRequest(ctx context.Context, uid string, before, after fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	if after.ID != before.ID || before.Version == 0 {
		return fulfillment.Request{}, fmt.Errorf("replace a request: not one that was read")
	}
	token := newToken()
	after.Version = before.Version + 1
	put, err := record(activeKey(uid, after.ID), after, after.Version, token)
	if err != nil {
		return fulfillment.Request{}, err
	}
	replace := asRead(s.tables.Requests, put, before.Version, fulfillment.ErrChanged)
	if err := s.write(ctx, token, append([]action{replace}, s.putQueue(q, token)...)...); err != nil {
		return fulfillment.Request{}, fmt.Errorf("replace a request: %w", err)
	}
	return after, nil
}

// EndRequest makes an active request history: ended is it with Ended set and the version it was read with. q is as for
// PlaceRequest. The error is fulfillment.ErrChanged when the request or the queue is no longer as read.
func (s *Store) EndRequest(ctx context.Context, uid string, ended fulfillment.Request, q fulfillment.Queue) error {
	token := newToken()
	actions, err := s.ending(uid, ended, q, token)
	if err != nil {
		return err
	}
	if err := s.write(ctx, token, actions...); err != nil {
		return fmt.Errorf("end a request: %w", err)
	}
	return nil
}

// CancelRequest is EndRequest together with the letter that tells of it, so that there is not the one without the
// other. The letter is reserved under the key, as by ReserveLetter, and returned with version 1; the caller chose
// tell.ID. The error is letter.ErrChanged when a letter was reserved under the key before.
func (s *Store) CancelRequest(ctx context.Context, uid string, ended fulfillment.Request, q fulfillment.Queue, key string, tell letter.Sent) (letter.Sent, error) {
	token := newToken()
	tell.Version = 1
	actions, err := s.ending(uid, ended, q, token)
	if err != nil {
		return letter.Sent{}, err
	}
	reserve, err := s.reservation(uid, key, tell, token, letter.ErrChanged)
	if err != nil {
		return letter.Sent{}, err
	}
	if err := s.write(ctx, token, append(actions, reserve...)...); err != nil {
		return letter.Sent{}, fmt.Errorf("cancel a request: %w", err)
	}
	return tell, nil
}

// ending are the actions that make an active request history. While it is active its patron is not deleted, so that
// nothing looks at the patron.
func (s *Store) ending(uid string, ended fulfillment.Request, q fulfillment.Queue, token string) ([]action, error) {
	put, err := record(pastKey(uid, ended.ID, ended.Ended), ended, ended.Version+1, token)
	if err != nil {
		return nil, err
	}
	put[aTTL] = number(ended.Ended.Add(historyKept).Unix())
	return append([]action{
		{table: s.tables.Requests, put: put, cond: absent, or: fulfillment.ErrChanged},
		{table: s.tables.Requests, remove: activeKey(uid, ended.ID), cond: "v = :v",
			values: item{":v": number(ended.Version)}, or: fulfillment.ErrChanged},
	}, s.putQueue(q, token)...), nil
}
