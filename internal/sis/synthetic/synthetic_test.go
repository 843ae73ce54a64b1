package synthetic

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// fail is what a test and a property have in common.
type fail interface {
	Helper()
	Fatal(...any)
}

func xmlOf(t fail, c Config) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteXML(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func csvOf(t fail, c Config) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// records are the texts of the user elements of a file, which must be well formed.
func records(t fail, file []byte) [][]byte {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(file))
	var out [][]byte
	depth := 0
	for {
		from := dec.InputOffset()
		token, err := dec.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth == 1 && e.Name.Local == "user" {
				if err := dec.Skip(); err != nil {
					t.Fatal(err)
				}
				out = append(out, file[from:dec.InputOffset()])
				continue
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

func TestSameConfigSameFile(t *testing.T) {
	t.Parallel()
	c := Config{People: 500, Seed: 7, Night: 2, Changed: 0.1, New: 0.05, Gone: 0.05, BlankEmails: 0.2, Swapped: 20}
	if !bytes.Equal(xmlOf(t, c), xmlOf(t, c)) || !bytes.Equal(csvOf(t, c), csvOf(t, c)) {
		t.Error("the same config gave two files")
	}
	other := c
	other.Seed++
	if bytes.Equal(xmlOf(t, c), xmlOf(t, other)) {
		t.Error("another seed gave the same file")
	}
}

// demo are the settings of the demo institution.
func demo(t testing.TB) *institution.Institution {
	t.Helper()
	inst, err := institution.Read("../../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

// decode reads a record as the import does.
func decode(t fail, record []byte, inst *institution.Institution) patron.Patron {
	t.Helper()
	user, unknown, err := alma.DecodeUser(record)
	if err != nil {
		t.Fatal(err)
	}
	if unknown > 0 {
		t.Fatal("the record has unknown elements:", string(record))
	}
	in, _, err := user.Patron()
	if err != nil {
		t.Fatal(err)
	}
	in.ExternalID = inst.SISProfiles[0].Code
	return in.AsExternal(patron.Sync{})
}

func TestEveryRecordIsLegal(t *testing.T) {
	t.Parallel()
	inst := demo(t)
	file := xmlOf(t, Config{People: 2000, Seed: 3, Night: 1, Changed: 0.1, New: 0.1, Swapped: 10})
	all := records(t, file)
	if got, want := len(all), 2200; got != want {
		t.Fatalf("got %d records, want %d", got, want)
	}
	taken := map[string]bool{}
	for _, record := range all {
		p := decode(t, record, inst)
		if err := p.Check(inst); err != nil {
			t.Errorf("%v:\n%s", err, record)
		}
		if len(p.Addresses) != 2 || len(p.Emails) != 2 || len(p.Phones) != 2 || len(p.Identifiers) != 3 || p.UserGroup.Value == "" {
			t.Errorf("parts are missing:\n%s", record)
		}
		for _, id := range p.AllIdentifiers() {
			if taken[patron.Fold(id.Value)] {
				t.Errorf("the identifier %s is there twice", id.Value)
			}
			taken[patron.Fold(id.Value)] = true
		}
	}
	if size := len(file) / len(all); size < 2900 || size > 3300 {
		t.Errorf("got %d bytes a record, want about 3,086", size)
	}
}

// TestFormsOfRealFiles looks for what real exports have and a splitter may stumble over.
func TestFormsOfRealFiles(t *testing.T) {
	t.Parallel()
	file := string(xmlOf(t, Config{People: 2000, BlankEmails: 0.1}))
	for _, form := range []string{
		"<last_name><![CDATA[", "</user> was left open", "&#39;", "&amp;", "&#xE9;", "<middle_name/>", "<emails/>", "<email_address></email_address>",
		` desc="University > City Campus"`, " xs:desc=", "desc=''", "<!-- batch 1: <user> records", "<!-- <last_name> as", "Z</expiry_date>", "0</expiry_date>", "<city></city>",
		"<user>\n  <user_identifiers>", "<user>\n  <contact_info>", "欧阳",
	} {
		if !strings.Contains(file, form) {
			t.Errorf("%s is nowhere in the file", form)
		}
	}
}

func TestExpectedIsWhatTheRecordsSay(t *testing.T) {
	t.Parallel()
	inst := demo(t)
	base := Config{People: 600, Seed: 5, Changed: 0.05, New: 0.03, Gone: 0.02}
	night := func(n int) Config { c := base; c.Night = n; return c }
	blank, swapped := night(1), night(2)
	blank.BlankEmails, swapped.Swapped = 0.5, 40
	for _, tt := range []struct {
		name          string
		before, after Config
	}{
		{"first night", base, night(1)},
		{"third night", night(2), night(3)},
		{"a night left out", base, night(2)},
		{"half the e-mails blank", base, blank},
		{"e-mails back again", blank, night(1)},
		{"cards exchanged", night(1), swapped},
		{"an old file after a newer one", night(2), night(1)},
	} {
		was, is := patrons(t, tt.before, inst), patrons(t, tt.after, inst)
		want := compare(was, is)
		if got := tt.after.Against(tt.before); got != want {
			t.Errorf("%s: got %+v, the records say %+v", tt.name, got, want)
		}
		if got := tt.after.Records(); got != len(is) {
			t.Errorf("%s: got %d records, want %d", tt.name, got, len(is))
		}
	}
	if got, want := night(1).Expected(), (Counts{Created: 18, Updated: 30, Unchanged: 558, Missing: 12}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// patrons are the people of a file by the identifier that never moves.
func patrons(t fail, c Config, inst *institution.Institution) map[string]patron.Patron {
	t.Helper()
	out := map[string]patron.Patron{}
	for _, record := range records(t, xmlOf(t, c)) {
		p := decode(t, record, inst)
		if len(p.Emails) == 1 && p.Emails[0].Address == "" {
			p.Emails = nil
		}
		out[p.PrimaryID] = p
	}
	return out
}

func compare(was, is map[string]patron.Patron) Counts {
	var n Counts
	for id, p := range is {
		old, there := was[id]
		switch {
		case !there:
			n.Created++
		case patron.Same(old, p):
			n.Unchanged++
		default:
			n.Updated++
			if len(old.Emails) > 0 && len(p.Emails) == 0 {
				n.Blanked++
			}
		}
	}
	for id := range was {
		if _, there := is[id]; !there {
			n.Missing++
		}
	}
	return n
}

// TestExpectedProperty holds Expected against the bytes of any two nights, in both formats.
func TestExpectedProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := func(name string) float64 { return rapid.Float64Range(0, 0.2).Draw(t, name) }
		c := Config{
			People: rapid.IntRange(0, 50).Draw(t, "people"), Seed: rapid.Uint64().Draw(t, "seed"), Night: rapid.IntRange(1, 4).Draw(t, "night"),
			Changed: share("changed"), New: share("new"), Gone: share("gone"),
			BlankEmails: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "blank"), Swapped: rapid.IntRange(0, 3).Draw(t, "swapped"),
		}
		if c.check() != nil {
			t.Skip("there are not people enough for that")
		}
		want := c.Expected()
		want.Blanked = 0
		if got := compareBytes(records(t, xmlOf(t, c.Previous())), records(t, xmlOf(t, c)), xmlID); got != want {
			t.Fatalf("XML: got %+v, want %+v", got, want)
		}
		if got := compareBytes(rows(t, csvOf(t, c.Previous())), rows(t, csvOf(t, c)), csvID); got != want {
			t.Fatalf("CSV: got %+v, want %+v", got, want)
		}
		if cards(t, c) != c.Records() {
			t.Fatal("a barcode is there twice")
		}
	})
}

func compareBytes(was, is [][]byte, id func([]byte) string) Counts {
	var n Counts
	old := map[string]string{}
	for _, r := range was {
		old[id(r)] = string(r)
	}
	for _, r := range is {
		text, there := old[id(r)]
		delete(old, id(r))
		switch {
		case !there:
			n.Created++
		case text == string(r):
			n.Unchanged++
		default:
			n.Updated++
		}
	}
	n.Missing = len(old)
	return n
}

func xmlID(record []byte) string {
	_, after, _ := strings.Cut(string(record), "<primary_id>")
	id, _, _ := strings.Cut(after, "<")
	return id
}

func csvID(row []byte) string {
	id, _, _ := strings.Cut(string(row), "\x1f")
	return id
}

// rows are the rows of a CSV file below its head, their fields apart.
func rows(t fail, file []byte) [][]byte {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, row := range all[1:] {
		out = append(out, []byte(strings.Join(row, "\x1f")))
	}
	return out
}

// cards is how many different barcodes there are.
func cards(t fail, c Config) int {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range rows(t, csvOf(t, c)) {
		seen[strings.Split(string(row), "\x1f")[11]] = true
	}
	return len(seen)
}

func TestSwapped(t *testing.T) {
	t.Parallel()
	c := Config{People: 300, Night: 1, Swapped: 25}
	if got, want := c.Expected(), (Counts{Updated: 50, Unchanged: 250}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	n := newNight(c)
	for slot := range c.People {
		if card := n.state(slot).card; n.state(card).card != slot {
			t.Fatalf("%d has the card of %d, who has that of %d", slot, card, n.state(card).card)
		}
	}
}

// TestMapping holds the mapping against the columns and the codes that are in them.
func TestMapping(t *testing.T) {
	t.Parallel()
	var mapping institution.CSV
	dec := json.NewDecoder(strings.NewReader(Mapping))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&mapping); err != nil {
		t.Fatal(err)
	}
	if err := mapping.Check(); err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(csvOf(t, Config{People: 1000}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if missing := mapping.Missing(all[0]); len(missing) > 0 || len(all[0]) != len(mapping.Columns) {
		t.Errorf("got %d columns in the mapping and %d in the file, which lacks %q", len(mapping.Columns), len(all[0]), missing)
	}
	lines, find := false, mapping.Finder()
	for i, name := range all[0] {
		column, _ := find(name)
		for _, row := range all[1:] {
			if _, known := column.Values[row[i]]; column.Values != nil && !known {
				t.Errorf("%s: the value %q is not in the mapping", name, row[i])
			}
			lines = lines || strings.Contains(row[i], "\n")
		}
	}
	if !lines {
		t.Error("no field has a line break in it")
	}
}

func TestImpossible(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{People: -1}, {People: 1, Changed: 1.5}, {People: 10, Gone: 0.6, Night: 2}, {People: 3, Swapped: 2}, {People: 90_000_000}, {People: 10, Gone: 0.5, Changed: 0.6, Night: 1},
	} {
		if err := c.WriteXML(io.Discard); err == nil {
			t.Errorf("%+v was written", c)
		}
	}
	if err := (Config{People: 1}).WriteXML(brokenWriter{}); err == nil {
		t.Error("a writer that fails went unnoticed")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
