package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/session"
)

var returnPages = []page{
	{"GET /desk/patrons/{user_id}/returns", auth.FulfilmentRead, (*call).returns},
	{"POST /desk/patrons/{user_id}/returns", auth.FulfilmentWrite, (*call).takeBack},
}

// returnsTab is the field to scan items into that come back, and those that came back in this session.
type returnsTab struct {
	Returned []returnedRow // the newest first
	// At is when what is scanned came back, as its field has it; empty for now.
	At      string
	Refused *refusedLoan // what was scanned last, when it was not taken back
}

// returnedRow is an item that came back.
type returnedRow struct {
	session.Returned
	Goes    string   // where it goes now
	Remarks []remark // what else is to be known
	Other   bool     // it was on loan to somebody else than the patron of the page
}

// remark is a sentence, and how loudly it is said: good or warn.
type remark struct{ Kind, Text string }

// Kind is how loudly is said where the item goes: what is not for its shelf must not get there.
func (r returnedRow) Kind() string {
	if r.Place == string(fulfillment.AtPlace) {
		return "good"
	}
	return "warn"
}

// returns answers GET /desk/patrons/{user_id}/returns.
func (c *call) returns() error {
	p, err := c.patron("returns")
	if err != nil {
		return err
	}
	return c.showReturns(http.StatusOK, p, nil)
}

func (c *call) showReturns(status int, p *patronPage, refused *refusedLoan) error {
	tab := returnsTab{At: c.r.FormValue("returned"), Refused: refused}
	for _, r := range c.session.Returned {
		if !r.At.Before(p.Opened) {
			tab.Returned = append(tab.Returned, c.returnedRow(p.User.PrimaryID, r))
		}
	}
	return c.showLending(status, p, "returns", tab)
}

// takeBack answers POST /desk/patrons/{user_id}/returns: the item with the scanned barcode came back, whoever had it.
func (c *call) takeBack() error {
	barcode, at := c.typed("barcode"), c.r.PostFormValue("returned")
	to := patronPath(c.patronID()) + "/returns"
	if at != "" {
		to += "?" + url.Values{"returned": {at}}.Encode()
	}
	if barcode == "" {
		c.redirect(to)
		return nil
	}
	query := url.Values{"item_barcode": {barcode}}
	if at != "" {
		query.Set("return_date", c.returnDate(at))
	}
	if _, err := c.scan("/items", query); err != nil {
		return c.notTaken(barcode, err)
	}
	c.redirect(to)
	return nil
}

// returnDate is a day and time on the library's clocks as the API takes it. What is none the API refuses.
func (c *call) returnDate(typed string) string {
	at, err := time.ParseInLocation("2006-01-02T15:04", typed, c.zone())
	if err != nil {
		return typed
	}
	return at.UTC().Format(time.RFC3339)
}

// notTaken shows why an item was not taken back, on the tab it was scanned on.
func (c *call) notTaken(barcode string, err error) error {
	shown, ok := c.refusedLoan(err)
	if !ok {
		return err
	}
	p, readErr := c.patron("returns")
	if readErr != nil {
		return readErr
	}
	shown.Heading = c.look.words.say("returns.refused", barcode)
	c.noItem(&shown, barcode, err)
	if hasCode(err, alma.InvalidParameter("").Code) { // of what is sent, the time alone may be wrong
		shown.Reasons = []string{c.look.words.say("returns.time-refused")}
	}
	return c.showReturns(http.StatusUnprocessableEntity, p, &shown)
}

// returnLoan returns the item of a loan of the patron, and says where it goes, on the tab the loan was on.
func (c *call) returnLoan(id string) error {
	l, err := get[alma.ItemLoan](c, c.loanPath(id), nil)
	if err == nil && l.Status != "ACTIVE" {
		err = alma.LoanNotFound(id)
	}
	if err != nil {
		return c.notDone(id, "loans.not-returned", err, "return")
	}
	holding := cmp.Or(l.HoldingID, "ALL")
	r, err := c.scan("/bibs/"+apigw.EscapeSegment(l.MMSID)+"/holdings/"+apigw.EscapeSegment(holding)+"/items/"+apigw.EscapeSegment(l.ItemID), url.Values{})
	if err != nil {
		return c.notDone(id, "loans.not-returned", err, "return")
	}
	row := c.returnedRow(l.UserID, r)
	var more []string
	for _, f := range row.Remarks {
		more = append(more, f.Text)
	}
	c.say(said{Kind: row.Kind(), Text: r.Title + ": " + row.Goes, More: strings.Join(more, " ")})
	c.redirect(c.loanView().address(c.patronID()))
	return nil
}

// scan has the API take an item back at the circulation desk, and remembers what became of it.
func (c *call) scan(path string, query url.Values) (session.Returned, error) {
	d, ok := c.chosenDesk()
	if !ok {
		return session.Returned{}, errNoDesk
	}
	query.Set("op", "scan")
	query.Set("library", d.Library)
	query.Set("circ_desk", d.Code)
	item, err := as[alma.Item](c.ask(question{method: http.MethodPost, path: path, query: query}))
	if err != nil {
		return session.Returned{}, err
	}
	r := c.returned(item)
	return r, c.remember(func(s *session.Session) { s.Return(r) })
}

// returned is what became of a scanned item.
func (c *call) returned(i alma.Item) session.Returned {
	scan := i.Scanned
	at := scan.Custody
	r := session.Returned{
		At: c.Now(), Title: i.Bib.Title, Barcode: i.Data.Barcode, Place: string(at.State), Asked: scan.For != nil, Until: at.Until,
		Borrower: scan.Borrower, Lent: scan.Loan != nil, Lost: scan.Loan != nil && len(scan.Loan.LostFees) > 0,
	}
	switch at.State {
	case fulfillment.OnShelf:
		r.Library, r.Desk = c.look.describe("Libraries", at.At.Library.Value, at.At.Library.Desc), at.At.Desk.Desc
	case fulfillment.InTransit:
		r.Library, r.Desk = c.look.describe("Libraries", at.To.Library.Value, at.To.Library.Desc), at.To.Desk.Desc
	default:
		r.Library, r.Location = c.look.describe("Libraries", i.Data.Library.Value, i.Data.Library.Desc), i.Data.Location.Desc
	}
	if scan.Fine != nil {
		r.Fine = c.decimal(scan.Fine.Original)
	}
	if r.Borrower != "" && r.Borrower != c.patronID() {
		if other, err := get[alma.User](c, userPath(r.Borrower), nil); err == nil {
			r.Name = displayName(other)
		}
	}
	return r
}

// returnedRow says what became of an item, on the page of a patron.
func (c *call) returnedRow(patronID string, r session.Returned) returnedRow {
	say := c.look.words.say
	row := returnedRow{Returned: r, Other: r.Lent && r.Borrower != "" && r.Borrower != patronID}
	tell := func(when bool, kind, key string, values ...any) {
		if when {
			row.Remarks = append(row.Remarks, remark{kind, say(key, values...)})
		}
	}
	shelf, travels := r.Place == string(fulfillment.OnShelf), r.Place == string(fulfillment.InTransit)
	place := joined(", ", r.Library, r.Location)
	switch {
	case shelf:
		row.Goes = say("returns.shelf")
	case travels:
		row.Goes = say("returns.send", cmp.Or(r.Desk, r.Library))
	default:
		row.Goes = say("returns.reshelve")
		tell(place != "", "good", "returns.place", place)
	}
	tell(shelf, "warn", "returns.shelf-until", cmp.Or(r.Desk, r.Library), c.look.DayOf(r.Until))
	tell(travels && r.Asked, "warn", "returns.asked-there")
	tell(r.Fine != "", "warn", "returns.fine", c.look.amount(r.Fine))
	tell(r.Lost, "warn", "returns.was-lost")
	tell(!r.Lent, "good", "returns.not-lent")
	return row
}

// joined are the texts that are not empty, with something between them.
func joined(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), between)
}
