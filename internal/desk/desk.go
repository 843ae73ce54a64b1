// Package desk serves the pages library staff work in. It has no rules of its own: what a page shows or does is a call of
// the API, answered in the same process, as the member of staff who signed in. So who may do what, what is refused and
// in which words, what happens twice and what somebody else changed meanwhile are the API's to say.
//
// Every page works as a plain form. The module assets/desk.js makes scanning quicker where the browser runs it.
package desk

import (
	"context"
	"net/http"
	"time"

	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
	"patrondesk/internal/session"
)

// Desk is what the pages need.
type Desk struct {
	// API answers the calls, see api.API.Every.
	API         http.Handler
	People      people
	Sessions    sessions
	Provider    *session.Provider
	Institution *institution.Institution
	// Now is the library's clock, Clock that of sessions and of the provider. They differ where a library's clock is put
	// forward to try something.
	Now, Clock func() time.Time
	// BucketOrigin is where files are uploaded to, as a page's policy names it: "https://bucket.s3.eu-west-1.amazonaws.com".
	BucketOrigin string

	looks looks
}

// people says who somebody is and what they may do, by the primary id they signed in with and then by the UID of their
// record; the error is an *alma.Error when they have no valid record.
type people interface {
	Person(ctx context.Context, primaryID string) (auth.Caller, patron.Patron, error)
	PersonOf(ctx context.Context, uid string) (auth.Caller, patron.Patron, error)
}

// sessions keeps sessions, strongly consistent. A write is conditional on the version that was read; see session.ErrChanged.
type sessions interface {
	Session(ctx context.Context, hash string) (session.Session, error)
	SaveSession(ctx context.Context, s session.Session) (session.Session, error)
	EndSession(ctx context.Context, hash string) error
}

// maxForm is the largest form that is taken, in bytes: a patron's longest notes fit several times.
const maxForm = 1 << 20

// Handler serves all pages. It refuses what a page of another site sends, by the headers browsers tell that with.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, p := range open {
		mux.Handle(apigw.Pattern(p.route), d.answered(p.answer))
	}
	for _, p := range pages() {
		mux.Handle(apigw.Pattern(p.route), d.answered(func(c *call) error { return c.signedIn(p) }))
	}
	mux.Handle("/", d.answered((*call).nothingHere))
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(d.answered((*call).foreign))
	return headers(routed(mux, protection.Handler(mux)))
}

// routed serves protected, and tells the log which route of the mux it was, which the protection would hide from it.
func routed(mux *http.ServeMux, protected http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, r.Pattern = mux.Handler(r)
		protected.ServeHTTP(w, r)
	})
}

// answered runs a page. What it returns as an error is shown on a page of its own.
func (d *Desk) answered(answer func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		c := &call{Desk: d, w: w, r: r}
		c.look = d.lookFor(r, "")
		if err := answer(c); err != nil {
			obs.Fail(r.Context(), err)
			c.failed(err)
		}
	})
}
