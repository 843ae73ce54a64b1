package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/auth"
)

// APIKey is the key whose secret has that hash, revoked and expired ones too, or auth.ErrNoKey.
func (s *Store) APIKey(ctx context.Context, hash string) (auth.Key, error) {
	it, err := s.apiKey(ctx, hash)
	if err != nil {
		return auth.Key{}, err
	}
	return apiKeyOf(it)
}

func (s *Store) apiKey(ctx context.Context, hash string) (item, error) {
	if !findable(hash) {
		return nil, auth.ErrNoKey
	}
	it, err := s.get(ctx, s.tables.APIKeys, apiKeyKey(hash))
	if err != nil {
		return nil, fmt.Errorf("get an API key: %w", err)
	}
	if len(it) == 0 {
		return nil, auth.ErrNoKey
	}
	return it, nil
}

// SaveAPIKey stores a new key; it fails when there is one with its hash.
func (s *Store) SaveAPIKey(ctx context.Context, k auth.Key) error { return s.putAPIKey(ctx, k, 0) }

// RevokeAPIKey makes a key invalid from that time on. A key that was revoked before keeps the earlier time. The error
// is auth.ErrNoKey when there is no such key.
func (s *Store) RevokeAPIKey(ctx context.Context, hash string, at time.Time) error {
	it, err := s.apiKey(ctx, hash)
	if err != nil {
		return err
	}
	k, err := apiKeyOf(it)
	if err != nil {
		return err
	}
	if !k.Revoked.IsZero() && !at.Before(k.Revoked) {
		return nil
	}
	k.Revoked = at
	return s.putAPIKey(ctx, k, it.number(aVersion))
}

func (s *Store) putAPIKey(ctx context.Context, k auth.Key, version int64) error {
	token := newToken()
	put, err := record(apiKeyKey(k.Hash), k, version+1, token)
	if err != nil {
		return err
	}
	if err := s.write(ctx, token, asRead(s.tables.APIKeys, put, version, errKeyChanged)); err != nil {
		return fmt.Errorf("save an API key: %w", err)
	}
	return nil
}

var errKeyChanged = errors.New("somebody else made or changed the key meanwhile")

// APIKeys are all keys, in order of their names. It reads the whole table and is for the tool that manages keys.
func (s *Store) APIKeys(ctx context.Context) ([]auth.Key, error) {
	var all []auth.Key
	for pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{TableName: &s.tables.APIKeys}); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list API keys: %w", err)
		}
		for _, it := range itemsOf(out.Items) {
			k, err := apiKeyOf(it)
			if err != nil {
				return nil, err
			}
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b auth.Key) int { return strings.Compare(a.Name+a.Hash, b.Name+b.Hash) })
	return all, nil
}

func apiKeyOf(it item) (auth.Key, error) {
	k, err := decode[auth.Key](it)
	k.Hash = it.text(aPK)[len("K#"):]
	return k, err
}
