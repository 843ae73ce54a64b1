// Package auth says who is calling and what they may do: a program with one of Alma's API keys, or a person with an
// OIDC bearer token whose rights come from the roles of their own record. It refuses in Alma's form.
//
// It runs inside each function and not in the gateway, because a key may come in a header or in the query, and a
// gateway's refusals cannot have Alma's body.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
)

// Access says who may use a route.
type Access struct {
	// Right is the right the caller must have. A handler that does more in some cases asks [Caller.May] itself.
	Right Right
	// Self lets a person without the right read what is under their own record: the path value user_id is one of
	// their identifiers, or ME. It counts for GET and HEAD alone.
	Self bool
}

// patronFinder finds a patron by any identifier, or by the UID of their record, strongly consistent; patron.ErrNotFound when
// there is none.
type patronFinder interface {
	Patron(ctx context.Context, identifier string) (patron.Patron, error)
	PatronByUID(ctx context.Context, uid string) (patron.Patron, error)
}

// Guard knows callers.
type Guard struct {
	keys     *keyring
	people   patronFinder
	verifier *Verifier
	now      func() time.Time
	scopes   []string
}

// New makes a guard that looks up API keys in keys and persons in people. A nil verifier refuses every token. scopes
// are the codes of the institution and its libraries, in which a role must be to count; none lets every scope count.
func New(keys keyFinder, people patronFinder, verifier *Verifier, now func() time.Time, scopes ...string) *Guard {
	return &Guard{keys: newKeyring(keys, now), people: people, verifier: verifier, now: now, scopes: scopes}
}

// Protect lets those through to h who have the access, with their [Caller] in the context and their credentials removed
// from the request.
//
// Refusals: no key, an unknown one and one without the right are 400 UNAUTHORIZED, and so are a key and a token
// together; an expired or revoked key is 403 INVALID_REQUEST. These are XML whatever was asked for and have no
// tracking id, as Alma's. A token that is not valid is 401 UNAUTHORIZED; a valid one is 403 FORBIDDEN when its person
// has no valid record or not the right, whether or not there is what was asked for.
//
// A request whose context has a caller already was made in this process, for somebody who is known; no other can have one.
func (g *Guard) Protect(a Access, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if caller, known := r.Context().Value(callerKey{}).(Caller); known {
			if !caller.May(a.Right) {
				refuse(w, r, alma.Forbidden("You may not do this or see this record."))
				return
			}
			h.ServeHTTP(w, r)
			return
		}
		r = r.Clone(r.Context())
		cred := takeCredentials(r)
		caller, err := g.admit(r, cred, a)
		obs.SetCaller(r.Context(), string(caller.Kind))
		if err != nil {
			refuse(w, r, err)
			return
		}
		h.ServeHTTP(w, r.WithContext(WithCaller(r.Context(), caller)))
	})
}

func (g *Guard) admit(r *http.Request, c credentials, a Access) (Caller, error) {
	switch {
	case c.refused:
		return Caller{}, alma.Unauthorized()
	case c.token != "":
		return g.admitPerson(r, c.token, a)
	default:
		return g.admitKey(r.Context(), c.key, a)
	}
}

func (g *Guard) admitKey(ctx context.Context, secret string, a Access) (Caller, error) {
	if secret == "" {
		return Caller{}, alma.Unauthorized()
	}
	key, err := g.keys.find(ctx, secret)
	if errors.Is(err, ErrNoKey) {
		return Caller{}, alma.Unauthorized()
	}
	if err != nil {
		return Caller{}, fmt.Errorf("find the API key: %w", err)
	}
	caller := Caller{Kind: KeyCaller, Name: key.Name, Rights: key.Rights}
	caller.AssignsRoles, caller.ReleasesJobs = caller.May(UsersWrite), caller.May(ConfigurationWrite)
	caller.ManagesUsers, caller.OverridesBlocks = caller.AssignsRoles, caller.May(FulfilmentWrite)
	if !key.Valid(g.now()) {
		return caller, alma.InvalidRequest()
	}
	if !caller.May(a.Right) {
		return caller, alma.Unauthorized()
	}
	return caller, nil
}

func (g *Guard) admitPerson(r *http.Request, token string, a Access) (Caller, error) {
	if g.verifier == nil {
		return Caller{}, &tokenError{reason: "this library has no sign-in"}
	}
	id, err := g.verifier.primaryID(r.Context(), token)
	if err != nil {
		return Caller{}, err
	}
	caller, p, err := g.Person(r.Context(), id)
	if err != nil {
		return Caller{}, err
	}
	if caller.May(a.Right) || a.Self && readsOwn(r, p) {
		return caller, nil
	}
	return caller, alma.Forbidden("You may not do this or see this record.")
}

// Person is the caller with that primary id, and their record. The error is an [*alma.Error] when there is no valid one. A
// record found by another identifier is somebody else's: barcodes are handed on, and whoever writes records could give
// themselves one.
func (g *Guard) Person(ctx context.Context, primaryID string) (Caller, patron.Patron, error) {
	p, err := g.people.Patron(ctx, primaryID)
	if err == nil && patron.Fold(p.PrimaryID) != patron.Fold(primaryID) {
		err = patron.ErrNotFound
	}
	return g.callerOf(p, err)
}

// PersonOf is the caller whose record has that UID, and the record: whoever signed in before, whatever their primary id is by
// now. The error is an [*alma.Error] when the record is not valid.
func (g *Guard) PersonOf(ctx context.Context, uid string) (Caller, patron.Patron, error) {
	return g.callerOf(g.people.PatronByUID(ctx, uid))
}

// callerOf is the caller with the record that was found.
func (g *Guard) callerOf(p patron.Patron, err error) (Caller, patron.Patron, error) {
	if err != nil && !errors.Is(err, patron.ErrNotFound) {
		return Caller{}, patron.Patron{}, fmt.Errorf("find the caller's record: %w", err)
	}
	if err != nil || p.Status != patron.Active || p.ExpiryDate.Passed(g.now()) {
		return Caller{}, patron.Patron{}, alma.Forbidden("The library has no valid record for this account.")
	}
	caller := Caller{Kind: PatronCaller, Name: p.PrimaryID, UID: p.UID, PrimaryID: p.PrimaryID}
	caller.Rights = rightsOf(p.Roles, g.scopes, g.now())
	if len(caller.Rights) > 0 {
		caller.Kind = StaffCaller
	}
	caller.AssignsRoles = assignsRoles(p.Roles, g.scopes, g.now())
	caller.ReleasesJobs = releasesJobs(p.Roles, g.scopes, g.now())
	caller.ManagesUsers = managesUsers(p.Roles, g.scopes, g.now())
	caller.OverridesBlocks = overridesBlocks(p.Roles, g.scopes, g.now())
	return caller, p, nil
}

// readsOwn reports whether r reads what is under the record of p.
func readsOwn(r *http.Request, p patron.Patron) bool {
	id := r.PathValue("user_id")
	types := r.URL.Query()["user_id_type"]
	if r.Method != http.MethodGet && r.Method != http.MethodHead || id == "" || len(types) > 1 {
		return false
	}
	return names(p, id, append(types, "")[0])
}

// refuse answers with the error, in the form [Guard.Protect] tells.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if bad, ok := errors.AsType[*tokenError](err); ok {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="invalid_token", error_description=%q`, bad.reason))
		err = alma.TokenRefused()
	}
	obs.Fail(r.Context(), err)
	alma.WriteError(w, r, err, obs.TrackingID(r.Context()))
}
