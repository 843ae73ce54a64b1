package desk

import (
	"net/http"
	"net/url"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/institution"
)

// requestPage is one request, with what staff may do to it: cancel it, or have it fetched elsewhere or for longer.
type requestPage struct {
	requestRow
	ETag    string
	Pickups []pickupLibrary
	Reasons []institution.Row
	// Reason, Note and Tell are what is in the form that cancels; Until and Comment are in the other one, with the pickup.
	Reason, Note   string
	Tell           bool
	Until, Comment string
	Changing       bool // which of the forms was sent, where one was
}

// request answers GET /desk/patrons/{user_id}/requests/{request_id}. One that has ended meanwhile leads back to the list.
func (c *call) request() error {
	p, err := c.patron("requests")
	if err != nil {
		return err
	}
	return c.showRequest(http.StatusOK, p)
}

// showRequest answers with the request the path names. What was typed into its forms is in them.
func (c *call) showRequest(status int, p *patronPage) error {
	a := c.ask(question{method: http.MethodGet, path: c.requestPath()})
	r, err := as[alma.Request](a)
	if hasCode(err, alma.RequestNotFound().Code) {
		c.say(said{Kind: "warn", Text: c.look.words.say("requests.gone")})
		c.redirect(patronPath(p.User.PrimaryID) + "/requests")
		return nil
	}
	if err != nil {
		return err
	}
	shown := requestPage{
		requestRow: c.requestRow(r), ETag: a.tag(), Reasons: c.choices("RequestCancellationReasons"),
		Tell: true, Until: strings.TrimSuffix(r.LastInterestDate, "Z"), Comment: string(r.Comment),
	}
	c.keepTyped(&shown)
	p.Content = shown
	return c.showAs(status, "patron/request/pickup", p)
}

// keepTyped puts into the forms what was typed into the one that was sent, if one was.
func (c *call) keepTyped(shown *requestPage) {
	pickup := placeOf(shown.Request)
	switch c.r.PostFormValue("do") {
	case "cancel":
		shown.Reason, shown.Note, shown.Tell = c.r.PostFormValue("reason"), c.r.PostFormValue("note"), c.r.PostForm.Has("tell")
	case "change":
		shown.Changing, shown.Until, shown.Comment = true, c.r.PostFormValue("until"), c.r.PostFormValue("comment")
		if c.r.PostForm.Has("pickup") {
			pickup = c.r.PostFormValue("pickup")
		}
	}
	shown.Pickups = c.pickups(pickup)
}

// requestPath is the path of the request in the API.
func (c *call) requestPath() string {
	return userPath(c.patronID()) + "/requests/" + apigw.EscapeSegment(c.r.PathValue("request_id"))
}

// settleRequest answers POST /desk/patrons/{user_id}/requests/{request_id}: the request is cancelled or changed.
func (c *call) settleRequest() error {
	var err error
	switch c.r.PostFormValue("do") {
	case "cancel":
		err = c.cancelRequest()
	case "change":
		err = c.changeRequest()
	default:
		err = alma.InvalidParameter("do")
	}
	if _, said := refused(err); !said {
		return err
	}
	return c.again("requests", c.refusals(err), c.showRequest)
}

// cancelRequest ends the request, and has the list tell what became of the letter about it.
func (c *call) cancelRequest() error {
	query := url.Values{"reason": {c.r.PostFormValue("reason")}, "note": {c.typed("note")}}
	if !c.r.PostForm.Has("tell") {
		query.Set("notify_user", "false")
	}
	a := c.ask(question{method: http.MethodDelete, path: c.requestPath(), query: query, match: c.r.PostFormValue("match")})
	if a.err != nil {
		return a.err
	}
	s := said{Kind: "good", Text: c.look.words.say("requests.cancelled", c.r.PostFormValue("title"))}
	if state := a.header.Get("X-Patrondesk-Letter"); state != "" {
		s.More = c.look.worded("requests.letter.", state, state)
		if state != "SENT" {
			s.Kind = "warn"
		}
	}
	c.say(s)
	c.redirect(patronPath(c.patronID()) + "/requests")
	return nil
}

// changeRequest changes where and until when the request's item is wanted, and the comment.
func (c *call) changeRequest() error {
	r, err := get[alma.Request](c, c.requestPath(), nil)
	if err != nil {
		return err
	}
	r.LastInterestDate, r.Comment = c.r.PostFormValue("until"), alma.NullText(c.typed("comment"))
	if c.r.PostForm.Has("pickup") {
		setPlace(&r, c.r.PostFormValue("pickup"))
	}
	r, err = as[alma.Request](c.ask(question{method: http.MethodPut, path: c.requestPath(), body: r, match: c.r.PostFormValue("match")}))
	if err != nil {
		return err
	}
	c.good("requests.changed", r.Title)
	c.redirect(patronPath(c.patronID()) + "/requests")
	return nil
}
