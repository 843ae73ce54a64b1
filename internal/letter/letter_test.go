package letter_test

import (
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// now is late in the evening in UTC, which is the next day at the institution.
var now = time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)

// library is the settings of an institution with three libraries; each call reads them anew.
func library() *institution.Institution {
	inst, err := institution.Read(filepath.Join("testdata", "institution.json"))
	if err != nil {
		panic(err)
	}
	return inst
}

func thomas(lang string) patron.Patron {
	p := patron.Patron{
		FirstName: "Thomas", LastName: "Ahrendt",
		Addresses: []patron.Address{
			{Lines: []string{"Old Street 1"}, City: "Graz"},
			{Preferred: true, Lines: []string{"Birkenweg 12", "Stiege 2"}, PostalCode: "1090", City: "Wien", Country: patron.Code{Value: "AUT"}},
		},
	}
	p.PrefFirstName = "Tom"
	p.PreferredLanguage.Value = lang
	return p
}

func hold(status fulfillment.RequestStatus, title, author string) fulfillment.Request {
	return fulfillment.Request{
		ID: "1", Type: fulfillment.Hold, SubType: fulfillment.Code{Value: "PATRON_PHYSICAL"}, Status: status,
		Title: title, Author: author, PickupType: "CIRCULATION_DESK",
		PickupLibrary:         fulfillment.Code{Value: "MAIN"},
		PickupCirculationDesk: fulfillment.Code{Value: "DEFAULT_CIRC_DESK"},
		Requested:             time.Date(2026, 11, 9, 10, 0, 0, 0, time.UTC),
	}
}

func lines() []letter.Line {
	walk := hold(fulfillment.InProcess, "A walk along the river Lorn : notes for the patient walker", "Merrow, Ida")
	walk.Task = "Pickup From Shelf"
	shelf := hold(fulfillment.OnHoldShelf, "Gardening on cold ground", "Osei, Kwame; Lindqvist, Maja")
	shelf.ExpiryDate = "2026-12-01"
	series := hold(fulfillment.NotStarted, "Annals of the Fictitious Society", "")
	series.Description = "v.12 (2019)"
	scan := fulfillment.Request{
		Type: fulfillment.DigitizationRequest, SubType: fulfillment.Code{Value: "PATRON_DIGITIZATION"},
		Status: fulfillment.InProcess, Title: "The lighthouse keepers' almanac", Author: "Bright, T. & Sons",
	}
	home := hold(fulfillment.NotStarted, "Wörter für Übermorgen", "Größler, Änne")
	home.PickupType = "USER_HOME_ADDRESS"
	return []letter.Line{
		{Request: home, Place: 1}, {Request: walk}, {Request: shelf}, {Request: series, Place: 3}, {Request: scan},
	}
}

func report(t *testing.T, p patron.Patron, active []letter.Line) letter.Message {
	t.Helper()
	m, err := letter.RequestsReport(p, active, library(), now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func cancelled(t *testing.T, p patron.Patron) letter.Message {
	t.Helper()
	r := hold(fulfillment.History, "Wörter für Übermorgen", "Größler, Änne")
	r.EndReason.Value = "CannotBeFulfilled"
	m, err := letter.RequestCancelled(p, r, "as told", "The only copy is being repaired until spring.", library(), now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// languages are the languages letters ship in.
func languages() []string { return []string{"de", "en", "fr"} }

// letters are all letters in all languages, by the name of their golden.
func letters(t *testing.T) map[string]letter.Message {
	all := map[string]letter.Message{}
	for _, lang := range languages() {
		all["requests_report_"+lang] = report(t, thomas(lang), lines())
		all["request_cancelled_"+lang] = cancelled(t, thomas(lang))
	}
	all["requests_report_hostile"] = report(t, hostilePatron(), hostileLines())
	maps.Copy(all, activityLetters(t))
	maps.Copy(all, summaries(t))
	return all
}

func TestGoldens(t *testing.T) {
	for name, m := range letters(t) {
		golden(t, name+".html", m.HTML)
		golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from its golden; see it with -update and git diff\ngot:\n%s", name, got)
	}
}

func TestSectionsOnlyWhenNonEmpty(t *testing.T) {
	m := report(t, thomas("en"), lines()[1:2])
	for text, want := range map[string]bool{"Not active": false, "In process": true, "On hold shelf": false} {
		if got := strings.Contains(m.HTML, ">"+text+"</h2>"); got != want {
			t.Errorf("section %q in the HTML: got %v, want %v", text, got, want)
		}
		if got := strings.Contains(m.Text, "\n"+text+"\n"); got != want {
			t.Errorf("section %q in the text: got %v, want %v", text, got, want)
		}
	}
}

func TestNothingToReport(t *testing.T) {
	past := []letter.Line{{Request: hold(fulfillment.History, "Over", "")}}
	for _, active := range [][]letter.Line{nil, past} {
		m, err := letter.RequestsReport(thomas("en"), active, library(), now)
		if !errors.Is(err, letter.ErrNothingToReport) || m != (letter.Message{}) {
			t.Errorf("got %v, %v; want ErrNothingToReport and no message", m, err)
		}
	}
}

func TestLanguage(t *testing.T) {
	tests := []struct{ preferred, institution, want string }{
		{"de", "en", "de"}, {"de-AT", "en", "de"}, {"DE", "en", "de"}, {"fr_CA", "de", "fr"}, {" fr ", "de", "fr"},
		{"", "fr", "fr"}, {"no", "de", "de"}, {"xx", "yy", "en"}, {"../de", "", "en"}, {"", "", "en"},
	}
	for _, tt := range tests {
		inst := library()
		inst.Language = tt.institution
		m, err := letter.RequestsReport(thomas(tt.preferred), lines(), inst, now)
		if err != nil {
			t.Fatal(err)
		}
		if m.Language != tt.want || !strings.Contains(m.HTML, `<html lang="`+tt.want+`"`) {
			t.Errorf("preferred %q, institution's %q: got %q, want %q", tt.preferred, tt.institution, m.Language, tt.want)
		}
	}
}

func TestDates(t *testing.T) {
	inst := library()
	inst.Letters.DateFormats = map[string]string{"en": "02/01/2006"}
	m, err := letter.RequestsReport(thomas("en"), lines(), inst, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Date: 23/11/2026", "On hold shelf until 01/12/2026"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
}

func TestWithoutNameOrAddress(t *testing.T) {
	m := report(t, patron.Patron{}, lines())
	if !strings.Contains(m.Text, "\nDear library patron,\n") {
		t.Errorf("no greeting for a patron without a name:\n%s", m.Text)
	}
}

func TestReasonGivenByTheCaller(t *testing.T) {
	r := hold(fulfillment.History, "Title", "")
	r.EndReason.Value = "NotInTheTable"
	m, err := letter.RequestCancelled(thomas("en"), r, "Lost in the move", "", library(), now)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Text, "Reason: Lost in the move") || strings.Contains(m.Text, "Note:") {
		t.Errorf("got:\n%s", m.Text)
	}
}

func TestKindFallsBackToTheInstitution(t *testing.T) {
	inst := library()
	inst.CodeTables["RequestSubTypes"] = []institution.Row{{Code: "HOUSE_LOAN", Description: "Loan to the house"}}
	tests := []struct{ sub, desc, want string }{
		{"HOUSE_LOAN", "", "Loan to the house"},
		{"NOBODY_KNOWS", "", "Patron physical item request"},
	}
	for _, tt := range tests {
		r := hold(fulfillment.NotStarted, "Title", "")
		r.SubType = fulfillment.Code{Value: tt.sub, Desc: tt.desc}
		m, err := letter.RequestsReport(thomas("en"), []letter.Line{{Request: r}}, inst, now)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, "Type: "+tt.want+"\n") {
			t.Errorf("sub type %s: want %q in\n%s", tt.sub, tt.want, m.Text)
		}
	}
}

func TestOptedOut(t *testing.T) {
	p := patron.Patron{}
	p.LibraryNotices = []patron.LibraryNotice{
		{Code: patron.Code{Value: letter.RequestsReportCode}, Value: false},
		{Code: patron.Code{Value: letter.RequestCancelledCode}, Value: true},
		{Code: patron.Code{Value: letter.BorrowingActivityCode}, Value: false},
	}
	tests := map[string]bool{
		letter.RequestsReportCode: true, letter.RequestCancelledCode: false, letter.BorrowingActivityCode: true, "Other": false,
	}
	for code, want := range tests {
		if got := letter.OptedOut(p, code); got != want {
			t.Errorf("OptedOut(%s) = %v, want %v", code, got, want)
		}
	}
}

func TestNameAndKnown(t *testing.T) {
	tests := []struct {
		code, lang, want string
		known            bool
	}{
		{letter.RequestsReportCode, "en", "Requests Report", true},
		{letter.RequestsReportCode, "de-AT", "Übersicht Ihrer Bestellungen und Vormerkungen", true},
		{letter.RequestCancelledCode, "nb", "Request Cancelled", true},
		{letter.BorrowingActivityCode, "en", "Borrowing Activity Report", true},
		{letter.BorrowingActivityCode, "fr_CA", "Récapitulatif de vos prêts et de vos frais", true},
		{"FulNoSuchLetter", "en", "FulNoSuchLetter", false},
	}
	for _, tt := range tests {
		if got := letter.Name(tt.code, tt.lang); got != tt.want || letter.Known(tt.code) != tt.known {
			t.Errorf("%s in %s: got %q, want %q", tt.code, tt.lang, got, tt.want)
		}
	}
}

func TestDisabled(t *testing.T) {
	inst := library()
	inst.Letters.Disabled = map[string]bool{letter.RequestsReportCode: true}
	if !letter.Disabled(inst, letter.RequestsReportCode) || letter.Disabled(inst, letter.RequestCancelledCode) {
		t.Error("only the letter named is switched off")
	}
}

func BenchmarkRequestsReport(b *testing.B) {
	p, active, inst := thomas("de"), lines(), library()
	for b.Loop() {
		if _, err := letter.RequestsReport(p, active, inst, now); err != nil {
			b.Fatal(err)
		}
	}
}
