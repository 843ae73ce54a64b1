package desk

import (
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

var historyPages = []page{
	{"GET /desk/patrons/{user_id}/history", auth.FulfilmentRead, (*call).history},
}

// mostPast is how many past loans, and how many past requests, a page shows.
const mostPast = 25

// historyTab is what the patron borrowed and asked for, the newest first.
type historyTab struct {
	Loans    past[alma.ItemLoan]
	Requests past[alma.Request]
}

// past is a page of a list of the past.
type past[T any] struct {
	Rows          []T
	Total         int
	Before, After string // addresses of the pages before and after; empty for none
}

// history answers GET /desk/patrons/{user_id}/history.
func (c *call) history() error {
	p, err := c.patron("history")
	if err != nil {
		return err
	}
	var tab historyTab
	path := userPath(p.User.PrimaryID)
	group := new(errgroup.Group)
	group.Go(func() error {
		query := c.pastPage("loans", "loan_status", "Complete", "order_by", "return_date", "direction", "DESC")
		loans, err := get[alma.ItemLoans](c, path+"/loans", query)
		tab.Loans = past[alma.ItemLoan]{Rows: loans.ItemLoan, Total: loans.Total}
		return err
	})
	group.Go(func() error {
		requests, err := get[alma.Requests](c, path+"/requests", c.pastPage("requests", "status", "history"))
		tab.Requests = past[alma.Request]{Rows: requests.Request, Total: requests.Total}
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	tab.Loans.Before, tab.Loans.After = c.turn(p, "loans", tab.Loans.Total)
	tab.Requests.Before, tab.Requests.After = c.turn(p, "requests", tab.Requests.Total)
	return c.showLending(http.StatusOK, p, "history", tab)
}

// pastPage asks for the page of a list that the address names.
func (c *call) pastPage(list string, more ...string) url.Values {
	query := listing(more...)
	query.Set("limit", itoa(mostPast))
	query.Set("offset", itoa(atoi(c.r.FormValue(list))))
	return query
}

// turn are the addresses of the pages of a list before and after this one. The other list stays where it is.
func (c *call) turn(p *patronPage, list string, total int) (before, after string) {
	return turn(atoi(c.r.FormValue(list)), mostPast, total, func(from int) string {
		query := c.r.URL.Query()
		query.Set(list, itoa(from))
		return patronPath(p.User.PrimaryID) + "/history?" + query.Encode() + "#" + list
	})
}
