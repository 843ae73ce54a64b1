package desk

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
)

// feePage is one fee with its ledger, and what staff may do with it.
type feePage struct {
	feeRow
	ETag    string
	Entries []feeEntry
	Payment payment
	// Waiving says that it is asked whether the fee is to be given up, for one of the reasons.
	Waiving bool
	Reasons []institution.Row
	Reason  string
}

// feeEntry is an entry of a fee's ledger.
type feeEntry struct {
	alma.FeeTransaction
	Taken fulfillment.Money
}

// fee answers GET /desk/patrons/{user_id}/fees/{fee_id}, and with do=waive the page that asks whether to give the fee up.
func (c *call) fee() error {
	p, err := c.patron("fees")
	if err != nil {
		return err
	}
	return c.showFee(http.StatusOK, p)
}

// showFee answers with the fee the path names. What was typed into its form is in it.
func (c *call) showFee(status int, p *patronPage) error {
	a := c.ask(question{method: http.MethodGet, path: c.feePath()})
	f, err := as[alma.Fee](a)
	if err != nil {
		return err
	}
	row := c.feeRow(f)
	shown := feePage{
		feeRow: row, ETag: a.tag(), Payment: c.payment(row.Left), Reasons: c.choices("FineFeeTransactionReason"),
		Waiving: row.Open && c.r.FormValue("do") == "waive" && c.caller.May("fulfilment:write"), Reason: c.r.PostFormValue("reason"),
	}
	for _, t := range f.Transactions {
		shown.Entries = append(shown.Entries, feeEntry{t, c.money(t.Amount)})
	}
	p.Content = shown
	return c.showAs(status, "patron/fee/payment", p)
}

// feePath is the path of the fee in the API.
func (c *call) feePath() string {
	return userPath(c.patronID()) + "/fees/" + apigw.EscapeSegment(c.r.PathValue("fee_id"))
}

// settleFee answers POST /desk/patrons/{user_id}/fees/{fee_id}: the fee is paid or given up, in part or whole, is in dispute
// or no longer. The fee must be as it was shown.
func (c *call) settleFee() error {
	if c.r.PathValue("fee_id") == allFees {
		return alma.FeeNotFound("Nothing was changed.")
	}
	op := c.r.PostFormValue("do")
	f, err := as[alma.Fee](c.ask(question{
		method: http.MethodPost, path: c.feePath(), query: c.order(op),
		match: c.r.PostFormValue("match"), once: c.r.PostFormValue("once"),
	}))
	if _, said := refused(err); said {
		return c.again("fees", c.feeRefusals(err), c.showFee)
	}
	if err != nil {
		return err
	}
	c.tellSettled(op, f)
	c.redirect(patronPath(c.patronID()) + "/fees")
	return nil
}

// tellSettled has the next page tell what was done with the fee.
func (c *call) tellSettled(op string, f alma.Fee) {
	what := joined(" – ", c.look.describe("FineFeeTransactionType", f.Type.Value, f.Type.Desc), string(f.Title))
	switch op {
	case "pay":
		c.receipt([]alma.Fee{f})
	case "waive":
		given := c.money(f.Transactions[len(f.Transactions)-1].Amount)
		c.good("fees.waived", c.look.fact(given), what, c.look.fact(c.money(f.Balance)))
	default:
		c.good("fees.did-"+op, what)
	}
}

// newFeePage is the form in which a fee is charged.
type newFeePage struct {
	Types                                  []institution.Row
	Libraries                              []institution.Library
	Type, Amount, Library, Barcode, Remark string
	Once                                   string
}

// newFee answers GET /desk/patrons/{user_id}/fees/new.
func (c *call) newFee() error {
	p, err := c.patron("fees")
	if err != nil {
		return err
	}
	return c.showNewFee(http.StatusOK, p)
}

// showNewFee answers with the form, and in it what was typed.
func (c *call) showNewFee(status int, p *patronPage) error {
	typed := c.r.PostFormValue
	form := newFeePage{
		Types: c.choices("FineFeeTransactionType"), Libraries: c.Institution.Libraries, Once: cmp.Or(typed("once"), rand.Text()),
		Type: typed("type"), Amount: typed("amount"), Library: typed("library"), Barcode: typed("barcode"), Remark: typed("comment"),
	}
	if d, ok := c.chosenDesk(); ok && form.Library == "" {
		form.Library = d.Library
	}
	p.Content = form
	return c.showAs(status, "patron/new-fee", p)
}

// chargeFee answers POST /desk/patrons/{user_id}/fees/new.
func (c *call) chargeFee() error {
	f, err := c.typedFee()
	if err == nil {
		f, err = as[alma.Fee](c.ask(question{
			method: http.MethodPost, path: userPath(c.patronID()) + "/fees", body: f, once: c.r.PostFormValue("once"),
		}))
	}
	if _, said := refused(err); said {
		return c.again("fees", c.feeRefusals(err), c.showNewFee)
	}
	if err != nil {
		return err
	}
	c.good("fees.charged", c.look.fact(c.money(f.OriginalAmount)), c.look.describe("FineFeeTransactionType", f.Type.Value, f.Type.Desc))
	c.redirect(patronPath(c.patronID()) + "/fees")
	return nil
}

// typedFee is the fee that was typed. An amount that is no number is refused here, because it is none in a body either.
func (c *call) typedFee() (alma.Fee, error) {
	places := c.Institution.Decimals()
	f := alma.Fee{
		Type: alma.Code{Value: c.typed("type")}, Owner: alma.Code{Value: c.typed("library")},
		OriginalAmount: alma.Amount(decimal(c.typed("amount"))), Comment: alma.NullText(c.typed("comment")),
	}
	if barcode := c.typed("barcode"); barcode != "" {
		f.Barcode = &alma.Linked{Value: barcode}
	}
	if _, err := f.OriginalAmount.Money(places); err != nil {
		return f, alma.InvalidAmount("original_amount", places)
	}
	return f, nil
}

// decimal is an amount as the API takes it. Staff write a comma or a point before the decimals, and perhaps the other one, an
// apostrophe or spaces between thousands.
func decimal(typed string) string {
	typed = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\u202f'’", r) {
			return -1
		}
		return r
	}, typed)
	point, comma := strings.LastIndex(typed, "."), strings.LastIndex(typed, ",")
	if point >= 0 && comma >= 0 {
		typed = strings.ReplaceAll(typed, map[bool]string{true: ".", false: ","}[comma > point], "")
	}
	return strings.Replace(typed, ",", ".", 1)
}
