package directory

import (
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"  Smith ", "smith"},
		{"Müller-Lüdenscheidt", "muller ludenscheidt"},
		{"Mu\u0308ller", "muller"},
		{"Weiß", "weiss"},
		{"GROẞ", "gross"},
		{"O'Brien", "obrien"},
		{"O’Brien", "obrien"},
		{"O´Brien", "obrien"},
		{"Œuvre", "oeuvre"},
		{"Ærø", "aero"},
		{"Łódź", "lodz"},
		{"İstanbul Işık", "istanbul isik"},
		{"Ὀδυσσεύς", "οδυσσευσ"},
		{"Škoda, Jr.", "skoda jr"},
		{"ﬁnn Ⅷ", "finn viii"},
		{"李小龍", "李小龍"},
		{"a\x1fb\x1ec\x00d", "a b c d"},
		{"\xff\xfe", ""},
	} {
		if got := words(tt.text); got != tt.want {
			t.Errorf("words(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, tt := range []struct{ text, plain, out string }{
		{"Müller", "muller", "mueller"},
		{"Mu\u0308ller", "muller", "mueller"},
		{"Mueller", "mueller", ""},
		{"Søren Åge", "soren age", "soeren aage"},
		{"Šimek", "simek", ""},
	} {
		plain, out := spellings(tt.text)
		if plain != tt.plain || out != tt.out {
			t.Errorf("spellings(%q) = %q, %q, want %q, %q", tt.text, plain, out, tt.plain, tt.out)
		}
	}
}

func TestDocument(t *testing.T) {
	p := patron.Patron{
		PrimaryID: "J.Muller_1", FirstName: "Jörg", LastName: "Müller", BirthDate: "1990-05-01", ExternalID: "SIS",
		StickyFields: patron.StickyFields{PrefFirstName: "Jo", UserGroup: patron.Code{Value: "08", Desc: "Staff"}},
		Emails:       []patron.Email{{Address: "J.Mueller@Example.edu"}},
		Phones:       []patron.Phone{{Number: "+47 22-85"}},
		Identifiers:  []patron.Identifier{{Type: patron.Code{Value: "BARCODE", Desc: "Barcode"}, Value: "A 1"}},
	}
	want := "1muller|jorg|j.muller_1|mueller|joerg;jo|08;staff||sis|barcode|19900501|47 22 85;472285|j.mueller@example.edu|a_1|0 00"
	got := strings.NewReplacer(string(fieldEnd), "|", string(valueEnd), ";").Replace(Document(p))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDocumentOfAContact(t *testing.T) {
	p := patron.Patron{Vendor: patron.Code{Value: "INKCO", Desc: "Ink & Co"}, VendorAccount: patron.Code{Value: "INK-1", Desc: "Ink & Co"}}
	got := strings.NewReplacer(string(fieldEnd), "|", string(valueEnd), ";").Replace(Document(p))
	if want := "1|||||||||||||0 00|||||||inkco;ink co;ink 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDocumentOfNobody(t *testing.T) {
	got := strings.ReplaceAll(Document(patron.Patron{}), string(fieldEnd), "|")
	if want := "1|||||||||||||0 00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDocumentSize(t *testing.T) {
	sum := 0
	const n = 2000
	for i := range n {
		sum += len(Document(invented(i)))
	}
	if mean := sum / n; mean > 250 {
		t.Errorf("a usual document has %d bytes, want at most 250", mean)
	}
}

func TestDocumentKeepsNotesShort(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		b.WriteString(uidOf(i) + " twice twice ")
	}
	got := Document(patron.Patron{Notes: []patron.Note{{Text: b.String()}}})
	if len(got) > maxNoteWords+100 || strings.Count(got, "twice") != 1 {
		t.Errorf("got %d bytes with %d times the same word", len(got), strings.Count(got, "twice"))
	}
}
