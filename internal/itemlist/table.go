package itemlist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"patrondesk/internal/drop"
)

// table reads an item list in CSV.
type table struct {
	csv     *csv.Reader
	guard   *guard
	columns []*column // by position; nil for one that is ignored
	unknown int       // columns
	line    int       // of the row read last
	header  []byte    // as it stands in the file
}

// maxRow bounds the memory of a row: a quote that is never closed would take in the rest of the file.
const maxRow = 1 << 20

// openTable reads the header row of a table that begins like head. The delimiter is the one of comma, semicolon and tab
// that stands most often in it.
func openTable(text io.Reader, head []byte) (list, error) {
	t := &table{guard: &guard{r: text, left: maxRow}}
	t.csv = csv.NewReader(t.guard)
	t.csv.Comma = delimiter(head)
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if err == io.EOF {
		return nil, &drop.RefusedError{Reason: "The file is empty. Its first row must name the columns, or be a JSON object."}
	}
	var syntax *csv.ParseError
	t.header = t.guard.take(t.csv.InputOffset())
	if errors.As(err, &syntax) || errors.Is(err, errRowTooLong) || t.header == nil {
		return nil, &drop.RefusedError{Reason: "The first row, which must name the columns, cannot be read as CSV."}
	}
	if err != nil {
		return nil, err
	}
	return t, t.understand(header)
}

func (t *table) head() []byte { return t.header }

func (t *table) ignored() int { return t.unknown }

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

// understand finds the columns. The mandatory ones must be there, and none twice.
func (t *table) understand(header []string) error {
	seen := map[string]bool{}
	for _, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		c := named(name)
		t.columns = append(t.columns, c)
		if c == nil {
			t.unknown++
			continue
		}
		if seen[name] {
			return &drop.RefusedError{Reason: fmt.Sprintf("The column %s is there twice.", name)}
		}
		seen[name] = true
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
	raw := t.guard.take(t.csv.InputOffset())
	var syntax *csv.ParseError
	switch {
	case err == io.EOF:
		return row{}, false, nil
	case errors.Is(err, errRowTooLong):
		return row{}, false, &drop.RefusedError{Reason: fmt.Sprintf("A row after line %d is longer than 1 MB; a quote may not be closed. The rows before it were loaded.", t.line)}
	case errors.As(err, &syntax):
		if errors.Is(syntax.Err, csv.ErrQuote) {
			raw = nil // a quote that is not closed would take in the rows behind it
		}
		w = row{line: syntax.StartLine, raw: raw}
		return w.refused("", fmt.Sprintf("The row cannot be read as CSV: %v on line %d.", syntax.Err, syntax.Line)), true, nil
	case err != nil:
		return row{}, false, err
	}
	return t.row(cells, raw), true, nil
}

func (t *table) row(cells []string, raw []byte) row {
	t.line, _ = t.csv.FieldPos(0)
	w := row{line: t.line, raw: raw}
	if len(cells) != len(t.columns) {
		return w.refused("", fmt.Sprintf("The row has %d cells, and the first row names %d columns.", len(cells), len(t.columns)))
	}
	for i, c := range t.columns {
		if c != nil {
			w.put(c, strings.Clone(cells[i]))
		}
	}
	return w.finished()
}

var errRowTooLong = errors.New("a row is too long")

// guard ends the reading of a row that has no end, and keeps the text of a row.
type guard struct {
	r      io.Reader
	left   int
	kept   []byte // what was read and not taken
	passed int64  // bytes before it
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := g.r.Read(p)
	g.left -= n
	g.kept = append(g.kept, p[:n]...)
	return n, err
}

// take is the text up to an offset, without the line breaks around it, or nil where it is none.
func (g *guard) take(end int64) []byte {
	n := int(end - g.passed)
	text := bytes.Clone(bytes.Trim(g.kept[:n], "\r\n"))
	g.kept, g.passed = append(g.kept[:0], g.kept[n:]...), end
	if bytes.IndexByte(text, 0) >= 0 {
		return nil
	}
	return text
}
