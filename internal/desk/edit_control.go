package desk

import (
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// controls are the fields of a form.
type controls []*control

// Field is the control of that name, or nil where the form has none.
func (all controls) Field(name string) *control {
	i := slices.IndexFunc(all, func(k *control) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// control is a field as a page shows it.
type control struct {
	Name, ID, Label string
	As, Value       string
	Options         []option
	Most            int // characters
	Rows            int // of a field of several lines
	Required        bool
	First           bool   // typing begins in it
	Changed         bool   // what stands in it is not what was there
	Text            string // what Value says
	Locked          string // why it cannot be changed; empty where it can
	Hint            string
	Error           string
	SIS             *sisValue // of a field that staff changed by hand
}

// option is a choice of a control.
type option struct {
	Value, Text string
	Chosen      bool
}

// sisValue is what the SIS says of a field, and who changed it by hand, when.
type sisValue struct {
	Field, Text, By string
	At              alma.NullText
}

// The longest texts a record takes, see patron.Patron.Check.
const (
	longestText = 255
	longestNote = 2000
)

// control is the field f under a name, with what stands in it; of a code the record type says which there are.
func (c *call) control(f formField, name, value, recordType string) *control {
	k := &control{
		Name: name, ID: controlID(name), Label: c.look.words.say("field." + f.name), As: f.as, Value: value,
		Text: c.valueText(f, value), Most: longestText, Rows: 3,
	}
	if f.as == asArea {
		k.Most = longestNote
	}
	if f.as == asCode {
		k.Options = c.options(f, value, recordType)
	}
	k.Required = f.name == "last_name" || slices.Contains(c.Institution.Mandatory(recordType), f.name)
	if len(k.Options) > 0 && (!k.Required || value == "") && f.name != "status" {
		k.Options = slices.Insert(k.Options, 0, option{Chosen: value == ""})
	}
	return k
}

// controlID is the id of a control in its page.
func controlID(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

// options are the codes a field may have, and the one it has. A table the institution left open has none: any text may
// stand there.
func (c *call) options(f formField, value, recordType string) []option {
	var all []option
	rows := c.codes(f.table)
	for _, row := range rows {
		if !row.Disabled && c.Institution.Allowed(recordType, f.table, row.Code) || row.Code == value {
			all = append(all, option{row.Code, c.look.describe(f.table, row.Code, row.Description), row.Code == value})
		}
	}
	if len(rows) > 0 && value != "" && !slices.ContainsFunc(rows, func(r institution.Row) bool { return r.Code == value }) {
		all = slices.Insert(all, 0, option{value, c.valueText(f, value), true})
	}
	return all
}

// codes are the rows of a code table, or of one of those made of the libraries.
func (c *call) codes(table string) []institution.Row {
	rows, _ := c.Institution.Table(table)
	if table == scopes {
		rows = append(rows, institution.Row{Code: c.Institution.Code, Description: c.Institution.Name})
	}
	for _, library := range c.Institution.Libraries {
		switch table {
		case scopes:
			rows = append(rows, institution.Row{Code: library.Code, Description: library.Name})
		case circulationDesks:
			for _, desk := range library.Desks {
				rows = append(rows, institution.Row{Code: library.Code + "/" + desk.Code, Description: desk.Name})
			}
		}
	}
	return rows
}

// codeText is what a code of a table means, in the language of the page.
func (c *call) codeText(table, code string) string {
	said := ""
	if i := slices.IndexFunc(c.codes(table), func(r institution.Row) bool { return r.Code == code }); i >= 0 {
		said = c.codes(table)[i].Description
	}
	return c.look.describe(table, code, said)
}

// usualCodes are those of new parts where the institution's table names no default.
var usualCodes = map[string]string{
	"note_type": "GENERAL", "phone_type": "mobile", "id_type": "BARCODE", "block_type": "GENERAL", "role_type": patron.PatronRole,
	"status": string(patron.Active), "block_status": string(patron.Active),
}

// defaultCode is the code a new part begins with: of a type and a status the table's default, the usual one, or the first.
func (c *call) defaultCode(f formField) string {
	if f.as != asCode || !strings.HasSuffix(f.name, "_type") && usualCodes[f.name] == "" && f.table != scopes {
		return ""
	}
	rows := slices.DeleteFunc(slices.Clone(c.codes(f.table)), func(r institution.Row) bool { return r.Disabled })
	for _, is := range []func(institution.Row) bool{
		func(r institution.Row) bool { return r.Default },
		func(r institution.Row) bool { return r.Code == usualCodes[f.name] },
		func(institution.Row) bool { return true },
	} {
		if i := slices.IndexFunc(rows, is); i >= 0 {
			return rows[i].Code
		}
	}
	return ""
}

// formError is what is wrong with a form: about one of its fields, or about none.
type formError struct{ ID, Text string }

// formErrors are what the API says against a form. The field that is meant is marked.
func (c *call) formErrors(err error, form controls) []formError {
	all, _ := refused(err)
	var errs []formError
	for _, e := range all {
		k := meant(e, form)
		text := c.aboutField(e, k)
		if k == nil {
			errs = append(errs, formError{Text: text})
			continue
		}
		k.Error = text
		errs = append(errs, formError{k.ID, text})
	}
	return errs
}

// fieldNames are those of fields that a refusal names otherwise.
var fieldNames = map[string]string{
	"campus": "campus_code", "address": "line1", "email": "email_address", "phone": "phone_number", "primary": "primary_id",
	"identifier": "value", "identifier_type": "id_type", "identifier_status": "status", "user_note": "note_text", "barcode": "barcode",
	"user_identifier": "barcode", "user_statistic": "statistic_category", "resource_sharing_library": "code", "library_notice": "code",
}

// meant is the control a refusal is about: of several with the name the one with the value, else the first that can be
// changed.
func meant(e *alma.Error, form controls) *control {
	name := strings.ReplaceAll(strings.ToLower(e.Field), " ", "_")
	if wire, ok := fieldNames[name]; ok {
		name = wire
	}
	var found *control
	for _, k := range form {
		if name == "" || k.Name != name && !strings.HasSuffix(k.Name, "."+name) || k.Locked != "" {
			continue
		}
		if found == nil || k.Value == e.Value && found.Value != e.Value {
			found = k
		}
	}
	return found
}

// aboutField is the refusal in the words of the page's language, with the name of the field. Of some fields there is more to
// say than of others.
func (c *call) aboutField(e *alma.Error, k *control) string {
	field, label := e.Field, e.Field
	if k != nil {
		field, label = k.Name[strings.LastIndex(k.Name, ".")+1:], k.Label
	} else if text, ok := c.look.words["field."+field]; ok {
		label = text
	}
	for _, key := range []string{"edit.error." + e.Code + "." + field, "edit.error." + e.Code} {
		if _, ok := c.look.words[key]; ok {
			return c.look.words.say(key, label, e.Value, c.Institution.RegistrarText)
		}
	}
	return c.refusal(e)
}
