package sisfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxHeader  = 64 << 10 // bytes of the header row
	maxColumns = 1000
)

// csvCutter cuts a file into its rows. A quotation mark opens a cell only where the cell begins; within, a doubled one
// stands for itself, and delimiters and line breaks belong to the cell. Rows of empty cells are passed over. The cells
// themselves are read by encoding/csv, when the record is.
type csvCutter struct {
	*window
	csv    *CSV
	header []byte   // as it stands in the file
	plan   *csvPlan // what the header says, once it was read
	delim  byte
}

// next is the next record, or io.EOF after the last.
func (c *csvCutter) next() (Record, error) {
	if c.plan == nil {
		if err := c.readHeader(); err != nil {
			return Record{}, err
		}
	}
	return c.row(maxRecord)
}

// row is the next row that is not empty, of at most so many bytes.
func (c *csvCutter) row(most int) (Record, error) {
	for {
		c.hold = c.pos
		rec := Record{Line: c.lineAt(c.pos)}
		n, err := c.length(rec.Line, most)
		if err != nil {
			c.hold = -1
			return Record{Line: rec.Line}, err
		}
		rec.Raw = withoutBreak(c.buf[c.pos : c.pos+n])
		c.pos, c.hold = c.pos+n, -1
		if !c.blank(rec.Raw) {
			return rec, nil
		}
	}
}

// length is how long the row at pos is, its line break included. It starts over when the window is filled.
func (c *csvCutter) length(line, most int) (int, error) {
	for {
		text := c.buf[c.pos:c.end]
		n, open := rowLength(text, c.delim)
		if n > most || n < 0 && len(text) > most {
			return 0, c.overlong(line, n, most, open)
		}
		if n >= 0 {
			return n, nil
		}
		if err := c.fill(); err == io.EOF {
			return c.last(c.buf[c.pos:c.end], open) // which filling may have moved
		} else if err != nil {
			return 0, err
		}
	}
}

// last is the length of a row that the end of the file ends; open is as of rowLength.
func (c *csvCutter) last(text []byte, open bool) (int, error) {
	if len(text) == 0 {
		return 0, io.EOF
	}
	if open && !endsClosed(text, c.delim) {
		return 0, ErrTruncated
	}
	if c.plan != nil && !c.blank(text) && cells(text, c.delim) < c.plan.width {
		return 0, ErrTruncated
	}
	return len(text), nil
}

// overlong passes a row that is too large, of that length where it is known. When it is a cell that was never closed,
// there is no telling where the next record begins.
func (c *csvCutter) overlong(line, n, most int, open bool) error {
	c.hold = -1
	if open {
		return &FileError{Line: line, Reason: fmt.Sprintf("a cell is opened by a quotation mark that is not closed within %d KB", most>>10)}
	}
	if n >= 0 {
		c.pos += n
		return tooLarge(line)
	}
	if err := c.until("\n", c.fill); err != nil && err != io.EOF {
		return err
	}
	return tooLarge(line)
}

// rowLength is the length of the row that text begins with, its line break included, or -1 when that is not in text;
// open tells that a cell in quotation marks may go on behind it. Text behind a closing mark, which is a mistake, ends
// with the cell.
func rowLength(text []byte, delim byte) (n int, open bool) {
	line, whole := text, false
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		line, whole = text[:end+1], true
	}
	if bytes.IndexByte(line, '"') < 0 {
		if whole {
			return len(line), false
		}
		return -1, false
	}
	for i := 0; ; i++ {
		i, open = cellEnd(text, i, delim)
		if i == len(text) {
			return -1, open
		}
		if text[i] == '\n' {
			return i + 1, false
		}
	}
}

// cellEnd is where the cell that begins at i ends: at a delimiter, a line feed, or the end of text. open tells that
// the end of text is within quotation marks, or directly behind one.
func cellEnd(text []byte, i int, delim byte) (end int, open bool) {
	if i < len(text) && text[i] == '"' {
		for i++; ; i++ {
			j := bytes.IndexByte(text[i:], '"')
			if j < 0 || i+j+1 == len(text) {
				return len(text), true
			}
			i += j + 1
			if text[i] != '"' {
				break
			}
		}
	}
	for i < len(text) && text[i] != delim && text[i] != '\n' {
		i++
	}
	return i, false
}

// cells counts the cells of a row.
func cells(row []byte, delim byte) int {
	if bytes.IndexByte(row, '"') < 0 {
		return bytes.Count(row, []byte{delim}) + 1
	}
	n := 1
	for i, _ := cellEnd(row, 0, delim); i < len(row); i, _ = cellEnd(row, i+1, delim) {
		n++
	}
	return n
}

// endsClosed reports whether the last cell of a row that is open at the end of the file was closed by its last
// character.
func endsClosed(row []byte, delim byte) bool {
	start := 0
	for i, _ := cellEnd(row, 0, delim); i < len(row); i, _ = cellEnd(row, start, delim) {
		start = i + 1
	}
	last := row[start:]
	return bytes.HasSuffix(last, mark) && bytes.Count(last[1:], mark)%2 == 1
}

var mark = []byte{'"'}

// withoutBreak is a row without its line break.
func withoutBreak(row []byte) []byte {
	row = bytes.TrimSuffix(row, newline)
	return bytes.TrimSuffix(row, []byte{'\r'})
}

// blank reports whether a row says nothing.
func (c *csvCutter) blank(row []byte) bool {
	for _, b := range row {
		if b != c.delim && b != ' ' && b != '\t' && b != '\r' {
			return false
		}
	}
	return true
}

// readHeader finds the delimiter and what the columns are.
func (c *csvCutter) readHeader() error {
	line, err := c.firstLine()
	if err != nil {
		return err
	}
	c.delim = delimiterOf(line, c.csv)
	if d, ok := strings.CutPrefix(strings.ToLower(string(line)), "sep="); ok && len(d) == 1 && strings.Contains(",;\t|", d) {
		c.delim = d[0] // a line with which programs tell Excel the delimiter
		if err := c.until("\n", c.fill); err != nil && err != io.EOF {
			return err
		}
	}
	if c.csv.Delimiter != "" {
		c.delim = c.csv.Delimiter[0]
	}
	rec, err := c.row(maxHeader)
	var large *RecordError
	switch {
	case err == io.EOF:
		return &FileError{Line: 1, Reason: "the file is empty"}
	case errors.As(err, &large):
		return &FileError{Line: large.Line, Reason: fmt.Sprintf("the header row is longer than %d KB, so this is no CSV file", maxHeader>>10)}
	case err != nil:
		return err
	}
	c.header = bytes.Clone(rec.Raw)
	c.plan, err = newPlan(c.csv, c.delim, rec)
	return err
}

// firstLine is the first line that is not blank, without its line break; pos is where it begins.
func (c *csvCutter) firstLine() ([]byte, error) {
	for {
		text := c.buf[c.pos:c.end]
		i := bytes.IndexByte(text, '\n')
		if i >= 0 && len(bytes.TrimSpace(text[:i])) == 0 {
			c.pos += i + 1
			continue
		}
		if i >= 0 || len(text) > maxHeader {
			return c.checkLine(text, i)
		}
		err := c.fill()
		if text = c.buf[c.pos:c.end]; err == io.EOF && len(bytes.TrimSpace(text)) > 0 {
			return c.checkLine(text, -1)
		} else if err == io.EOF {
			return nil, &FileError{Line: 1, Reason: "the file is empty"}
		} else if err != nil {
			return nil, err
		}
	}
}

func (c *csvCutter) checkLine(text []byte, end int) ([]byte, error) {
	if end >= 0 {
		text = text[:end]
	}
	line := bytes.TrimSuffix(text, []byte{'\r'})
	wrong := func(reason string) ([]byte, error) { return nil, &FileError{Line: c.lineAt(c.pos), Reason: reason} }
	switch {
	case bytes.IndexByte(line, 0) >= 0:
		return wrong("there are NUL characters, so this is no CSV file, or one in UTF-16 of which the profile's setting csv.encoding does not tell")
	case bytes.IndexByte(line, '\r') >= 0 && bytes.IndexByte(line, '"') < 0:
		return wrong("the lines end with a carriage return alone; save the file with line feeds")
	}
	return line, nil
}
