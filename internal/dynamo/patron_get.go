package dynamo

import (
	"context"
	"errors"
	"fmt"

	"patrondesk/internal/patron"
)

// Patron is the patron with that identifier, of whatever type. It makes two reads, and is never a mixture of an old
// and a new owner of the identifier. The error is patron.ErrNotFound when nobody has it.
func (s *Store) Patron(ctx context.Context, identifier string) (patron.Patron, error) {
	fold := patron.Fold(identifier)
	if !findable(fold) {
		return patron.Patron{}, patron.ErrNotFound
	}
	// The patron may be deleted, or the identifier given to somebody else, between the two reads; then again.
	for range 3 {
		uid, _, err := s.ownerOf(ctx, fold)
		if err != nil {
			return patron.Patron{}, err
		}
		p, err := s.PatronByUID(ctx, uid)
		if errors.Is(err, patron.ErrNotFound) {
			continue
		}
		if err != nil || p.HasIdentifier("", identifier) {
			return p, err
		}
	}
	return patron.Patron{}, patron.ErrNotFound
}

// Identified is the UID of the patron with that identifier, and the identifier's type, for whoever needs no record. The
// error is patron.ErrNotFound when nobody has it.
func (s *Store) Identified(ctx context.Context, identifier string) (uid, idType string, err error) {
	fold := patron.Fold(identifier)
	if !findable(fold) {
		return "", "", patron.ErrNotFound
	}
	return s.ownerOf(ctx, fold)
}

// ownerOf is the UID of the patron who has the folded identifier, and its type.
func (s *Store) ownerOf(ctx context.Context, fold string) (uid, idType string, err error) {
	it, err := s.get(ctx, s.tables.Users, identifierKey(fold))
	if err != nil {
		return "", "", fmt.Errorf("get an identifier: %w", err)
	}
	if len(it) == 0 {
		return "", "", patron.ErrNotFound
	}
	return it.text(aUID), it.text(aType), nil
}

// PatronByUID is the patron of that UID, or patron.ErrNotFound.
func (s *Store) PatronByUID(ctx context.Context, uid string) (patron.Patron, error) {
	it, err := s.get(ctx, s.tables.Users, patronKey(uid))
	if err != nil {
		return patron.Patron{}, fmt.Errorf("get a patron: %w", err)
	}
	if len(it) == 0 {
		return patron.Patron{}, patron.ErrNotFound
	}
	return patronOf(it)
}

// Patrons are the patrons of those UIDs in their order, without those that do not exist.
func (s *Store) Patrons(ctx context.Context, uids []string) ([]patron.Patron, error) {
	keys := make([]item, 0, len(uids))
	for _, uid := range distinct(uids) {
		keys = append(keys, patronKey(uid))
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Users: keys})
	if err != nil {
		return nil, fmt.Errorf("get patrons: %w", err)
	}
	byUID := make(map[string]patron.Patron, len(uids))
	for _, it := range found[s.tables.Users] {
		p, err := patronOf(it)
		if err != nil {
			return nil, err
		}
		byUID[p.UID] = p
	}
	all := make([]patron.Patron, 0, len(byUID))
	for _, uid := range uids {
		if p, ok := byUID[uid]; ok {
			all = append(all, p)
		}
	}
	return all, nil
}

func patronOf(it item) (patron.Patron, error) {
	p, err := decode[patron.Patron](it)
	p.Version = it.number(aVersion)
	return withSynced(p, it), err
}

// distinct is the list without repetitions, in order.
func distinct(all []string) []string {
	seen := make(map[string]bool, len(all))
	var once []string
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			once = append(once, s)
		}
	}
	return once
}
