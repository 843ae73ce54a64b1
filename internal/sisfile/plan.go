package sisfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"patrondesk/internal/institution"
)

// CSV tells how a profile's files are read when they are no XML.
type CSV = institution.CSV

// csvPlan is what the cells of a file's rows are.
type csvPlan struct {
	csv     *CSV
	delim   byte
	width   int          // cells of a row
	columns []csvColumn  // those that are fields, in the order of the file
	ignored []int        // the others
	fixed   []fixedField // in order
}

// csvColumn is a column of a file that is a field, or several.
type csvColumn struct {
	institution.Column
	index  int
	name   string // in the header
	fields []institution.CSVField
}

type fixedField struct {
	field institution.CSVField
	value string
}

// delimiterOf is the delimiter with which most of a header's cells are columns of the settings; where that tells
// nothing, the one there is most of.
func delimiterOf(line []byte, settings *CSV) byte {
	find := settings.Finder()
	best, bestKnown, bestCount := byte(','), 0, 0
	for _, delim := range []byte(",;\t") {
		known := 0
		for _, name := range roughCells(line, delim) {
			if _, ok := find(name); ok {
				known++
			}
		}
		count := bytes.Count(line, []byte{delim})
		if known > bestKnown || known == bestKnown && count > bestCount {
			best, bestKnown, bestCount = delim, known, count
		}
	}
	return best
}

// roughCells are the cells of what may be only the first line of a row.
func roughCells(line []byte, delim byte) []string {
	if bytes.Count(line, []byte{delim}) > maxColumns {
		return nil
	}
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma, r.LazyQuotes = rune(delim), true
	names, err := r.Read()
	if err != nil {
		return nil
	}
	return names
}

func newPlan(settings *CSV, delim byte, header Record) (*csvPlan, error) {
	wrong := func(format string, args ...any) (*csvPlan, error) {
		return nil, &FileError{Line: header.Line, Reason: fmt.Sprintf(format, args...)}
	}
	if n := cells(header.Raw, delim); n > maxColumns {
		return wrong("the header row has %d columns; the most is %d", n, maxColumns)
	}
	if !utf8.Valid(header.Raw) || bytes.Contains(header.Raw, replacement) {
		return wrong("the header row has characters that could not be decoded; set the profile's csv.encoding, such as windows-1252")
	}
	names, err := readCells(header.Raw, delim)
	if err != nil {
		return wrong("the header row cannot be read: %s", cellMistake(err))
	}
	if missing := settings.Missing(names); len(missing) > 0 {
		return wrong("the header row lacks the column%s %s, which the profile's setting csv names; it has %s",
			plural(len(missing)), quoted(missing), quoted(names))
	}
	p := &csvPlan{csv: settings, delim: delim, width: len(names)}
	find, seen := settings.Finder(), map[string]bool{}
	for i, name := range names {
		column, ok := find(name)
		if !ok {
			p.ignored = append(p.ignored, i)
			continue
		}
		if seen[column.Field] {
			return wrong("the header row has the column %s twice", quoted([]string{strings.TrimSpace(name)}))
		}
		seen[column.Field] = true
		p.columns = append(p.columns, csvColumn{Column: column, index: i, name: strings.TrimSpace(name), fields: fieldsOf(column.Field)})
	}
	for _, path := range slices.Sorted(maps.Keys(settings.Fixed)) {
		p.fixed = append(p.fixed, fixedField{fieldsOf(path)[0], settings.Fixed[path]})
	}
	return p, nil
}

// fieldsOf takes paths apart that the settings' Check has let pass.
func fieldsOf(paths string) []institution.CSVField {
	var fields []institution.CSVField
	for path := range strings.FieldsSeq(paths) {
		f, _ := institution.ParseCSVField(path)
		fields = append(fields, f)
	}
	return fields
}

// readCells reads the cells of one row. A quotation mark in a cell that is not in marks stands for itself.
func readCells(row []byte, delim byte) ([]string, error) {
	names, err := strictCells(row, delim)
	if errors.Is(err, csv.ErrBareQuote) {
		if mended, ok := quoteBare(row, delim); ok {
			return strictCells(mended, delim)
		}
	}
	return names, err
}

func strictCells(row []byte, delim byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(row))
	r.Comma, r.FieldsPerRecord = rune(delim), -1
	return r.Read()
}

// quoteBare puts the cells into marks that hold a mark and are not in marks. Not so those in which nothing but white
// space comes before it: they are meant to be in marks.
func quoteBare(row []byte, delim byte) (mended []byte, ok bool) {
	for start := 0; ; {
		end, _ := cellEnd(row, start, delim)
		cell := row[start:end]
		switch {
		case bytes.IndexByte(cell, '"') <= 0:
			mended = append(mended, cell...)
		case bytes.HasPrefix(bytes.TrimSpace(cell), []byte{'"'}):
			return nil, false
		default:
			mended = fmt.Appendf(mended, `"%s"`, bytes.ReplaceAll(cell, []byte(`"`), []byte(`""`)))
		}
		if end == len(row) {
			return mended, true
		}
		mended = append(mended, row[end])
		start = end + 1
	}
}

// cellMistake says what is wrong with quotation marks.
func cellMistake(err error) string {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return "there is white space before the quotation mark that opens a cell"
	case errors.Is(err, csv.ErrQuote):
		return "there is text behind the quotation mark that closes a cell; either that mark should be doubled, or a mark before it is missing"
	}
	return "its quotation marks do not fit together"
}

// quoted lists names for a report, not too many.
func quoted(names []string) string {
	const most = 30
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q", shown(strings.TrimSpace(name))))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
