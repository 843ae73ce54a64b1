package auth

import (
	"context"
	"errors"
	"sync"
	"time"
)

// KeyAge is how long a key that was looked up is believed, and so the longest a revoked key goes on working.
const KeyAge = 60 * time.Second

// keysKept bounds the keys in memory, those that exist and those that do not apart, so that a flood of guesses cannot
// push out the keys in use.
const keysKept = 1000

// keyFinder finds an API key by the hex SHA-256 of its secret; [ErrNoKey] when there is none. An answer may be
// eventually consistent.
type keyFinder interface {
	APIKey(ctx context.Context, hash string) (Key, error)
}

// keyring remembers keys for [KeyAge].
type keyring struct {
	finder keyFinder
	now    func() time.Time

	mu      sync.Mutex
	known   map[string]remembered
	unknown map[string]remembered
}

type remembered struct {
	key   Key
	until time.Time
}

func newKeyring(finder keyFinder, now func() time.Time) *keyring {
	return &keyring{finder: finder, now: now, known: make(map[string]remembered), unknown: make(map[string]remembered)}
}

// find is the key with the secret, expired and revoked ones too; ErrNoKey when there is none. Only other errors of
// the finder are not remembered.
func (k *keyring) find(ctx context.Context, secret string) (Key, error) {
	hash := HashSecret(secret)
	if key, ok, err := k.recall(hash); ok {
		return key, err
	}
	key, err := k.finder.APIKey(ctx, hash)
	switch {
	case err == nil:
		k.remember(k.known, hash, key)
	case errors.Is(err, ErrNoKey):
		k.remember(k.unknown, hash, Key{})
	}
	return key, err
}

func (k *keyring) recall(hash string) (key Key, ok bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if r, ok := k.known[hash]; ok && now.Before(r.until) {
		return r.key, true, nil
	}
	if r, ok := k.unknown[hash]; ok && now.Before(r.until) {
		return Key{}, true, ErrNoKey
	}
	return Key{}, false, nil
}

func (k *keyring) remember(in map[string]remembered, hash string, key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.known, hash)
	delete(k.unknown, hash)
	if len(in) >= keysKept {
		clear(in)
	}
	in[hash] = remembered{key: key, until: k.now().Add(KeyAge)}
}
