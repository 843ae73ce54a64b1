package sisfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// registrarsExport is a file as a registrar writes it, with a bit of everything.
const registrarsExport = "Matrikel;Nachname;Vorname;Status;Ende;Geboren;E-Mail privat;E-Mail Uni;Mobil;Festnetz;Karten;Stra\xdfe;Hausteil;PLZ;Ort;Straße fern;Fach;Hinweis;Bib;Mahnbrief;PIN;Semester\r\n" +
	"1001;M\xfcller;\"Anna \"\"Anni\"\"\";S;30.09.2027;1.2.2001;anna@post.example;mueller@uni.example;+49 151 1;;C1|C2| ;Hauptstr. 1;\"Hof,\r\nlinks\";01234;Beispielstadt;;Physik;zahlt;MAIN;ja;1234;7\r\n" +
	"1002;Lind\xf6;;X;;;;;;040-1;;;;;;;;;;;;\r\n" +
	"1003;Novak;Eva;;unbefristet;;eva@post.example;;;;;;;;;Nebenweg 2;Chemie;;;;;2\r\n"

func exportSettings() *CSV {
	return &CSV{
		Encoding: "iso-8859-1",
		Columns: map[string]institution.Column{
			"matrikel":      {Field: "primary_id"},
			"NACHNAME ":     {Field: "last_name"},
			"Vorname":       {Field: "first_name pref_first_name"},
			"Status":        {Field: "user_group", Values: map[string]string{"S": "01", "*": "09"}, Default: "05"},
			"Ende":          {Field: "expiry_date", Date: "02.01.2006", Values: map[string]string{"unbefristet": "2099-12-31"}, Default: "2026-12-31"},
			"Geboren":       {Field: "birth_date", Date: "2.1.2006"},
			"E-Mail privat": {Field: "email.personal"},
			"E-Mail Uni":    {Field: "email.school"},
			"Mobil":         {Field: "phone.mobile"},
			"Festnetz":      {Field: "phone.home"},
			"Karten":        {Field: "user_identifier.BARCODE", Separator: "|"},
			"Straße":        {Field: "address.home.line1"},
			"Hausteil":      {Field: "address.home.line2"},
			"PLZ":           {Field: "address.home.postal_code"},
			"Ort":           {Field: "address.home.city"},
			"Straße fern":   {Field: "address.alternative.line1"},
			"Fach":          {Field: "statistic.SUBJECT"},
			"Hinweis":       {Field: "note"},
			"Bib":           {Field: "rs_library"},
			"Mahnbrief":     {Field: "library_notice.FulOverdueLetter", Values: map[string]string{"ja": "true", "nein": "false"}},
			"PIN":           {Field: "pin_number"},
		},
		Fixed:     map[string]string{"preferred_language": "de", "address.home.country": "DEU", "address.alternative.country": "DEU"},
		Preferred: institution.Preferred{Email: "school", SMS: "mobile", Address: "home"},
	}
}

// TestDecodeCSV compares the users of an export with the golden file.
func TestDecodeCSV(t *testing.T) {
	settings := exportSettings()
	if err := settings.Check(); err != nil {
		t.Fatal(err)
	}
	r := NewReader(strings.NewReader(strings.Replace(registrarsExport, "Straße", "Stra\xdfe", 1)), settings)
	var got bytes.Buffer
	for rec, err := r.Next(); err == nil; rec, err = r.Next() {
		user, ignored, err := r.Decode(rec)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(struct {
			Line    int
			Ignored int
			User    alma.User
		}{rec.Line, ignored, user}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got.Write(append(text, '\n'))
	}
	file := filepath.Join("testdata", "export.json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
	}
}

// reasonOf is why a file's first record is refused, from Next or from Decode.
func reasonOf(t *testing.T, text string, settings *CSV) string {
	t.Helper()
	r := NewReader(strings.NewReader(text), settings)
	rec, err := r.Next()
	if err == nil {
		_, _, err = r.Decode(rec)
	}
	var bad *RecordError
	if err != nil && !errors.As(err, &bad) {
		t.Fatalf("got %v, want an error of the record", err)
	}
	if err == nil {
		return ""
	}
	return bad.Reason
}

func TestBadRows(t *testing.T) {
	settings := &CSV{Columns: map[string]institution.Column{
		"No": {Field: "primary_id"}, "Surname": {Field: "last_name"}, "Level": {Field: "user_group", Values: map[string]string{"UG": "01"}},
		"Ends": {Field: "expiry_date", Date: "1/2/2006"}, "Cards": {Field: "user_identifier.BARCODE", Separator: "|"},
		"PIN": {Field: "pin_number", Values: map[string]string{"none": ""}}, "Letter": {Field: "library_notice.FulOverdueLetter"},
	}}
	tests := []struct{ row, want string }{
		{"1,a,UG,9/30/2027,C1,,", ""},
		{"1,a,,,,,,,", ""},
		{"1,a,UG", "truncated"},
		{"1,a,UG\n", "The record has 3 cells, and the header 7."},
		{"1,a,UG,9/30/2027,C1,,,x", "The record has 8 cells, and the header 7; a cell in which the delimiter occurs must stand in quotation marks."},
		{"1" + strings.Repeat(",", 1_000_000) + "x", "The record has 1000001 cells, and the header 7."},
		{"1,a,ug,,,,", `The column "Level" has "ug", which is not among the values the profile's setting csv names.`},
		{"1,a,,30.9.2027,,,", `The column "Ends" has "30.9.2027", which is not a date such as 11/22/2031.`},
		{"1,a,,2/30/2027,,,", `The column "Ends" has "2/30/2027", which is not a date such as 11/22/2031.`},
		{"1,a,,,,1234,", `The column "PIN" has a value that is not among those the profile's setting csv names.`},
		{"1,a,,,,none,", ""},
		{"1,a,,,,,yes", `The column "Letter" has "yes", which is neither true nor false.`},
		{"1,a,,," + strings.Repeat("x|", 1000) + ",,", `The column "Cards" holds more than 1000 values.`},
		{"1,\"a\" b,,,,,", "The record cannot be read: there is text behind the quotation mark that closes a cell; either that mark should be doubled, or a mark before it is missing."},
		{"1, \"a\",,,,,", "The record cannot be read: there is white space before the quotation mark that opens a cell."},
		{"1,5\" tall,,,\"C1\",,", ""},
		{"1,M\xfcller,,,,,", "The record has characters that could not be decoded; the file is not in the encoding it declares or the profile sets, UTF-8."},
		{"1,a\x00b,,,,,", "The record has the character U+0000, which is not allowed."},
		{"1,a\uffffb,,,,,", "The record has the character U+FFFF, which is not allowed."},
	}
	for _, tt := range tests {
		text := "No,Surname,Level,Ends,Cards,PIN,Letter\n" + tt.row
		if tt.want == "truncated" {
			if _, err := NewReader(strings.NewReader(text), settings).Next(); !errors.Is(err, ErrTruncated) {
				t.Errorf("%.80q: got %v", tt.row, err)
			}
			continue
		}
		if got := reasonOf(t, text, settings); got != tt.want {
			t.Errorf("%.80q: got %q, want %q", tt.row, got, tt.want)
		}
	}
}

func TestBareMarks(t *testing.T) {
	r := NewReader(strings.NewReader("No,Surname\n1,Robert \"Bob\" Example\n"), small())
	rec, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	user, _, err := r.Decode(rec)
	if want := `Robert "Bob" Example`; err != nil || user.LastName != want {
		t.Errorf("got %q, %v, want %q", user.LastName, err, want)
	}
}

func TestBadElements(t *testing.T) {
	const latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?>"
	contact := func(n int) string {
		return "<contact_info><addresses>" + strings.Repeat("<address><line1>1 Example Street</line1><city>Exampleton</city></address>", n) + "</addresses></contact_info>"
	}
	tests := []struct{ text, want string }{
		{"<users>\n<user><primary_id>1</primary_id></user></users>", ""},
		{"<users>\n<user>\n<primary_id>a&nbsp;b</primary_id></user></users>", "The XML uses an entity that is not defined in line 3."},
		{"<users>\n<user>\n<primary_id>a\x00b</primary_id></user></users>", "The XML contains a character that is not allowed in line 3."},
		{"<users>\n<user a=1></user></users>", "The XML is not well formed near line 2."},
		{"<users><user>M\xfcller</user></users>", "The record has characters that could not be decoded; the file is not in the encoding it declares or the profile sets, UTF-8."},
		{latin1 + "<users><user><last_name>Müller</last_name></user></users>", "The record's letters outside ASCII are in UTF-8; the file is not in the encoding it declares or the profile sets, iso-8859-1."},
		{latin1 + "<users><user><last_name>M\xfcller \xc3\x9f</last_name></user></users>", ""},
		{"<users><user>" + strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200) + "</user></users>", "The body is nested deeper than 16 levels."},
		{"<users><user>" + contact(1000) + "</user></users>", ""},
		{"<users><user>" + contact(10_000) + "</user></users>", `Field "addresses" has more than 1000 entries.`},
		{"<users><user>" + strings.Repeat("<a/>", maxTags) + "</user></users>", "The record has 500002 tags; the most is 500000."},
		{"<users><user>" + strings.Repeat("x", maxRecord) + "</user></users>", "The record is larger than 8 MB."},
	}
	for _, tt := range tests {
		begun := time.Now()
		if got := reasonOf(t, tt.text, nil); got != tt.want {
			t.Errorf("%.80q: got %q, want %q", tt.text, got, tt.want)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%.80q: took %s", tt.text, took)
		}
	}
}

// TestDecodeUnknown counts what is ignored.
func TestDecodeUnknown(t *testing.T) {
	for _, tt := range []struct {
		text string
		csv  *CSV
		want int
	}{
		{"<users><user><primary_id>1</primary_id><shoe_size>9</shoe_size><hat at='1'>x</hat></user></users>", nil, 2},
		{"No,Shoe,Surname,Hat\n1,9,x, \n", small(), 1},
	} {
		r := NewReader(strings.NewReader(tt.text), tt.csv)
		rec, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if user, got, err := r.Decode(rec); err != nil || got != tt.want || user.PrimaryID != "1" {
			t.Errorf("%q: got %d, %q, %v, want %d", tt.text, got, user.PrimaryID, err, tt.want)
		}
	}
}

// TestDecodeAtOnce reads records in several goroutines while the file is read on.
func TestDecodeAtOnce(t *testing.T) {
	r := NewReader(bytes.NewReader(manyRows(200)), registrar())
	var group sync.WaitGroup
	for rec, err := r.Next(); err == nil; rec, err = r.Next() {
		rec.Raw = slices.Clone(rec.Raw)
		group.Go(func() {
			if _, _, err := r.Decode(rec); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestEveryFieldIsRead fills every field a mapping may name, and looks for it in the user.
func TestEveryFieldIsRead(t *testing.T) {
	var paths []string
	for name := range texts {
		paths = append(paths, name)
	}
	for part := range parts {
		paths = append(paths, "address.home."+part)
	}
	paths = append(paths, "user_identifier.T", "email.T", "phone.T", "note", "note.T", "statistic", "statistic.T", "rs_library")
	for _, path := range paths {
		f, err := institution.ParseCSVField(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		var u alma.User
		put(&u, f, "sought")
		if text, err := json.Marshal(u); err != nil || !strings.Contains(string(text), `"sought"`) {
			t.Errorf("%s: got %s, %v", path, text, err)
		}
	}
	for _, path := range institution.CSVPaths() {
		f, err := institution.ParseCSVField(path)
		if err != nil {
			t.Fatal(err)
		}
		put(new(alma.User), f, "true") // panics for a field that is not known here
	}
}
