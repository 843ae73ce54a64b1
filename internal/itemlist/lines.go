package itemlist

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"patrondesk/internal/drop"
)

// maxLine is the longest line in bytes, its line break included.
const maxLine = 64 << 10

// lines reads an item list of one JSON object on each line. The fields of an object are named like the columns of a
// table.
type lines struct {
	text    *bufio.Reader // of maxLine bytes
	line    int           // that was read last
	unknown map[string]bool
}

// The bounds of the unknown fields that are told apart, lest a file of nothing else fills the memory.
const (
	maxUnknown     = 1000
	maxUnknownName = 200 // bytes
)

// openLines reads a list that begins like start.
func openLines(text *bufio.Reader, start []byte) (list, error) {
	if first, _, more := bytes.Cut(start, []byte("\n")); more && string(bytes.TrimSpace(first)) == "{" {
		return nil, &drop.RefusedError{Reason: "The first object goes over several lines. Write each item as an object on a line of its own."}
	}
	return &lines{text: text, unknown: map[string]bool{}}, nil
}

func (l *lines) head() []byte { return []byte{} }

func (l *lines) ignored() int { return len(l.unknown) }

// next is the row of the next line that is not empty.
func (l *lines) next() (w row, more bool, err error) {
	for {
		l.line++
		text, err := l.text.ReadSlice('\n')
		switch {
		case err == bufio.ErrBufferFull:
			w, err := row{line: l.line}.refused("", fmt.Sprintf("The line is longer than %d KB.", maxLine>>10)), l.skip()
			return w, err == nil, err
		case err == io.EOF && len(text) == 0:
			return row{}, false, nil
		case err != nil && err != io.EOF:
			return row{}, false, err
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			return l.row(text), true, nil
		}
	}
}

// skip goes to the end of the line.
func (l *lines) skip() error {
	for {
		_, err := l.text.ReadSlice('\n')
		switch err {
		case bufio.ErrBufferFull:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// row is the item of a line.
func (l *lines) row(text []byte) row {
	w := row{line: l.line, raw: raw(text)}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return w.refused("", "The line begins with a byte order mark, which may only stand at the beginning of the file.")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return w.refused("", fmt.Sprintf("The line is no JSON object: %v.", err))
	}
	if k := kindOf(text); k != anObject {
		return w.refused("", fmt.Sprintf("The line is no JSON object, but %s.", k))
	}
	o := object{list: l, row: w, seen: map[string]bool{}}
	each(text, o.field)
	return o.row.finished()
}

// raw is a copy of a line for the file of the rejected ones, unless that would not be taken for JSON lines if it began
// with it.
func raw(line []byte) []byte {
	if len(line) < 2 || line[0] != '{' || line[1] == 0 {
		return nil
	}
	return bytes.Clone(line)
}

// kind is what a JSON value is, in words.
type kind string

const (
	aText    kind = "a text"
	anObject kind = "an object"
	nothing  kind = "null"
)

// kindOf is what a JSON value is.
func kindOf(value []byte) kind {
	switch value[0] {
	case '"':
		return aText
	case '{':
		return anObject
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return nothing
	}
	return "a number"
}

// each calls do with each field of an object, in their order. The object is known to be one.
func each(object []byte, do func(name string, value []byte)) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.Token() // the opening brace
	for dec.More() {
		name, _ := dec.Token()
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return
		}
		do(name.(string), value)
	}
}

// object is an object on its way to a row.
type object struct {
	list *lines
	row  row
	seen map[string]bool // names of fields, within an object "outer.inner"
}

// field reads a field. A null is as good as a field that is not there.
func (o *object) field(name string, value []byte) {
	c := named(name)
	if !o.once(name, c) {
		return
	}
	switch k := kindOf(value); {
	case c == nil:
		o.list.ignore(name)
	case k == anObject && c.coded:
		each(value, func(inner string, value []byte) { o.part(c, inner, value) })
	default:
		o.text(c, value, "field")
	}
}

// part reads a field of the object of a code and its description.
func (o *object) part(c *column, name string, value []byte) {
	path := c.name + "." + name
	if !o.once(path, c) {
		return
	}
	switch {
	case name == "value":
		o.text(c, value, "value")
	case name != "desc":
		o.list.ignore(path)
	case c.described != "" && o.once(c.described, named(c.described)):
		o.text(named(c.described), value, "desc")
	}
}

// text puts a value that must be a text. Numbers are not taken for one: they lose zeros in front and, from seventeen
// digits on, others too.
func (o *object) text(c *column, value []byte, what string) {
	switch k := kindOf(value); k {
	case nothing:
	case aText:
		var text string
		if json.Unmarshal(value, &text) == nil {
			o.row.put(c, text)
		}
	default:
		o.row.refuse(c.name, fmt.Sprintf("The %s must be a text in quotation marks, and is %s.", what, k))
	}
}

// once reports whether the field is there for the first time, and refuses the row otherwise. c is its column, or nil.
func (o *object) once(name string, c *column) bool {
	switch {
	case !o.seen[name]:
		o.seen[name] = true
		return true
	case c == nil:
		o.row.refuse("", "A field that is not known is there twice.")
	default:
		o.row.refuse(c.name, "The field is there twice.")
	}
	return false
}

// ignore counts a field that is not known, once for all lines.
func (l *lines) ignore(name string) {
	if len(l.unknown) < maxUnknown {
		l.unknown[name[:min(len(name), maxUnknownName)]] = true
	}
}
