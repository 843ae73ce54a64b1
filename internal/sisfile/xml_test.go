package sisfile

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

// cut is all records of a file; a refused one is ! and its reason. end is "" for a whole file, otherwise why it ended.
func cut(r *Reader) (records []string, lines []int, end string) {
	for {
		rec, err := r.Next()
		var file *FileError
		var record *RecordError
		switch {
		case errors.As(err, &record):
			records, lines = append(records, "!"+record.Reason), append(lines, record.Line)
		case err == io.EOF:
			return records, lines, ""
		case errors.As(err, &file):
			return records, lines, file.Reason
		case errors.Is(err, io.ErrUnexpectedEOF):
			return records, lines, "truncated"
		case err != nil:
			return records, lines, err.Error()
		default:
			records, lines = append(records, string(rec.Raw)), append(lines, rec.Line)
		}
	}
}

// inChunks reads a text so many bytes at a time.
func inChunks(text string, csv *CSV, chunk int) *Reader {
	r := NewReader(strings.NewReader(text), csv)
	r.chunk = chunk
	return r
}

const noXML = "Content is not allowed in prolog: there is text before the first element, so this is no XML file; a CSV file can be read when the profile has the setting csv"

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
		{"empty user within user", "<users><user><user/></user><user /></users>", []string{"<user><user/></user>", "<user />"}, []int{1, 1}, ""},
		{"other elements", "<users><note>n</note><user>1</user><usera/></users>", []string{"<user>1</user>"}, []int{1}, ""},
		{"text between", "<users>\n1 <user>1</user> 2 </users>", []string{"<user>1</user>"}, []int{2}, ""},
		{"comment", "<!-- <user> --><users><!-- > <user> --><user><!-- </user> --></user></users>", []string{"<user><!-- </user> --></user>"}, []int{1}, ""},
		{"cdata", "<users><user><![CDATA[</user>]]></user></users>", []string{"<user><![CDATA[</user>]]></user>"}, []int{1}, ""},
		{"instruction", "<?xml version='1.0'?><users><?x <user>?><user/></users>", []string{"<user/>"}, []int{1}, ""},
		{"quoted >", `<users><user a='>"' b=">'">x</user></users>`, []string{`<user a='>"' b=">'">x</user>`}, []int{1}, ""},
		{"quoted />", `<users><user a='/>'>x</user></users>`, []string{`<user a='/>'>x</user>`}, []int{1}, ""},
		{"byte order mark", "\ufeff<users><user/></users>", []string{"<user/>"}, []int{1}, ""},
		{"white space first", "\r\n <users><user/></users>", []string{"<user/>"}, []int{2}, ""},
		{"space in end tag", "<users><user></user ></users\n>", []string{"<user></user >"}, []int{1}, ""},
		{"declared latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><users><user>M\xfcller</user></users>", []string{"<user>Müller</user>"}, []int{1}, ""},
		{"declared windows-1252", "<?xml version='1.0' encoding=\"windows-1252\"?><users><user>\x80</user></users>", []string{"<user>€</user>"}, []int{1}, ""},
		{"mark outranks declaration", "\ufeff<?xml version='1.0' encoding='ISO-8859-1'?><users><user>Müller</user></users>", []string{"<user>Müller</user>"}, []int{1}, ""},
		{"unknown encoding", "<?xml version='1.0' encoding='EBCDIC-9'?><users/>", nil, nil, `the file declares the encoding "ebcdic-9", which is not known; write it in UTF-8`},
		{"utf-16 that is none", "<?xml version='1.0' encoding='UTF-16'?><users/>", nil, nil, "the file declares UTF-16 and is not in it; correct the declaration"},
		{"utf-32", "\xff\xfe\x00\x00<\x00\x00\x00", nil, nil, "the file is in UTF-32; write it in UTF-8"},
		{"document type", "<!DOCTYPE users [<!ENTITY x 'y'>]><users><user/></users>", nil, nil, "a document type declaration (<!DOCTYPE) is not allowed; leave it out"},
		{"no comment", "<users><!\r\r-- --></users>", nil, nil, "a document type declaration (<!DOCTYPE) is not allowed; leave it out"},
		{"short directive", "<users><!", nil, nil, "truncated"},
		{"a web page", "<!doctype HTML>\n<html></html>", nil, nil, webPage},
		{"an old web page", "<HTML><body></body></HTML>", nil, nil, webPage},
		{"version 1", "<userRecords>\n<userRecord><userDetails/></userRecord></userRecords>", nil, nil, "the file is in version 1 of Alma's user format (userRecord), which is not read; export version 2 (user)"},
		{"junk before", "Sorry!\n<users/>", nil, nil, noXML},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3", nil, nil, "the file is a PDF document; export the users as XML or CSV and drop that"},
		{"a workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", nil, nil, "the file is an old Office document, such as an Excel workbook; export the users as XML or CSV and drop that"},
		{"JSON", `{"user":[]}`, nil, nil, noXML},
		{"NULs", strings.Repeat("\x00", 2000), nil, nil, "Content is not allowed in prolog: there are NUL characters, so this is no XML file"},
		{"NULs between", "<users>\n<user/>\n\x00\x00\n<user/></users>", []string{"<user/>"}, []int{2}, "there are NUL characters between the records; the file was damaged on its way"},
		{"empty", "", nil, nil, "the file is empty"},
		{"only a mark", "\ufeff", nil, nil, "the file is empty"},
		{"only a comment", "<!-- x -->", nil, nil, "the file is empty"},
		{"truncated after a record", "<users><user>1</user>", []string{"<user>1</user>"}, []int{1}, "truncated"},
		{"truncated in a record", "<users><user>1", nil, nil, "truncated"},
		{"truncated in a tag", "<users><user", nil, nil, "truncated"},
		{"truncated in a value", "<users><user a='>", nil, nil, "truncated"},
		{"truncated in an end tag", "<users><user></user", nil, nil, "truncated"},
		{"truncated at a <", "<users><user/><", []string{"<user/>"}, []int{1}, "truncated"},
		{"truncated in a comment", "<users><!-- ", nil, nil, "truncated"},
		{"crossed tags", "<users><user><a><b></a></b></user></users>", nil, nil, "the element <b> is closed by </a>"},
		{"end without start", "<users></users></user>", nil, nil, "the end tag </user> has no start tag"},
		{"end of nothing", "</>", nil, nil, "the end tag </> has no start tag"},
		{"no name", "<users>< ></users>", nil, nil, "a tag has no name"},
		{"long name", "<users><" + strings.Repeat("x", 1001) + "/></users>", nil, nil, "the name of an element is longer than 1000 characters"},
		{"second root", "<users></users><users/>", nil, nil, "there is a second root element"},
		{"text behind", "<users></users>x", nil, nil, "there is text after the end of the root element"},
		{"cdata outside", "<users></users><![CDATA[]]>", nil, nil, "there is text after the end of the root element"},
		{"< in a tag", "<users><user <a/></users>", nil, nil, "there is a < within a tag"},
		{"too deep", "<users>" + deep + "</users>", nil, nil, "elements lie more than 256 deep in one another"},
		{"long root", "<users a='" + strings.Repeat("x", maxRoot) + "'/>", nil, nil, "the root element's start tag is longer than 64 KB"},
		{"record as large as may be", "<users><user>" + strings.Repeat("x", maxRecord-13) + "</user></users>",
			[]string{"<user>" + strings.Repeat("x", maxRecord-13) + "</user>"}, []int{1}, ""},
		{"record too large by one", "<users>\n<user>" + strings.Repeat("x", maxRecord-12) + "</user>\n<user/></users>",
			[]string{"!The record is larger than 8 MB.", "<user/>"}, []int{2, 3}, ""},
		{"record far too large", "<users><user>" + strings.Repeat("<a>x\n</a>", maxRecord/4) + "</user>\n<user/></users>",
			[]string{"!The record is larger than 8 MB.", "<user/>"}, []int{1, 2 + maxRecord/4}, ""},
		{"tag too large", "<users><user a='" + strings.Repeat("x", 2*maxRecord) + "'/><user/></users>", nil, nil, "a tag is longer than 8 MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, chunk := range []int{firstChunk, 1, 7} {
				if len(tt.text) > 1<<20 && chunk < 7 {
					continue
				}
				records, lines, end := cut(inChunks(tt.text, nil, chunk))
				if !slices.Equal(records, tt.records) || !slices.Equal(lines, tt.lines) || end != tt.end {
					t.Errorf("by %d: got %.200q %v %q, want %.200q %v %q", chunk, records, lines, end, tt.records, tt.lines, tt.end)
				}
			}
		})
	}
}

func TestFileErrorLine(t *testing.T) {
	for text, want := range map[string]int{
		"<users>\n<user>\n<a>\n</b>": 4, "\n\nx": 3, "<users>\n</users>\n\n x": 4, "<users>\n\n\x00": 3, "": 1,
	} {
		_, err := NewReader(strings.NewReader(text), nil).Next()
		var file *FileError
		if !errors.As(err, &file) || file.Line != want {
			t.Errorf("%q: got %+v, want line %d", text, err, want)
		}
	}
}

func TestUTF16(t *testing.T) {
	for name, text := range map[string]string{"XML": "<?xml version='1.0' encoding='UTF-16'?><users><user>Æsa Þór 🕮</user></users>", "CSV": "No;Surname\nÆsa Þór 🕮;x\n"} {
		csv := small()
		want := "<user>Æsa Þór 🕮</user>"
		if name == "CSV" {
			want = "Æsa Þór 🕮;x"
		}
		for _, big := range []bool{false, true} {
			for _, mark := range []string{"\ufeff", ""} {
				if mark == "" && name == "CSV" {
					continue
				}
				r := NewReader(bytes.NewReader(inUTF16(mark+text, big)), csv)
				if records, _, end := cut(r); end != "" || !slices.Equal(records, []string{want}) {
					t.Errorf("%s, big endian %t, mark %q: got %q, %q", name, big, mark, records, end)
				}
			}
		}
	}
}

func inUTF16(text string, big bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

func TestReadError(t *testing.T) {
	broken := errors.New("connection reset")
	for _, text := range []string{"", "<users><user/>", "No,Surname\n1,x\n", strings.Repeat(" ", 5000)} {
		r := NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), small())
		var err error
		for range 4 {
			if _, err = r.Next(); err != nil {
				break
			}
		}
		if _, again := r.Next(); !errors.Is(err, broken) || again != err {
			t.Errorf("%.20q: got %v, and then %v, want the reader's error", text, err, again)
		}
	}
}

func TestEmptyReads(t *testing.T) {
	r := NewReader(emptyReader{}, nil)
	if _, err := r.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want that there is no progress", err)
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

// TestHeadAndTail puts records into a file of their own and reads that.
func TestHeadAndTail(t *testing.T) {
	tests := []struct {
		name, text string
		head, tail string
	}{
		{"plain", "<users><user/></users>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users>\n", "</users>\n"},
		{"prefix", "<?xml version='1.0' encoding='ISO-8859-1'?><a:users xmlns:a=\"x>\"\n b='\xfc' ><a:user>M\xfcller</a:user></a:users>",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a:users xmlns:a=\"x>\"\n b='ü'>\n", "</a:users>\n"},
		{"no people", "<users />", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users>\n", "</users>\n"},
		{"no users", "{}", "", ""},
		{"CSV", "\n sURNAME ,\"No\"\r\nx,1\r\ny,2", "\ufeff sURNAME ,\"No\"\n", ""},
	}
	for _, tt := range tests {
		var csv *CSV
		if tt.name == "CSV" {
			csv = small()
		}
		r := NewReader(strings.NewReader(tt.text), csv)
		records, _, _ := cut(r)
		if got := string(r.Head()); got != tt.head || string(r.Tail()) != tt.tail {
			t.Errorf("%s: got %q and %q, want %q and %q", tt.name, got, r.Tail(), tt.head, tt.tail)
		}
		if tt.head == "" {
			continue
		}
		own := string(r.Head()) + strings.Join(records, "\n") + "\n" + string(r.Tail())
		if again, _, end := cut(NewReader(strings.NewReader(own), csv)); !slices.Equal(again, records) || end != "" {
			t.Errorf("%s: got %q %q from %q, want %q", tt.name, again, end, own, records)
		}
	}
}

func TestOffset(t *testing.T) {
	text := "<?xml version='1.0' encoding='ISO-8859-1'?><users><user>\xfc</user>\n<user/></users>"
	r := NewReader(strings.NewReader(text), nil)
	var got []int64
	for {
		got = append(got, r.Offset())
		if _, err := r.Next(); err != nil {
			break
		}
	}
	got = append(got, r.Offset())
	if want := []int64{0, 65, 73, 81}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBoundedWindow reads files that never come to an end of what they begin.
func TestBoundedWindow(t *testing.T) {
	for name, begin := range map[string]string{
		"text": "<users>", "record": "<users><user>", "comment": "<!--", "tag": "<users ", "value": "<users a='", "elements": "<users><user><a>",
		"no XML": "x", "row": "No,Surname\n", "cell": "No,Surname\n\"", "header": "No",
	} {
		csv := small()
		if begin[0] == '<' {
			csv = nil
		}
		r := NewReader(io.MultiReader(strings.NewReader(begin), &endless{left: 40 << 20}), csv)
		_, err := r.Next()
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
		if n := len(r.window.buf); n > maxRecord+firstChunk {
			t.Errorf("%s: %d bytes were held", name, n)
		}
	}
}

// endless is a long text of nothing in particular.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 'x'
	}
	e.left -= len(p)
	return len(p), nil
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
			if depth == 0 && (len(bytes.Trim(tok, " \t\r\n")) > 0 || bytes.ContainsAny(text[before:d.InputOffset()], "<&")) {
				return nil, false
			}
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth == 0 && strings.EqualFold(tok.Name.Local, "html") || depth == 1 && tok.Name.Local == "userRecord" || len(tok.Name.Local) > 900 {
				return nil, false
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
		"<u a='<' b=\"'/>\"><user  /></u>", "<u><user></user\n></u><!-- - -->", "<u>x<user><![CDATA[]]]]></user>y</u>\n", "<!DOCTYPE html>",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, chunk uint8) {
		whole := inChunks(string(text), nil, 4<<10)
		records, lines, end := cut(whole)
		again, linesAgain, endAgain := cut(inChunks(string(text), nil, int(chunk)+1))
		if !slices.Equal(records, again) || !slices.Equal(lines, linesAgain) || end != endAgain {
			t.Errorf("by %d: got %q %v %q, want %q %v %q", chunk, again, linesAgain, endAgain, records, lines, end)
		}
		for i, rec := range records {
			_, _, _ = whole.Decode(Record{Line: lines[i], Raw: []byte(rec)})
		}
		if !slices.IsSorted(lines) {
			t.Errorf("lines %v are not in order", lines)
		}
		if want, ok := oracle(bytes.TrimPrefix(text, utf8Mark)); ok && (end != "" || !slices.Equal(records, want)) {
			t.Errorf("got %q, %q; encoding/xml finds %q", records, end, want)
		}
	})
}
