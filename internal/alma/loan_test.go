package alma

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/fulfillment"
)

// lent is an invented loan that was renewed, with something in every field.
func lent() fulfillment.Loan {
	front := fulfillment.Desk{Library: fulfillment.Code{Value: "LAW"}, Desk: fulfillment.Code{Value: "DEFAULT", Desc: "Front desk"}}
	return fulfillment.Loan{
		ID: "200000001", ItemID: "2301", Barcode: "B-1", MMSID: "9901", HoldingID: "2201", Title: "On <Ink>", Author: "Nib, A.",
		Description: "v. 2", DateOfPublication: "c1999.", CallNumber: "QA 1 & 2", Library: fulfillment.Code{Value: "MAIN"},
		Location:   fulfillment.Code{Value: "STACKS", Desc: "Open Stacks"},
		ItemPolicy: fulfillment.Code{Value: "SHORT", Desc: "Short loan"}, MaterialType: fulfillment.Code{Value: "BOOK", Desc: "Book"},
		Process: fulfillment.Renewed, Desk: front, Lent: moment, LentBy: "desk-key", Due: time.Date(2025, 4, 1, 19, 0, 0, 0, time.UTC),
		Terms: fulfillment.Terms{Policy: "short"}, Renewals: 2, Renewed: moment.AddDate(0, 0, 14), RequestID: "100000001",
		Overrides: []fulfillment.Override{{Kind: fulfillment.LoanLimit, Words: "The patron has 20 loans; the limit is 20.",
			By: "Dana Desk", At: moment}},
	}
}

// given is a loan that is over.
func given() fulfillment.Loan {
	l := lent()
	l.Returned, l.ReturnedAt, l.ReturnedBy = moment.AddDate(0, 1, 0), l.Desk, "Dana Desk"
	return l
}

func TestLoanObjects(t *testing.T) {
	yes, left := true, 3
	staff := LoanFacts{PrimaryID: "Quill.77", Fine: 250, Places: 2, Renewable: &yes, RenewalsLeft: &left, Staff: true}
	bare := NewLoan(fulfillment.Loan{ID: "1", Process: fulfillment.Normal, Lent: noon, Due: noon}, LoanFacts{PrimaryID: "b"}, nil)
	for name, object := range map[string]any{
		"loan":          NewLoan(lent(), staff, known),
		"loan_patron":   NewLoan(lent(), LoanFacts{PrimaryID: "Quill.77"}, known),
		"loan_returned": NewLoan(given(), LoanFacts{PrimaryID: "Quill.77", Staff: true}, known),
		"loan_kept":     NewLoan(lent(), LoanFacts{PrimaryID: "Quill.77"}, known).NotRenewed(obstacles(fulfillment.NoRenewals, fulfillment.Blocked)),
		"loans":         ItemLoans{ItemLoan: []ItemLoan{bare}, Total: 11},
		"loans_none":    ItemLoans{},
	} {
		t.Run(name, func(t *testing.T) { goldenObject(t, name, object) })
	}
}

// TestLoanOfPatron proves that a patron is not told who of the staff did what.
func TestLoanOfPatron(t *testing.T) {
	for _, l := range []fulfillment.Loan{lent(), given()} {
		for _, asJSON := range []bool{true, false} {
			if shown := mustEncode(t, NewLoan(l, LoanFacts{PrimaryID: "Quill.77"}, known), asJSON); strings.Contains(shown, "Dana") {
				t.Errorf("staff are named: %s", shown)
			}
		}
	}
}

// TestLoanSamples makes recorded loans anew, which are read as well, and compares every field and value.
func TestLoanSamples(t *testing.T) {
	var list struct {
		Loan []json.RawMessage `json:"item_loan"`
	}
	if err := json.Unmarshal(samples(t, "scriptotek_loans.json"), &list); err != nil {
		t.Fatal(err)
	}
	for _, body := range append(list.Loan, samples(t, "scriptotek_create_loan.json")) {
		var said, accepted ItemLoan
		if err := read(t, asJSON, string(body), &accepted); err != nil {
			t.Fatal(message(err))
		}
		if err := json.Unmarshal(body, &said); err != nil {
			t.Fatal(err)
		}
		facts := LoanFacts{PrimaryID: said.UserID, Renewable: said.Renewable}
		compareLoan(t, body, NewLoan(said.loan(t), facts, nil))
	}
	if got, want := mustEncode(t, ItemLoans{}, true), string(samples(t, "scriptotek_loans_zero.json")); got != want {
		t.Errorf("no loans: got %s, want %s", got, want)
	}
}

// compareLoan compares without the addition that is always shown.
func compareLoan(t *testing.T, want []byte, l ItemLoan) {
	t.Helper()
	got := strings.Replace(mustEncode(t, l, true), `,"patrondesk_renewals":0`, "", 1)
	compare(t, want, []byte(got))
}

// loan is the loan a recorded answer was made of.
func (l ItemLoan) loan(t *testing.T) fulfillment.Loan {
	t.Helper()
	var rd reader
	out := fulfillment.Loan{
		ID: l.LoanID, Barcode: l.ItemBarcode, MMSID: l.MMSID, Title: l.Title, Author: l.Author, CallNumber: l.CallNumber,
		DateOfPublication: l.PublicationYear, Library: fulfillment.Code(l.Library),
		Location: fulfillment.Code{Value: l.Location.Value, Desc: l.Location.Name}, Process: fulfillment.Process(l.ProcessStatus),
		Desk: fulfillment.Desk{Desk: fulfillment.Code(l.CircDesk)},
		Lent: rd.time("loan_date", string(l.LoanDate)), Due: rd.time("due_date", string(l.DueDate)),
	}
	if rd.err != nil {
		t.Fatal(rd.err)
	}
	return out
}

// TestNotRenewed proves that a shown loan is not changed by showing it again.
func TestNotRenewed(t *testing.T) {
	shown := NewLoan(lent(), LoanFacts{}, nil)
	kept := shown.NotRenewed(obstacles(fulfillment.Blocked))
	if got, want := *kept.LastRenewStatus, (Code{"401822;", "Because of BLOCKED."}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := *shown.LastRenewStatus, (Code{"401193;", "Renewed Successfully"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLoanDesk(t *testing.T) {
	whole := fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN"}, Desk: fulfillment.Code{Value: "D"}}
	for _, test := range []struct {
		contentType, body string
		want              fulfillment.Desk
		refusal           string
	}{
		{asJSON, `{"library":{"value":"MAIN"},"circ_desk":{"value":"D"}}`, whole, ""},
		{asJSON, `{"library":{"value":" MAIN ","desc":"x"},"circ_desk":{"value":"D","desc":null},"request_id":{"value":"7"},
			"return_circ_desk":{"value":"E","link":null},"loan_fine":2.5,"renewable":"?","link":"y","patrondesk_renewals":1}`, whole, ""},
		{asXML, "<item_loan><circ_desk desc=\"x\">D</circ_desk><library>\n MAIN</library></item_loan>", whole, ""},
		{asJSON, `{"circ_desk":{"value":"D"}}`, fulfillment.Desk{}, "Mandatory field is missing: library"},
		{asJSON, `{"library":{"value":"MAIN"},"circ_desk":{"value":null}}`, fulfillment.Desk{}, "Mandatory field is missing: circ_desk"},
		{asXML, `<item_loan/>`, fulfillment.Desk{}, "Mandatory field is missing: library"},
	} {
		var l ItemLoan
		if err := read(t, test.contentType, test.body, &l); err != nil {
			t.Fatalf("%s: %s", test.body, message(err))
		}
		if got, err := l.Desk(); got != test.want || message(err) != test.refusal {
			t.Errorf("%s: got %+v, %q; want %+v, %q", test.body, got, message(err), test.want, test.refusal)
		}
	}
}

func TestLoanRefusesBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"library":"MAIN"}`:                    `Field "library" must be an object.`,
		`{"due_date":7}`:                        `Field "due_date" must be a text.`,
		`{"dueDate":"x"}`:                       `There is no field "dueDate" in this object.`,
		`<item_loans/>`:                         `The root element must be item_loan, and is "item_loans".`,
		`<item_loan><desk>D</desk></item_loan>`: `There is no element "desk" in this object.`,
	} {
		var l ItemLoan
		if got := message(read(t, "", body, &l)); !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestLoanDue(t *testing.T) {
	at := func(text string) time.Time {
		due, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	for _, test := range []struct {
		text    string
		want    string
		dayOnly bool
	}{
		{"2018-07-28T22:00:00Z", "2018-07-28T22:00:00Z", false},
		{"2018-07-28T22:00:00.000Z", "2018-07-28T22:00:00Z", false},
		{"2018-07-28T22:00:00.5", "2018-07-28T22:00:00.5Z", false},
		{"2018-07-28T22:00:00", "2018-07-28T22:00:00Z", false},
		{"2018-07-28T22:00:00+02:00", "2018-07-28T20:00:00Z", false},
		{"2018-07-28T00:00:00Z", "2018-07-28T00:00:00Z", false},
		{" 2018-07-28\n", "2018-07-28T00:00:00Z", true},
		{"2018-07-28Z", "2018-07-28T00:00:00Z", true},
	} {
		due, dayOnly, err := ItemLoan{DueDate: Timestamp(test.text)}.Due()
		if err != nil || !due.Equal(at(test.want)) || due.Location() != time.UTC || dayOnly != test.dayOnly {
			t.Errorf("%q: got %v, %v, %v; want %s, %v", test.text, due, dayOnly, err, test.want, test.dayOnly)
		}
	}
	for text, want := range map[string]string{
		"": "Due date is not in loan object.", " ": "Due date is not in loan object.",
		"2018-02-30":           "Given due_date type (2018-02-30) is invalid.",
		"28.07.2018":           "Given due_date type (28.07.2018) is invalid.",
		"Tomorrow":             "Given due_date type (Tomorrow) is invalid.",
		"2018-07-28T25:00:00Z": "Given due_date type (2018-07-28T25:00:00Z) is invalid.",
	} {
		if due, dayOnly, err := (ItemLoan{DueDate: Timestamp(text)}).Due(); message(err) != want || !due.IsZero() || dayOnly {
			t.Errorf("%q: got %v, %v, %q; want %q", text, due, dayOnly, message(err), want)
		}
	}
}

// TestLoanThereAndBack: any loan that is shown may be sent back to change its due date, which is then what it was.
func TestLoanThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawLoan(t)
		facts := LoanFacts{PrimaryID: drawText(t, "id"), Fine: fulfillment.Money(rapid.IntRange(-1, 1e9).Draw(t, "fine")), Places: 2,
			Staff: rapid.Bool().Draw(t, "staff")}
		for _, format := range []string{asJSON, asXML} {
			body, err := encode(NewLoan(want, facts, nil), format == asJSON)
			if err != nil {
				t.Fatal(err)
			}
			var l ItemLoan
			if _, err := unmarshal(body, &l, format == asJSON, false); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if due, dayOnly, err := l.Due(); err != nil || dayOnly || !due.Equal(want.Due) {
				t.Fatalf("%s: got %v, %v, %v; want %v", body, due, dayOnly, err, want.Due)
			}
			if l.Library.Value != want.Library.Value || l.CircDesk.Value != want.Desk.Desk.Value {
				t.Fatalf("%s: got %q, %q", body, l.Library.Value, l.CircDesk.Value)
			}
		}
	})
}

func drawLoan(t *rapid.T) fulfillment.Loan {
	text := func(label string) string { return drawText(t, label) }
	code := func(label string) fulfillment.Code { return fulfillment.Code(drawCode(t, label)) }
	return fulfillment.Loan{
		ID: text("id"), ItemID: text("item"), Barcode: text("barcode"), MMSID: text("mms"), HoldingID: text("holding"),
		Title: text("title"), Author: text("author"), Description: text("description"), DateOfPublication: text("year"),
		CallNumber: text("call number"), Library: code("library"), Location: code("location"), ItemPolicy: code("policy"),
		Process: fulfillment.Process(text("process")), Desk: fulfillment.Desk{Library: code("lent in"), Desk: code("lent at")},
		Lent: drawTime(t, "lent"), Due: moment.Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "due")) * time.Millisecond),
		Renewals: rapid.IntRange(0, 9).Draw(t, "renewals"), Renewed: drawTime(t, "renewed"), RequestID: text("request"),
		Returned: drawTime(t, "returned"), ReturnedAt: fulfillment.Desk{Desk: code("returned at")}, ReturnedBy: text("returned by"),
		Overrides: drawList(t, "overrides", func(t *rapid.T) fulfillment.Override {
			return fulfillment.Override{Kind: fulfillment.Blocked, Words: drawText(t, "words"), By: drawText(t, "by"), At: drawTime(t, "at")}
		}),
	}
}

// FuzzReadLoan proves that what is accepted comes back the same from both formats, and that a refusal is Alma's.
func FuzzReadLoan(f *testing.F) {
	for _, asJSON := range []bool{true, false} {
		f.Add(mustEncode(f, NewLoan(given(), LoanFacts{PrimaryID: "a", Staff: true}, known), asJSON))
	}
	f.Add(`{"library":{"value":" A\r"},"circ_desk":{"desc":"x"},"due_date":"2018-07-28Z"}`)
	f.Add(`<item_loan><due_date>2018-07-28T22:00:00.000+00:00</due_date><library/></item_loan>`)
	f.Fuzz(func(t *testing.T, body string) {
		want, ok := readLoan(t, "", body)
		if !ok {
			return
		}
		for _, format := range []string{asJSON, asXML} {
			shown := mustEncode(t, want, format == asJSON)
			got, ok := readLoan(t, format, shown)
			if !ok {
				t.Fatalf("what was accepted is refused as %s: %s", format, shown)
			}
			if got.Library.Value != want.Library.Value || got.CircDesk.Value != want.CircDesk.Value {
				t.Fatalf("%s: got %+v, want %+v", shown, got, want)
			}
			same(t, got, want)
		}
	})
}

// same compares what two bodies say of the due date.
func same(t *testing.T, got, want ItemLoan) {
	t.Helper()
	due, dayOnly, err := want.Due()
	dueAgain, dayOnlyAgain, errAgain := got.Due()
	if !due.Equal(dueAgain) || dayOnly != dayOnlyAgain || message(err) != message(errAgain) {
		t.Fatalf("got %v, %v, %v; want %v, %v, %v", dueAgain, dayOnlyAgain, errAgain, due, dayOnly, err)
	}
	if err != nil {
		refused(t, err)
	}
	if _, err := want.Desk(); err != nil {
		refused(t, err)
	}
}

func readLoan(t *testing.T, contentType, body string) (ItemLoan, bool) {
	var l ItemLoan
	if err := read(t, contentType, body, &l); err != nil {
		refused(t, err)
		return ItemLoan{}, false
	}
	return l, true
}
