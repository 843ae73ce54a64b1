package sisfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"patrondesk/internal/alma"
)

// Reader cuts a file into its records. Its methods are for one goroutine, except Decode.
type Reader struct {
	in    io.Reader
	csv   *CSV
	chunk int // bytes read at once

	text   text
	window *window
	xml    *xmlCutter // one of the two, once the file is begun
	rows   *csvCutter
	err    error // that ended the file
}

// NewReader reads a file: XML, unless it is none and csv is given, which must have passed its Check. The encoding is
// found by the byte order mark, by the XML declaration, or, for CSV, by the settings.
func NewReader(r io.Reader, csv *CSV) *Reader {
	return &Reader{in: r, csv: csv, chunk: firstChunk}
}

// Next is the next record, and io.EOF after the last of a whole file. An error that is a *[RecordError] concerns the
// record at that line alone and others follow; after any other nothing does. Those that concern the file are
// *[FileError] and [ErrTruncated]; the others are of the reader that was given.
func (r *Reader) Next() (Record, error) {
	if r.err != nil {
		return Record{}, r.err
	}
	rec, err := r.next()
	if err != nil && !ofRecord(err) {
		r.err = err
	}
	return rec, err
}

func ofRecord(err error) bool {
	var bad *RecordError
	return errors.As(err, &bad)
}

func (r *Reader) next() (Record, error) {
	if r.window == nil {
		if err := r.begin(); err != nil {
			return Record{}, err
		}
	}
	if r.xml != nil {
		return r.xml.next()
	}
	return r.rows.next()
}

// begin finds out what the file is.
func (r *Reader) begin() error {
	var err error
	if r.text, err = decodeText(r.in, r.csv); err != nil {
		return err
	}
	r.window = newWindow(r.text, r.chunk)
	if r.text.xml || r.csv == nil {
		r.xml = &xmlCutter{window: r.window, binary: r.text.nul}
	} else {
		r.rows = &csvCutter{window: r.window, csv: r.csv}
	}
	return nil
}

// Offset is how many bytes of the file's text, in UTF-8, were passed.
func (r *Reader) Offset() int64 {
	if r.window == nil {
		return 0
	}
	return r.window.offset()
}

// Head is what a loadable file of some of these records begins with, in UTF-8: the XML declaration and the root's
// start tag with its attributes, or the header row behind a byte order mark, which outranks the encoding the profile
// sets. Each record goes on a line of its own behind it. It is there after the first Next, and empty when the file is
// no list of users.
func (r *Reader) Head() []byte {
	switch {
	case r.xml != nil && r.xml.root != nil:
		return r.xml.head()
	case r.rows != nil && r.rows.header != nil:
		return slices.Concat(utf8Mark, r.rows.header, newline)
	}
	return nil
}

// Tail is what such a file ends with: the root's end tag, or nothing.
func (r *Reader) Tail() []byte {
	if r.xml != nil && r.xml.root != nil {
		return r.xml.tail()
	}
	return nil
}

// maxTags bounds the memory that reading one record takes.
const maxTags = 500_000

// Decode reads a record of this file. unknown is how many elements and attributes, or filled cells, it has that are no
// field. Every error is a *[RecordError], whose reason may repeat what a cell holds, or an [alma.Error]. It may be
// called for several records at once, each with a copy of its own of Raw, and while the file is read on.
func (r *Reader) Decode(rec Record) (user alma.User, unknown int, err error) {
	if reason := r.misread(rec.Raw); reason != "" {
		return alma.User{}, 0, &RecordError{Line: rec.Line, Reason: reason}
	}
	if r.rows != nil {
		return r.rows.plan.decode(rec)
	}
	if n := bytes.Count(rec.Raw, []byte{'<'}); n > maxTags {
		return alma.User{}, 0, &RecordError{Line: rec.Line, Reason: fmt.Sprintf("The record has %d tags; the most is %d.", n, maxTags)}
	}
	user, unknown, err = alma.DecodeUser(rec.Raw)
	var refused *alma.Error
	if err != nil && !errors.As(err, &refused) {
		err = &RecordError{Line: rec.Line, Reason: inFile(err.Error(), rec.Line)}
	}
	return user, unknown, err
}

// misread says that a text was read in another encoding than it was written in.
func (r *Reader) misread(raw []byte) string {
	told := "UTF-8"
	if r.text.told != "" {
		told = r.text.told
	}
	if !utf8.Valid(raw) || bytes.Contains(raw, replacement) {
		return fmt.Sprintf("The record has characters that could not be decoded; the file is not in the encoding it declares or the profile sets, %s.", told)
	}
	if looksLikeUTF8(raw, r.text.enc) {
		return fmt.Sprintf("The record's letters outside ASCII are in UTF-8; the file is not in the encoding it declares or the profile sets, %s.", told)
	}
	return ""
}

// looksLikeUTF8 reports whether a text that was read in a Western European encoding was UTF-8 before. In such an
// encoding, letters outside ASCII that happen to be good UTF-8 throughout are words like "MÃ¼ller", and nobody's name.
func looksLikeUTF8(raw []byte, enc encoding.Encoding) bool {
	if enc != charmap.Windows1252 && enc != charmap.ISO8859_15 {
		return false
	}
	if !bytes.ContainsFunc(raw, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return false
	}
	before, err := enc.NewEncoder().Bytes(raw)
	return err == nil && utf8.Valid(before)
}

// lineInRecord finds the line that a reason names, counted from the record's first.
var lineInRecord = regexp.MustCompile(`\bline (\d+)`)

// inFile counts the line in a reason from the beginning of the file, where the record begins on that line.
func inFile(reason string, line int) string {
	return lineInRecord.ReplaceAllStringFunc(reason, func(found string) string {
		n, _ := strconv.Atoi(found[len("line "):])
		return "line " + strconv.Itoa(line+n-1)
	})
}
