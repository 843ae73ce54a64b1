package api

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// allTypes is the default of user_id_type: every type of identifier is tried.
const allTypes = "all_unique"

// findPatron reads the patron the path names, strongly consistent: by any identifier, or by one of the type that
// user_id_type gives. ME is the person who is calling.
func (a *API) findPatron(r *http.Request) (patron.Patron, error) {
	id, idType := r.PathValue("user_id"), r.URL.Query().Get("user_id_type")
	if err := linked(r, id, idType); err != nil {
		return patron.Patron{}, err
	}
	if id == "ME" {
		return a.findCaller(r)
	}
	notFound := alma.UserNotFound(id)
	if idType != "" && idType != allTypes {
		notFound = alma.UserOfTypeNotFound(id, idType)
	}
	if !possibleIdentifier(id) {
		return patron.Patron{}, notFound
	}
	p, err := a.Store.Patron(r.Context(), id)
	if errors.Is(err, patron.ErrNotFound) {
		return patron.Patron{}, notFound
	}
	if err != nil {
		return patron.Patron{}, err
	}
	if idType != "" && idType != allTypes && !hasType(p, idType, id) {
		return patron.Patron{}, notFound
	}
	return p, nil
}

// linked refuses a search for an account linked to another institution's: there are none.
func linked(r *http.Request, id, idType string) error {
	if idType == "linking_id" {
		return alma.LinkingIDNotFound()
	}
	if source := r.URL.Query().Get("source_institution_code"); source != "" {
		return alma.SourceUserNotFound(id, source)
	}
	return nil
}

// hasType reports whether the identifier is of that type; Alma's clients name the primary id in several ways.
func hasType(p patron.Patron, idType, id string) bool {
	switch strings.ToUpper(idType) {
	case patron.PrimaryType, "PRIMARY_ID", "PRIMARYIDENTIFIER":
		return patron.Fold(p.PrimaryID) == patron.Fold(id)
	}
	return p.HasIdentifier(idType, id)
}

// possibleIdentifier refuses before any read what no record can have.
func possibleIdentifier(id string) bool {
	return utf8.ValidString(id) && strings.TrimSpace(id) != "" && len(id) <= 1020
}

func (a *API) findCaller(r *http.Request) (patron.Patron, error) {
	caller := auth.CallerFrom(r.Context())
	if caller.UID == "" {
		return patron.Patron{}, alma.PersonalData("ME is the person who is calling; an API key is no person.")
	}
	p, err := a.Store.PatronByUID(r.Context(), caller.UID)
	if errors.Is(err, patron.ErrNotFound) {
		return patron.Patron{}, alma.PersonalData("ME is the person who is calling; an API key is no person.")
	}
	return p, err
}
