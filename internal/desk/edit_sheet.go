package desk

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"patrondesk/internal/alma"
)

// sheet is what the quick form shows of a record. The form carries it, so that what is sent can be told from what was
// there, and both from what the record has become meanwhile.
type sheet struct {
	Values values `json:"values"`
	// At is where the parts stand in the record's lists, by the names of their units; -1 for one that is not there. Had is
	// what all parts of a list said, by the name of the list.
	At  map[string]int      `json:"at"`
	Had map[string][]string `json:"had"`
}

// unit is what changes together: a field of the record, or the fields of one of its parts.
type unit struct {
	name string
	list *partList // nil for a field
}

// The names of units that are not those of fields and lists.
const (
	newNote     = "user_note.new"
	isPreferred = ".preferred"
	removing    = ".remove"
)

// thisOne stands for the part the quick form has, where it is said which one is preferred.
const thisOne = "this"

// sheetOf is what the quick form shows of a record.
func (c *call) sheetOf(u *alma.User) sheet {
	s := newSheet()
	for _, in := range userInputs {
		if applies(in.name, u) {
			s.Values[in.name] = in.get(u)
		}
	}
	for i := range reachLists {
		l := &reachLists[i]
		c.enter(s, unit{l.name, l}, u, quickPart(u, l))
	}
	for i := range noteList.count(u) {
		if noteList.ours(u, i) {
			c.enter(s, unit{noteList.name + "." + itoa(i), &noteList}, u, i)
		}
	}
	c.enter(s, unit{newNote, &noteList}, u, -1)
	return s
}

func newSheet() sheet {
	return sheet{Values: values{}, At: map[string]int{}, Had: map[string][]string{}}
}

// quickPart is where the part stands that the quick form has of a list: the preferred one if it is the library's, else
// the only one, or in an external record the library's first; or -1.
func quickPart(u *alma.User, l *partList) int {
	if i := l.preferredAt(u); i >= 0 && l.ours(u, i) {
		return i
	}
	if l.count(u) != 1 && !externalRecord(u) {
		return -1
	}
	for i := range l.count(u) {
		if l.ours(u, i) {
			return i
		}
	}
	return -1
}

// enter puts a part into the sheet: the one at i, or for -1 an empty one.
func (c *call) enter(s sheet, n unit, u *alma.User, i int) {
	v := values{}
	if i >= 0 {
		v = n.list.read(u, i)
	} else {
		for _, f := range n.list.fields {
			v[f.name] = c.defaultCode(f)
		}
	}
	for _, f := range n.list.fields {
		s.Values[n.name+"."+f.name] = v[f.name]
	}
	if n.list.preferred == nil {
		s.Values[n.name+removing] = ""
	} else {
		s.Values[n.name+isPreferred] = preference(u, n.list, i)
	}
	s.At[n.name], s.Had[n.list.name] = i, n.list.essences(u)
}

// preference says which part of a list is preferred, to a form about the one at i: what that part says, or thisOne. Of a
// new part it is thisOne where none is preferred.
func preference(u *alma.User, l *partList, i int) string {
	switch at := l.preferredAt(u); {
	case at >= 0 && at != i:
		return l.essence(l.read(u, at))
	case at < 0 && i >= 0:
		return ""
	}
	return thisOne
}

// units are what the sheet has, in the order of the form.
func (s sheet) units() []unit {
	var all []unit
	for _, in := range userInputs {
		if _, there := s.Values[in.name]; there {
			all = append(all, unit{name: in.name})
		}
	}
	for i := range reachLists {
		l := &reachLists[i]
		all = append(all, unit{l.name, l}, unit{name: l.name + isPreferred})
	}
	byNumber := func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
	for _, name := range slices.SortedFunc(maps.Keys(s.At), byNumber) {
		if strings.HasPrefix(name, noteList.name+".") && name != newNote {
			all = append(all, unit{name, &noteList})
		}
	}
	return append(all, unit{newNote, &noteList})
}

// part are a part's values, without the name of its unit.
func (n unit) part(v values) values {
	part := values{}
	for _, f := range n.list.fields {
		part[f.name] = v[n.name+"."+f.name]
	}
	return part
}

// gone reports whether there is no such part, or it is to be removed.
func (n unit) gone(v values) bool {
	return v[n.name+removing] != "" || n.list.essence(n.part(v)) == ""
}

// same reports whether a and b say the same of the unit.
func (n unit) same(a, b values) bool {
	switch {
	case n.list == nil:
		return a[n.name] == b[n.name]
	case n.gone(a) || n.gone(b):
		return n.gone(a) && n.gone(b)
	}
	return n.list.same(n.part(a), n.part(b))
}

// copy takes over what from says of the unit.
func (n unit) copy(to, from values) {
	if n.list == nil {
		to[n.name] = from[n.name]
		return
	}
	for _, f := range n.list.fields {
		to[n.name+"."+f.name] = from[n.name+"."+f.name]
	}
	if n.list.preferred == nil {
		to[n.name+removing] = from[n.name+removing]
	}
}

// encode is the sheet as a form carries it.
func (s sheet) encode() string {
	text, err := json.Marshal(s)
	if err != nil { // texts and numbers
		panic(err)
	}
	return string(text)
}

// shownIn is the sheet a form carries; without one, what was there is what is there now.
func (c *call) shownIn(form url.Values, u *alma.User) sheet {
	var s sheet
	if json.Unmarshal([]byte(form.Get("shown")), &s) != nil || s.Values == nil || s.At == nil || s.Had == nil {
		return c.sheetOf(u)
	}
	return s
}

// typed is what was sent over what was shown. What the form did not have is as it was, and so is what differs in white
// space alone.
func (s sheet) typed(form url.Values) values {
	mine := values{}
	for name, was := range s.Values {
		mine[name] = was
		if sent, there := form[name]; there {
			if text := tidy(sent[len(sent)-1]); text != tidy(was) {
				mine[name] = text
			}
		}
	}
	for _, n := range s.units() {
		if form.Get("keep."+n.name) == "theirs" {
			n.copy(mine, s.Values)
		}
	}
	return mine
}

// tidy is a text without white space around it, with the line ends records have.
func tidy(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
