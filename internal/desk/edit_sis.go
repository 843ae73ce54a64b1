package desk

import (
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
)

// useSISValue gives the SIS's value of a field force again, unless somebody else changed the field meanwhile. What else is
// typed in the form stays in it.
func (c *call) useSISValue(field string) error {
	in, ok := userInput(field)
	if !ok {
		return alma.InvalidParameter("use_sis_value")
	}
	var e editing
	for range mostTries {
		a := c.ask(question{method: http.MethodGet, path: userPath(c.patronID())})
		u, err := as[alma.User](a)
		if err != nil {
			return err
		}
		u = ownCopy(u)
		shown := c.shownIn(c.r.PostForm, &u)
		e = editing{shown: shown, mine: shown.typed(c.r.PostForm)}
		if now := in.get(&u); now != shown.Values[field] {
			shown.Values[field], e.mine[field] = now, now
			e.told = c.look.words.say("edit.sis-changed", c.unitLabel(unit{name: field}), c.valueText(in.formField, now))
			return c.showEditAgain(http.StatusConflict, e)
		}
		u, e.err = as[alma.User](c.ask(question{
			method: http.MethodPost, path: userPath(c.patronID()), query: url.Values{"op": {"use_sis_value"}, "field": {field}}, match: a.tag(),
		}))
		if e.err == nil {
			shown.Values[field], e.mine[field] = in.get(&u), in.get(&u)
			return c.sisValueUsed(e, field)
		}
		if !hasCode(e.err, alma.PreconditionFailed().Code) {
			break
		}
	}
	return c.notUpdated(e)
}

// sisValueUsed tells that the SIS's value is in force, on the form with what else is typed in it.
func (c *call) sisValueUsed(e editing, field string) error {
	label := c.unitLabel(unit{name: field})
	for _, n := range e.shown.units() {
		if !n.same(e.mine, e.shown.Values) {
			e.told = c.look.words.say("edit.sis-value-used", label)
			return c.showEditAgain(http.StatusOK, e)
		}
	}
	c.good("edit.sis-value-used", label)
	c.redirect(patronPath(c.patronID()) + "/edit")
	return nil
}
