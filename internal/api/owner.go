package api

import (
	"errors"
	"net/http"
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// getProvenance answers GET /users/{user_id}/provenance, a call of ours: of each sticky field of an external user the
// value in force, what the SIS says, and who changed it by hand and when.
func (a *API) getProvenance(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", patronTag(p))
	return alma.Write(w, r, alma.NewProvenances(p, a.Institution, a.Institution.DefaultLanguage()))
}

// adoptUser answers POST /users/{user_id} with op=adopt, of ours: an internal user becomes one of the SIS profile, so
// that its files no longer refuse them as "User is not external".
func (a *API) adoptUser(w http.ResponseWriter, r *http.Request) error {
	if err := mayWriteUsers(r); err != nil {
		return err
	}
	if !auth.CallerFrom(r.Context()).ManagesUsers {
		return mayNotAdopt()
	}
	profile := r.URL.Query().Get("profile")
	if !a.Institution.Profile(profile) {
		return alma.InvalidParameter("profile", "Give the code of one of the institution's SIS profiles. Nothing was changed.")
	}
	return a.changeOwner(w, r, func(p patron.Patron) (patron.Patron, error) { return p.Adopt(profile, a.by(r)) })
}

func mayNotAdopt() error {
	return alma.Forbidden("Only a User Manager or User Administrator may give a user to an SIS profile. Nothing was changed.")
}

// useSISValue answers POST /users/{user_id} with op=use_sis_value, of ours: the SIS's value of the sticky field, or
// with no field of all, comes into force, and synchronisations change it again.
func (a *API) useSISValue(w http.ResponseWriter, r *http.Request) error {
	if err := mayWriteUsers(r); err != nil {
		return err
	}
	field := r.URL.Query().Get("field")
	if field != "" && !slices.Contains(patron.StickyNames(), field) {
		return alma.InvalidParameter("field", "It is none of the fields of GET /users/{user_id}/provenance. Nothing was changed.")
	}
	return a.changeOwner(w, r, func(p patron.Patron) (patron.Patron, error) { return p.UseSISValue(field, a.by(r)) })
}

// changeOwner reads, changes and writes a record under the rules of an edit, and answers with it.
func (a *API) changeOwner(w http.ResponseWriter, r *http.Request, change func(patron.Patron) (patron.Patron, error)) error {
	before, err := a.findPatron(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, patronTag(before)); err != nil {
		return err
	}
	after, err := change(before)
	if err != nil {
		return err
	}
	if err := mayAssign(r, before, after); err != nil {
		return err
	}
	if !patron.Same(before, after) {
		if err := after.Check(a.Institution); err != nil {
			return err
		}
		if after, err = a.Store.ReplacePatron(r.Context(), before, after); err != nil {
			return lostRace(r, err)
		}
	}
	w.Header().Set("ETag", patronTag(after))
	return alma.Write(w, r, a.wireUser(after))
}

// mayWriteUsers refuses a caller who may read users alone, where one route serves both.
func mayWriteUsers(r *http.Request) error {
	switch caller := auth.CallerFrom(r.Context()); {
	case caller.May(auth.UsersWrite):
		return nil
	case caller.Kind == auth.KeyCaller:
		return alma.Unauthorized()
	}
	return alma.Forbidden()
}

// saidOfOwner is about the side a record belongs to.
func saidOfOwner(err error) *alma.Error {
	switch {
	case errors.Is(err, patron.ErrAlreadyExternal):
		return alma.NotSupported("The user belongs to an SIS profile already; nothing was changed.")
	case errors.Is(err, patron.ErrContactAdopted):
		return alma.NotSupported("A vendor's contact cannot be given to an SIS profile; nothing was changed.")
	case errors.Is(err, patron.ErrNotExternal):
		return alma.NotSupported("User is not external; nothing was changed.")
	case errors.Is(err, patron.ErrNoSISValue):
		return alma.NotSupported("The student information system has said nothing of the user yet; nothing was changed.")
	}
	return nil
}
