package itemlist

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
)

// column is a column of an item list and where its cells go.
type column struct {
	name      string
	mandatory bool
	set       func(it *fulfillment.Item, text string)
}

// columns are those that are understood; others are ignored. The names are Alma's.
var columns = []column{
	{"barcode", true, func(it *fulfillment.Item, text string) { it.Barcode = text }},
	{"item_id", true, func(it *fulfillment.Item, text string) { it.ID = text }},
	{"holding_id", false, func(it *fulfillment.Item, text string) { it.HoldingID = text }},
	{"mms_id", true, func(it *fulfillment.Item, text string) { it.MMSID = text }},
	{"title", true, func(it *fulfillment.Item, text string) { it.Title = text }},
	{"author", false, func(it *fulfillment.Item, text string) { it.Author = text }},
	{"description", false, func(it *fulfillment.Item, text string) { it.Description = text }},
	{"date_of_publication", false, func(it *fulfillment.Item, text string) { it.DateOfPublication = text }},
	{"volume", false, func(it *fulfillment.Item, text string) { it.Volume = text }},
	{"issue", false, func(it *fulfillment.Item, text string) { it.Issue = text }},
	{"part", false, func(it *fulfillment.Item, text string) { it.Part = text }},
	{"library", true, func(it *fulfillment.Item, text string) { it.Library.Value = text }},
	{"location", false, func(it *fulfillment.Item, text string) { it.Location.Value = text }},
	{"call_number", false, func(it *fulfillment.Item, text string) { it.CallNumber = text }},
	{"material_type", false, func(it *fulfillment.Item, text string) { it.MaterialType.Value = text }},
	{"item_policy", false, func(it *fulfillment.Item, text string) { it.ItemPolicy.Value = text }},
}

// row is one item of a list, or the reason why the row is none.
type row struct {
	line          int
	item          fulfillment.Item
	field, reason string
}

func (w row) refused(field, reason string) row {
	w.field, w.reason = field, reason
	return w
}

// table reads an item list row by row.
type table struct {
	csv     *csv.Reader
	guard   *guard
	columns []*column // by position; nil for one that is ignored
	ignored int       // columns
	line    int       // of the row read last
}

// maxRow bounds the memory of a row: a quote that is never closed would take in the rest of the file.
const maxRow = 1 << 20

// maxCell is the longest cell in characters.
const maxCell = 4000

// open reads the header row. The delimiter is the one of comma, semicolon and tab that stands most often in it. A byte
// order mark is dropped, and decides between UTF-8, which is assumed without one, and UTF-16.
func open(r io.Reader) (*table, error) {
	text := bufio.NewReaderSize(transform.NewReader(r, unicode.BOMOverride(encoding.Nop.NewDecoder())), 64<<10)
	head, err := text.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bytes.ContainsRune(head, 0) {
		return nil, &drop.RefusedError{Reason: "The file is no text. Export the item list as CSV in UTF-8."}
	}
	t := &table{guard: &guard{r: text, left: maxRow}}
	t.csv = csv.NewReader(t.guard)
	t.csv.Comma = delimiter(head)
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if err == io.EOF {
		return nil, &drop.RefusedError{Reason: "The file is empty. Its first row must name the columns."}
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) || errors.Is(err, errRowTooLong) {
		return nil, &drop.RefusedError{Reason: "The first row, which must name the columns, cannot be read as CSV."}
	}
	if err != nil {
		return nil, err
	}
	return t, t.head(header)
}

// delimiter is the delimiter of the first line.
func delimiter(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// isKey reports whether the store looks items up by the column.
func isKey(column string) bool {
	return column == "item_id" || column == "barcode" || column == "mms_id"
}

// head finds the columns. The mandatory ones must be there, and none twice.
func (t *table) head(header []string) error {
	seen := map[string]bool{}
	for _, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		if i < 0 {
			t.columns = append(t.columns, nil)
			t.ignored++
			continue
		}
		if seen[name] {
			return &drop.RefusedError{Reason: fmt.Sprintf("The column %s is there twice.", name)}
		}
		seen[name] = true
		t.columns = append(t.columns, &columns[i])
	}
	var missing []string
	for _, c := range columns {
		if c.mandatory && !seen[c.name] {
			missing = append(missing, c.name)
		}
	}
	if len(missing) > 0 {
		return &drop.RefusedError{Reason: "The first row must name the columns; it lacks " + strings.Join(missing, ", ") + "."}
	}
	return nil
}

// next is the next row; more is false at the end of the file. A row that cannot be read comes with its reason.
func (t *table) next() (w row, more bool, err error) {
	t.guard.left = maxRow
	cells, err := t.csv.Read()
	var syntax *csv.ParseError
	switch {
	case err == io.EOF:
		return row{}, false, nil
	case errors.Is(err, errRowTooLong):
		return row{}, false, &drop.RefusedError{Reason: fmt.Sprintf("A row after line %d is longer than 1 MB; a quote may not be closed. The rows before it were loaded.", t.line)}
	case errors.As(err, &syntax):
		return row{line: syntax.StartLine, reason: fmt.Sprintf("The row cannot be read as CSV: %v on line %d.", syntax.Err, syntax.Line)}, true, nil
	case err != nil:
		return row{}, false, err
	}
	return t.row(cells), true, nil
}

func (t *table) row(cells []string) row {
	t.line, _ = t.csv.FieldPos(0)
	w := row{line: t.line}
	if len(cells) != len(t.columns) {
		return w.refused("", fmt.Sprintf("The row has %d cells, and the first row names %d columns.", len(cells), len(t.columns)))
	}
	for i, c := range t.columns {
		if c == nil {
			continue
		}
		text := strings.Clone(strings.TrimSpace(cells[i]))
		switch {
		case !utf8.ValidString(text) || strings.ContainsRune(text, '\uFFFD'):
			return w.refused(c.name, "The cell is not in UTF-8.")
		case isKey(c.name) && !fulfillment.PossibleKey(text):
			return w.refused(c.name, "The cell is longer than an identifier can be.")
		case utf8.RuneCountInString(text) > maxCell:
			return w.refused(c.name, fmt.Sprintf("The cell is longer than %d characters.", maxCell))
		}
		c.set(&w.item, text)
	}
	for i, c := range t.columns {
		if c != nil && c.mandatory && strings.TrimSpace(cells[i]) == "" {
			return w.refused(c.name, "Mandatory field is missing: "+c.name+".")
		}
	}
	return w
}

var errRowTooLong = errors.New("a row is too long")

// guard ends the reading of a row that has no end.
type guard struct {
	r    io.Reader
	left int
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := g.r.Read(p)
	g.left -= n
	return n, err
}
