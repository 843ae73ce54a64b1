package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// PatronLookup is the function patron-lookup.
func (a *API) PatronLookup() http.Handler { return a.mux(a.patronLookupCalls()...) }

func (a *API) patronLookupCalls() []operation {
	return []operation{
		{"GET /almaws/v1/users/{user_id}", auth.Access{Right: auth.UsersRead, Self: true}, a.getUser},
		{"GET /almaws/v1/users/{user_id}/provenance", auth.Access{Right: auth.UsersRead}, a.getProvenance},
		{"GET /almaws/v1/users/operation/test", auth.Access{Right: auth.UsersRead}, a.test},
		{"POST /almaws/v1/users/operation/test", auth.Access{Right: auth.UsersWrite}, a.test},
	}
}

// getUser answers GET /users/{user_id}: one patron by any identifier. view=brief leaves out all but core information,
// e-mails, identifiers and statistics; expand adds the counts of loans and requests and the balance of fees.
func (a *API) getUser(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	shown := p
	if auth.CallerFrom(r.Context()).Kind == auth.PatronCaller {
		shown = p.AsShownToThemselves()
	}
	user := a.wireUser(shown)
	if strings.EqualFold(r.URL.Query().Get("view"), "brief") {
		user = user.Brief()
	}
	if err := a.expand(r, p, &user); err != nil {
		return err
	}
	w.Header().Set("ETag", patronTag(p))
	return alma.Write(w, r, user)
}

func (a *API) wireUser(p patron.Patron) alma.User {
	return alma.NewUser(p, a.Institution, a.Institution.DefaultLanguage())
}

// expand adds what the parameter of that name asks for: the number of loans and the balance of fees, which one read
// tells, and the number of requests, at once.
func (a *API) expand(r *http.Request, p patron.Patron, user *alma.User) error {
	wanted := strings.FieldsFunc(strings.Join(r.URL.Query()["expand"], ","), func(c rune) bool { return c == ',' || c == ' ' })
	group, ctx := errgroup.WithContext(r.Context())
	loans, fees := slices.Contains(wanted, "loans"), slices.Contains(wanted, "fees")
	if loans || fees {
		group.Go(func() error {
			account, err := a.Store.Account(ctx, p.UID)
			if loans {
				user.Loans = &alma.Total{Value: strconv.Itoa(account.Loans), Link: userLink(r, p) + "/loans"}
			}
			if fees {
				user.Fees = &alma.Total{Value: alma.BalanceText(account.Balance, a.Institution.Decimals()), Link: userLink(r, p) + "/fees"}
			}
			return err
		})
	}
	if slices.Contains(wanted, "requests") {
		group.Go(func() error {
			n, err := a.Store.CountRequests(ctx, p.UID)
			user.Requests = &alma.Total{Value: strconv.Itoa(n), Link: userLink(r, p) + "/requests"}
			return err
		})
	}
	return group.Wait()
}
