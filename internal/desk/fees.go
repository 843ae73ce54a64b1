package desk

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
)

var feePages = []page{
	{"GET /desk/patrons/{user_id}/fees", auth.FulfilmentRead, (*call).fees},
	{"POST /desk/patrons/{user_id}/fees", auth.FulfilmentWrite, (*call).payFees},
	{"GET /desk/patrons/{user_id}/fees/new", auth.FulfilmentWrite, (*call).newFee},
	{"POST /desk/patrons/{user_id}/fees/new", auth.FulfilmentWrite, (*call).chargeFee},
	{"GET /desk/patrons/{user_id}/fees/{fee_id}", auth.FulfilmentRead, (*call).fee},
	{"POST /desk/patrons/{user_id}/fees/{fee_id}", auth.FulfilmentWrite, (*call).settleFee},
}

// feesTab is what a patron owes, or did.
type feesTab struct {
	Show string // open, closed or all
	Fees []feeRow
	// Owed is the sum of what is open, and Payable the part of it that is not in dispute.
	Owed, Payable fulfillment.Money
	Payment       payment
}

// Disputed is the part of what is owed that is not paid before the dispute is settled.
func (t feesTab) Disputed() fulfillment.Money { return t.Owed - t.Payable }

// feeRow is a fee, with its amounts as money.
type feeRow struct {
	alma.Fee
	Left, Charged fulfillment.Money
	Open          bool
}

// payment is what is in a form that takes money. One that is sent again after it was refused keeps its key: where only a part
// was done, that goes on and does not begin anew.
type payment struct {
	Methods                           []institution.Row
	Amount, Method, Comment, External string
	Once                              string
}

// feeStatuses are the states of the fees that are listed together.
var feeStatuses = map[string][]fulfillment.FeeStatus{
	"open":   {fulfillment.FeeActive, fulfillment.FeeInDispute},
	"closed": {fulfillment.FeeClosed},
	"all":    {fulfillment.FeeActive, fulfillment.FeeInDispute, fulfillment.FeeClosed},
}

// fees answers GET /desk/patrons/{user_id}/fees.
func (c *call) fees() error {
	p, err := c.patron("fees")
	if err != nil {
		return err
	}
	return c.showFees(http.StatusOK, p)
}

// showFees answers with the tab. What was typed into the form that pays is in it.
func (c *call) showFees(status int, p *patronPage) error {
	tab, read := feesTab{Show: c.r.FormValue("show")}, "all"
	if feeStatuses[tab.Show] == nil {
		tab.Show = "open"
	}
	if tab.Show == "open" {
		read = "open"
	}
	all, err := c.feesIn(p.User.PrimaryID, feeStatuses[read]...)
	if err != nil {
		return err
	}
	for _, f := range all {
		row := c.feeRow(f)
		if row.Open {
			tab.Owed += row.Left
		}
		if f.Status.Value == string(fulfillment.FeeActive) {
			tab.Payable += row.Left
		}
		if slices.Contains(feeStatuses[tab.Show], fulfillment.FeeStatus(f.Status.Value)) {
			tab.Fees = append(tab.Fees, row)
		}
	}
	tab.Payment = c.payment(tab.Payable)
	p.Content = tab
	return c.showAs(status, "patron/fees/payment", p)
}

// feesIn are the fees of a patron in those states, one state after the other.
func (c *call) feesIn(id string, statuses ...fulfillment.FeeStatus) ([]alma.Fee, error) {
	in := make([]alma.Fees, len(statuses))
	group := new(errgroup.Group)
	for i, status := range statuses {
		group.Go(func() (err error) {
			in[i], err = get[alma.Fees](c, userPath(id)+"/fees", url.Values{"status": {string(status)}})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []alma.Fee
	for _, fees := range in {
		all = append(all, fees.Fee...)
	}
	return all, nil
}

func (c *call) feeRow(f alma.Fee) feeRow {
	return feeRow{Fee: f, Left: c.money(f.Balance), Charged: c.money(f.OriginalAmount), Open: f.Status.Value != string(fulfillment.FeeClosed)}
}

// money is an amount of the API, which writes none that cannot be read.
func (c *call) money(a alma.Amount) fulfillment.Money {
	m, _ := a.Money(c.Institution.Decimals())
	return m
}

// payment is the form that takes money: as it was sent, or for all that can be paid.
func (c *call) payment(payable fulfillment.Money) payment {
	typed := c.r.PostFormValue
	form := payment{
		Methods: c.choices("PaymentMethod"), Once: cmp.Or(typed("once"), rand.Text()),
		Amount: typed("amount"), Method: typed("method"), Comment: typed("comment"), External: typed("external"),
	}
	if !c.r.PostForm.Has("amount") {
		form.Amount = c.look.Typed(payable.Decimal(c.Institution.Decimals()))
	}
	return form
}

// order is what the API is asked to do, as the form says it.
func (c *call) order(op string) url.Values {
	return url.Values{
		"op": {op}, "amount": {decimal(c.typed("amount"))}, "method": {c.typed("method")}, "reason": {c.typed("reason")},
		"comment": {c.typed("comment")}, "external_transaction_id": {c.typed("external")},
	}
}

// allFees stands for every fee of the patron in the place of a fee's id, in the API alone.
const allFees = "all"

// payFees answers POST /desk/patrons/{user_id}/fees: an amount is paid on the fees, the oldest first.
func (c *call) payFees() error {
	paid, err := as[alma.Fees](c.ask(question{
		method: http.MethodPost, path: userPath(c.patronID()) + "/fees/" + allFees, query: c.order("pay"), once: c.r.PostFormValue("once"),
	}))
	if _, said := refused(err); said {
		return c.again("fees", c.feeRefusals(err), c.showFees)
	}
	if err != nil {
		return err
	}
	c.receipt(paid.Fee)
	c.redirect(patronPath(c.patronID()) + "/fees")
	return nil
}

// receipt has the next page tell what was paid just now: the sum and how, and of each fee what for, what is left and the id
// of the entry in its ledger.
func (c *call) receipt(fees []alma.Fee) {
	var sum fulfillment.Money
	var lines []string
	var last alma.FeeTransaction
	for _, f := range fees {
		last = f.Transactions[len(f.Transactions)-1]
		sum += c.money(last.Amount)
		what := joined(" – ", c.look.describe("FineFeeTransactionType", f.Type.Value, f.Type.Desc), string(f.Title))
		lines = append(lines, c.look.words.say("fees.receipt-line", what, c.look.fact(c.money(last.Amount)), c.look.fact(c.money(f.Balance)), last.ID))
	}
	method := c.look.describe("PaymentMethod", last.PaymentMethod.Value, last.PaymentMethod.Desc)
	c.say(said{
		Kind: "good", More: strings.Join(lines, " · "),
		Text: c.look.words.say("fees.paid", c.look.fact(sum), method, c.look.at(last.Time, c.look.DayTime)),
	})
}

// feeRefusals are what the API says against something done to fees. Of an amount that it does not take, the page says itself
// what it takes, in its own language.
func (c *call) feeRefusals(err error) []string {
	all, _ := refused(err)
	if len(all) == 1 {
		if _, ok := c.look.words["fees.bad-"+all[0].Field]; ok {
			return []string{c.look.words.say("fees.bad-"+all[0].Field, c.r.PostFormValue("amount"))}
		}
	}
	return c.refusals(err)
}
