package sis

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// cut splits a text, and names its end: "" for a whole file, otherwise the error's reason.
func cut(r io.Reader) (records []string, lines []int, end string) {
	for rec, err := range Split(r) {
		var file *FileError
		var record *RecordError
		switch {
		case errors.As(err, &record):
			records = append(records, "!"+record.Reason)
		case errors.As(err, &file):
			return records, lines, file.Reason
		case errors.Is(err, io.ErrUnexpectedEOF):
			return records, lines, "truncated"
		case err != nil:
			return records, lines, err.Error()
		default:
			records = append(records, string(rec.Raw))
		}
		lines = append(lines, rec.Line)
	}
	return records, lines, ""
}

func TestSplit(t *testing.T) {
	deep := strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth)
	tests := []struct {
		name, text string
		records    []string
		lines      []int
		end        string
	}{
		{"two", "<users>\n<user>a</user>\n\n<user>b</user></users>", []string{"<user>a</user>", "<user>b</user>"}, []int{2, 4}, ""},
		{"other root", "<userRecords><user/></userRecords>\n", []string{"<user/>"}, []int{1}, ""},
		{"prefix", `<a:users xmlns:a="x"><a:user>1</a:user></a:users>`, []string{"<a:user>1</a:user>"}, []int{1}, ""},
		{"no people", "<users/>", nil, nil, ""},
		{"root named user", "<user><user>x</user></user>", []string{"<user>x</user>"}, []int{1}, ""},
		{"user within user", "<users><user><user>x</user></user></users>", []string{"<user><user>x</user></user>"}, []int{1}, ""},
		{"other elements", "<users><note>n</note><user>1</user><usera/></users>", []string{"<user>1</user>"}, []int{1}, ""},
		{"comment", "<!-- <user> --><users><!-- > <user> --><user><!-- </user> --></user></users>",
			[]string{"<user><!-- </user> --></user>"}, []int{1}, ""},
		{"cdata", "<users><user><![CDATA[</user>]]></user></users>", []string{"<user><![CDATA[</user>]]></user>"}, []int{1}, ""},
		{"instruction", "<?xml version='1.0'?><users><?x <user>?><user/></users>", []string{"<user/>"}, []int{1}, ""},
		{"quoted >", `<users><user a='>"' b=">'">x</user></users>`, []string{`<user a='>"' b=">'">x</user>`}, []int{1}, ""},
		{"byte order mark", "\ufeff<users><user/></users>", []string{"<user/>"}, []int{1}, ""},
		{"space in end tag", "<users><user></user ></users\n>", []string{"<user></user >"}, []int{1}, ""},
		{"declared latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><users><user>M\xfcller</user></users>", []string{"<user>Müller</user>"}, []int{1}, ""},
		{"declared windows-1252", "<?xml version='1.0' encoding=\"windows-1252\"?><users><user>\x80</user></users>", []string{"<user>€</user>"}, []int{1}, ""},
		{"unknown encoding", "<?xml version='1.0' encoding='EBCDIC-9'?><users/>", nil, nil, `the file declares the encoding "EBCDIC-9", which is not known; write it in UTF-8`},
		{"utf-16 that is none", "<?xml version='1.0' encoding='UTF-16'?><users/>", nil, nil, "the file declares UTF-16 and is not in it; correct the declaration"},
		{"utf-32", "\xff\xfe\x00\x00<\x00\x00\x00", nil, nil, "the file is in UTF-32; write it in UTF-8"},
		{"document type", "<!DOCTYPE users [<!ENTITY x 'y'>]><users><user/></users>", nil, nil, "a document type declaration (<!DOCTYPE) is not allowed; leave it out"},
		{"junk before", "Sorry!\n<users/>", nil, nil, "Content is not allowed in prolog: there is text before the first element, so this is no XML file"},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3", nil, nil, "Content is not allowed in prolog: there is text before the first element, so this is no XML file"},
		{"empty", "", nil, nil, "the file is empty"},
		{"only a comment", "<!-- x -->", nil, nil, "the file is empty"},
		{"truncated after a record", "<users><user>1</user>", []string{"<user>1</user>"}, []int{1}, "truncated"},
		{"truncated in a record", "<users><user>1", nil, nil, "truncated"},
		{"truncated in a tag", "<users><user", nil, nil, "truncated"},
		{"truncated in a comment", "<users><!-- ", nil, nil, "truncated"},
		{"crossed tags", "<users><user><a><b></a></b></user></users>", nil, nil, "the element <b> is closed by </a>"},
		{"end without start", "<users></users></user>", nil, nil, "the end tag </user> has no start tag"},
		{"second root", "<users></users><users/>", nil, nil, "there is a second root element"},
		{"text behind", "<users></users>x", nil, nil, "there is text after the end of the root element"},
		{"< in a tag", "<users><user <a/></users>", nil, nil, "there is a < within a tag"},
		{"too deep", "<users>" + deep + "</users>", nil, nil, "elements lie more than 256 deep in one another"},
		{"record too large", "<users><user>" + strings.Repeat("x", maxRecord+firstChunk) + "</user>\n<user/></users>",
			[]string{"!The record is larger than 8 MB.", "<user/>"}, []int{1, 2}, ""},
		{"tag too large", "<users><user a='" + strings.Repeat("x", 2*maxRecord) + "'/><user/></users>", nil, nil, "a tag is longer than 8 MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{"whole": strings.NewReader(tt.text), "in pieces": iotest.HalfReader(strings.NewReader(tt.text))} {
				records, lines, end := cut(r)
				if !slices.Equal(records, tt.records) || !slices.Equal(lines, tt.lines) || end != tt.end {
					t.Errorf("%s: got %.200q %v %q, want %.200q %v %q", name, records, lines, end, tt.records, tt.lines, tt.end)
				}
			}
		})
	}
}

func TestHash(t *testing.T) {
	var hashes [][32]byte
	for rec, err := range Split(strings.NewReader("<u><user>a</user>\n<user>a</user><user>b</user></u>")) {
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, rec.Hash())
	}
	if len(hashes) != 3 || hashes[0] != hashes[1] || hashes[1] == hashes[2] {
		t.Errorf("got %x", hashes)
	}
}

func TestSplitByteByByte(t *testing.T) {
	text := "<?xml version='1.0'?>\n<a:users><!-- - -- >--->\n<a:user q='>'><![CDATA[]]]]></a:user>\n<a:user/></a:users>"
	records, lines, end := cut(iotest.OneByteReader(strings.NewReader(text)))
	if want := []string{"<a:user q='>'><![CDATA[]]]]></a:user>", "<a:user/>"}; !slices.Equal(records, want) || !slices.Equal(lines, []int{3, 4}) || end != "" {
		t.Errorf("got %q %v %q, want %q", records, lines, end, want)
	}
}

func TestSplitUTF16(t *testing.T) {
	text := "<?xml version='1.0' encoding='UTF-16'?><users><user>Æsa Þór</user></users>"
	for _, mark := range []string{"\ufeff", ""} {
		for name, big := range map[string]bool{"little": false, "big": true} {
			var b bytes.Buffer
			for _, u := range utf16.Encode([]rune(mark + text)) {
				if big {
					b.Write([]byte{byte(u >> 8), byte(u)})
				} else {
					b.Write([]byte{byte(u), byte(u >> 8)})
				}
			}
			if records, _, end := cut(&b); end != "" || !slices.Equal(records, []string{"<user>Æsa Þór</user>"}) {
				t.Errorf("%s endian with mark %q: got %q, %q", name, mark, records, end)
			}
		}
	}
}

func TestSplitReadError(t *testing.T) {
	broken := errors.New("connection reset")
	r := io.MultiReader(strings.NewReader("<users><user/>"), iotest.ErrReader(broken))
	var got error
	for _, err := range Split(r) {
		got = err
	}
	if !errors.Is(got, broken) {
		t.Errorf("got %v, want the reader's error", got)
	}
}

// oracle cuts the text with encoding/xml; ok is false when that refuses the text, or it is no single document.
func oracle(text []byte) (records []string, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) { return nil, errors.New("not looked at") }
	depth, roots, start := 0, 0, int64(-1)
	for {
		before := d.InputOffset()
		tok, err := d.Token()
		if err == io.EOF {
			return records, depth == 0 && roots == 1
		}
		if err != nil {
			return nil, false
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return nil, false
		case xml.CharData:
			if depth == 0 && len(bytes.Trim(tok, " \t\r\n")) > 0 {
				return nil, false
			}
			if depth == 0 && bytes.ContainsAny(text[before:d.InputOffset()], "<&") {
				return nil, false
			}
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth == 1 && tok.Name.Local == "user" {
				start = before
			}
			depth++
		case xml.EndElement:
			depth--
			if depth == 1 && start >= 0 {
				records, start = append(records, string(text[start:d.InputOffset()])), -1
			}
		}
		if depth > maxDepth {
			return nil, false
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"<users><user>a</user>\n<user/></users>", "<a:u xmlns:a='x'><a:user b='>'/></a:u>", "<u><!-- <user> --><user><![CDATA[</user>]]></user></u>",
		"<?xml version='1.0'?><u>\n<?p ?><user><user/></user ></u>", "<u><user>&amp;&#65;</user><user", "\ufeff<u/>", "<:u><:user/></:u>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		records, lines, end := cut(bytes.NewReader(text))
		again, _, endAgain := cut(iotest.OneByteReader(bytes.NewReader(text)))
		if !slices.Equal(records, again) || end != endAgain {
			t.Errorf("byte by byte: got %q %q, want %q %q", again, endAgain, records, end)
		}
		if !slices.IsSorted(lines) {
			t.Errorf("lines %v are not in order", lines)
		}
		if want, ok := oracle(bytes.TrimPrefix(text, []byte("\ufeff"))); ok && (end != "" || !slices.Equal(records, want)) {
			t.Errorf("got %q, %q; encoding/xml finds %q", records, end, want)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	person := "<user><primary_id>10000004</primary_id><first_name>Ada</first_name>" + strings.Repeat("<address preferred='true'><line1>Somewhere 1</line1></address>\n", 40) + "</user>\n"
	text := []byte("<users>" + strings.Repeat(person, 1000) + "</users>")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for rec, err := range Split(bytes.NewReader(text)) {
			if err != nil || len(rec.Raw) != len(person)-1 {
				b.Fatal(err)
			}
		}
	}
}
