package itemlist

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
)

// list is an item list that is read row by row.
type list interface {
	// next is the next row; more is false at the end of the list, to which an error belongs too. A row that cannot be
	// read comes with its reason.
	next() (w row, more bool, err error)
	// head is what a file of rejected rows begins with; it is empty, and not nil, where they need nothing.
	head() []byte
	// ignored is how many columns or fields were not known, in the rows so far.
	ignored() int
}

// open tells by its first character what an item list is: one object of JSON on each line, or else a table. A byte
// order mark is dropped, and decides between UTF-8, which is assumed without one, and UTF-16.
func open(r io.Reader) (list, error) {
	text := bufio.NewReaderSize(transform.NewReader(r, unicode.BOMOverride(encoding.Nop.NewDecoder())), maxLine)
	head, err := text.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, err
	}
	start := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("{\x00")):
		return openLines(text, start)
	case bytes.ContainsRune(head, 0):
		return nil, &drop.RefusedError{Reason: "The file is no text. Export the item list as CSV or JSON lines in UTF-8."}
	case bytes.HasPrefix(start, []byte("[")):
		return nil, &drop.RefusedError{Reason: "The file is a JSON array. Write each item as an object on a line of its own, without brackets and commas around it."}
	}
	return openTable(text, head)
}

// row is one item of a list, or the reason why the row is none.
type row struct {
	line          int
	raw           []byte // as it stands in the list, in UTF-8; nil where it cannot stand in another
	item          fulfillment.Item
	field, reason string
}

func (w row) refused(field, reason string) row {
	w.field, w.reason = field, reason
	return w
}

// refuse gives the row a reason, unless it has one: what else is read of the row tells whose it is.
func (w *row) refuse(field, reason string) {
	if w.reason == "" {
		*w = w.refused(field, reason)
	}
}

// maxText is the longest text of a column in characters.
const maxText = 4000

// put puts the text of a column where it goes, or refuses the row.
func (w *row) put(c *column, text string) {
	text = strings.TrimSpace(text)
	known := true
	if c.read != nil {
		text, known = c.read(text)
	}
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		w.refuse(c.name, "The text is not in UTF-8.")
	case strings.ContainsFunc(text, forbidden):
		bad, _ := utf8.DecodeRuneInString(text[strings.IndexFunc(text, forbidden):])
		w.refuse(c.name, fmt.Sprintf("The text has the character U+%04X, which is not allowed.", bad))
	case c.key && !fulfillment.PossibleKey(text):
		w.refuse(c.name, "The text is longer than an identifier can be.")
	case utf8.RuneCountInString(text) > maxText:
		w.refuse(c.name, fmt.Sprintf("The text is longer than %d characters.", maxText))
	case !known:
		w.refuse(c.name, unknownStatus)
	default:
		*c.at(&w.item) = text
	}
}

// forbidden reports whether no document in XML can carry the character.
func forbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// finished is the row when all its texts were put; one that lacks a mandatory text is refused.
func (w row) finished() row {
	for _, c := range columns {
		if c.mandatory && *c.at(&w.item) == "" {
			w.refuse(c.name, "Mandatory field is missing: "+c.name+".")
		}
	}
	return w
}
