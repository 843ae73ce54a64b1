package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"patrondesk/internal/alma"
)

// changing is a change of an entry of the record: what is typed in its form, and why it was not made.
type changing struct {
	list, op string
	at       int // where the entry stood, -1 for a new one
	was      values
	typed    values
	match    string // the record's entity tag when the form was shown
	err      error
}

// What can be done with an entry.
const (
	addEntry    = "add"
	changeEntry = "change"
	removeEntry = "remove"
	preferEntry = "prefer"
)

// Reasons for which an entry is not changed before the API is asked.
var (
	// errEntryChanged says that the entry is no longer what the form showed.
	errEntryChanged = errors.New("somebody else changed the entry")
	// errLastRole says that the last role was to be removed: a record without roles would be one that says nothing of them.
	errLastRole = errors.New("the last role of a record stays")
	// errThere says that the entry is there already: the form was sent twice.
	errThere = errors.New("the entry is there already")
)

// changeRecord answers POST /desk/patrons/{user_id}/record/{part}.
func (c *call) changeRecord() error {
	switch c.r.PostFormValue("op") {
	case "adopt":
		return c.adopt()
	case "secrets":
		return c.changeSecrets()
	}
	part, _ := c.recordPart()
	i := slices.IndexFunc(part.lists, func(l partList) bool { return l.name == c.r.PostFormValue("list") })
	if i < 0 {
		return alma.InvalidParameter("list")
	}
	l := part.lists[i]
	ch := c.changing(l)
	for range mostTries {
		err := c.changeEntry(l, &ch)
		switch {
		case hasCode(err, alma.PreconditionFailed().Code):
			continue
		case err == nil || errors.Is(err, errThere):
			c.sayChanged(l, ch)
			c.redirect(patronPath(c.patronID()) + "/record/" + part.name)
			return nil
		}
		return c.notChanged(ch, err)
	}
	return c.notChanged(ch, alma.PreconditionFailed())
}

// changing is the change a form asks for.
func (c *call) changing(l partList) changing {
	form := c.r.PostForm
	ch := changing{list: l.name, op: form.Get("op"), at: -1, typed: values{}, match: form.Get("match")}
	if at, err := strconv.Atoi(form.Get("at")); err == nil {
		ch.at = at
	}
	if json.Unmarshal([]byte(form.Get("was")), &ch.was) != nil {
		ch.was = nil
	}
	for _, f := range l.fields {
		if sent, there := form[f.name]; there {
			ch.typed[f.name] = tidy(sent[len(sent)-1])
		}
	}
	return ch
}

// changeEntry makes the change in the record as it is now, if its entry is still the one the form showed.
func (c *call) changeEntry(l partList, ch *changing) error {
	a := c.ask(question{method: http.MethodGet, path: userPath(c.patronID())})
	u, err := as[alma.User](a)
	if err != nil {
		return err
	}
	u = ownCopy(u)
	if err := c.applyChange(l, &u, ch, a.tag()); err != nil {
		return err
	}
	if err := c.nameProxy(l, &u, ch); err != nil {
		return err
	}
	return c.ask(question{method: http.MethodPut, path: userPath(c.patronID()), body: u, match: a.tag()}).err
}

func (c *call) applyChange(l partList, u *alma.User, ch *changing, tag string) error {
	if ch.op == addEntry {
		if ch.match != tag && l.find(u, ch.typed, -1, nil) >= 0 {
			return errThere
		}
		ch.at = -1
		l.add(u, ch.typed)
		return nil
	}
	i := l.locate(u, ch.was, ch.at)
	if i < 0 {
		return errEntryChanged
	}
	ch.at = i
	switch ch.op {
	case changeEntry:
		l.write(u, i, ch.typed)
	case removeEntry:
		if l.name == roleList.name && l.count(u) == 1 {
			return errLastRole
		}
		l.drop(u, i)
	case preferEntry:
		if l.preferred == nil {
			return alma.InvalidParameter("op")
		}
		l.prefer(u, i)
	default:
		return alma.InvalidParameter("op")
	}
	return nil
}

// locate is where the entry stands that said that: in its place, or elsewhere; -1 for nowhere.
func (l partList) locate(u *alma.User, was values, place int) int {
	if was == nil {
		return -1
	}
	is := func(i int) bool { return i >= 0 && i < l.count(u) && l.same(l.read(u, i), was) }
	if is(place) {
		return place
	}
	for i := range l.count(u) {
		if is(i) {
			return i
		}
	}
	return -1
}

// nameProxy finds the patron whom somebody is to be a proxy for, whatever identifier was typed.
func (c *call) nameProxy(l partList, u *alma.User, ch *changing) error {
	if l.name != proxyList.name || ch.op != addEntry && ch.op != changeEntry || ch.typed["primary_id"] == "" {
		return nil
	}
	other, err := get[alma.User](c, userPath(ch.typed["primary_id"]), nil)
	if all, said := refused(err); said {
		none := *all[0]
		none.Field, none.Value = "primary_id", ch.typed["primary_id"]
		return &none
	}
	if err != nil {
		return err
	}
	i := ch.at
	if i < 0 {
		i = len(u.ProxyFor) - 1
	}
	u.ProxyFor[i].PrimaryID, u.ProxyFor[i].FullName = other.PrimaryID, displayName(other)
	return nil
}

// sayChanged has the page tell what was done.
func (c *call) sayChanged(l partList, ch changing) {
	v := ch.typed
	if ch.op == removeEntry || ch.op == preferEntry {
		v = ch.was
	}
	c.say(said{Kind: "good", Text: c.look.words.say("record.done."+ch.op, c.look.words.say("part."+l.name)), More: c.partText(l, v)})
}

// notChanged shows the part of the record again, with the form as it was typed and why the change was not made.
func (c *call) notChanged(ch changing, err error) error {
	stale, last := errors.Is(err, errEntryChanged), errors.Is(err, errLastRole)
	if _, said := refused(err); !said && !stale && !last {
		return err
	}
	p, readErr := c.patron("record")
	if readErr != nil {
		return readErr
	}
	status := http.StatusUnprocessableEntity
	switch {
	case stale:
		status = http.StatusConflict
		p.Refusal = []string{c.look.words.say("record.entry-changed")}
	case last:
		p.Refusal = []string{c.look.words.say("record.last-role")}
	default:
		ch.err = err
	}
	if ch.op == preferEntry || ch.op == removeEntry {
		ch.typed = nil
	}
	return c.showRecord(status, p, ch)
}
