package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/session"
)

// Session is the session whose token has that hash, one that is over too, or session.ErrNotFound.
func (s *Store) Session(ctx context.Context, hash string) (session.Session, error) {
	it, err := s.get(ctx, s.tables.Sessions, sessionKey(hash))
	if err != nil {
		return session.Session{}, fmt.Errorf("get a session: %w", err)
	}
	if len(it) == 0 {
		return session.Session{}, session.ErrNotFound
	}
	stored, err := decode[session.Session](it)
	stored.Hash, stored.Version = hash, it.number(aVersion)
	return stored, err
}

// SaveSession stores a session over the version it was read with, and returns it with the new one. The error is
// session.ErrChanged when it is no longer as read, or has ended meanwhile. DynamoDB removes it when it is over.
func (s *Store) SaveSession(ctx context.Context, stored session.Session) (session.Session, error) {
	token, before := newToken(), stored.Version
	stored.Version++
	put, err := record(sessionKey(stored.Hash), stored, stored.Version, token)
	if err != nil {
		return session.Session{}, err
	}
	put[aTTL] = number(stored.Ends().Unix())
	if err := s.write(ctx, token, asRead(s.tables.Sessions, put, before, session.ErrChanged)); err != nil {
		return session.Session{}, fmt.Errorf("save a session: %w", err)
	}
	return stored, nil
}

// EndSession removes a session, if there is one.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	if _, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.tables.Sessions, Key: sessionKey(hash)}); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
