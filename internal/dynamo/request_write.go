package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
)

// PlaceRequest stores a new request of a patron, with version 1, together with its title's queue: q is the queue as it
// shall be, with the version it was read with; a q without MMSID leaves every queue alone. The error is
// fulfillment.ErrChanged when the queue is no longer as read, and fulfillment.ErrPatronGone when the patron is deleted
// or about to be.
func (s *Store) PlaceRequest(ctx context.Context, uid string, r fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	m := movementOf(uid, fulfillment.Request{}, r, q)
	m.Stays = []string{uid}
	m, err := s.move(ctx, m, newToken())
	if err != nil {
		return fulfillment.Request{}, fmt.Errorf("place a request: %w", err)
	}
	return m.Requests[0].After, nil
}

// ReplaceRequest stores after in place of before, an active request as it was read, which keeps its place in the
// queue. The error is fulfillment.ErrChanged when the request is no longer before.
func (s *Store) ReplaceRequest(ctx context.Context, uid string, before, after fulfillment.Request) (fulfillment.Request, error) {
	return s.AdvanceRequest(ctx, uid, before, after, fulfillment.Queue{})
}

// AdvanceRequest is ReplaceRequest together with the title's queue, for a request that leaves it or comes back; q is
// as for PlaceRequest.
func (s *Store) AdvanceRequest(ctx context.Context, uid string, before, after fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	if before.Version == 0 {
		return fulfillment.Request{}, errors.New("replace a request: not one that was read")
	}
	m, err := s.move(ctx, movementOf(uid, before, after, q), newToken())
	if err != nil {
		return fulfillment.Request{}, fmt.Errorf("replace a request: %w", err)
	}
	return m.Requests[0].After, nil
}

// EndRequest makes an active request history: ended is it with Ended set and the version it was read with. q is as for
// PlaceRequest. The error is fulfillment.ErrChanged when the request or the queue is no longer as read.
func (s *Store) EndRequest(ctx context.Context, uid string, ended fulfillment.Request, q fulfillment.Queue) error {
	if _, err := s.move(ctx, ending(uid, ended, q), newToken()); err != nil {
		return fmt.Errorf("end a request: %w", err)
	}
	return nil
}

// CancelRequest is Move of the end of a patron's request together with the letter that tells of it, so that there is not
// the one without the other. The letter is reserved under the key, as by ReserveLetter, and returned with version 1; the
// caller chose tell.ID. The error is letter.ErrChanged when a letter was reserved under the key before.
func (s *Store) CancelRequest(ctx context.Context, uid string, m fulfillment.Movement, key string, tell letter.Sent) (letter.Sent, error) {
	token := newToken()
	tell.Version = 1
	reserve, err := s.reservation(uid, key, tell, token, letter.ErrChanged)
	if err != nil {
		return letter.Sent{}, err
	}
	if _, err := s.move(ctx, m, token, reserve...); err != nil {
		return letter.Sent{}, fmt.Errorf("cancel a request: %w", err)
	}
	return tell, nil
}

// ending is the movement that makes an active request history.
func ending(uid string, ended fulfillment.Request, q fulfillment.Queue) fulfillment.Movement {
	before := ended
	before.Ended = time.Time{}
	return movementOf(uid, before, ended, q)
}

// movementOf is the movement of one request and, where it is of a title, one queue.
func movementOf(uid string, before, after fulfillment.Request, q fulfillment.Queue) fulfillment.Movement {
	m := fulfillment.Movement{Requests: []fulfillment.RequestChange{{UID: uid, Before: before, After: after}}}
	if q.MMSID != "" {
		m.Queues = []fulfillment.Queue{q}
	}
	return m
}
