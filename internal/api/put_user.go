package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// UserUpdate is the function user-update.
func (a *API) UserUpdate() http.Handler { return a.mux(a.userUpdateCalls()...) }

func (a *API) userUpdateCalls() []operation {
	return []operation{
		{"POST /almaws/v1/users", auth.Access{Right: auth.UsersWrite}, a.createUser},
		{"PUT /almaws/v1/users/{user_id}", auth.Access{Right: auth.UsersWrite}, a.putUser},
		{"DELETE /almaws/v1/users/{user_id}", auth.Access{Right: auth.UsersWrite}, a.deleteUser},
		{"POST /almaws/v1/users/{user_id}", auth.Access{Right: auth.UsersRead}, a.authenticateUser},
	}
}

// putUser answers PUT /users/{user_id}: the whole record is replaced, by Alma's rules for an API client and by those of
// the desk for a member of staff. The write is conditional on the version read here, so a change somebody else makes
// meanwhile is never lost; with If-Match, also one made since the caller read the record.
func (a *API) putUser(w http.ResponseWriter, r *http.Request) error {
	if err := unsupported(r, "recalculate_roles", "send_pin_number_letter", "registration_rules"); err != nil {
		return err
	}
	override, err := overridden(r)
	if err != nil {
		return err
	}
	in, secrets, err := readUser(r)
	if err != nil {
		return err
	}
	before, err := a.findPatron(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, patronTag(before)); err != nil {
		return err
	}
	after, err := a.replaced(r, before, in, secrets, override)
	if err != nil {
		return err
	}
	if !patron.Same(before, after) {
		if after, err = a.Store.ReplacePatron(r.Context(), before, after); err != nil {
			return lostRace(r, err)
		}
	}
	w.Header().Set("ETag", patronTag(after))
	return alma.Write(w, r, a.wireUser(after))
}

// replaced is before as in changes it, checked and stamped.
func (a *API) replaced(r *http.Request, before, in patron.Patron, secrets alma.Secrets, override []string) (patron.Patron, error) {
	if in.PrimaryID == "" {
		in.PrimaryID = before.PrimaryID
	}
	in.StatusDate = patron.DateOf(a.Now())
	if err := setSecrets(&in, secrets, before.PINHash); err != nil {
		return in, err
	}
	var after patron.Patron
	var err error
	if auth.CallerFrom(r.Context()).Kind == auth.StaffCaller {
		after, err = before.EditAtDesk(in, a.by(r))
	} else {
		after, err = before.Replace(in, override)
	}
	var owned *patron.OwnedError
	if errors.As(err, &owned) {
		return in, alma.FieldOwnedBySIS(owned.Field, a.Institution.RegistrarText)
	}
	if err != nil {
		return in, err
	}
	if err := after.Check(a.Institution); err != nil {
		return in, err
	}
	if err := mayAssign(r, before, after); err != nil {
		return in, err
	}
	if before.AccountType != after.AccountType && !auth.CallerFrom(r.Context()).ManagesUsers {
		return in, mayNotAdopt()
	}
	if !patron.Same(before, after) {
		after.Stamp(a.by(r))
	}
	return after, nil
}

// mayAssign refuses a change of staff roles by a caller who does not manage them. So is a change of how somebody with a
// staff role gets in: whoever could give them another password, or shut them out, could become what they are.
func mayAssign(r *http.Request, before, after patron.Patron) error {
	account := before.Privileged() && !patron.SameAccount(before, after)
	if auth.CallerFrom(r.Context()).AssignsRoles || patron.SameStaffRoles(before, after) && !account {
		return nil
	}
	return alma.Forbidden("Only a User Administrator may change staff roles, or the identifier, password, status and dates of a user with one. Nothing was changed.")
}

// readUser reads a user object from the body.
func readUser(r *http.Request) (patron.Patron, alma.Secrets, error) {
	var user alma.User
	if err := alma.Read(r, &user); err != nil {
		return patron.Patron{}, alma.Secrets{}, err
	}
	return user.Patron()
}

// setSecrets puts the hashes of a new password and PIN into the record. An external patron has no password here.
func setSecrets(p *patron.Patron, secrets alma.Secrets, oldPIN string) error {
	if secrets.Password != "" && p.AccountType == patron.Internal {
		if err := p.SetPassword(secrets.Password); err != nil {
			return err
		}
	}
	if secrets.PIN != "" {
		return p.SetPIN(secrets.PIN, oldPIN)
	}
	return nil
}

// overridden are the fields the parameter override names, given once with commas or several times.
func overridden(r *http.Request) ([]string, error) {
	names := strings.FieldsFunc(strings.Join(r.URL.Query()["override"], ","), func(c rune) bool { return c == ',' || c == ' ' })
	for _, name := range names {
		if !slices.Contains(patron.StickyNames(), name) {
			return nil, alma.NotSupported("The parameter override takes " + strings.Join(patron.StickyNames(), ", ") + "; nothing was changed.")
		}
	}
	return names, nil
}

// unsupported refuses what would otherwise be left undone without a word.
func unsupported(r *http.Request, parameters ...string) error {
	for _, name := range parameters {
		if flag(r, name) {
			return alma.NotSupported("The parameter " + name + " is not supported; leave it out. Nothing was changed.")
		}
	}
	return nil
}

// lostRace says in the caller's terms that somebody else wrote the record first.
func lostRace(r *http.Request, err error) error {
	switch {
	case !errors.Is(err, patron.ErrChanged):
		return err
	case conditional(r):
		return alma.PreconditionFailed()
	}
	return alma.UserNotUpdated("Somebody else changed the user at the same moment; nothing of yours was saved. Read the user again and repeat the change.")
}
