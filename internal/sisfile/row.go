package sisfile

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
)

// maxValues is how many values one cell may hold, as many as a list of a user object.
const maxValues = 1000

var replacement = []byte("\uFFFD")

// decode reads a row into a user by the plan.
func (p *csvPlan) decode(rec Record) (alma.User, int, error) {
	wrong := func(format string, args ...any) (alma.User, int, error) {
		return alma.User{}, 0, &RecordError{Line: rec.Line, Reason: fmt.Sprintf(format, args...)}
	}
	if r, ok := forbidden(rec.Raw); ok {
		return wrong("The record has the character U+%04X, which is not allowed.", r)
	}
	if n := cells(rec.Raw, p.delim); n < p.width || n > p.width+maxColumns {
		return wrong("The record has %d cell%s, and the header %d.", n, plural(n), p.width)
	}
	row, err := readCells(rec.Raw, p.delim)
	if err != nil {
		return wrong("The record cannot be read: %s.", cellMistake(err))
	}
	if extra := strings.Join(row[min(p.width, len(row)):], ""); strings.TrimSpace(extra) != "" || len(row) < p.width {
		return wrong("The record has %d cells, and the header %d; a cell in which the delimiter occurs must stand in quotation marks.", len(row), p.width)
	}
	return p.user(row, rec.Line)
}

// forbidden finds a character that a user object cannot hold.
func forbidden(raw []byte) (rune, bool) {
	for _, b := range raw {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' {
			return rune(b), true
		}
	}
	for _, r := range []rune{0xFFFE, 0xFFFF} {
		if bytes.Contains(raw, utf8.AppendRune(nil, r)) {
			return r, true
		}
	}
	return 0, false
}

// user puts the cells of a row into a user, and counts those that are ignored.
func (p *csvPlan) user(row []string, line int) (u alma.User, ignored int, err error) {
	for _, c := range p.columns {
		values, reason := c.read(row[c.index])
		if reason != "" {
			return alma.User{}, 0, &RecordError{Line: line, Reason: reason}
		}
		for _, value := range values {
			for _, f := range c.fields {
				put(&u, f, value)
			}
		}
	}
	for _, f := range p.fixed {
		put(&u, f.field, f.value)
	}
	settle(&u, p.csv.Preferred)
	for _, i := range p.ignored {
		if strings.TrimSpace(row[i]) != "" {
			ignored++
		}
	}
	return u, ignored, nil
}

// read is what a cell says, in Alma's terms; nothing when it is empty. reason is a sentence when it makes no sense.
func (c csvColumn) read(cell string) (values []string, reason string) {
	pieces := []string{cell}
	if c.Separator != "" {
		if strings.Count(cell, c.Separator) >= maxValues {
			return nil, fmt.Sprintf("The column %q holds more than %d values.", shown(c.name), maxValues)
		}
		pieces = strings.Split(cell, c.Separator)
	}
	for _, piece := range pieces {
		if piece = strings.TrimSpace(piece); piece == "" {
			continue
		}
		value, reason := c.value(piece)
		if reason != "" {
			return nil, reason
		}
		if value != "" {
			values = append(values, value)
		}
	}
	if len(values) == 0 && c.Default != "" && strings.TrimSpace(cell) == "" {
		values = []string{c.Default}
	}
	return values, ""
}

// value reads one value of a cell by the value map or as a date. What it holds is told where it makes no sense, except
// a PIN.
func (c csvColumn) value(text string) (value, reason string) {
	if value, ok := c.Values[text]; ok {
		return value, ""
	}
	if c.Date != "" {
		day, err := time.Parse(c.Date, text)
		if err == nil {
			return day.Format(time.DateOnly), ""
		}
	}
	if value, ok := c.Values[institution.AnyOther]; ok {
		return value, ""
	}
	switch {
	case c.Date != "":
		example := time.Date(2031, 11, 22, 0, 0, 0, 0, time.UTC).Format(c.Date)
		return "", fmt.Sprintf("The column %q has %q, which is not a date such as %s.", shown(c.name), shown(text), example)
	case len(c.Values) > 0 && c.is("pin_number"):
		return "", fmt.Sprintf("The column %q has a value that is not among those the profile's setting csv names.", shown(c.name))
	case len(c.Values) > 0:
		return "", fmt.Sprintf("The column %q has %q, which is not among the values the profile's setting csv names.", shown(c.name), shown(text))
	case c.is("library_notice") && text != "true" && text != "false":
		return "", fmt.Sprintf("The column %q has %q, which is neither true nor false.", shown(c.name), shown(text))
	}
	return text, ""
}

// is reports whether the column is a field of that name.
func (c csvColumn) is(name string) bool {
	for _, f := range c.fields {
		if f.Name == name {
			return true
		}
	}
	return false
}
