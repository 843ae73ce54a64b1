package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
	"patrondesk/internal/session"
)

// call is one request of a browser, with who is at it once that is known.
type call struct {
	*Desk
	w    http.ResponseWriter
	r    *http.Request
	look *look

	session session.Session
	caller  auth.Caller
	staff   patron.Patron // the caller's own record
}

// question is a call of the API.
type question struct {
	method string
	path   string // after /almaws/v1, escaped
	query  url.Values
	body   any    // an object of package alma, or nil
	match  string // If-Match
	once   string // Idempotency-Key
}

// answer is what the API answered.
type answer struct {
	object any
	header http.Header
	status int
	err    error
}

// tag is the entity tag of the record that was answered.
func (a *answer) tag() string { return a.header.Get("ETag") }

// ask carries out a call of the API as the member of staff.
func (c *call) ask(q question) *answer {
	a := &answer{header: make(http.Header)}
	var body bytes.Buffer
	if q.body != nil {
		if a.err = json.NewEncoder(&body).Encode(q.body); a.err != nil {
			return a
		}
	}
	ctx := auth.WithCaller(c.r.Context(), c.caller)
	r, err := http.NewRequestWithContext(ctx, q.method, "/almaws/v1"+q.path+"?"+q.query.Encode(), &body)
	if err != nil {
		a.err = fmt.Errorf("call the API: %w", err)
		return a
	}
	r.Host = c.r.Host
	r.Header.Set("X-Forwarded-Proto", c.r.Header.Get("X-Forwarded-Proto"))
	r.Header.Set("Content-Type", "application/json")
	if q.match != "" {
		r.Header.Set("If-Match", q.match)
	}
	if q.once != "" {
		r.Header.Set("Idempotency-Key", q.once)
	}
	c.API.ServeHTTP(a, r)
	return a.followed(c, q)
}

// followed is what the API answers where it sent the caller on to.
func (a *answer) followed(c *call, q question) *answer {
	to, err := url.Parse(a.header.Get("Location"))
	if a.status != http.StatusFound || err != nil {
		return a
	}
	path, ours := strings.CutPrefix(to.EscapedPath(), "/almaws/v1")
	if !ours {
		return a
	}
	return c.ask(question{method: q.method, path: path, query: to.Query()})
}

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements [http.ResponseWriter]. The calls that answer with no object of ours answer with bytes.
func (a *answer) Write(b []byte) (int, error) {
	before, _ := a.object.([]byte)
	a.object = append(before, b...)
	return len(b), nil
}

// Take implements [alma.InProcess].
func (a *answer) Take(object any) { a.object = object }

// Refuse implements [alma.InProcess].
func (a *answer) Refuse(err error) { a.err = err }

var _ alma.InProcess = (*answer)(nil)

// as is the object that was answered.
func as[T any](a *answer) (T, error) {
	var none T
	if a.err != nil {
		return none, a.err
	}
	object, ok := a.object.(T)
	if !ok {
		return none, fmt.Errorf("the API answered with a %T and not a %T", a.object, none)
	}
	return object, nil
}

// get is the object a GET of the API answers with.
func get[T any](c *call, path string, query url.Values) (T, error) {
	return as[T](c.ask(question{method: http.MethodGet, path: path, query: query}))
}

// userPath is the path of a patron in the API, and patronPath that of their page.
func userPath(id string) string   { return "/users/" + apigw.EscapeSegment(id) }
func patronPath(id string) string { return "/desk/patrons/" + url.PathEscape(id) }

// typed is what was typed into a field of the form, without white space around it.
func (c *call) typed(name string) string { return strings.TrimSpace(c.r.PostFormValue(name)) }

// patronID is the identifier of the patron the page is about.
func (c *call) patronID() string { return c.r.PathValue("user_id") }

// refused is the refusal of a call, in Alma's words; ok is false for what is an internal failure.
func refused(err error) (all alma.Errors, ok bool) {
	if several, is := errors.AsType[alma.Errors](err); is && len(several) > 0 {
		return several, true
	}
	if one, is := errors.AsType[*alma.Error](err); is {
		return alma.Errors{one}, true
	}
	return nil, false
}

// hasCode reports whether the error is Alma's of that code.
func hasCode(err error, code string) bool {
	all, ok := refused(err)
	return ok && all[0].Code == code
}
