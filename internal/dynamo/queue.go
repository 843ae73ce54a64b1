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
	return queueOf(mms, it)
}

// Queues are the queues of titles by MMS id; every title asked for has one.
func (s *Store) Queues(ctx context.Context, mms []string) (map[string]fulfillment.Queue, error) {
	all := make(map[string]fulfillment.Queue, len(mms))
	var keys []item
	for _, m := range distinct(mms) {
		keys = append(keys, queueKey(m))
		all[m] = fulfillment.Queue{MMSID: m}
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Requests: keys})
	if err != nil {
		return nil, fmt.Errorf("get queues: %w", err)
	}
	for _, it := range found[s.tables.Requests] {
		m := it.text(aPK)[len("M#"):]
		if all[m], err = queueOf(m, it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func queueOf(mms string, it item) (fulfillment.Queue, error) {
	if len(it) == 0 {
		return fulfillment.Queue{MMSID: mms}, nil
	}
	waiting, err := decode[[]fulfillment.Waiting](it)
	return fulfillment.Queue{MMSID: mms, Waiting: waiting, Version: it.number(aVersion)}, err
}

// putQueue is the action that makes a queue what it shall be, or none when q is of no title.
func (s *Store) putQueue(q fulfillment.Queue, token string) ([]action, error) {
	if q.MMSID == "" {
		return nil, nil
	}
	waiting := q.Waiting
	if waiting == nil {
		waiting = []fulfillment.Waiting{}
	}
	put, err := record(queueKey(q.MMSID), waiting, q.Version+1, token)
	return []action{asRead(s.tables.Requests, put, q.Version, fulfillment.ErrChanged)}, err
}
