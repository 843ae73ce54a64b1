// Package api answers Alma's calls, one file per operation, and the few calls of ours that Alma has none for. A
// handler reads its parameters, asks the store, applies the domain's rules and writes Alma's object; what it returns
// as an error is said in Alma's words by [almaError].
package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/directory"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/institution"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// API is what the operations need. A function fills in only what its own operations use: Directory in patron-search,
// Outbox where letters are sent, Bucket in configuration.
type API struct {
	Store       *dynamo.Store
	Institution *institution.Institution
	Guard       *auth.Guard
	Directory   *directory.Directory
	Outbox      *outbox.Outbox
	Bucket      bucket
	Now         func() time.Time
}

// handler is an operation. What it returns is written in Alma's envelope.
type handler func(w http.ResponseWriter, r *http.Request) error

// operation is a route with who may use it and what answers it.
type operation struct {
	route  string // as in functions.go
	access auth.Access
	answer handler
}

// mux serves the operations, each behind the guard.
func (a *API) mux(operations ...operation) http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations {
		mux.Handle(apigw.Pattern(op.route), a.Guard.Protect(op.access, answered(op.answer)))
	}
	mux.Handle("/", answered(unmatched))
	return mux
}

// unmatched answers what the gateway sent and no route here takes: an identifier that is a slash alone, which a
// ServeMux takes for no identifier.
func unmatched(http.ResponseWriter, *http.Request) error {
	return alma.InvalidParameter("path", "Nothing has such an identifier.")
}

func answered(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Go would drop a parameter with a semicolon; to Alma it is a character like others.
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, ";", "%3B")
		_, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			err = alma.InvalidParameter("query", "The query string is not well formed; nothing was changed.")
		} else {
			err = h(w, r)
		}
		if err != nil {
			err = almaError(err)
			obs.Fail(r.Context(), err)
			alma.WriteError(w, r, err, obs.TrackingID(r.Context()))
		}
	})
}

// by is how the caller is recorded in what they write.
func (a *API) by(r *http.Request) patron.Change {
	return patron.Change{By: auth.CallerFrom(r.Context()).Name, At: a.Now().UTC().Truncate(time.Millisecond)}
}

// zone is the library's time zone, in which its days begin and end.
func (a *API) zone() *time.Location {
	zone, err := time.LoadLocation(a.Institution.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// localNow is the time on the library's clocks.
func (a *API) localNow() time.Time { return a.Now().In(a.zone()) }

// baseURL is where the caller reached the API, for links.
func baseURL(r *http.Request) string {
	scheme := r.Header.Get("X-Forwarded-Proto")
	if scheme != "https" {
		scheme = "http"
	}
	return scheme + "://" + r.Host + "/almaws/v1"
}

// userLink is the absolute address of a patron's record.
func userLink(r *http.Request, p patron.Patron) string {
	return baseURL(r) + "/users/" + url.PathEscape(p.PrimaryID)
}

// flag is a boolean query parameter; absent and anything but true is false, as in Alma.
func flag(r *http.Request, name string) bool {
	return strings.EqualFold(r.URL.Query().Get(name), "true")
}

// Every answers all calls, for a caller in the same process.
func (a *API) Every() http.Handler {
	return a.mux(slices.Concat(a.patronLookupCalls(), a.patronSearchCalls(), a.userUpdateCalls(), a.loanDeskCalls(), a.feeDeskCalls(),
		a.requestListingCalls(), a.requestUpdateCalls(), a.reportSendingCalls(), a.configurationCalls())...)
}

// Function is the handler of the function of that name; ok is false for one that does not answer HTTP.
func (a *API) Function(name string) (h http.Handler, ok bool) {
	handlers := map[string]func() http.Handler{
		"patron-lookup":   a.PatronLookup,
		"patron-search":   a.PatronSearch,
		"user-update":     a.UserUpdate,
		"loan-desk":       a.LoanDesk,
		"fee-desk":        a.FeeDesk,
		"request-listing": a.RequestListing,
		"request-update":  a.RequestUpdate,
		"report-sending":  a.ReportSending,
		"configuration":   a.Configuration,
	}
	make, ok := handlers[name]
	if !ok {
		return nil, false
	}
	return make(), true
}
