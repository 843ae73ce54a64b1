package dynamo

import (
	"context"
	"fmt"

	"patrondesk/internal/fulfillment"
)

// Queue is the queue of a title. Where no request ever waited it is empty, with version 0.
func (s *Store) Queue(ctx context.Context, mms string) (fulfillment.Queue, error) {
	it, err := s.get(ctx, s.tables.Requests, queueKey(mms))
	if err != nil {
		return fulfillment.Queue{}, fmt.Errorf("get a queue: %w", err)
	}
	return queueOf(mms, it), nil
}

// Queues are the queues of titles by MMS id; every title asked for has one.
func (s *Store) Queues(ctx context.Context, mms []string) (map[string]fulfillment.Queue, error) {
	all := make(map[string]fulfillment.Queue, len(mms))
	var keys []item
	for _, m := range distinct(mms) {
		keys = append(keys, queueKey(m))
		all[m] = fulfillment.Queue{MMSID: m}
	}
	found, err := s.batchGet(ctx, s.tables.Requests, keys)
	if err != nil {
		return nil, fmt.Errorf("get queues: %w", err)
	}
	for _, it := range found {
		m := it.text(aPK)[len("M#"):]
		all[m] = queueOf(m, it)
	}
	return all, nil
}

func queueOf(mms string, it item) fulfillment.Queue {
	return fulfillment.Queue{MMSID: mms, IDs: it.texts(aIDs), Version: it.number(aVersion)}
}

// putQueue is the action that makes a queue what it shall be, or none when q is of no title.
func (s *Store) putQueue(q fulfillment.Queue, token string) []action {
	if q.MMSID == "" {
		return nil
	}
	put := queueKey(q.MMSID).with(item{aIDs: texts(q.IDs), aVersion: number(q.Version + 1), aOwn: text(token)})
	return []action{asRead(s.tables.Requests, put, q.Version, fulfillment.ErrChanged)}
}
