package sis

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// sniffed is how much of a file is looked at to find its encoding.
const sniffed = 1024

var declaredEncoding = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']`)

// decodeText brings a file into UTF-8 by its byte order mark or its XML declaration. The declaration stays in the
// text; the mark does not.
func decodeText(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		buffered.Discard(3)
		return checkDeclared(buffered, head[3:], true)
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return nil, &FileError{Line: 1, Reason: "the file is in UTF-32; write it in UTF-8"}
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00")):
		return fromUTF16(buffered, unicode.LittleEndian), nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<")):
		return fromUTF16(buffered, unicode.BigEndian), nil
	}
	return checkDeclared(buffered, head, false)
}

func fromUTF16(r io.Reader, order unicode.Endianness) io.Reader {
	return unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(r)
}

// checkDeclared decodes a file whose first characters are ASCII by what it declares. A byte order mark outranks that.
func checkDeclared(r io.Reader, head []byte, mark bool) (io.Reader, error) {
	m := declaredEncoding.FindSubmatch(head)
	if m == nil || mark {
		return r, nil
	}
	label := strings.ToLower(strings.TrimSpace(string(m[1])))
	if label == "utf-8" || label == "utf8" || label == "us-ascii" || label == "ascii" {
		return r, nil
	}
	if strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "iso-10646-ucs-2") {
		return nil, &FileError{Line: 1, Reason: "the file declares UTF-16 and is not in it; correct the declaration"}
	}
	enc, err := htmlindex.Get(label)
	if err != nil || enc == encoding.Replacement {
		return nil, &FileError{Line: 1, Reason: fmt.Sprintf("the file declares the encoding %q, which is not known; write it in UTF-8", shown(m[1]))}
	}
	return enc.NewDecoder().Reader(r), nil
}
