package sis

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Record is one user record of a file, as it stands there in UTF-8.
type Record struct {
	Line int // on which it begins, from 1
	// Raw is valid until the next record is asked for.
	Raw []byte
}

// Hash is the SHA-256 of the record's text: two records with the same hash say the same.
func (r Record) Hash() [sha256.Size]byte { return sha256.Sum256(r.Raw) }

// RecordError says that one record of a file cannot be used; the records behind it can.
type RecordError struct {
	Line   int
	Reason string // a sentence
}

func (e *RecordError) Error() string { return "a record cannot be used" }

// FileError says that a file is no well-formed list of users. Error holds nothing of the file's content, Reason may
// name its elements.
type FileError struct {
	Line   int
	Reason string
}

func (e *FileError) Error() string { return "the file is not well formed" }

// ErrTruncated is the error of a file that ends before its root element does; errors.Is finds [io.ErrUnexpectedEOF]
// in it too. What stands before the end is not to be trusted to be everybody.
var ErrTruncated = fmt.Errorf("the file is truncated: %w", io.ErrUnexpectedEOF)

const (
	maxRecord  = 8 << 20   // bytes of one record
	maxDepth   = 256       // elements within one another
	firstChunk = 256 << 10 // bytes read at once
)

// Split cuts a file into its user records: the elements named user, in any name space, directly below the root
// whatever that is called. The text is cut as bytes; whether a record is itself well formed shows when it is
// decoded, but elements are matched with their end tags. A document type declaration is refused, because what it
// defines could stand for anything. An error that is a *[RecordError] concerns that record alone and others follow;
// after any other error nothing does. Memory is bounded by the largest record, 8 MB.
func Split(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		text, err := decodeText(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		s := &splitter{r: text, buf: make([]byte, firstChunk), line: 1, start: -1}
		for {
			rec, err := s.next()
			if err == io.EOF {
				return
			}
			var bad *RecordError
			if !yield(rec, err) || (err != nil && !errors.As(err, &bad)) {
				return
			}
		}
	}
}

// splitter walks over the markup of a file. buf[pos:end] is not looked at yet; what lies before hold is not needed
// any more.
type splitter struct {
	r              io.Reader
	buf            []byte
	hold, pos, end int
	line           int
	eof            bool

	names []byte // of the open elements, one behind the other
	ends  []int  // where each name ends in names

	start     int // of the record being read, in buf; -1 outside of one
	startLine int
	tooLong   bool // the record being read is, and is not held
	rooted    bool // the root element was seen
}

// next is the next record, or io.EOF after the end of a whole file.
func (s *splitter) next() (Record, error) {
	for {
		if err := s.skipText(); err != nil {
			return Record{}, err
		}
		done, err := s.markup()
		if err != nil {
			return Record{}, err
		}
		if done {
			return s.record()
		}
	}
}

// record is the record that ended just now.
func (s *splitter) record() (Record, error) {
	line, raw, tooLong := s.startLine, s.buf[max(s.start, 0):s.pos], s.tooLong
	s.start, s.tooLong = -1, false
	if tooLong {
		return Record{Line: line}, &RecordError{Line: line, Reason: fmt.Sprintf("The record is larger than %d MB.", maxRecord>>20)}
	}
	return Record{Line: line, Raw: raw}, nil
}

// skipText goes to the next markup. Text is allowed only within the root element.
func (s *splitter) skipText() error {
	for {
		s.release()
		i := bytes.IndexByte(s.buf[s.pos:s.end], '<')
		text := s.buf[s.pos:s.end]
		if i >= 0 {
			text = text[:i]
		}
		if len(s.ends) == 0 && len(bytes.Trim(text, " \t\r\n")) > 0 {
			return s.stray()
		}
		s.advance(s.pos + len(text))
		if i >= 0 {
			return nil
		}
		if err := s.fill(); err != nil {
			return s.atEnd(err)
		}
	}
}

func (s *splitter) stray() error {
	if s.rooted {
		return s.wrong("there is text after the end of the root element")
	}
	return s.wrong("Content is not allowed in prolog: there is text before the first element, so this is no XML file")
}

// atEnd is what the end of the input means between two pieces of markup.
func (s *splitter) atEnd(err error) error {
	if err != io.EOF {
		return err
	}
	if len(s.ends) > 0 {
		return ErrTruncated
	}
	if !s.rooted {
		return s.wrong("the file is empty")
	}
	return io.EOF
}

// markup reads what begins at the < at pos and reports whether a record ended with it.
func (s *splitter) markup() (done bool, err error) {
	s.release()
	if err := s.need(2); err != nil {
		return false, err
	}
	switch s.buf[s.pos+1] {
	case '?':
		return false, s.until(2, "?>")
	case '!':
		return false, s.declaration()
	case '/':
		return s.endTag()
	}
	return s.startTag()
}

func (s *splitter) declaration() error {
	if ok, err := s.sees("<!--"); err != nil {
		return err
	} else if ok {
		return s.until(4, "-->")
	}
	if ok, err := s.sees("<![CDATA["); err != nil {
		return err
	} else if ok && len(s.ends) == 0 {
		return s.stray()
	} else if ok {
		return s.until(9, "]]>")
	}
	return s.wrong("a document type declaration (<!DOCTYPE) is not allowed; leave it out")
}

// sees reports whether the markup at pos begins with text.
func (s *splitter) sees(text string) (bool, error) {
	for n := 1; n <= len(text); n++ {
		if err := s.need(n); err != nil {
			return false, err
		}
		if s.buf[s.pos+n-1] != text[n-1] {
			return false, nil
		}
	}
	return true, nil
}

// until goes behind the first seq that begins at least skip bytes from pos.
func (s *splitter) until(skip int, seq string) error {
	s.advance(s.pos + skip)
	for {
		s.release()
		if i := bytes.Index(s.buf[s.pos:s.end], []byte(seq)); i >= 0 {
			s.advance(s.pos + i + len(seq))
			return nil
		}
		s.advance(max(s.pos, s.end-len(seq)+1))
		if err := s.more(); err != nil {
			return err
		}
	}
}

// tag is the length of the tag at pos, < and > included. A > in quotes does not end it.
func (s *splitter) tag() (int, error) {
	var quote byte
	for n := 1; ; n++ {
		if err := s.need(n + 1); err != nil {
			return 0, err
		}
		switch c := s.buf[s.pos+n]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return n + 1, nil
		case c == '<':
			return 0, s.wrong("there is a < within a tag")
		}
	}
}

func (s *splitter) startTag() (bool, error) {
	n, err := s.tag()
	if err != nil {
		return false, err
	}
	body := s.buf[s.pos+1 : s.pos+n-1]
	empty := len(body) > 0 && body[len(body)-1] == '/'
	if empty {
		body = body[:len(body)-1]
	}
	name := body[:nameEnd(body)]
	if len(name) == 0 {
		return false, s.wrong("a tag has no name")
	}
	if len(s.ends) == 0 && s.rooted {
		return false, s.wrong("there is a second root element")
	}
	s.rooted = true
	record := len(s.ends) == 1 && string(local(name)) == "user"
	if record {
		s.start, s.startLine = s.pos, s.line
	}
	if !empty {
		if err := s.push(name); err != nil {
			return false, err
		}
	}
	s.advance(s.pos + n)
	return record && empty, nil
}

func (s *splitter) endTag() (bool, error) {
	n, err := s.tag()
	if err != nil {
		return false, err
	}
	name := bytes.TrimRight(s.buf[s.pos+2:s.pos+n-1], " \t\r\n")
	if len(s.ends) == 0 {
		return false, s.wrong(fmt.Sprintf("the end tag </%s> has no start tag", shown(name)))
	}
	if open := s.top(); !bytes.Equal(open, name) {
		return false, s.wrong(fmt.Sprintf("the element <%s> is closed by </%s>", shown(open), shown(name)))
	}
	s.names = s.names[:len(s.names)-len(name)]
	s.ends = s.ends[:len(s.ends)-1]
	s.advance(s.pos + n)
	return (s.start >= 0 || s.tooLong) && len(s.ends) == 1, nil
}

func (s *splitter) top() []byte {
	from := 0
	if n := len(s.ends); n > 1 {
		from = s.ends[n-2]
	}
	return s.names[from:s.ends[len(s.ends)-1]]
}

func (s *splitter) push(name []byte) error {
	if len(s.ends) == maxDepth {
		return s.wrong(fmt.Sprintf("elements lie more than %d deep in one another", maxDepth))
	}
	s.names = append(s.names, name...)
	s.ends = append(s.ends, len(s.names))
	return nil
}

// nameEnd is where the element's name ends in the inside of a tag.
func nameEnd(body []byte) int {
	if i := bytes.IndexAny(body, " \t\r\n/"); i >= 0 {
		return i
	}
	return len(body)
}

// local is an element's name without its prefix, read as encoding/xml does.
func local(name []byte) []byte {
	prefix, rest, ok := bytes.Cut(name, []byte(":"))
	if !ok || len(prefix) == 0 || len(rest) == 0 {
		return name
	}
	return rest
}

// shown shortens a name for a report.
func shown(name []byte) string {
	if len(name) > 60 {
		name = append(bytes.Clone(name[:60]), "..."...)
	}
	return strings.ToValidUTF8(string(name), "\uFFFD")
}

func (s *splitter) wrong(reason string) error { return &FileError{Line: s.line, Reason: reason} }
