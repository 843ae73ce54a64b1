package desk

import (
	"slices"
	"strings"

	"patrondesk/internal/alma"
)

// fact is a field of the record with what it says, and where that comes from.
type fact struct{ Label, Text, From string }

// origin is where the value of a field comes from that staff may change in a record of the SIS.
type origin struct{ Label, Library, SIS, By string }

// facts are the fields of the record that say something.
func (c *call) facts(u *alma.User, from alma.Provenances) []fact {
	say := c.look.words.say
	all := []fact{
		{Label: say("field.record_type"), Text: say("record." + u.RecordType.Value)},
		{Label: say("field.account_type"), Text: say("account." + u.AccountType.Value)},
	}
	add := func(name, text, where string) {
		if text != "" {
			all = append(all, fact{say("field." + name), text, where})
		}
	}
	add("external_id", c.profileOf(u), "")
	for _, in := range userInputs {
		add(in.name, c.valueText(in.formField, in.get(u)), c.whence(from, in.name))
	}
	add("cataloger_level", u.CatalogerLevel.Value, c.whence(from, "cataloger_level"))
	add("status_date", c.look.DayOf(u.StatusDate), "")
	add("last_patron_activity_date", c.look.DayOf(u.LastActivityDate), "")
	return all
}

// whence says of a field that staff changed by hand what the SIS says, who changed it and when; of another one nothing.
func (c *call) whence(from alma.Provenances, name string) string {
	i := slices.IndexFunc(from.Provenance, func(p alma.Provenance) bool { return p.Field == name && p.Manual })
	if i < 0 {
		return ""
	}
	o := c.origin(from.Provenance[i])
	return c.look.words.say("record.by-hand", o.By, o.SIS)
}

// origins are those of all fields that staff may change in a record of the SIS.
func (c *call) origins(from alma.Provenances) []origin {
	var all []origin
	for _, p := range from.Provenance {
		if p.Manual || p.LibraryValue != (alma.Code{}) || p.SISValue != (alma.Code{}) {
			all = append(all, c.origin(p))
		}
	}
	return all
}

func (c *call) origin(p alma.Provenance) origin {
	o := origin{Label: c.look.words.say("field." + p.Field), Library: c.originText(p.Field, p.LibraryValue), SIS: c.originText(p.Field, p.SISValue)}
	if p.Manual {
		o.By = string(p.ChangedBy) + ", " + c.look.at(p.ChangedAt, c.look.DayTime)
	}
	return o
}

// originText is a value of a field: in the language of the page where the quick form has it.
func (c *call) originText(field string, value alma.Code) string {
	text := value.Desc
	if in, ok := userInput(field); ok {
		text = c.valueText(in.formField, value.Value)
	} else if field == "pin_number" && text != "" {
		text = c.look.words.say("record.pin-set")
	}
	if text == "" {
		text = value.Value
	}
	if text == "" {
		return "–"
	}
	return text
}

// written is who wrote the record.
func (c *call) written(from alma.Provenances) []fact {
	var all []fact
	for _, w := range []struct {
		key    string
		by, at alma.NullText
	}{{"record.created", from.CreatedBy, from.CreatedAt}, {"record.updated", from.UpdatedBy, from.UpdatedAt}} {
		if w.by != "" || w.at != "" {
			all = append(all, fact{Label: c.look.words.say(w.key), Text: c.author(string(w.by)) + ", " + c.look.at(w.at, c.look.DayTime)})
		}
	}
	return all
}

// author is who wrote something: a synchronisation is told by its profile.
func (c *call) author(by string) string {
	code, sis := strings.CutPrefix(by, "sis:")
	if profile, ok := c.Institution.SISProfile(code); sis && ok && profile.Name != "" {
		return profile.Name
	}
	return by
}
