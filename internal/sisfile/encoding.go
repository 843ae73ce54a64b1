package sisfile

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

// sniffed is how much of a file is looked at to find what it is.
const sniffed = 1024

// text is a file brought into UTF-8.
type text struct {
	io.Reader
	xml  bool              // it begins like XML
	nul  bool              // there are NUL characters where it begins
	told string            // the encoding it was read in when that was believed on its word; empty for Unicode by its marks
	enc  encoding.Encoding // the same
}

var declaredEncoding = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']`)

// decodeText brings a file into UTF-8 by its byte order mark, by its XML declaration, or, where it is no XML, by the
// profile's setting. The declaration stays in the text; the mark does not.
func decodeText(r io.Reader, csv *CSV) (text, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(sniffed)
	if err != nil && err != io.EOF {
		return text{}, err
	}
	if reason := foreign(head); reason != "" {
		return text{}, &FileError{Line: 1, Reason: reason}
	}
	if order, mark := utf16Order(head); mark != "" {
		decoded := bufio.NewReader(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(in))
		head, err := decoded.Peek(sniffed)
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return text{}, err
		}
		return text{Reader: decoded, xml: isXML(head)}, nil
	}
	mark := bytes.HasPrefix(head, utf8Mark)
	if mark {
		in.Discard(len(utf8Mark))
		head = head[len(utf8Mark):]
	}
	return decodeTold(in, head, mark, csv)
}

var utf8Mark = []byte("\xef\xbb\xbf")

// utf16Order tells a file in UTF-16 by its byte order mark, or by how < looks in it.
func utf16Order(head []byte) (order unicode.Endianness, found string) {
	for _, mark := range []string{"\xff\xfe", "<\x00"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return unicode.LittleEndian, mark
		}
	}
	for _, mark := range []string{"\xfe\xff", "\x00<"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return unicode.BigEndian, mark
		}
	}
	return unicode.LittleEndian, ""
}

// decodeTold decodes a file by what is told of it, by itself or by the profile. A byte order mark outranks both.
func decodeTold(in io.Reader, head []byte, mark bool, csv *CSV) (text, error) {
	t := text{Reader: in, xml: isXML(head), nul: bytes.IndexByte(head, 0) >= 0}
	label := ""
	if m := declaredEncoding.FindSubmatch(head); m != nil {
		label = string(m[1])
	} else if !t.xml && csv != nil {
		label = csv.Encoding
	}
	label = strings.ToLower(strings.TrimSpace(label))
	switch {
	case mark, label == "", label == "utf-8", label == "utf8", label == "us-ascii", label == "ascii":
		return t, nil
	case t.xml && (strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "iso-10646-ucs-2")):
		return t, &FileError{Line: 1, Reason: "the file declares UTF-16 and is not in it; correct the declaration"}
	}
	enc, err := htmlindex.Get(label)
	if err != nil || enc == encoding.Replacement {
		return t, &FileError{Line: 1, Reason: fmt.Sprintf("the file declares the encoding %q, which is not known; write it in UTF-8", shown(label))}
	}
	t.Reader, t.told, t.enc = enc.NewDecoder().Reader(in), label, enc
	return t, nil
}

// isXML reports whether the first character that is no white space is <.
func isXML(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// foreign are the files that are dropped by mistake, by what they begin with.
func foreign(head []byte) string {
	for magic, reason := range map[string]string{
		"%PDF-":                            "the file is a PDF document",
		"{\\rtf":                           "the file is a text document (RTF)",
		"PK\x03\x04":                       "the file is a zip file, or a workbook such as Excel writes",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "the file is an old Office document, such as an Excel workbook",
		"\xff\xfe\x00\x00":                 "the file is in UTF-32; write it in UTF-8",
		"\x00\x00\xfe\xff":                 "the file is in UTF-32; write it in UTF-8",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			if strings.Contains(reason, "UTF-32") {
				return reason
			}
			return reason + "; export the users as XML or CSV and drop that"
		}
	}
	return ""
}
