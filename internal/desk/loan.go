package desk

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/fulfillment"
)

// allLoans stands for every loan of the patron in the place of a loan's id.
const allLoans = "all"

// loanPage is one loan, with what staff may do to it besides renewing and returning.
type loanPage struct {
	loanRow
	ETag, Once string
	// Deciding says that it is asked whether the item is to be declared lost, for which these amounts are charged; empty for
	// nothing.
	Deciding                bool
	Replacement, Processing string
	// Day and Time are what is in the form for the due date: a loan that is due at the end of a day has no time.
	Day, Time string
}

// renewedAll is what became of the wish to renew all loans.
type renewedAll struct {
	Renewed int
	Kept    []keptLoan // that were not
}

// keptLoan is a loan that was not renewed, and why.
type keptLoan struct {
	alma.ItemLoan
	Reasons []string
}

// loan answers GET /desk/patrons/{user_id}/loans/{loan_id}.
func (c *call) loan() error {
	if c.r.PathValue("loan_id") == allLoans { // what renewing all leaves in the address
		c.redirect(loanView{All: true, Sort: "due_date"}.address(c.patronID()))
		return nil
	}
	p, err := c.patron("loans")
	if err != nil {
		return err
	}
	return c.showLoan(http.StatusOK, p)
}

// showLoan answers with the loan the path names. What was typed into its form is in it.
func (c *call) showLoan(status int, p *patronPage) error {
	a := c.ask(question{method: http.MethodGet, path: c.loanPath(c.r.PathValue("loan_id"))})
	l, err := as[alma.ItemLoan](a)
	if err != nil {
		return err
	}
	shown := loanPage{
		loanRow: c.loanRow(p, l), ETag: a.tag(), Once: rand.Text(), Deciding: c.r.FormValue("do") == "lost" && l.Status == "ACTIVE",
		Replacement: c.decimal(l.Lost.Replacement), Processing: c.decimal(l.Lost.Processing),
	}
	if due, err := time.Parse(time.RFC3339, string(l.DueDate)); err == nil {
		due = due.In(c.zone())
		shown.Day, shown.Time = due.Format(time.DateOnly), due.Format(clockTime)
	}
	if shown.Time == lastMinute {
		shown.Time = ""
	}
	if c.r.PostForm.Has("due") {
		shown.Day, shown.Time = c.r.PostFormValue("due"), c.r.PostFormValue("due_time")
	}
	return c.showLending(status, p, "loan", shown)
}

const (
	clockTime = "15:04"
	// lastMinute is when a day on which something is due ends.
	lastMinute = "23:59"
)

// decimal is an amount as a decimal number, "" for nothing.
func (c *call) decimal(m fulfillment.Money) string {
	if m == 0 {
		return ""
	}
	return m.Decimal(c.Institution.Decimals())
}

func (c *call) loanPath(id string) string {
	return userPath(c.patronID()) + "/loans/" + apigw.EscapeSegment(id)
}

// changeLoan answers POST /desk/patrons/{user_id}/loans/{loan_id}, where the field op says what is to be done.
func (c *call) changeLoan() error {
	id := c.r.PathValue("loan_id")
	switch op := c.r.PostFormValue("op"); {
	case op == "renew" && id == allLoans:
		return c.renewAll()
	case op == "renew":
		return c.renewLoan(id)
	case op == "return":
		return c.returnLoan(id)
	case slices.Contains([]string{"due", "lost", "claimed_returned", "found"}, op):
		return c.editLoan(id, op)
	}
	return alma.InvalidParameter("op", "Nothing was changed.")
}

// renewLoan renews a loan, and shows the loans again, with why it was not.
func (c *call) renewLoan(id string) error {
	l, err := as[alma.ItemLoan](c.ask(question{
		method: http.MethodPost, path: c.loanPath(id), query: c.overriding(url.Values{"op": {"renew"}}), once: c.r.PostFormValue("once"),
	}))
	if err == nil {
		c.good("loans.renewed", l.Title, c.look.at(l.DueDate, c.look.Deadline))
		c.redirect(c.loanView().address(c.patronID()))
		return nil
	}
	return c.notDone(id, "loans.not-renewed", err, "renew")
}

// notDone shows the loans again, and why something was not done to one of them. The op is what is done again to override
// that.
func (c *call) notDone(id, key string, err error, op string) error {
	shown, ok := c.refusedLoan(err)
	if !ok {
		return err
	}
	p, readErr := c.patron("loans")
	if readErr != nil {
		return readErr
	}
	title := id
	if i := slices.IndexFunc(p.activeLoans, func(l alma.ItemLoan) bool { return l.LoanID == id }); i >= 0 {
		title = p.activeLoans[i].Title
	}
	shown.Heading = c.look.words.say(key, title)
	shown.Again = c.look.words.say("loans.override.renew")
	shown.again(patronPath(p.User.PrimaryID)+"/loans/"+url.PathEscape(id), c.loanView().fields(op))
	return c.showLoans(http.StatusUnprocessableEntity, p, loansTab{Refused: &shown})
}

// renewAll renews every loan that can be, and shows all of them, with why others were not. There is no other page to go to
// then: it would have to remember why.
func (c *call) renewAll() error {
	loans, err := as[alma.ItemLoans](c.ask(question{
		method: http.MethodPost, path: c.loanPath(allLoans), query: url.Values{"op": {"renew"}}, once: c.r.PostFormValue("once"),
	}))
	if err != nil {
		return err
	}
	done := renewedAll{}
	for _, l := range loans.ItemLoan {
		if len(l.Obstacles) == 0 {
			done.Renewed++
			continue
		}
		kept := keptLoan{ItemLoan: l}
		for _, o := range l.Obstacles {
			kept.Reasons = append(kept.Reasons, c.refusal(&alma.Error{Message: o.Words, Obstacle: &o}))
		}
		done.Kept = append(done.Kept, kept)
	}
	p, err := c.patron("loans")
	if err != nil {
		return err
	}
	return c.showLoans(http.StatusOK, p, loansTab{RenewedAll: &done})
}

// editLoan gives a loan another due date, or declares its item lost, said to be returned, or neither.
func (c *call) editLoan(id, op string) error {
	q := question{method: http.MethodPost, path: c.loanPath(id), query: url.Values{"op": {op}}, match: c.r.PostFormValue("match")}
	if op == "due" {
		q.method, q.query, q.body = http.MethodPut, nil, alma.ItemLoan{DueDate: c.typedDue()}
	}
	l, err := as[alma.ItemLoan](c.ask(q))
	if err == nil {
		c.good("loans.done."+op, l.Title, c.look.at(l.DueDate, c.look.Deadline))
		c.redirect(loanView{All: true, Sort: "due_date"}.address(c.patronID()))
		return nil
	}
	if _, ok := refused(err); !ok {
		return err
	}
	return c.again("loans", c.refusals(err), c.showLoan)
}

// typedDue is the due date of the form as the API takes it: a day alone is due at its end. What is no date the API refuses.
func (c *call) typedDue() alma.Timestamp {
	day, at := c.r.PostFormValue("due"), c.r.PostFormValue("due_time")
	if at == "" {
		return alma.Timestamp(day)
	}
	due, err := time.ParseInLocation(time.DateOnly+" "+clockTime, day+" "+at, c.zone())
	if err != nil {
		return alma.Timestamp(day + "T" + at)
	}
	return alma.Timestamp(due.UTC().Format(time.RFC3339))
}
