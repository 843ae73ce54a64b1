package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// loanQuery is which loans are asked for, and in what order.
type loanQuery struct {
	page      page
	complete  bool // those of the past
	orderBy   string
	descends  bool
	renewable bool // say of each whether it can be renewed
}

// loanOrders are the orders of order_by besides id, which is the second one of each.
var loanOrders = map[string]func(a, b fulfillment.Loan) int{
	"id":          func(a, b fulfillment.Loan) int { return 0 },
	"loan_date":   func(a, b fulfillment.Loan) int { return a.Lent.Compare(b.Lent) },
	"due_date":    func(a, b fulfillment.Loan) int { return a.Due.Compare(b.Due) },
	"return_date": func(a, b fulfillment.Loan) int { return a.Returned.Compare(b.Returned) },
	"barcode":     func(a, b fulfillment.Loan) int { return strings.Compare(a.Barcode, b.Barcode) },
	"title":       func(a, b fulfillment.Loan) int { return compareText(a.Title, b.Title) },
	"author":      func(a, b fulfillment.Loan) int { return compareText(a.Author, b.Author) },
}

// compareText orders texts for people, whatever their case.
func compareText(a, b string) int { return strings.Compare(patron.Fold(a), patron.Fold(b)) }

func readLoanQuery(r *http.Request) (q loanQuery, err error) {
	if q.page, err = pageOf(r, alma.GeneralError); err != nil {
		return q, err
	}
	params := r.URL.Query()
	switch strings.ToLower(params.Get("loan_status")) {
	case "", "active":
	case "complete":
		q.complete = true
	default:
		return q, alma.GeneralError("The parameter loan_status takes Active or Complete.")
	}
	q.orderBy = cmp.Or(strings.ToLower(params.Get("order_by")), "id")
	if loanOrders[q.orderBy] == nil {
		return q, alma.GeneralError("The parameter order_by takes id, loan_date, due_date, return_date, barcode, title or author.")
	}
	switch strings.ToUpper(params.Get("direction")) {
	case "", "ASC":
	case "DESC":
		q.descends = true
	default:
		return q, alma.GeneralError("The parameter direction takes ASC or DESC.")
	}
	q.renewable = slices.Contains(strings.Split(params.Get("expand"), ","), "renewable")
	return q, nil
}

// inOrderOfID reports whether the list is in the order in which loans are stored, so that the first page is one read.
func (q loanQuery) inOrderOfID() bool { return !q.complete && q.orderBy == "id" && !q.descends }

// listLoans answers GET /users/{user_id}/loans: the active loans, or those of the last year that ended. In the order of
// their ids, which is the default, a page costs the same however many loans there are.
func (a *API) listLoans(w http.ResponseWriter, r *http.Request) error {
	q, err := readLoanQuery(r)
	if err != nil {
		return err
	}
	uid, primaryID, err := a.identify(r)
	if err != nil {
		return err
	}
	loans, total, err := a.findLoans(r.Context(), uid, q)
	if err != nil {
		return err
	}
	answer := alma.ItemLoans{Total: total}
	var renewals map[string]renewal
	if q.renewable {
		if renewals, err = a.renewalsOf(r.Context(), uid, loans); err != nil {
			return err
		}
	}
	for _, l := range loans {
		facts := a.loanFacts(r, l, primaryID)
		if told, asked := renewals[l.ID]; asked {
			facts.Renewable, facts.RenewalsLeft = &told.can, &told.left
		}
		answer.ItemLoan = append(answer.ItemLoan, alma.NewLoan(l, facts, a.Institution))
	}
	return alma.Write(w, r, answer)
}

// mostLoans is more than anybody has: no page begins behind it.
const mostLoans = 1 << 20

// findLoans is the page, and how many loans there are in all.
func (a *API) findLoans(ctx context.Context, uid string, q loanQuery) ([]fulfillment.Loan, int, error) {
	if q.inOrderOfID() {
		account, loans, err := a.Store.FirstLoans(ctx, uid, min(q.page.offset, mostLoans)+q.page.limit)
		return pageFrom(loans, q.page), account.Loans, err
	}
	list := a.Store.ActiveLoans
	if q.complete {
		list = a.Store.PastLoans
	}
	loans, err := list(ctx, uid)
	if err != nil {
		return nil, 0, err
	}
	order := loanOrders[q.orderBy]
	slices.SortFunc(loans, func(x, y fulfillment.Loan) int {
		by := cmp.Or(order(x, y), strings.Compare(x.ID, y.ID))
		if q.descends {
			return -by
		}
		return by
	})
	return pageFrom(loans, q.page), len(loans), nil
}

// getLoan answers GET /users/{user_id}/loans/{loan_id}, for a loan that is active or ended within the last year.
func (a *API) getLoan(w http.ResponseWriter, r *http.Request) error {
	uid, primaryID, err := a.identify(r)
	if err != nil {
		return err
	}
	loan, err := a.anyLoan(r.Context(), uid, r.PathValue("loan_id"))
	if errors.Is(err, fulfillment.ErrLoanNotFound) {
		return alma.LoanNotFound(r.PathValue("loan_id"))
	}
	if err != nil {
		return err
	}
	return a.writeLoan(w, r, primaryID, loan)
}

// anyLoan is a loan of the patron, active or past.
func (a *API) anyLoan(ctx context.Context, uid, id string) (fulfillment.Loan, error) {
	if !fulfillment.PossibleID(id) {
		return fulfillment.Loan{}, fulfillment.ErrLoanNotFound
	}
	loan, err := a.Store.Loan(ctx, uid, id)
	if !errors.Is(err, fulfillment.ErrLoanNotFound) {
		return loan, err
	}
	past, err := a.Store.PastLoans(ctx, uid)
	if err != nil {
		return fulfillment.Loan{}, err
	}
	for _, l := range past {
		if l.ID == id {
			return l, nil
		}
	}
	return fulfillment.Loan{}, fulfillment.ErrLoanNotFound
}

// renewal is whether a loan can be renewed now, and how often its policy allows it yet.
type renewal struct {
	can  bool
	left int
}

// renewalsOf says of loans of one patron whether each can be renewed now.
func (a *API) renewalsOf(ctx context.Context, uid string, loans []fulfillment.Loan) (map[string]renewal, error) {
	if len(loans) == 0 {
		return nil, nil
	}
	p, err := a.Store.PatronByUID(ctx, uid)
	if err != nil {
		return nil, err
	}
	account, err := a.Store.Account(ctx, uid)
	if err != nil {
		return nil, err
	}
	var titles []string
	for _, l := range loans {
		titles = append(titles, l.MMSID)
	}
	queues, err := a.Store.Queues(ctx, titles)
	if err != nil {
		return nil, err
	}
	renewals := map[string]renewal{}
	for _, l := range loans {
		if !l.Active() {
			renewals[l.ID] = renewal{}
			continue
		}
		next := fulfillment.Renewal{
			Borrower: a.borrower(p), Account: account, Loan: l, Queue: queues[l.MMSID], Rules: a.Institution, Now: a.Now().UTC(),
		}
		renewals[l.ID] = renewal{can: len(next.Obstacles()) == 0, left: next.Left()}
	}
	return renewals, nil
}

// loanFacts are what a loan is shown with besides itself.
func (a *API) loanFacts(r *http.Request, l fulfillment.Loan, primaryID string) alma.LoanFacts {
	facts := alma.LoanFacts{
		PrimaryID: primaryID, Places: a.Institution.Decimals(), Staff: auth.CallerFrom(r.Context()).May(auth.FulfilmentRead),
	}
	if l.Active() {
		facts.Fine = l.FineAt(a.Now(), a.Institution.Calendar(l.Library.Value))
	}
	return facts
}

// writeLoan answers with one loan as it is stored.
func (a *API) writeLoan(w http.ResponseWriter, r *http.Request, primaryID string, l fulfillment.Loan) error {
	w.Header().Set("ETag", loanTag(l))
	return alma.Write(w, r, alma.NewLoan(l, a.loanFacts(r, l, primaryID), a.Institution))
}
