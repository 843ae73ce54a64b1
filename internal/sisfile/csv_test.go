package sisfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/institution"
)

// small is a mapping of two columns.
func small() *CSV {
	return &CSV{Columns: map[string]institution.Column{"No": {Field: "primary_id"}, "Surname": {Field: "last_name"}}}
}

func TestCutRows(t *testing.T) {
	tests := []struct {
		name, text string
		records    []string
		lines      []int
		end        string
	}{
		{"two", "No,Surname\n1,a\n2,b\n", []string{"1,a", "2,b"}, []int{2, 3}, ""},
		{"CRLF and no last line break", "No,Surname\r\n1,a\r\n2,b", []string{"1,a", "2,b"}, []int{2, 3}, ""},
		{"last line break half", "No,Surname\r\n1,a\r", []string{"1,a"}, []int{2}, ""},
		{"blank lines", "\n\r\nNo,Surname\n\n1,a\n \t\n,\n\r\n2,b\n\n", []string{"1,a", "2,b"}, []int{5, 9}, ""},
		{"quoted line break", "No,Surname\n1,\"a\nb\r\nc\"\n2,b\n", []string{"1,\"a\nb\r\nc\"", "2,b"}, []int{2, 5}, ""},
		{"quoted delimiter", "No,Surname\n1,\"a,b\"\n\"2\",b\n", []string{`1,"a,b"`, `"2",b`}, []int{2, 3}, ""},
		{"doubled marks", "No,Surname\n1,\"a\"\"\n,\"\"b\"\n2,\"\"\"\"\n", []string{"1,\"a\"\"\n,\"\"b\"", `2,""""`}, []int{2, 4}, ""},
		{"byte order mark", "\ufeffNo,Surname\n1,a\n", []string{"1,a"}, []int{2}, ""},
		{"semicolons", "No;Surname\n1;a\n", []string{"1;a"}, []int{2}, ""},
		{"tabs", "\tNo\tSurname\nx\t1\ta\n\t2\tb\n", []string{"x\t1\ta", "\t2\tb"}, []int{2, 3}, ""},
		{"a delimiter in a name", "No;Surname;\"a,b,c,d\"\n1;a;\n", []string{"1;a;"}, []int{2}, ""},
		{"told to Excel", "sep=;\r\nNo;Surname\r\n1;a\r\n", []string{"1;a"}, []int{3}, ""},
		{"line break in the header", "\"No\n\",Surname\n1,a\n", []string{"1,a"}, []int{3}, ""},
		{"nobody", "No,Surname\n", nil, nil, ""},
		{"nobody, and no line break", "No,Surname", nil, nil, ""},
		{"bare mark", "No,Surname\n1,5\" tall\n2,b\n", []string{`1,5" tall`, "2,b"}, []int{2, 3}, ""},
		{"text behind a mark", "No,Surname\n1,\"a\" b\n2,\"c\nd\"\n", []string{`1,"a" b`, "2,\"c\nd\""}, []int{2, 3}, ""},
		{"a mark is missing", "No,Surname\n1,\"a\n2,\"b\"\n3,c\n", []string{"1,\"a\n2,\"b\"", "3,c"}, []int{2, 4}, ""},
		{"truncated in marks", "No,Surname\n1,a\n2,\"b\n3,c\n", []string{"1,a"}, []int{2}, "truncated"},
		{"truncated behind a doubled mark", "No,Surname\n1,\"a\"\"", nil, nil, "truncated"},
		{"truncated at a mark", "No,Surname\n1,\"", nil, nil, "truncated"},
		{"closed by the last character", "No,Surname\n1,\"a\"", []string{`1,"a"`}, []int{2}, ""},
		{"closed by the last, doubled", "No,Surname\n\"1\",\"a\"\"\"", []string{`"1","a"""`}, []int{2}, ""},
		{"truncated in a row", "No,Surname\n1,a\n2", []string{"1,a"}, []int{2}, "truncated"},
		{"empty", "", nil, nil, "the file is empty"},
		{"only blank lines", "\n \n", nil, nil, "the file is empty"},
		{"carriage returns", "No,Surname\r1,a\r", nil, nil, "the lines end with a carriage return alone; save the file with line feeds"},
		{"no such column", "No,Family name\n1,a\n", nil, nil, `the header row lacks the column "Surname", which the profile's setting csv names; it has "No", "Family name"`},
		{"no such columns", "Number|Name\n", nil, nil, `the header row lacks the columns "No", "Surname", which the profile's setting csv names; it has "Number|Name"`},
		{"a name twice", "No,Surname,no\n", nil, nil, `the header row has the column "no" twice`},
		{"an ignored name twice", "No,x,Surname,x\n1,,a,\n", []string{"1,,a,"}, []int{2}, ""},
		{"header not decoded", "No,Surname,Stra\xdfe\n", nil, nil, "the header row has characters that could not be decoded; set the profile's csv.encoding, such as windows-1252"},
		{"header cannot be read", "No,\"Surname\" x\n", nil, nil, "the header row cannot be read: there is text behind the quotation mark that closes a cell; either that mark should be doubled, or a mark before it is missing"},
		{"header of one cell", strings.Repeat("x", maxHeader+1), nil, nil, "the header row is longer than 64 KB, so this is no CSV file"},
		{"too many columns", "No,Surname" + strings.Repeat(",", 999) + "\n", nil, nil, "the header row has 1001 columns; the most is 1000"},
		{"UTF-16 without a mark", string(inUTF16("No,Surname\n", false)), nil, nil, "there are NUL characters, so this is no CSV file, or one in UTF-16 of which the profile's setting csv.encoding does not tell"},
		{"a PDF", "%PDF-1.7\n", nil, nil, "the file is a PDF document; export the users as XML or CSV and drop that"},
		{"a web page", "<!DOCTYPE html>\n<html>", nil, nil, webPage},
		{"XML", "<users><user>1</user></users>", []string{"<user>1</user>"}, []int{1}, ""},
		{"row too large", "No,Surname\n1," + strings.Repeat("x", maxRecord) + "\n2,b\n", []string{"!The record is larger than 8 MB.", "2,b"}, []int{2, 3}, ""},
		{"row too large, in marks", "No,Surname\n1,\"" + strings.Repeat("x\n", maxRecord/2) + "\"\n2,b\n", []string{"!The record is larger than 8 MB.", "2,b"}, []int{2, 3 + maxRecord/2}, ""},
		{"mark nowhere closed", "No,Surname\n1,\"" + strings.Repeat("2,b\n", maxRecord) + "\"\n2,b\n", nil, nil, "a cell is opened by a quotation mark that is not closed within 8192 KB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, chunk := range []int{firstChunk, 1, 7} {
				records, lines, end := cut(inChunks(tt.text, small(), chunk))
				if !slices.Equal(records, tt.records) || !slices.Equal(lines, tt.lines) || end != tt.end {
					t.Errorf("by %d: got %.200q %v %q, want %.200q %v %q", chunk, records, lines, end, tt.records, tt.lines, tt.end)
				}
			}
		})
	}
}

func TestCSVSettings(t *testing.T) {
	tests := []struct {
		name, text string
		settings   CSV
		want       []string
	}{
		{"delimiter", "No|Surname\n1|a,b;c\n", CSV{Delimiter: "|"}, []string{"1|a,b;c"}},
		{"delimiter against a line for Excel", "sep=;\nNo|Surname\n1|a\n", CSV{Delimiter: "|"}, []string{"1|a"}},
		{"encoding", "No,Surname\n1,M\xfcller\n", CSV{Encoding: "iso-8859-1"}, []string{"1,Müller"}},
		{"a mark outranks the encoding", "\ufeffNo,Surname\n1,Müller\n", CSV{Encoding: "iso-8859-1"}, []string{"1,Müller"}},
		{"UTF-16 told", string(inUTF16("No,Surname\n1,Müller\n", true)), CSV{Encoding: "utf-16be"}, []string{"1,Müller"}},
	}
	for _, tt := range tests {
		tt.settings.Columns = small().Columns
		if got, _, end := cut(NewReader(strings.NewReader(tt.text), &tt.settings)); !slices.Equal(got, tt.want) || end != "" {
			t.Errorf("%s: got %q %q, want %q", tt.name, got, end, tt.want)
		}
	}
}

// TestEncodings holds that every encoding that may be set is known.
func TestEncodings(t *testing.T) {
	for _, label := range institution.CSVEncodings {
		if _, err := decodeText(strings.NewReader("No"), &CSV{Encoding: label}); err != nil {
			t.Errorf("%s: %v", label, err)
		}
	}
}

// csvOracle reads the rows with encoding/csv; ok is false when that refuses the text.
func csvOracle(text []byte) (rows [][]string, ok bool) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	return slices.DeleteFunc(rows, isBlank), err == nil
}

func isBlank(row []string) bool { return strings.Trim(strings.Join(row, ""), " \t\r") == "" }

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"1,a\n2,b\n", "1,\"a\nb\"\r\n\r\n2,\"\"\"\"", "1,\"a\n2,\"b\"\n3,c", ",\n\"\",x\n", "1,5\" tall\r", "1,\"a\"\"", "\"\n\"\"\",\"\r\n\"\n", "1,\n\x00,\ufeff",
	} {
		f.Add([]byte(seed), uint8(2))
	}
	settings := &CSV{Delimiter: ",", Columns: small().Columns}
	f.Fuzz(func(t *testing.T, body []byte, chunk uint8) {
		text := append([]byte("No,Surname\n"), body...)
		whole := inChunks(string(text), settings, 4<<10)
		records, lines, end := cut(whole)
		again, linesAgain, endAgain := cut(inChunks(string(text), settings, int(chunk)+1))
		if !slices.Equal(records, again) || !slices.Equal(lines, linesAgain) || end != endAgain {
			t.Fatalf("by %d: got %q %v %q, want %q %v %q", chunk, again, linesAgain, endAgain, records, lines, end)
		}
		var rows [][]string
		for i, rec := range records {
			if _, _, err := whole.Decode(Record{Line: lines[i], Raw: []byte(rec)}); err != nil && !ofRecord(err) {
				t.Errorf("%q: got %v, want an error of the record", rec, err)
			}
			row, err := strictCells([]byte(rec), ',')
			if err == nil && !isBlank(row) {
				rows = append(rows, row)
			}
		}
		want, ok := csvOracle(body)
		if end == "truncated" && ok && len(want)-len(rows) <= 1 {
			want, end = want[:min(len(rows), len(want))], "" // a last row that is short: encoding/csv knows no width
		}
		// Both drop a carriage return at the end of the file, and encoding/csv reads the record as one.
		same := func(got, want []string) bool {
			return slices.EqualFunc(got, want, func(a, b string) bool { return strings.TrimRight(a, "\r") == strings.TrimRight(b, "\r") })
		}
		if ok && (end != "" || !slices.EqualFunc(rows, want, same)) {
			t.Errorf("got %q, %q; encoding/csv finds %q", rows, end, want)
		}
	})
}

// TestOneRowIsOneRecord holds that a row that was cut is read whole.
func TestOneRowIsOneRecord(t *testing.T) {
	r := NewReader(bytes.NewReader(manyRows(50)), registrar())
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		in := csv.NewReader(bytes.NewReader(rec.Raw))
		if _, err := in.Read(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Read(); !errors.Is(err, io.EOF) {
			t.Errorf("line %d: got %v, want one row", rec.Line, err)
		}
	}
}
