package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/directory"
	"patrondesk/internal/patron"
)

// PatronSearch is the function patron-search.
func (a *API) PatronSearch() http.Handler { return a.mux(a.patronSearchCalls()...) }

func (a *API) patronSearchCalls() []operation {
	return []operation{{"GET /almaws/v1/users", auth.Access{Right: auth.UsersRead}, a.searchUsers}}
}

// searchUsers answers GET /users: the patrons q finds, or those modified since a day, in order and by pages, with the
// exact total. Rows are brief; expand=full gives whole records. The rows come from the table, so that each is as new
// as it can be.
func (a *API) searchUsers(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	if params.Get("source_institution_code") != "" || params.Get("source_user_id") != "" {
		return alma.InstitutionNotFound("The institution is in no fulfillment network.")
	}
	page, err := pageOf(r, alma.GeneralListError)
	if err != nil {
		return err
	}
	query, order, err := a.searchOf(r)
	if err != nil {
		return alma.GeneralListError(err.Error())
	}
	patrons, total, err := a.search(r.Context(), query, order, page)
	if err != nil {
		return err
	}
	full := slices.Contains(strings.Split(params.Get("expand"), ","), "full")
	users := alma.Users{Total: total}
	for _, p := range patrons {
		if full {
			users.User = append(users.User, a.wireUser(p))
			continue
		}
		users.User = append(users.User, alma.BriefUser(p, a.Institution, userLink(r, p)))
	}
	return alma.Write(w, r, users)
}

// searchOf reads what is searched for and in which order.
func (a *API) searchOf(r *http.Request) (directory.Query, directory.Order, error) {
	params := r.URL.Query()
	order, err := directory.ParseOrder(params.Get("order_by"))
	if err != nil {
		return directory.Query{}, order, err
	}
	q, since := params.Get("q"), params.Get("modify_date_from")
	switch {
	case q != "" && since != "":
		return directory.Query{}, order, &directory.QueryError{Reason: "The parameters q and modify_date_from exclude each other; give one of them."}
	case since != "":
		query, err := a.modifiedSince(since)
		return query, order, err
	case q == "":
		return directory.Query{}, order, nil
	}
	query, err := directory.ParseQuery(q)
	return query, order, err
}

func (a *API) modifiedSince(day string) (directory.Query, error) {
	from, err := time.ParseInLocation(time.DateOnly, day, a.zone())
	if err != nil {
		return directory.Query{}, &directory.QueryError{Reason: "modify_date_from is not a day; give it as yyyy-MM-dd."}
	}
	return directory.ModifiedSince(from), nil
}

// search reads one page of what the directory finds. A patron deleted between the two is known to the directory a
// moment later, so it is asked again until both agree; the list is never short of a row that is there.
func (a *API) search(ctx context.Context, q directory.Query, o directory.Order, page page) ([]patron.Patron, int, error) {
	for try := 0; ; try++ {
		uids, total, err := a.Directory.Search(ctx, q, o, page.limit, page.offset)
		if err != nil {
			return nil, 0, err
		}
		patrons, err := a.Store.Patrons(ctx, uids)
		if err != nil {
			return nil, 0, err
		}
		if len(patrons) == len(uids) || try == 3 {
			return patrons, total - (len(uids) - len(patrons)), nil
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}
