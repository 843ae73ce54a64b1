package desk

import (
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

var editPages = []page{
	{"GET /desk/patrons/{user_id}/edit", auth.UsersWrite, (*call).edit},
	{"POST /desk/patrons/{user_id}/edit", auth.UsersWrite, (*call).update},
}

// mostTries is how often a change is tried again because somebody else was faster.
const mostTries = 4

// edit answers GET /desk/patrons/{user_id}/edit: the quick form, Edit User Info.
func (c *call) edit() error {
	p, err := c.patron("edit")
	if err != nil {
		return err
	}
	shown := c.sheetOf(&p.User)
	return c.showEdit(http.StatusOK, p, editing{shown: shown, mine: shown.Values})
}

// editing is the quick form as it stands: what it showed, what is typed in it, and what is told of it: why it was not
// accepted, or what was done.
type editing struct {
	shown sheet
	mine  values
	err   error
	told  string
}

// update answers POST /desk/patrons/{user_id}/edit: what was typed is written into the record as it is now. What somebody
// else changed since the form was opened stays; where both changed the same, the member of staff decides.
func (c *call) update() error {
	if field := c.r.PostFormValue("use_sis_value"); field != "" {
		return c.useSISValue(field)
	}
	var lost editing
	for range mostTries {
		a := c.ask(question{method: http.MethodGet, path: userPath(c.patronID())})
		u, err := as[alma.User](a)
		if err != nil {
			return err
		}
		u = ownCopy(u)
		shown := c.shownIn(c.r.PostForm, &u)
		mine, theirs := shown.typed(c.r.PostForm), shown.against(&u)
		merged, conflicts := merge(shown, mine, theirs)
		if len(conflicts) > 0 {
			return c.showConflict(theirs, merged, conflicts)
		}
		saved := u
		if theirs.apply(&saved, merged) {
			saved, err = as[alma.User](c.ask(question{method: http.MethodPut, path: userPath(c.patronID()), body: saved, match: a.tag()}))
		}
		if lost = (editing{shown: shown, mine: mine, err: err}); hasCode(err, alma.PreconditionFailed().Code) {
			continue
		}
		if err != nil {
			return c.notUpdated(lost)
		}
		c.sayUpdated(shown, mine, theirs)
		c.redirect(patronPath(saved.PrimaryID))
		return nil
	}
	return c.notUpdated(lost)
}

// notUpdated shows the form again with what was typed, and why it was refused.
func (c *call) notUpdated(e editing) error {
	if _, said := refused(e.err); !said {
		return e.err
	}
	return c.showEditAgain(http.StatusUnprocessableEntity, e)
}

// showEditAgain answers with the form as it stands.
func (c *call) showEditAgain(status int, e editing) error {
	p, err := c.patron("edit")
	if err != nil {
		return err
	}
	return c.showEdit(status, p, e)
}

// sayUpdated has the patron's page tell what was changed, and what somebody else had changed meanwhile.
func (c *call) sayUpdated(shown sheet, mine values, theirs sheet) {
	var changes []string
	for _, n := range shown.units() {
		if !n.same(mine, shown.Values) {
			changes = append(changes, c.change(n, mine))
		}
	}
	told := said{Kind: "good", Text: c.look.words.say("edit.unchanged")}
	if len(changes) > 0 {
		told.Text, told.More = c.look.words.say("edit.updated"), strings.Join(changes, " · ")
	}
	var others []string
	for _, n := range changedMeanwhile(shown, mine, theirs) {
		others = append(others, c.unitLabel(n))
	}
	if len(others) > 0 {
		told.More = strings.TrimSpace(told.More + "\n" + c.look.words.say("edit.others", strings.Join(others, ", ")))
	}
	c.say(told)
}

// change is what became of a unit, with its name.
func (c *call) change(n unit, v values) string {
	if text := c.unitText(n, v); text != "" {
		return c.look.words.say("edit.change", c.unitLabel(n), text)
	}
	return c.look.words.say("edit.removed", c.unitLabel(n))
}

// unitLabel is the name of a unit for staff: that of the field, or of the kind of part.
func (c *call) unitLabel(n unit) string {
	if n.list != nil {
		return c.look.words.say("part." + n.list.name)
	}
	if list, ok := strings.CutSuffix(n.name, isPreferred); ok {
		return c.look.words.say("edit.preferred." + list)
	}
	return c.look.words.say("field." + n.name)
}

// unitText is what a unit says, for staff; "" for nothing.
func (c *call) unitText(n unit, v values) string {
	if n.list == nil {
		in, ok := userInput(n.name)
		if !ok && v[n.name] == thisOne {
			return c.look.words.say("edit.this-one")
		}
		return c.valueText(in.formField, v[n.name])
	}
	if n.gone(v) {
		return ""
	}
	var texts []string
	part := n.part(v)
	for _, f := range n.list.fields {
		text := c.valueText(f, part[f.name])
		if f.as == asCheck && text != "" {
			text = c.look.words.say("field." + f.name)
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}

// valueText is what stands in a field, for staff.
func (c *call) valueText(f formField, value string) string {
	switch {
	case f.as == asDay:
		return c.look.DayOf(value)
	case f.table == "" || value == "":
		return value
	}
	var descs []string
	for code := range strings.SplitSeq(value, ",") {
		descs = append(descs, c.codeText(f.table, code))
	}
	return strings.Join(descs, ", ")
}
