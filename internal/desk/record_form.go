package desk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"patrondesk/internal/alma"
)

// entryForm is the form in which an entry of the record is added, changed or removed.
type entryForm struct {
	List     string
	At       int    // -1 for a new entry
	Was      string // what the entry said when the form was shown
	Match    string // the record's entity tag then
	Open     bool
	Errors   []formError
	Controls controls
}

func newEntryForm(l partList, u *alma.User, i int, tag string) *entryForm {
	f := &entryForm{List: l.name, At: i, Match: tag}
	if i >= 0 {
		was, err := json.Marshal(l.read(u, i))
		if err != nil { // texts
			panic(err)
		}
		f.Was = string(was)
	}
	return f
}

// entryForm is the form of the i-th entry, or for -1 of a new one. What was typed in it and not accepted stays.
func (c *call) entryForm(l partList, u *alma.User, i int, tag string, tried changing) *entryForm {
	form, stand, place := newEntryForm(l, u, i, tag), values{}, "new"
	if i >= 0 {
		stand, place = l.read(u, i), itoa(i)
	} else {
		for _, f := range l.fields {
			stand[f.name] = c.defaultCode(f)
		}
	}
	if form.Open = tried.list == l.name && tried.at == i; form.Open {
		stand = maps.Clone(stand)
		maps.Copy(stand, tried.typed)
	}
	for _, f := range l.fields {
		k := c.control(f, f.name, stand[f.name], u.RecordType.Value)
		k.ID = controlID(l.name + "." + place + "." + f.name)
		k.Label = c.entryLabel(l, f)
		k.Required = slices.Contains(neededFields, f.name)
		form.Controls = append(form.Controls, k)
	}
	if form.Open {
		form.Errors = c.formErrors(tried.err, form.Controls)
	}
	return form
}

// neededFields are those without which there is no entry.
var neededFields = []string{
	"line1", "email_address", "phone_number", "id_type", "value", "role_type", "note_text", "block_description", "statistic_category",
	"primary_id", "code",
}

// entryLabel is the name of a field of an entry: some words are not the same in every list.
func (c *call) entryLabel(l partList, f formField) string {
	if text, ok := c.look.words["field."+l.name+"."+f.name]; ok {
		return text
	}
	return c.look.words.say("field." + f.name)
}

// entryText is what an entry says in a field. Days and ticks say nothing without their names, and a status that is as it
// should be says nothing at all.
func (c *call) entryText(l partList, f formField, value string) string {
	text := c.valueText(f, value)
	switch {
	case text == "" || strings.HasSuffix(f.name, "status") && value == "ACTIVE":
		return ""
	case f.as == asCheck:
		return c.entryLabel(l, f)
	case f.as == asDay:
		return c.look.words.say("edit.change", c.entryLabel(l, f), text)
	}
	return text
}

// signature is who wrote an entry and when, where it says so.
func (c *call) signature(l partList, u *alma.User, i int) []string {
	by, at := "", ""
	switch l.name {
	case noteList.name:
		by, at = u.Notes[i].CreatedBy, u.Notes[i].CreatedDate
	case "user_block":
		by, at = u.Blocks[i].CreatedBy, u.Blocks[i].CreatedDate
	case letterList.name:
		if !u.LibraryNotices[i].Value {
			by = c.look.words.say("record.opted-out")
		}
	}
	return slices.DeleteFunc([]string{by, c.look.at(at, c.look.ShortDay)}, func(text string) bool { return text == "" })
}
