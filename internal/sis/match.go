package sis

import (
	"context"
	"errors"
	"fmt"

	"patrondesk/internal/patron"
)

// match finds the patron the record is of: by the primary id, or by the identifiers of the profile's match type. That
// nobody is found is no error.
func (r *run) match(ctx context.Context, p *person) error {
	idType := r.planner.profile.MatchType
	if idType == "" {
		idType = patron.PrimaryType
	}
	found, given := patron.Patron{}, false
	for _, id := range p.in.AllIdentifiers() {
		if id.Type.Value != idType || patron.Fold(id.Value) == "" {
			continue
		}
		given = true
		candidate, err := r.patrons.Patron(ctx, id.Value)
		if errors.Is(err, patron.ErrNotFound) || (err == nil && !candidate.HasIdentifier(idType, id.Value)) {
			continue
		}
		if err != nil {
			return fmt.Errorf("match a record: %w", err)
		}
		if found.UID != "" && found.UID != candidate.UID {
			return &rejection{field: "user_identifier", reason: fmt.Sprintf(
				"Its identifiers of type %s belong to two patrons, with primary ids %s and %s.", idType, found.PrimaryID, candidate.PrimaryID)}
		}
		found = candidate
	}
	if !given {
		return &rejection{field: identifierField(idType), reason: fmt.Sprintf("The profile matches by the identifier of type %s, and the record has none.", idType)}
	}
	p.found = found
	return nil
}
