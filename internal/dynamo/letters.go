package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
)

// ReserveLetter stores a new letter of a patron, unless the same one was reserved before: then it returns that, with
// fresh false. Two are the same when they come with the same key within 30 days or, without a key (""), when they have
// the same code and come within a minute. The caller chose sent.ID. The error is letter.ErrPatronGone when the patron
// is deleted or about to be.
func (s *Store) ReserveLetter(ctx context.Context, uid, key string, sent letter.Sent) (stored letter.Sent, fresh bool, err error) {
	token := newToken()
	sent.Version = 1
	actions, err := s.reservation(uid, key, sent, token, errReserved)
	if err != nil {
		return letter.Sent{}, false, err
	}
	err = s.write(ctx, token, append(actions, s.patronStays(uid, letter.ErrPatronGone))...)
	var refused *refusedError
	if errors.As(err, &refused) && errors.Is(err, errReserved) {
		stored, err := s.Letter(ctx, uid, refused.old.text(aID))
		return stored, false, err
	}
	if err != nil {
		return letter.Sent{}, false, fmt.Errorf("reserve a letter: %w", err)
	}
	return sent, true, nil
}

// reservation are the actions that store a new letter with version 1, and the item that keeps a second one with the
// same key away; taken is what it means that there is one.
func (s *Store) reservation(uid, key string, sent letter.Sent, token string, taken error) ([]action, error) {
	put, err := letterRecord(uid, sent, token)
	if err != nil {
		return nil, err
	}
	now := s.now()
	until := now.Add(keyKept)
	if key == "" {
		until = now.Add(doubleClick)
	}
	once := onceKey(uid, key, sent.Code).with(item{aID: text(sent.ID), aTTL: number(until.Unix())})
	return []action{
		{table: s.tables.Letters, put: put, cond: absent, or: letter.ErrChanged},
		{table: s.tables.Letters, put: once, cond: absent + " OR #ttl <= :now", values: item{":now": number(now.Unix())}, or: taken},
	}, nil
}

// errReserved says that a letter was reserved before; it never leaves the package.
var errReserved = errors.New("the letter was reserved before")

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

// UpdateLetter stores what became of a letter; sent has the version it was read with and is returned with the new one.
// The error is letter.ErrChanged when the letter is no longer as read.
func (s *Store) UpdateLetter(ctx context.Context, uid string, sent letter.Sent) (letter.Sent, error) {
	token, before := newToken(), sent.Version
	if before == 0 {
		return letter.Sent{}, errors.New("update a letter: not one that was read")
	}
	sent.Version++
	put, err := letterRecord(uid, sent, token)
	if err != nil {
		return letter.Sent{}, err
	}
	if err := s.write(ctx, token, asRead(s.tables.Letters, put, before, letter.ErrChanged)); err != nil {
		return letter.Sent{}, fmt.Errorf("update a letter: %w", err)
	}
	return sent, nil
}

// Letter is one letter of a patron, or letter.ErrNotFound.
func (s *Store) Letter(ctx context.Context, uid, id string) (letter.Sent, error) {
	it, err := s.get(ctx, s.tables.Letters, letterKey(uid, id))
	if err != nil {
		return letter.Sent{}, fmt.Errorf("get a letter: %w", err)
	}
	if len(it) == 0 || it.expired(s.now()) {
		return letter.Sent{}, letter.ErrNotFound
	}
	return letterOf(it)
}

// LetterOf is the letter of a patron that an idempotency key stands for, or letter.ErrNotFound.
func (s *Store) LetterOf(ctx context.Context, uid, key string) (letter.Sent, error) {
	it, err := s.get(ctx, s.tables.Letters, onceKey(uid, key, ""))
	if err != nil {
		return letter.Sent{}, fmt.Errorf("get the letter of a key: %w", err)
	}
	if len(it) == 0 || it.expired(s.now()) {
		return letter.Sent{}, letter.ErrNotFound
	}
	return s.Letter(ctx, uid, it.text(aID))
}

// Letters are the letters of a patron of the last year, the newest first.
func (s *Store) Letters(ctx context.Context, uid string) ([]letter.Sent, error) {
	newest := underPrefix(s.tables.Letters, patronKey(uid), sent)
	newest.ScanIndexForward = aws.Bool(false)
	items, err := s.collect(ctx, newest)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	all := make([]letter.Sent, len(items))
	for i, it := range items {
		if all[i], err = letterOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func letterRecord(uid string, sent letter.Sent, token string) (item, error) {
	it, err := record(letterKey(uid, sent.ID), sent, sent.Version, token)
	if err != nil {
		return nil, err
	}
	return it.with(item{aTTL: number(sent.Created.Add(historyKept).Unix())}), nil
}

func letterOf(it item) (letter.Sent, error) {
	sent, err := decode[letter.Sent](it)
	sent.Version = it.number(aVersion)
	return sent, err
}
