package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"patrondesk/internal/fulfillment"
)

// Move writes everything a movement changes, or nothing of it, and returns the movement with the versions it left. The
// error is fulfillment.ErrChanged when a part was changed after it was read, fulfillment.ErrPatronGone when a patron who
// must stay is deleted or about to be, and *fulfillment.DoneBeforeError with what is stored when the idempotency key was
// used within 30 days.
func (s *Store) Move(ctx context.Context, m fulfillment.Movement) (fulfillment.Movement, error) {
	written, err := s.move(ctx, m, newToken())
	if err != nil {
		return fulfillment.Movement{}, fmt.Errorf("move: %w", err)
	}
	return written, nil
}

// Done is what was done with an idempotency key for a patron within 30 days; ok is false when nothing was.
func (s *Store) Done(ctx context.Context, uid, key string) (done fulfillment.Once, ok bool, err error) {
	if key == "" {
		return fulfillment.Once{}, false, nil
	}
	it, err := s.get(ctx, s.tables.Loans, onceKey(uid, key, ""))
	if err != nil {
		return fulfillment.Once{}, false, fmt.Errorf("get what was done: %w", err)
	}
	if len(it) == 0 || it.expired(s.now()) {
		return fulfillment.Once{}, false, nil
	}
	return onceOf(uid, key, it), true, nil
}

// move writes a movement together with more actions.
func (s *Store) move(ctx context.Context, m fulfillment.Movement, token string, more ...action) (fulfillment.Movement, error) {
	m, actions, err := s.movement(m, token)
	if err != nil {
		return fulfillment.Movement{}, err
	}
	actions = append(inOrder(actions), more...)
	if n := len(actions); n > maxActions {
		return fulfillment.Movement{}, fmt.Errorf("%d writes at once, and one transaction takes %d", n, maxActions)
	}
	if len(actions) == 0 {
		return m, nil
	}
	err = s.write(ctx, token, actions...)
	var refused *refusedError
	if errors.As(err, &refused) && errors.Is(err, errDone) {
		err = &fulfillment.DoneBeforeError{Once: onceOf(m.Once.UID, m.Once.Key, refused.old)}
	}
	if err != nil {
		return fulfillment.Movement{}, err
	}
	return m, nil
}

// errDone says that the idempotency key was used before; it never leaves the package.
var errDone = errors.New("it was done before")

// inOrder puts first what decides when a transaction is repeated, because its first answer got lost, and is refused by
// its own work: what is new, because only its own write can have put it there; then what is put over something else,
// because it carries the token until it is changed again; then removals, of which no trace is left. A removal on its own
// has nothing before it, and what is gone is as it shall be.
func inOrder(actions []action) []action {
	if len(actions) == 1 && actions[0].remove != nil {
		actions[0].cond = absent + " OR " + actions[0].cond
	}
	rank := func(a action) int {
		switch {
		case a.put != nil && strings.HasPrefix(a.cond, absent):
			return 0
		case a.put != nil:
			return 1
		case a.remove != nil:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(actions, func(a, b action) int { return cmp.Compare(rank(a), rank(b)) })
	return actions
}

// movement is the movement with the versions it leaves, and the actions that carry it out.
func (s *Store) movement(m fulfillment.Movement, token string) (fulfillment.Movement, []action, error) {
	var all []action
	var failed error
	add := func(actions []action, err error) {
		all, failed = append(all, actions...), errors.Join(failed, err)
	}
	if m.Once != nil {
		add(s.onceOnly(*m.Once, token))
	}
	m.Loans, m.Accounts, m.Custody = slices.Clone(m.Loans), slices.Clone(m.Accounts), slices.Clone(m.Custody)
	m.Requests, m.Queues, m.Fees = slices.Clone(m.Requests), slices.Clone(m.Queues), slices.Clone(m.Fees)
	for i := range m.Loans {
		add(s.loanChange(&m.Loans[i], token))
	}
	for i := range m.Requests {
		add(s.requestChange(&m.Requests[i], token))
	}
	for i := range m.Fees {
		add(s.feeChange(&m.Fees[i], token))
	}
	for i := range m.Custody {
		add(s.custodyChange(&m.Custody[i], token))
	}
	for i := range m.Accounts {
		add(s.accountChange(&m.Accounts[i], token))
	}
	for i := range m.Queues {
		add(s.queueChange(&m.Queues[i], token))
	}
	for _, uid := range distinct(m.Stays) {
		all = append(all, s.patronStays(uid, fulfillment.ErrPatronGone))
	}
	return m, all, failed
}

// onceOnly is the item of an idempotency key, which is there until its time is over.
func (s *Store) onceOnly(o fulfillment.Once, token string) ([]action, error) {
	if o.Key == "" {
		return nil, errors.New("an idempotency key that is empty")
	}
	now := s.now()
	return []action{{
		table: s.tables.Loans, cond: absent + " OR #ttl <= :now", values: item{":now": number(now.Unix())}, or: errDone,
		put: onceKey(o.UID, o.Key, "").with(item{
			aAsked: text(o.Asked), aResults: texts(o.Results), aTTL: number(now.Add(keyKept).Unix()), aOwn: text(token),
		}),
	}}, nil
}

func onceOf(uid, key string, it item) fulfillment.Once {
	return fulfillment.Once{UID: uid, Key: key, Asked: it.text(aAsked), Results: it.texts(aResults)}
}

// replace are the actions that leave a record under its key, which is new, or in place of the one of that version under
// the key before.
func replace(table string, before, put item, version int64) []action {
	if version == 0 || sameKey(before, put) {
		return []action{asRead(table, put, version, fulfillment.ErrChanged)}
	}
	return []action{
		{table: table, put: put, cond: absent, or: fulfillment.ErrChanged},
		{table: table, remove: before, cond: "v = :v", values: item{":v": number(version)}, or: fulfillment.ErrChanged},
	}
}

// changed is the item of a record that was read in that version, or is new. An error says that it is neither.
func changed(key item, before string, version int64, after string, doc any, token string) (item, error) {
	if after == "" || before != "" && before != after || (before == "") != (version == 0) {
		return nil, errors.New("not a change of a record that was read, or of a new one")
	}
	return record(key, doc, version+1, token)
}

func (s *Store) loanChange(c *fulfillment.LoanChange, token string) ([]action, error) {
	put, err := changed(loanKey(c.UID, c.After), c.Before.ID, c.Before.Version, c.After.ID, c.After, token)
	if err != nil {
		return nil, err
	}
	if !c.After.Active() {
		put[aTTL] = number(c.After.Returned.Add(historyKept).Unix())
	}
	c.After.Version = c.Before.Version + 1
	return replace(s.tables.Loans, loanKey(c.UID, c.Before), put, c.Before.Version), nil
}

// requestChange does not look at the patron, who is not deleted while a request is active: for a new request the movement
// says that the patron must stay.
func (s *Store) requestChange(c *fulfillment.RequestChange, token string) ([]action, error) {
	put, err := changed(requestKey(c.UID, c.After), c.Before.ID, c.Before.Version, c.After.ID, c.After, token)
	if err != nil {
		return nil, err
	}
	if !c.After.Ended.IsZero() {
		put[aTTL] = number(c.After.Ended.Add(historyKept).Unix())
	}
	c.After.Version = c.Before.Version + 1
	return replace(s.tables.Requests, requestKey(c.UID, c.Before), put, c.Before.Version), nil
}

func (s *Store) feeChange(c *fulfillment.FeeChange, token string) ([]action, error) {
	put, err := changed(feeKey(c.UID, c.After), c.Before.ID, c.Before.Version, c.After.ID, c.After, token)
	if err != nil {
		return nil, err
	}
	c.After.Version = c.Before.Version + 1
	return replace(s.tables.Loans, feeKey(c.UID, c.Before), put, c.Before.Version), nil
}

func (s *Store) accountChange(c *fulfillment.AccountChange, token string) ([]action, error) {
	c.After.Version = c.Before.Version + 1
	put, err := record(accountKey(c.UID), c.After, c.After.Version, token)
	if err != nil {
		return nil, err
	}
	if !c.After.Idle() {
		put[aList], put[aPlace] = text(activityList(shardNumber(c.UID))), text(c.UID)
	}
	return []action{asRead(s.tables.Loans, put, c.Before.Version, fulfillment.ErrChanged)}, nil
}

// custodyChange makes sure of an item that stays at its place that it is still there.
func (s *Store) custodyChange(c *fulfillment.CustodyChange, token string) ([]action, error) {
	table, other := s.tables.Loans, fulfillment.ErrChanged
	c.After.ItemID = cmp.Or(c.After.ItemID, c.Before.ItemID)
	key := custodyKey(c.After.ItemID)
	if c.After.State == fulfillment.AtPlace {
		c.After.Version = 0
		if c.Before.Version == 0 {
			return []action{{table: table, check: key, cond: absent, or: other}}, nil
		}
		return []action{{table: table, remove: key, cond: "v = :v", values: item{":v": number(c.Before.Version)}, or: other}}, nil
	}
	c.After.Version = cmp.Or(c.Before.Version, rand.Int64N(1<<52)) + 1
	put, err := record(key, c.After, c.After.Version, token)
	if err != nil {
		return nil, err
	}
	if c.After.State == fulfillment.OnShelf && c.After.Until != "" {
		put[aList], put[aPlace] = text(shelfList), text(c.After.Until+"#"+c.After.ItemID)
	}
	return []action{asRead(table, put, c.Before.Version, other)}, nil
}

func (s *Store) queueChange(q *fulfillment.Queue, token string) ([]action, error) {
	actions, err := s.putQueue(*q, token)
	q.Version++
	return actions, err
}
