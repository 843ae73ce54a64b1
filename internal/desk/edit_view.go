package desk

import (
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

// editForm is the quick form as its page shows it.
type editForm struct {
	ID     string // of the patron
	Shown  string // the sheet it carries
	Errors []formError
	Told   string
	// Profile is the name of the SIS profile whose record it is, and Registrar where its fields are corrected.
	Profile, Registrar string
	Reach              []reachForm
	Notes              []noteForm
	OwnedNotes         []alma.UserNote
	controls
}

// reachForm is what the form has of the addresses, e-mails or phones: one of them in fields, and the others.
type reachForm struct {
	Name    string
	Owned   []string // those of the SIS
	Choices []option // which of them is preferred, where there are several
}

// noteForm is a note of the library's.
type noteForm struct {
	Unit, Text string
	Note       *alma.UserNote // as it is recorded
	Changed    bool
	Gone       bool
}

// showEdit answers with the quick form.
func (c *call) showEdit(status int, p *patronPage, e editing) error {
	u := ownCopy(p.User)
	f := &editForm{ID: u.PrimaryID, Shown: e.shown.encode(), Told: e.told, Profile: c.profileOf(&u), Registrar: c.Institution.RegistrarText}
	for _, n := range e.shown.units() {
		f.controls = append(f.controls, c.unitControls(n, &u, e)...)
	}
	for i := range reachLists {
		f.Reach = append(f.Reach, c.reachForm(&reachLists[i], &u, e))
	}
	f.notes(&u, e)
	if err := c.tellSIS(f, &u); err != nil {
		return err
	}
	f.Errors = c.formErrors(e.err, f.controls)
	p.Content = f
	return c.showAs(status, "patron/fields/edit", p)
}

// profileOf is the name of the SIS profile whose record it is, or "".
func (c *call) profileOf(u *alma.User) string {
	if profile, ok := c.Institution.SISProfile(u.ExternalID); ok && profile.Name != "" {
		return profile.Name
	}
	return u.ExternalID
}

// unitControls are the controls of a unit.
func (c *call) unitControls(n unit, u *alma.User, e editing) controls {
	make := func(f formField, name string) *control {
		k := c.control(f, name, e.mine[name], u.RecordType.Value)
		if n.name == newNote && f.as == asArea {
			k.Label = c.look.words.say("edit.add-note")
		}
		k.Changed = e.mine[name] != e.shown.Values[name]
		k.Locked = c.lockOf(f.name, n, u)
		return k
	}
	if n.list == nil {
		if in, ok := userInput(n.name); ok {
			return controls{make(in.formField, n.name)}
		}
		return nil
	}
	var all controls
	for _, f := range n.list.fields {
		all = append(all, make(f, n.name+"."+f.name))
	}
	return all
}

// accountFields let somebody with a staff role in, see patron.SameAccount.
var accountFields = []string{"primary_id", "status", "expiry_date", "purge_date"}

// lockOf is why a field of the record cannot be changed by the member of staff, or "".
func (c *call) lockOf(name string, n unit, u *alma.User) string {
	switch {
	case n.list != nil:
	case externalRecord(u) && slices.Contains(patron.CoreNames(), name):
		return c.look.words.say("edit.locked-sis", c.profileOf(u))
	case staffRecord(u) && !c.caller.AssignsRoles && slices.Contains(accountFields, name):
		return c.look.words.say("edit.locked-staff")
	}
	return ""
}

// staffRecord reports whether the record has a role of staff, which is anything but Patron.
func staffRecord(u *alma.User) bool {
	return slices.ContainsFunc(u.Roles, func(r alma.UserRole) bool { return r.Type.Value != patron.PatronRole })
}

// reachForm is the rest of a list besides the part that stands in fields.
func (c *call) reachForm(l *partList, u *alma.User, e editing) reachForm {
	f := reachForm{Name: l.name}
	wanted := e.mine[l.name+isPreferred]
	at := e.shown.against(u).At[l.name]
	for i := range l.count(u) {
		if i == at {
			continue
		}
		v := l.read(u, i)
		text := c.partText(*l, v)
		if !l.ours(u, i) {
			f.Owned = append(f.Owned, text)
		}
		f.Choices = append(f.Choices, option{l.essence(v), text, l.essence(v) == wanted})
	}
	if len(f.Choices) > 0 {
		f.Choices = slices.Insert(f.Choices, 0, option{thisOne, c.look.words.say("edit.this-one"), wanted == thisOne})
	}
	return f
}

// partText is a part in one line.
func (c *call) partText(l partList, v values) string {
	var texts []string
	for _, f := range l.fields {
		if text := c.valueText(f, v[f.name]); text != "" && f.as != asCheck {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}

// notes fills in the notes: those of the library in fields.
func (f *editForm) notes(u *alma.User, e editing) {
	at := e.shown.against(u).At
	for _, n := range e.shown.units() {
		if n.list == nil || n.list.name != noteList.name || n.name == newNote {
			continue
		}
		note := noteForm{
			Unit: n.name, Text: e.shown.Values[n.name+".note_text"],
			Changed: !n.same(e.mine, e.shown.Values), Gone: e.mine[n.name+removing] != "",
		}
		if i := at[n.name]; i >= 0 {
			note.Note = &u.Notes[i]
		}
		f.Notes = append(f.Notes, note)
	}
	for i := range u.Notes {
		if !noteList.ours(u, i) {
			f.OwnedNotes = append(f.OwnedNotes, u.Notes[i])
		}
	}
}

// tellSIS tells of the fields that are the SIS's and may be changed by hand what the SIS says, and who changed them.
func (c *call) tellSIS(f *editForm, u *alma.User) error {
	if !externalRecord(u) {
		return nil
	}
	all, err := get[alma.Provenances](c, userPath(u.PrimaryID)+"/provenance", nil)
	if err != nil {
		return err
	}
	for _, from := range all.Provenance {
		if k := f.Field(from.Field); k != nil && from.Manual {
			in, _ := userInput(from.Field)
			k.SIS = &sisValue{from.Field, c.valueText(in.formField, from.SISValue.Value), string(from.ChangedBy), from.ChangedAt}
		}
	}
	return nil
}
