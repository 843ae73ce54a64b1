package desk

import (
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/obs"
)

// problem is a page that says what is wrong.
type problem struct {
	Key      string   // of its heading
	Texts    []string // what the API said
	Tracking string   // by which the fault is found in the log
}

// failed answers with what is wrong.
func (c *call) failed(err error) {
	status, p := http.StatusInternalServerError, problem{Key: "problem.fault", Tracking: obs.TrackingID(c.r.Context())}
	if said, ok := refused(err); ok {
		status, p = said[0].Status, problem{Key: problemKey(said[0]), Texts: c.refusals(err)}
	}
	show := c.showAlone
	if c.staff.UID != "" {
		show = c.showAs
	}
	if show(status, "problem", p) != nil {
		c.w.WriteHeader(http.StatusInternalServerError)
	}
}

func problemKey(e *alma.Error) string {
	switch {
	case e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized:
		return "problem.forbidden"
	case e.Code == alma.UserNotFound("").Code:
		return "problem.nobody"
	case e.Status == http.StatusTooManyRequests:
		return "problem.busy"
	}
	return "problem.refused"
}

// refusals are what the API says against something, each in the words of the page's language where it has them.
func (c *call) refusals(err error) []string {
	all, ok := refused(err)
	if !ok {
		return nil
	}
	var texts []string
	for _, e := range all {
		texts = append(texts, c.refusal(e))
	}
	return texts
}

// refusal is one of them. What the language has no sentence for stays in the API's words.
func (c *call) refusal(e *alma.Error) string {
	if o := e.Obstacle; o != nil {
		values := make([]any, len(o.Facts))
		for i, fact := range o.Facts {
			values[i] = c.look.fact(fact)
		}
		if _, ok := c.look.words["obstacle."+o.Reason]; ok {
			return c.look.words.say("obstacle."+o.Reason, values...)
		}
		return o.Words
	}
	if text, ok := c.look.words["error."+e.Code]; ok {
		return text
	}
	return e.Message
}

// nothingHere answers what no page is for.
func (c *call) nothingHere() error {
	return c.showAlone(http.StatusNotFound, "problem", problem{Key: "problem.nothing"})
}

// foreign answers what a page of another site sent.
func (c *call) foreign() error {
	return c.showAlone(http.StatusForbidden, "problem", problem{Key: "problem.foreign"})
}
