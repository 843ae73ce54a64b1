package letter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// due is a time on the clocks of the libraries, at which a loan is due.
func due(month time.Month, day, hour, minute int) time.Time {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		panic(err)
	}
	return time.Date(2026, month, day, hour, minute, 0, 0, zone).UTC()
}

func loan(library, title, author string, due time.Time) letter.LoanLine {
	return letter.LoanLine{Loan: fulfillment.Loan{
		ID: "1", Title: title, Author: author, Library: fulfillment.Code{Value: library}, Process: fulfillment.Normal, Due: due,
	}}
}

func with(process fulfillment.Process, line letter.LoanLine) letter.LoanLine {
	line.Loan.Process = process
	return line
}

func charged(library string, original, paid fulfillment.Money, status fulfillment.FeeStatus) fulfillment.Fee {
	return fulfillment.Fee{
		ID: "1", Type: fulfillment.OverdueFine, Status: status, Original: original, Owner: fulfillment.Code{Value: library},
		Transactions: []fulfillment.Transaction{{Type: fulfillment.Payment, Amount: paid}},
	}
}

// activity is of three libraries, one of another time zone, with everything a letter may tell.
func activity() letter.Activity {
	late := loan("MAIN", "Tide tables of the inland sea", "Merrow, Ida", due(time.October, 31, 23, 59))
	late.Fine = 1_234_50
	hours := loan("LAW", "The law of small harbours : a reader", "Osei, Kwame; Lindqvist, Maja", due(time.November, 22, 17, 0))
	hours.Fine = 4_00
	series := loan("LAW", "Annals of the Fictitious Society", "", due(time.November, 20, 23, 59))
	series.Loan.Description = "v.12 (2019)"
	series.Fine = 60
	recalled := loan("MAIN", "Wörter für Übermorgen", "Größler, Änne", due(time.December, 1, 23, 59))
	missing := loan("MAIN", "A walk along the river Lorn : notes for the patient walker", "Merrow, Ida", due(time.October, 10, 23, 59))
	island := loan("ISLAND", "Seabirds of the outer rocks", "Lindqvist, Maja", due(time.November, 25, 15, 0))
	claimed := loan("MAIN", "The lighthouse keepers' almanac", "Bright, T. & Sons", due(time.November, 1, 23, 59))
	return letter.Activity{
		Loans: []letter.LoanLine{
			loan("MAIN", "Gardening on cold ground", "Osei, Kwame", due(time.December, 14, 23, 59)), late, hours, series,
			with(fulfillment.Recalled, recalled), with(fulfillment.Lost, missing),
			loan("LAW", "Projector, with a case", "", due(time.November, 23, 16, 30)),
			with(fulfillment.ClaimedReturned, claimed), island,
		},
		Fees: []fulfillment.Fee{
			charged("MAIN", 36_00, 0, fulfillment.FeeActive), charged("MAIN", 10_00, 4_90, fulfillment.FeeActive),
			charged("LAW", 2_50, 0, fulfillment.FeeInDispute), charged("LAW", 9_00, 9_00, fulfillment.FeeClosed),
		},
	}
}

// hostileActivity has a title, an author and a library's name nobody would want in a mail.
func hostileActivity() letter.Activity {
	script := loan("XSS", "<script>alert('title')</script> & more\r\n\tSubject: x", "a\u2028b\xffc", due(time.October, 1, 23, 59))
	script.Loan.Library.Desc = `"><img src=x onerror=alert(1)>` + override
	rtl := loan("XSS", hebrew+" (2)", override+"gnp.exe", due(time.December, 1, 23, 59))
	rtl.Loan.Description, rtl.Fine = "{{.Name}}\x00", 7
	long := loan("MAIN", strings.Repeat("An endless title ", 60), strings.Repeat("x", 400), due(time.October, 1, 23, 59))
	fee := charged("XSS", 5, 0, fulfillment.FeeActive)
	fee.Owner.Desc = "</table><h1>Fee</h1>"
	return letter.Activity{Loans: []letter.LoanLine{script, rtl, long}, Fees: []fulfillment.Fee{fee}}
}

// manyLoans are so many loans of two libraries, the first ones overdue.
func manyLoans(count, overdue int) letter.Activity {
	var a letter.Activity
	for i := range count {
		title := fmt.Sprintf("Proceedings of a society that meets often, volume %d", i)
		line := loan([]string{"MAIN", "LAW"}[i%2], title, "Society, A", due(time.December, 1, 23, 59))
		if i < overdue {
			line.Loan.Due, line.Fine = due(time.November, 1, 23, 59), 1_00
		}
		a.Loans = append(a.Loans, line)
	}
	return a
}

func borrowing(t testing.TB, p patron.Patron, a letter.Activity) letter.Message {
	t.Helper()
	m, err := letter.BorrowingActivity(p, a, library(), now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// activityLetters are goldens of the Borrowing Activity Letter, by name.
func activityLetters(t *testing.T) map[string]letter.Message {
	all := map[string]letter.Message{
		"borrowing_activity_hostile": borrowing(t, hostilePatron(), hostileActivity()),
		"borrowing_activity_fees":    borrowing(t, thomas("en"), letter.Activity{Fees: activity().Fees}),
	}
	for _, lang := range languages() {
		all["borrowing_activity_"+lang] = borrowing(t, thomas(lang), activity())
	}
	return all
}

func TestActivityParts(t *testing.T) {
	all := activity()
	var overdue, other []letter.LoanLine
	for _, line := range all.Loans {
		if line.Loan.OverdueAt(now) {
			overdue = append(overdue, line)
		} else {
			other = append(other, line)
		}
	}
	const plain, late = "Your loans and fees", "Your loans and fees: some loans are overdue"
	tests := []struct {
		name, subject      string
		activity           letter.Activity
		overdue, loan, fee bool
	}{
		{"everything", late, all, true, true, true},
		{"overdue loans alone", late, letter.Activity{Loans: overdue}, true, false, false},
		{"other loans alone", plain, letter.Activity{Loans: other}, false, true, false},
		{"fees alone", plain, letter.Activity{Fees: all.Fees}, false, false, true},
	}
	for _, tt := range tests {
		m := borrowing(t, thomas("en"), tt.activity)
		if m.Subject != tt.subject {
			t.Errorf("%s: the subject is %q, want %q", tt.name, m.Subject, tt.subject)
		}
		for heading, want := range map[string]bool{"Overdue loans (3)": tt.overdue, "Loans (6)": tt.loan, "Fees": tt.fee} {
			if got := strings.Contains(m.HTML, ">"+heading+"</h2>"); got != want {
				t.Errorf("%s: %q in the HTML: got %v, want %v", tt.name, heading, got, want)
			}
			if got := strings.Contains(m.Text, "\n"+heading+"\n"); got != want {
				t.Errorf("%s: %q in the text: got %v, want %v", tt.name, heading, got, want)
			}
		}
	}
}

func TestNoActivity(t *testing.T) {
	returned := loan("MAIN", "Over", "", due(time.October, 1, 23, 59))
	returned.Loan.Returned = now
	closed := charged("MAIN", 5_00, 5_00, fulfillment.FeeClosed)
	for _, a := range []letter.Activity{{}, {Loans: []letter.LoanLine{returned}, Fees: []fulfillment.Fee{closed}}} {
		m, err := letter.BorrowingActivity(thomas("en"), a, library(), now)
		if !errors.Is(err, letter.ErrNothingToReport) || m != (letter.Message{}) {
			t.Errorf("got %v, %v; want ErrNothingToReport and no message", m, err)
		}
	}
}

// TestOrderOfLoans wants libraries by name, accents and case aside, and their loans by due date and title.
func TestOrderOfLoans(t *testing.T) {
	inst := library()
	inst.Libraries = []institution.Library{
		{Code: "Z", Name: "Ärztliche Bibliothek"}, {Code: "A", Name: "bindery"}, {Code: "B", Name: "Botany"},
	}
	first, second := due(time.December, 1, 23, 59), due(time.December, 2, 23, 59)
	a := letter.Activity{Loans: []letter.LoanLine{
		loan("B", "eagle", "", first), loan("A", "delta", "", second), loan("A", "Éclair", "", first), loan("A", "cat", "", first),
		loan("Z", "Zebra", "", first), loan("A", "Zoo", "", first),
	}}
	m, err := letter.BorrowingActivity(thomas("en"), a, inst, now)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range strings.Fields("Ärztliche Zebra bindery cat Éclair Zoo delta Botany eagle") {
		next := strings.Index(m.Text[at:], want)
		if next < 0 {
			t.Fatalf("%q is not where it should be in\n%s", want, m.Text)
		}
		at += next
	}
}

func TestDueAndFine(t *testing.T) {
	m := borrowing(t, thomas("en"), activity())
	for _, want := range []string{
		"Due date: 31 October 2026\n   Fine so far: 1,234.50\u00a0EUR\n",
		"Due date: 22 November 2026, 17:00\n   Fine so far: 4.00\u00a0EUR\n",
		"Due date: 23 November 2026, 16:30\n\n",
		"Due date: 25 November 2026, 14:00\n\n",
		"Due date: 10 October 2026 (declared lost)\n",
		"Due date: 1 November 2026 (reported as returned)\n",
		"Due date: 1 December 2026 (recalled by the library)\n",
		"Fines so far in total: 1,239.10\u00a0EUR\n",
		"\nLaw Library: 2.50\u00a0EUR\nMain Library: 41.10\u00a0EUR\nTotal: 43.60\u00a0EUR\nOf this in dispute: 2.50\u00a0EUR\n",
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
}

// TestDisputedFeesAlone holds that nobody is asked to pay what is in dispute.
func TestDisputedFeesAlone(t *testing.T) {
	m := borrowing(t, thomas("en"), letter.Activity{Fees: []fulfillment.Fee{charged("MAIN", 2_50, 0, fulfillment.FeeInDispute)}})
	if strings.Contains(m.Text, "Please pay") || !strings.Contains(m.Text, "Of this in dispute: 2.50") {
		t.Errorf("got:\n%s", m.Text)
	}
}

// TestManyLoans wants a letter that no mail program cuts, with exact numbers.
func TestManyLoans(t *testing.T) {
	long := manyLoans(300, 100)
	for i := range long.Loans {
		long.Loans[i].Loan.Title = strings.Repeat("<'&\">", 80)
	}
	long.Fees = activity().Fees
	for name, a := range map[string]letter.Activity{"short titles": manyLoans(1000, 400), "long titles": long} {
		m := borrowing(t, thomas("en"), a)
		listed := strings.Count(m.HTML, "<tr role=\"row\">") - strings.Count(m.HTML, "<thead")
		if len(m.HTML) > 102_000 || listed < 20 {
			t.Errorf("%s: %d bytes of HTML with %d loans", name, len(m.HTML), listed)
		}
	}
	m := borrowing(t, thomas("en"), manyLoans(1000, 12))
	text, listed := strings.ReplaceAll(m.Text, "\n", " "), strings.Count(m.Text, " Due date: ")
	for _, want := range []string{
		" Overdue loans (12) ", " Fines so far in total: 12.00\u00a0EUR ", " Loans (988) ",
		fmt.Sprintf(" as there are too many for one letter: %d ", 1000-listed),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("with %d loans listed the text lacks %q", listed, want)
		}
	}
	if got := strings.Count(m.HTML, "Due date: "); got != listed {
		t.Errorf("%d loans are listed in the HTML and %d in the text", got, listed)
	}
}

func TestHostileActivity(t *testing.T) {
	m := borrowing(t, hostilePatron(), hostileActivity())
	for _, bad := range []string{"<script", "<img", "<h1>", "\r", "\x00", override, "\u2028"} {
		if strings.Contains(m.HTML, bad) || !strings.HasPrefix(bad, "<") && strings.Contains(m.Text, bad) {
			t.Errorf("the letter holds %q", bad)
		}
	}
	if !strings.Contains(m.HTML, "<bdi>"+hebrew+" (2)</bdi>") {
		t.Error("text of another direction is not isolated")
	}
}

// FuzzBorrowingActivity holds that no record, however odd, makes a letter that is not well-formed, or that tells of the
// patron in its subject.
func FuzzBorrowingActivity(f *testing.F) {
	f.Add("Thomas", "Title", "Author", "Library", "en", int64(500))
	f.Add("\r\nBcc: x", "<script>", "\x00\xff", "</h3>", "de-AT", int64(-1))
	f.Add("{{.}}", "]]>", "\ufffe", "\u202e", "../en", int64(1)<<62)
	f.Fuzz(func(t *testing.T, name, title, author, library, lang string, money int64) {
		p := thomas(lang)
		p.PrefFirstName = name
		line := loan("NONE", title, author, due(time.October, 1, 23, 59))
		line.Loan.Library.Desc, line.Loan.Description, line.Fine = library, name, fulfillment.Money(money)
		fee := charged("NONE", fulfillment.Money(money), 1, fulfillment.FeeActive)
		m := borrowing(t, p, letter.Activity{Loans: []letter.LoanLine{line}, Fees: []fulfillment.Fee{fee}})
		o := outlineOf(t, "letter", m.HTML)
		if o.scripts+o.images > 0 || len(o.headings) > 4 || o.dataTables > 2 {
			t.Errorf("the data changed the outline: %+v", o)
		}
		if m.Subject != letterSubject(m.Language) || !utf8.ValidString(m.HTML) || !utf8.ValidString(m.Text) {
			t.Errorf("subject %q or a body is not fit to be sent", m.Subject)
		}
	})
}

// letterSubject is the subject of a letter about overdue loans.
func letterSubject(lang string) string {
	return map[string]string{
		"en": "Your loans and fees: some loans are overdue",
		"de": "Übersicht Ihrer Ausleihen und Gebühren: überfällige Ausleihen",
		"fr": "Récapitulatif de vos prêts et de vos frais : prêts en retard",
	}[lang]
}

func BenchmarkBorrowingActivity(b *testing.B) {
	for _, count := range []int{8, 1000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			a := manyLoans(count, 2)
			for b.Loop() {
				borrowing(b, thomas("de"), a)
			}
		})
	}
}
