package directory

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"patrondesk/internal/patron"
)

func someone() patron.Patron {
	return patron.Patron{
		PrimaryID: "J.Muller_1", FirstName: "Jörg", MiddleName: "Åge", LastName: "Müller-Weiß", BirthDate: "1990-05-01", ExternalID: "SIS",
		StickyFields: patron.StickyFields{
			PrefFirstName: "Jo", PrefLastName: "Ærlig", UserGroup: patron.Code{Value: "08", Desc: "Library staff"},
			CampusCode: patron.Code{Value: "NORTH"}, JobCategory: patron.Code{Value: "LECT", Desc: "Lecturer"},
		},
		Emails:      []patron.Email{{Address: "Jorg_Muller@Example.edu"}},
		Phones:      []patron.Phone{{Number: "+47 22-85 50"}},
		Identifiers: []patron.Identifier{{Type: patron.Code{Value: "BARCODE", Desc: "Barcode"}, Value: "A-4711"}},
		Blocks:      []patron.Block{{Type: patron.Code{Value: "LOAN", Desc: "Loan block"}}},
		Notes:       []patron.Note{{Type: patron.Code{Value: "POPUP"}, Text: "Reads only in the garden."}},
		Statistics:  []patron.Statistic{{Category: patron.Code{Value: "HIST", Desc: "History"}}},
		Vendor:      patron.Code{Value: "LEHMANN", Desc: "Lehmann Bücher"}, VendorAccount: patron.Code{Value: "LEHMANN-STD", Desc: "Standing orders"},
	}
}

func TestQueryFinds(t *testing.T) {
	doc := []byte(Document(someone()))
	for _, tt := range []struct {
		q    string
		want bool
	}{
		{"last_name~Muller", true},
		{"last_name~MÜLLER", true},
		{"last_name~Mueller", true},
		{"last_name~Müller-Weiß", true},
		{"last_name~weiss muller", true},
		{"last_name~weiss_muller", true},
		{"last_name~aerlig", true},
		{"last_name~Mull", false},
		{"last_name~Mull*", true},
		{"last_name~uller*", false},
		{"last_name~Müll*", true},
		{"last_name~Jörg", false},
		{"last_name~muller jorg", false},
		{"last_name~-Muller", true},
		{"LAST_NAME ~ Muller", true},
		{"first_name~Joerg", true},
		{"first_name~jo", true},
		{"first_name~Müller", false},
		{"middle_name~age", true},
		{"middle_name~aage", true},
		{"primary_id~j.muller_1", true},
		{"primary_id~J.MULLER 1", true},
		{"primary_id~muller", false},
		{"primary_id~j.muller*", false},
		{"email~jorg_muller@example.edu", true},
		{"email~JORG_MULLER@EXAMPLE.EDU", true},
		{"email~muller@example.edu", false},
		{"email~example", false},
		{"identifiers~a-4711", true},
		{"identifiers~4711", false},
		{"identifiers~J.Muller_1", true},
		{"phone_number~+47 22-85 50", true},
		{"phone_number~47228550", true},
		{"phone_number~(47) 22.85.50", true},
		{"phone_number~22 85", true},
		{"phone_number~228550", false},
		{"phone_number~4722*", true},
		{"birth_date~1990-05-01", true},
		{"birth_date~1990-05-01Z", true},
		{"birth_date~19900501", true},
		{"birth_date~1990_05_01", true},
		{"birth_date~1990-01-05", false},
		{"birth_date~1990", false},
		{"user_group~08", true},
		{"user_group~Staff", true},
		{"user_group~8", false},
		{"campus_code~north", true},
		{"job_category~lecturer", true},
		{"job_category~LECT", true},
		{"block_type~loan", true},
		{"id_type~barcode", true},
		{"note_text~garden reads", true},
		{"note_text~gardens", false},
		{"note_type~popup", true},
		{"statistic_category~history", true},
		{"external_id~sis", true},
		{"vendor~LEHMANN", true},
		{"vendor~lehmann-std", true},
		{"vendor~Bücher", true},
		{"vendor~buecher lehm*", true},
		{"vendor~orders", true},
		{"vendor~*", true},
		{"vendor~* AND last_name~Muller", true},
		{"vendor~lehmann *", true},
		{"vendor~nordpress", false},
		{"vendor~garden", false},
		{"note_text~lehmann", false},
		{"last_name~muller AND vendor~lehmann", true},
		{"fines_fees_sum~0", true},
		{"fines_fees_sum~0.00", true},
		{"fines_fees_sum~5", false},
		{"last_name~Muller AND first_name~Jo", true},
		{"last_name~Muller_AND_first_name~Jo", true},
		{"last_name~Muller AND first_name~Anna", false},
		{"last_name~muller and", false},
		{"general_info~muller garden", true},
		{"general_info~j.muller_1", true},
		{"general_info~lecturer j.muller_1", false},
		{"general_info~jorg_muller@example.edu", false},
		{"general_info~a-4711", false},
		{"general_info~1990-05-01", false},
		{"general_info~47228550", true},
		{"general_info~0", false},
		{"general_info~lehmann", false},
		{"ALL~jorg_muller@example.edu", true},
		{"ALL~a-4711", true},
		{"ALL~a-4711 garden", true},
		{"all~4711", false},
		{"ALL~1990-05-01", true},
		{"ALL~north lecturer mueller", true},
		{"ALL~north professor", false},
		{"ALL~0", false},
		{"ALL~nort*", true},
		{"ALL~lehmann", false},
	} {
		q, err := ParseQuery(tt.q)
		if err != nil {
			t.Errorf("%s: %v", tt.q, err)
			continue
		}
		if got := q.match.matches(doc); got != tt.want {
			t.Errorf("%s: found %v, want %v", tt.q, got, tt.want)
		}
		if sig := signatureOf(string(doc)); tt.want && !q.match.mayMatch(&sig) {
			t.Errorf("%s: the signature hides the patron", tt.q)
		}
	}
}

// TestDocumentsFromBeforeAField holds that documents that were stored when there was no field for vendors yet are searched
// as they are.
func TestDocumentsFromBeforeAField(t *testing.T) {
	whole := Document(someone())
	for name, doc := range map[string]string{
		"of somebody with notes": whole[:strings.LastIndexByte(whole, fieldEnd)], "of somebody with little": Document(patron.Patron{LastName: "Müller"}),
	} {
		for q, want := range map[string]bool{"last_name~muller": true, "vendor~lehmann": false, "vendor~0": false, "vendor~*": false, "note_text~garden": name == "of somebody with notes"} {
			query, err := ParseQuery(q)
			if err != nil {
				t.Fatal(err)
			}
			if got := query.match.matches([]byte(doc)); got != want {
				t.Errorf("a document %s: %s: found %v, want %v", name, q, got, want)
			}
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, q := range []string{
		"", "Smith", "~", "~Smith", "last_name~", "last_name~ _ ", "last_name~---", "last_name~*", "vendor~a *b", "last_name~a*b", "last_name~-*",
		"shoe_size~44", "vendor~", "last_name~a AND ", "last_name~a AND b", "AND last_name~a", "last_name~a AND first_name~",
		"ALL~a AND last_name~b", "last_name~b AND ALL~a", "ALL~a AND b", "birth_date~May", "email~", "primary_id~_",
		"last_name~\xff", "last_name~a\x1fb", "last_name~a\tb", "last_name~a\n",
		"last_name~" + strings.Repeat("a", 1000), "last_name~" + strings.Repeat("a ", 21),
	} {
		_, err := ParseQuery(q)
		var refused *QueryError
		if !errors.As(err, &refused) || refused.Reason == "" {
			t.Errorf("%q: got %v, want a QueryError", q, err)
		}
	}
}

func TestParseOrder(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Order
		ok   bool
	}{
		{"", ByName, true},
		{"last_name, first_name, primary_id", ByName, true},
		{"last_name", ByLastName, true},
		{" first_name ", ByFirstName, true},
		{"primary_id", ByPrimaryID, true},
		{"last_name,first_name", 0, false},
		{"LAST_NAME", 0, false},
		{"birth_date", 0, false},
	} {
		got, err := ParseOrder(tt.text)
		var refused *QueryError
		if got != tt.want || tt.ok != (err == nil) || err != nil && !errors.As(err, &refused) {
			t.Errorf("ParseOrder(%q) = %v, %v", tt.text, got, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, q := range []string{"last_name~Smith AND first_name~J*", "ALL~Müller_ß@x.edu", "birth_date~1990-05-01Z", "email~a b", "ALL~*", "primary_id~\x1f", "phone_number~+47 (0)"} {
		f.Add(q)
	}
	doc := Document(someone())
	sig := signatureOf(doc)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		var refused *QueryError
		if err != nil {
			if !errors.As(err, &refused) || !utf8.ValidString(refused.Reason) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if q.match.matches([]byte(doc)) && !q.match.mayMatch(&sig) {
			t.Fatalf("%q: the signature hides the patron", text)
		}
	})
}
