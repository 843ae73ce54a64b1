package api

import (
	"errors"
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

// authenticateUser answers POST /users/{user_id} with op=auth, which checks an internal patron's password, and with
// op=refresh, which would refresh a linked account: there are none, and it says so. The other operations are ours.
func (a *API) authenticateUser(w http.ResponseWriter, r *http.Request) error {
	switch op := r.URL.Query().Get("op"); op {
	case "", "auth":
		return a.checkPassword(w, r)
	case "refresh":
		if err := mayWriteUsers(r); err != nil {
			return err
		}
		if _, err := a.findPatron(r); err != nil {
			return err
		}
		return alma.LinkedAccountNotFound()
	case "adopt":
		return a.adoptUser(w, r)
	case "use_sis_value":
		return a.useSISValue(w, r)
	}
	return alma.InvalidParameter("op")
}

func (a *API) checkPassword(w http.ResponseWriter, r *http.Request) error {
	password, err := passwordOf(r)
	if err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil && !isNotFound(err) {
		return err
	}
	notFound := err
	// An unknown patron costs the same time as a wrong password.
	if ok := p.Authenticate(password); notFound != nil || !ok {
		if notFound != nil {
			return notFound
		}
		return alma.AuthenticationFailed()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// passwordOf is the password from the header Exl-User-Pw, URL-encoded, or from the query.
func passwordOf(r *http.Request) (string, error) {
	password := r.URL.Query().Get("password")
	if header := r.Header.Get("Exl-User-Pw"); header != "" {
		decoded, err := url.PathUnescape(header)
		if err != nil {
			return "", alma.AuthenticationFailed()
		}
		password = decoded
	}
	if password == "" || len(password) > 1000 {
		return "", alma.AuthenticationFailed()
	}
	return password, nil
}

func isNotFound(err error) bool {
	var known *alma.Error
	return errors.Is(err, patron.ErrNotFound) || errors.As(err, &known)
}
