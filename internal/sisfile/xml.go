package sisfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxDepth = 256      // elements within one another
	maxName  = 1000     // bytes of an element's name
	maxRoot  = 64 << 10 // bytes of the root's start tag
)

// xmlCutter cuts a file into its user records: the elements named user, in any name space, directly below the root
// whatever that is called. The text is cut as bytes; whether a record is itself well formed shows when it is read,
// but elements are matched with their end tags. A document type declaration is refused, because what it defines could
// stand for anything.
type xmlCutter struct {
	*window
	binary bool // there are NUL characters where the file begins

	names []byte // of the open elements, one behind the other
	ends  []int  // where each name ends in names

	startLine int    // of the record being read
	tooLong   bool   // the record being read is, and is not held
	root      []byte // the root's start tag
}

// next is the next record, or io.EOF after the end of a whole file.
func (x *xmlCutter) next() (Record, error) {
	for {
		ended, err := x.elements()
		if err != nil {
			return Record{}, err
		}
		if ended {
			return x.record()
		}
	}
}

// record is the record that ended just now.
func (x *xmlCutter) record() (Record, error) {
	rec := Record{Line: x.startLine}
	if !x.tooLong {
		rec.Raw = x.buf[x.hold:x.pos]
	}
	tooLong := x.tooLong || len(rec.Raw) > maxRecord
	x.hold, x.tooLong = -1, false
	if tooLong {
		return Record{Line: rec.Line}, tooLarge(rec.Line)
	}
	return rec, nil
}

// elements goes on to the end of a record and reports true, or as far as the window reaches. It is where the time
// goes: text is passed with IndexByte, and of a tag nothing is looked at twice.
func (x *xmlCutter) elements() (ended bool, err error) {
	buf := x.buf[:x.end]
	for {
		i := bytes.IndexByte(buf[x.pos:], '<')
		if len(x.ends) < 2 {
			if err := x.between(i); err != nil {
				return false, err
			}
		}
		if i < 0 {
			x.pos = len(buf)
			return false, x.outside()
		}
		x.pos += i
		tag := buf[x.pos:]
		var n int
		switch {
		case len(tag) < 2:
		case tag[1] == '/':
			n, err = x.endTag(tag)
		case tag[1] == '!' || tag[1] == '?':
			return false, x.other()
		default:
			n, ended, err = x.startTag(tag)
		}
		if n == 0 {
			if err == nil {
				err = x.inside()
			}
			return false, err
		}
		x.pos += n
		if len(x.ends) == 1 && (ended || tag[1] == '/' && (x.hold >= 0 || x.tooLong)) {
			return true, nil
		}
	}
}

// between looks at the text before the < at pos+i, outside of all records. Beyond the root only white space may be;
// below it other text is passed over, but not what a damaged disk leaves.
func (x *xmlCutter) between(i int) error {
	text := x.buf[x.pos:x.end]
	if i >= 0 {
		text = text[:i]
	}
	if len(x.ends) == 1 {
		if i := bytes.IndexByte(text, 0); i >= 0 {
			x.pos += i
			return x.wrong("there are NUL characters between the records; the file was damaged on its way")
		}
		return nil
	}
	if rest := bytes.TrimLeft(text, " \t\r\n"); len(rest) > 0 {
		x.pos += len(text) - len(rest)
		return x.stray()
	}
	return nil
}

func (x *xmlCutter) stray() error {
	switch {
	case x.root != nil:
		return x.wrong("there is text after the end of the root element")
	case x.binary:
		return x.wrong("Content is not allowed in prolog: there are NUL characters, so this is no XML file")
	}
	return x.wrong("Content is not allowed in prolog: there is text before the first element, so this is no XML file; a CSV file can be read when the profile has the setting csv")
}

// outside reads on between two pieces of markup.
func (x *xmlCutter) outside() error {
	err := x.more()
	switch {
	case err != io.EOF:
		return err
	case len(x.ends) > 0:
		return ErrTruncated
	case x.root == nil:
		return x.wrong("the file is empty")
	}
	return io.EOF
}

// inside reads on within a piece of markup, where the file must not end.
func (x *xmlCutter) inside() error {
	err := x.more()
	if err == io.EOF {
		return ErrTruncated
	}
	return err
}

// more reads on. A record that outgrows its bound is given up, and passed over without being held.
func (x *xmlCutter) more() error {
	if x.hold >= 0 && x.end-x.hold > maxRecord {
		x.hold, x.tooLong = -1, true
	}
	err := x.fill()
	if errors.Is(err, errFull) {
		return x.wrong(fmt.Sprintf("a tag is longer than %d MB", maxRecord>>20))
	}
	return err
}

// other passes a comment, a processing instruction or a CDATA section.
func (x *xmlCutter) other() error {
	for _, c := range []struct{ open, end string }{{"<?", "?>"}, {"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		ok, err := x.sees(c.open)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if c.end == "]]>" && len(x.ends) == 0 {
			return x.stray()
		}
		x.pos += len(c.open)
		return x.until(c.end, x.inside)
	}
	return x.directive()
}

// directive refuses a document type declaration; that of a web page has words of its own.
func (x *xmlCutter) directive() error {
	const page = "<!doctype html"
	for x.end-x.pos < len(page) && x.inside() == nil {
	}
	if text := x.buf[x.pos:x.end]; len(text) >= len(page) && strings.EqualFold(string(text[:len(page)]), page) {
		return x.wrong(webPage)
	}
	return x.wrong("a document type declaration (<!DOCTYPE) is not allowed; leave it out")
}

const webPage = "the file is a web page (HTML), perhaps the error message or sign-in page of the system it was fetched from"

// sees reports whether the text from pos on begins with the one given. It reads no more than is needed to tell.
func (x *xmlCutter) sees(text string) (bool, error) {
	for n := 1; n <= len(text); n++ {
		for x.end-x.pos < n {
			if err := x.inside(); err != nil {
				return false, err
			}
		}
		if x.buf[x.pos+n-1] != text[n-1] {
			return false, nil
		}
	}
	return true, nil
}

// afterName are the characters that end a name in a tag.
var afterName = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, '/': true, '>': true, '<': true, '"': true, '\'': true}

// startTag opens the element at pos. n is the length of its tag, or 0 when that goes on behind the window; ended says
// that a whole record was one empty tag.
func (x *xmlCutter) startTag(tag []byte) (n int, ended bool, err error) {
	n = 1
	for n < len(tag) && !afterName[tag[n]] {
		n++
	}
	name := tag[1:n]
	n, err = x.tagEnd(tag, n)
	if n == 0 {
		return 0, false, err
	}
	empty := tag[n-2] == '/'
	if len(name) == 0 {
		return 0, false, x.wrong("a tag has no name")
	}
	if len(name) > maxName {
		return 0, false, x.wrong(fmt.Sprintf("the name of an element is longer than %d characters", maxName))
	}
	if len(x.ends) < 2 {
		if err := x.outermost(tag[:n], name); err != nil {
			return 0, false, err
		}
	}
	if empty {
		return n, x.hold == x.pos, nil
	}
	if len(x.ends) == maxDepth {
		return 0, false, x.wrong(fmt.Sprintf("elements lie more than %d deep in one another", maxDepth))
	}
	x.names = append(x.names, name...)
	x.ends = append(x.ends, len(x.names))
	return n, false, nil
}

// tagEnd is the length of the tag of which i characters are known; 0 without an error when it goes on behind the
// window. A > in quotes does not end it.
func (x *xmlCutter) tagEnd(tag []byte, i int) (int, error) {
	for i < len(tag) {
		switch c := tag[i]; c {
		case '>':
			return i + 1, nil
		case '<':
			return 0, x.wrong("there is a < within a tag")
		case '"', '\'':
			j := bytes.IndexByte(tag[i+1:], c)
			if j < 0 {
				return 0, nil
			}
			i += j + 2
		default:
			i++
		}
	}
	return 0, nil
}

// outermost looks at the root's start tag, and at those directly below it, where records begin.
func (x *xmlCutter) outermost(tag, name []byte) error {
	if len(x.ends) == 0 {
		return x.setRoot(tag, name)
	}
	switch string(local(name)) {
	case "user":
		x.hold, x.startLine = x.pos, x.lineAt(x.pos)
	case "userRecord":
		return x.wrong("the file is in version 1 of Alma's user format (userRecord), which is not read; export version 2 (user)")
	}
	return nil
}

func (x *xmlCutter) setRoot(tag, name []byte) error {
	switch {
	case x.root != nil:
		return x.wrong("there is a second root element")
	case strings.EqualFold(string(local(name)), "html"):
		return x.wrong(webPage)
	case len(tag) > maxRoot:
		return x.wrong(fmt.Sprintf("the root element's start tag is longer than %d KB", maxRoot>>10))
	}
	x.root = bytes.Clone(tag)
	return nil
}

// endTag closes the element that was opened last. n is as for startTag.
func (x *xmlCutter) endTag(tag []byte) (n int, err error) {
	open := x.open()
	if n := len(open) + 2; n < len(tag) && tag[n] == '>' && bytes.Equal(open, tag[2:n]) && len(open) > 0 {
		x.names = x.names[:len(x.names)-len(open)]
		x.ends = x.ends[:len(x.ends)-1]
		return n + 1, nil
	}
	n, err = x.tagEnd(tag, 2)
	if n == 0 {
		return 0, err
	}
	name := bytes.TrimRight(tag[2:n-1], " \t\r\n")
	if len(x.ends) == 0 {
		return 0, x.wrong(fmt.Sprintf("the end tag </%s> has no start tag", shown(name)))
	}
	if !bytes.Equal(open, name) {
		return 0, x.wrong(fmt.Sprintf("the element <%s> is closed by </%s>", shown(open), shown(name)))
	}
	x.names = x.names[:len(x.names)-len(open)]
	x.ends = x.ends[:len(x.ends)-1]
	return n, nil
}

// open is the name of the element that was opened last.
func (x *xmlCutter) open() []byte {
	n := len(x.ends)
	switch n {
	case 0:
		return nil
	case 1:
		return x.names
	}
	return x.names[x.ends[n-2]:]
}

// local is an element's name without its prefix, read as encoding/xml does.
func local(name []byte) []byte {
	prefix, rest, ok := bytes.Cut(name, []byte(":"))
	if !ok || len(prefix) == 0 || len(rest) == 0 {
		return name
	}
	return rest
}

// head is what a file of some of these records begins with.
func (x *xmlCutter) head() []byte {
	tag := bytes.TrimSuffix(x.root, []byte(">"))
	tag = bytes.TrimRight(bytes.TrimSuffix(tag, []byte("/")), " \t\r\n")
	return fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s>\n", bytes.ToValidUTF8(tag, []byte("\uFFFD")))
}

// tail is what such a file ends with.
func (x *xmlCutter) tail() []byte {
	name := x.root[1:]
	for i, c := range name {
		if afterName[c] {
			name = name[:i]
			break
		}
	}
	return fmt.Appendf(nil, "</%s>\n", bytes.ToValidUTF8(name, []byte("\uFFFD")))
}

func (x *xmlCutter) wrong(reason string) error {
	return &FileError{Line: x.lineAt(x.pos), Reason: reason}
}
