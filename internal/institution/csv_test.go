package institution

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// columns are settings with the two columns there must be and one more.
func columns(name string, more Column) CSV {
	return CSV{Columns: map[string]Column{"No": {Field: "primary_id"}, "Surname": {Field: "last_name"}, name: more}}
}

func TestCheckCSV(t *testing.T) {
	with := func(change func(*CSV)) CSV {
		c := columns("Mail", Column{Field: "email.school"})
		change(&c)
		return c
	}
	tests := []struct {
		name string
		csv  CSV
		want string
	}{
		{"all is well", with(func(c *CSV) { c.Delimiter, c.Encoding, c.Preferred.Email = "\t", "windows-1252", "school" }), ""},
		{"nothing", CSV{}, "there are no columns"},
		{"delimiter of two", with(func(c *CSV) { c.Delimiter = ";;" }), `the delimiter ";;" is not one of the characters that may stand between cells, such as ; or \t`},
		{"delimiter that is a letter", with(func(c *CSV) { c.Delimiter = "x" }), `the delimiter "x" is not one of the characters that may stand between cells, such as ; or \t`},
		{"encoding", with(func(c *CSV) { c.Encoding = "klingon" }), `the encoding "klingon" is not known; it may be one of ` + strings.Join(CSVEncodings, ", ")},
		{"same column", columns(" no", Column{Field: "first_name"}), `the columns " no" and "No" are the same one`},
		{"column without a name", columns(" ", Column{Field: "first_name"}), "a column has no name"},
		{"no field", columns("x", Column{}), `column "x": it has no field`},
		{"unknown field", columns("x", Column{Field: "shoe_size"}), `column "x": there is no field "shoe_size"`},
		{"field with a part too many", columns("x", Column{Field: "first_name.x"}), `column "x": there is no field "first_name.x"`},
		{"no type", columns("x", Column{Field: "email"}), `column "x": email needs a type behind it, as in email.TYPE`},
		{"no part", columns("x", Column{Field: "address.home"}), `column "x": address.home is no part of an address; give a type and a part, as in address.home.line1`},
		{"unknown part", columns("x", Column{Field: "address.home.line6"}), `column "x": address.home.line6 is no part of an address; give a type and a part, as in address.home.line1`},
		{"the profile's", columns("x", Column{Field: "record_type"}), `column "x": record_type is not taken from a file`},
		{"twice", columns("x", Column{Field: "last_name first_name"}), "the field last_name is given twice"},
		{"twice, once fixed", with(func(c *CSV) { c.Fixed = map[string]string{"last_name": "x"} }), "the field last_name is given twice"},
		{"date of no date", columns("x", Column{Field: "status", Date: "2.1.2006"}), `column "x": it has the setting date, and status is no date`},
		{"date without a day", columns("x", Column{Field: "expiry_date", Date: "01.2006"}),
			`column "x": the date "01.2006" does not give the whole day; write the second of January 2006 as the file would, such as 02.01.2006`},
		{"date as others write it", columns("x", Column{Field: "expiry_date", Date: "DD.MM.YYYY"}),
			`column "x": the date "DD.MM.YYYY" does not give the whole day; write the second of January 2006 as the file would, such as 02.01.2006`},
		{"two digits are enough", columns("x", Column{Field: "expiry_date", Date: "02.01.06"}), ""},
		{"two digits are not", columns("x", Column{Field: "birth_date", Date: "02.01.06"}),
			`column "x": the date "02.01.06" does not give the whole day; write the second of January 2006 as the file would, such as 02.01.2006`},
		{"separator", columns("x", Column{Field: "first_name", Separator: ","}), `column "x": it has a separator, and there can be only one first_name`},
		{"white separator", columns("x", Column{Field: "email.x", Separator: "  "}), `column "x": the separator is only white space; leave it out, or give one space or line feed`},
		{"empty value", columns("x", Column{Field: "status", Values: map[string]string{"": "ACTIVE"}}),
			`column "x": the value "" is empty or has white space around it, and cells are trimmed; for empty cells there is the setting default`},
		{"fixed without value", with(func(c *CSV) { c.Fixed = map[string]string{"gender": " "} }), "fixed: gender has no value"},
		{"fixed unknown", with(func(c *CSV) { c.Fixed = map[string]string{"x": "y"} }), `fixed: there is no field "x"`},
		{"address without line1", columns("x", Column{Field: "address.home.city"}), "there is address.home.city and not address.home.line1, without which it is no address"},
		{"preferred that there is not", with(func(c *CSV) { c.Preferred.SMS = "mobile" }), `preferred: sms is "mobile", and no column is phone.mobile`},
		{"no last name", CSV{Columns: map[string]Column{"No": {Field: "primary_id"}}}, "no column is last_name, which every patron must have"},
		{"no identifier", CSV{Columns: map[string]Column{"Name": {Field: "last_name"}}}, "no column is primary_id or an identifier, so nobody could be found again"},
		{"several", columns("x", Column{Field: "last_name gender gender"}), "the field gender is given twice\nthe field last_name is given twice"},
	}
	for _, tt := range tests {
		got := ""
		if err := tt.csv.Check(); err != nil {
			got = err.Error()
		}
		if got = strings.Replace(got, "; there are "+strings.Join(CSVPaths(), ", "), "", 1); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestCSVExample holds that the settings in the documentation are good ones.
func TestCSVExample(t *testing.T) {
	source, err := os.ReadFile("csv.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(source), "//\t\"csv\": ")
	text, _, _ = strings.Cut(text, "\n//\n")
	dec := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "\n//", "\n")))
	dec.DisallowUnknownFields()
	var c CSV
	if err := dec.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}

func TestCSVMissing(t *testing.T) {
	c := columns("E-Mail", Column{Field: "email.school"})
	if got, want := c.Missing([]string{" NO", "other"}), []string{"E-Mail", "Surname"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	find := c.Finder()
	if got, ok := find(" e-mail "); !ok || got.Field != "email.school" {
		t.Errorf("got %+v, %t", got, ok)
	}
}

func TestCSVPaths(t *testing.T) {
	for _, path := range CSVPaths() {
		if f, err := ParseCSVField(path); err != nil || f.Name == "" {
			t.Errorf("%s: got %+v, %v", path, f, err)
		}
	}
}

func FuzzParseCSVField(f *testing.F) {
	for _, path := range append(CSVPaths(), "address..line1", "address.line1", ".", "note.") {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if field, err := ParseCSVField(path); err == nil && !strings.HasPrefix(path, field.Name) {
			t.Errorf("%q: got %+v", path, field)
		}
	})
}
