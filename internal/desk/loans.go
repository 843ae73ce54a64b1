package desk

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

var loanPages = []page{
	{"GET /desk/patrons/{user_id}", auth.UsersRead, (*call).loans},
	{"GET /desk/patrons/{user_id}/loans", auth.FulfilmentRead, (*call).loans},
	{"POST /desk/patrons/{user_id}/loans", auth.FulfilmentWrite, (*call).checkOut},
	{"GET /desk/patrons/{user_id}/loans/{loan_id}", auth.FulfilmentRead, (*call).loan},
	{"POST /desk/patrons/{user_id}/loans/{loan_id}", auth.FulfilmentWrite, (*call).changeLoan},
}

// loansTab is the tab a patron's page opens on: the field to scan items into, and the loans.
type loansTab struct {
	loanView
	Loans         []loanRow
	Session       int // how many loans are of this session
	Once          string
	Before, After string // addresses of the pages of loans before and after; empty for none
	// Refused is what was just asked for and not done, and RenewedAll what became of the wish to renew all; nil for neither.
	Refused    *refusedLoan
	RenewedAll *renewedAll
}

// loanView is which loans are shown, and in what order.
type loanView struct {
	All  bool   // or those of this session alone, the newest first
	Sort string // due_date, title or loan_date
	From int    // how many there are before the first one
}

// loanRow is a loan in a list.
type loanRow struct {
	alma.ItemLoan
	Due            string // shortly
	Overdue, Fresh bool   // Fresh: of this session
}

// loans answers GET /desk/patrons/{user_id} and .../loans.
func (c *call) loans() error {
	p, err := c.patron("loans")
	if err != nil {
		return err
	}
	if !p.Lends {
		c.redirect(patronPath(p.User.PrimaryID) + "/record")
		return nil
	}
	return c.showLoans(http.StatusOK, p, loansTab{})
}

// showLoans answers with the tab, and with what is in it already.
func (c *call) showLoans(status int, p *patronPage, tab loansTab) error {
	tab.loanView, tab.Once = c.loanView(), rand.Text()
	shown, err := c.lentSince(p)
	if err != nil {
		return err
	}
	tab.Session = len(shown)
	if tab.All {
		if shown, err = c.listLoans(p, tab.order(), tab.From); err != nil {
			return err
		}
		tab.turn(p)
	}
	for _, l := range shown {
		tab.Loans = append(tab.Loans, c.loanRow(p, l))
	}
	return c.showLending(status, p, "loans", tab)
}

// showLending answers with a page about what was lent, on the patron's page: with templates/lending.html, where its parts are.
func (c *call) showLending(status int, p *patronPage, name string, content any) error {
	p.Content = content
	return c.showAs(status, "patron/lending/"+name, p)
}

func (c *call) loanRow(p *patronPage, l alma.ItemLoan) loanRow {
	return loanRow{
		ItemLoan: l, Due: c.look.at(l.DueDate, c.look.shortDeadline), Overdue: inHand(l) && overdue(l, c.Now()), Fresh: p.lentSince(l),
	}
}

// inHand reports whether the patron is taken to have the item, which alone becomes overdue.
func inHand(l alma.ItemLoan) bool {
	return l.Status == "ACTIVE" && l.ProcessStatus != "LOST" && l.ProcessStatus != "CLAIMED_RETURN"
}

// Kept reports whether the item is declared lost or said to be returned.
func (r loanRow) Kept() bool { return r.Status == "ACTIVE" && !inHand(r.ItemLoan) }

// shortDeadline is [language.Locale.Deadline] where there is little room. A line may break before the time alone.
func (l *look) shortDeadline(t time.Time) string {
	day := strings.ReplaceAll(l.ShortDay(t), " ", "\u00a0")
	if l.Deadline(t) == l.Day(t) {
		return day
	}
	return day + " " + l.Time(t)
}

// lentSince reports whether the loan is of this session.
func (p *patronPage) lentSince(l alma.ItemLoan) bool {
	lent, err := time.Parse(time.RFC3339, string(l.LoanDate))
	return err == nil && !lent.Before(p.Opened)
}

// lentSince are the loans of this session, the newest first. Nothing is asked where the card's loans are all and none of
// them is.
func (c *call) lentSince(p *patronPage) ([]alma.ItemLoan, error) {
	if p.Loans <= len(p.activeLoans) && !slices.ContainsFunc(p.activeLoans, p.lentSince) {
		return nil, nil
	}
	loans, err := c.listLoans(p, listing("order_by", "loan_date", "direction", "DESC"), 0)
	return slices.DeleteFunc(loans, func(l alma.ItemLoan) bool { return !p.lentSince(l) }), err
}

// listLoans are the loans from the one of that number on, in an order, each with how often it can be renewed yet.
func (c *call) listLoans(p *patronPage, order url.Values, from int) ([]alma.ItemLoan, error) {
	order.Set("offset", itoa(from))
	order.Set("expand", "renewable")
	loans, err := get[alma.ItemLoans](c, userPath(p.User.PrimaryID)+"/loans", order)
	return loans.ItemLoan, err
}

// loanView is what the address or the form says of which loans are shown.
func (c *call) loanView() loanView {
	v := loanView{All: c.r.FormValue("show") == "all", Sort: c.r.FormValue("sort"), From: atoi(c.r.FormValue("from"))}
	if !slices.Contains(v.Sorts(), v.Sort) {
		v.Sort = v.Sorts()[0]
	}
	return v
}

// Sorts are the orders in which loans are shown.
func (v loanView) Sorts() []string { return []string{"due_date", "title", "loan_date"} }

func (v loanView) order() url.Values {
	if v.Sort == "loan_date" {
		return listing("order_by", v.Sort, "direction", "DESC")
	}
	return listing("order_by", v.Sort)
}

// address is where the loans of a patron are shown so.
func (v loanView) address(patronID string) string {
	query := url.Values{}
	if v.All {
		query.Set("show", "all")
		query.Set("sort", v.Sort)
	}
	if v.All && v.From > 0 {
		query.Set("from", itoa(v.From))
	}
	return strings.TrimSuffix(patronPath(patronID)+"/loans?"+query.Encode(), "?")
}

// fields are those of a form that does something to a loan of the list and shows it again.
func (v loanView) fields(op string) map[string]string {
	fields := map[string]string{"op": op}
	if v.All {
		fields["show"], fields["sort"], fields["from"] = "all", v.Sort, itoa(v.From)
	}
	return fields
}

// turn fills in the addresses of the pages before and after.
func (t *loansTab) turn(p *patronPage) {
	t.Before, t.After = turn(t.From, mostListed, p.Loans, func(from int) string {
		other := t.loanView
		other.From = from
		return other.address(p.User.PrimaryID)
	})
}

// checkOut answers POST /desk/patrons/{user_id}/loans: the item with the scanned barcode is lent.
func (c *call) checkOut() error {
	barcode := c.typed("barcode")
	if barcode == "" {
		c.redirect(patronPath(c.patronID()))
		return nil
	}
	desk, err := c.atDesk()
	if err != nil {
		return c.notLent(barcode, err)
	}
	loan, err := as[alma.ItemLoan](c.ask(question{
		method: http.MethodPost, path: userPath(c.patronID()) + "/loans", query: c.overriding(url.Values{"item_barcode": {barcode}}),
		body: desk, once: c.r.PostFormValue("once"),
	}))
	if err != nil {
		return c.notLent(barcode, err)
	}
	c.good("loans.lent", loan.Title, c.look.at(loan.DueDate, c.look.Deadline))
	c.redirect(patronPath(c.patronID()))
	return nil
}

// overriding is the query of a call that overrides what is in the way, where the form says so.
func (c *call) overriding(query url.Values) url.Values {
	if c.r.PostFormValue("override") != "" {
		query.Set("override_blocks", "true")
	}
	return query
}

// notLent shows why the item was not lent, on the tab it was scanned on.
func (c *call) notLent(barcode string, err error) error {
	shown, ok := c.refusedLoan(err)
	if !ok {
		return err
	}
	p, readErr := c.patron("loans")
	if readErr != nil {
		return readErr
	}
	shown.Heading = c.look.words.say("loans.refused", barcode)
	shown.Again = c.look.words.say("loans.override.lend")
	shown.again(patronPath(p.User.PrimaryID)+"/loans", map[string]string{"barcode": barcode})
	c.noItem(&shown, barcode, err)
	return c.showLoans(http.StatusUnprocessableEntity, p, loansTab{Refused: &shown})
}
