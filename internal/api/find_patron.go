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
	if err := linked(r); err != nil {
		return patron.Patron{}, err
	}
	id := r.PathValue("user_id")
	if id == auth.Me {
		return a.findCaller(r)
	}
	if !possibleIdentifier(id) {
		return patron.Patron{}, patronNotFound(r)
	}
	p, err := a.Store.Patron(r.Context(), id)
	if errors.Is(err, patron.ErrNotFound) {
		return patron.Patron{}, patronNotFound(r)
	}
	if err != nil {
		return patron.Patron{}, err
	}
	if !isOfType(r, p) {
		return patron.Patron{}, patronNotFound(r)
	}
	return p, nil
}

// patronNotFound says that the path names nobody.
func patronNotFound(r *http.Request) error {
	id, idType := r.PathValue("user_id"), r.URL.Query().Get("user_id_type")
	if idType != "" && idType != allTypes {
		return alma.UserOfTypeNotFound(id, idType)
	}
	return alma.UserNotFound(id)
}

// isOfType reports whether the path's identifier of the patron is of the type that user_id_type asks for.
func isOfType(r *http.Request, p patron.Patron) bool {
	idType := r.URL.Query().Get("user_id_type")
	return idType == "" || idType == allTypes || hasType(p, idType, r.PathValue("user_id"))
}

// identify finds whom the path names where the record is not needed: by a primary id it is one read.
func (a *API) identify(r *http.Request) (uid, primaryID string, err error) {
	id, idType := r.PathValue("user_id"), r.URL.Query().Get("user_id_type")
	if id == auth.Me || idType != "" && idType != allTypes || !possibleIdentifier(id) || linked(r) != nil {
		p, err := a.findPatron(r)
		return p.UID, p.PrimaryID, err
	}
	uid, found, err := a.Store.Identified(r.Context(), id)
	switch {
	case errors.Is(err, patron.ErrNotFound):
		return "", "", patronNotFound(r)
	case err != nil:
		return "", "", err
	case found == patron.PrimaryType && id == patron.Fold(id): // the record has it in the same letters, or in capitals
		return uid, id, nil
	}
	p, err := a.findPatron(r)
	return p.UID, p.PrimaryID, err
}

// identifierIn is the identifier in the path, for what reads the patron together with other things: that of the caller
// for ME.
func (a *API) identifierIn(r *http.Request) (string, error) {
	if err := linked(r); err != nil {
		return "", err
	}
	id := r.PathValue("user_id")
	if id == auth.Me {
		p, err := a.findCaller(r)
		return p.PrimaryID, err
	}
	if !possibleIdentifier(id) {
		return "", patronNotFound(r)
	}
	return id, nil
}

// linked refuses a search for an account linked to another institution's: there are none.
func linked(r *http.Request) error {
	if r.URL.Query().Get("user_id_type") == "linking_id" {
		return alma.LinkingIDNotFound()
	}
	if source := r.URL.Query().Get("source_institution_code"); source != "" {
		return alma.SourceUserNotFound(r.PathValue("user_id"), source)
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
