package desk

import (
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

var requestPages = []page{
	{"GET /desk/patrons/{user_id}/requests", auth.FulfilmentRead, (*call).requests},
	{"GET /desk/patrons/{user_id}/requests/new", auth.FulfilmentWrite, (*call).newRequest},
	{"POST /desk/patrons/{user_id}/requests/new", auth.FulfilmentWrite, (*call).placeRequest},
	{"GET /desk/patrons/{user_id}/requests/{request_id}", auth.FulfilmentRead, (*call).request},
	{"POST /desk/patrons/{user_id}/requests/{request_id}", auth.FulfilmentWrite, (*call).settleRequest},
}

// requestsTab is the list of what a patron asked for and did not get yet.
type requestsTab struct {
	Requests []requestRow
	Total    int // before any were filtered out
	// Type and Status are which of them are shown, "" for all.
	Type, Status string
}

// requestRow is a request, with its codes in words.
type requestRow struct {
	alma.Request
	Kind, State string // its type and status
	Step        string // its task, empty where the status says it
	Held        bool   // whether it can be fetched
}

// requests answers GET /desk/patrons/{user_id}/requests.
func (c *call) requests() error {
	p, err := c.patron("requests")
	if err != nil {
		return err
	}
	all, err := c.everyRequest(p)
	if err != nil {
		return err
	}
	tab := requestsTab{Total: len(all), Type: c.r.FormValue("type"), Status: c.r.FormValue("status")}
	for _, r := range all {
		if (tab.Type == "" || r.Type == tab.Type) && (tab.Status == "" || string(r.Status) == tab.Status) {
			tab.Requests = append(tab.Requests, c.requestRow(r))
		}
	}
	return c.showTab(http.StatusOK, p, tab)
}

// everyRequest is all active requests of the patron, of whom the page has read the first.
func (c *call) everyRequest(p *patronPage) ([]alma.Request, error) {
	all := p.activeRequests
	for len(all) < p.Requests {
		more, err := get[alma.Requests](c, userPath(p.User.PrimaryID)+"/requests", listing("offset", itoa(len(all))))
		if err != nil || len(more.Request) == 0 {
			return all, err
		}
		all = append(all, more.Request...)
	}
	return all, nil
}

func (c *call) requestRow(r alma.Request) requestRow {
	row := requestRow{
		Request: r, Held: r.Status == onHoldShelf,
		Kind:  c.look.worded("requests.type.", r.Type, c.look.describe("RequestTypes", r.Type, "")),
		State: c.look.worded("requests.status.", string(r.Status), string(r.Status)),
	}
	if r.TaskName != "" && !row.Held {
		row.Step = c.look.worded("requests.task.", strings.Join(strings.Fields(strings.ToUpper(r.TaskName)), "_"), r.TaskName)
	}
	return row
}

// worded is the text of a code, whose key begins so, or what is said of it otherwise.
func (l *look) worded(prefix, code, otherwise string) string {
	if text, ok := l.words[prefix+code]; ok {
		return text
	}
	return otherwise
}
