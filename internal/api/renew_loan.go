package api

import (
	"errors"
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// allLoans stands for every loan of the patron in the place of a loan's id.
const allLoans = "all"

// changeLoan answers POST /users/{user_id}/loans/{loan_id}: op=renew, and of ours lost, claimed_returned and found.
// With all in place of the id, op=renew renews every loan that can be renewed.
func (a *API) changeLoan(w http.ResponseWriter, r *http.Request) error {
	op := r.URL.Query().Get("op")
	id := strings.TrimSuffix(r.PathValue("loan_id"), "/") // with which VuFind sends it
	override, err := overrides(r)
	if err != nil {
		return err
	}
	switch {
	case op == "renew" && id == allLoans:
		return a.renewAll(w, r, override)
	case op == "renew":
		return a.renewOne(w, r, id, override)
	case op == "lost", op == "claimed_returned", op == "found":
		return a.markLoan(w, r, id, op)
	}
	return alma.InvalidParameter("op", "It takes renew, lost, claimed_returned or found. Nothing was changed.")
}

func (a *API) renewOne(w http.ResponseWriter, r *http.Request, id string, override bool) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	key, err := keyOf(r, "nothing was renewed")
	if err != nil {
		return err
	}
	loan, err := a.renew(r, p, id, override, key)
	var refused *fulfillment.ObstaclesError
	switch {
	case errors.As(err, &refused):
		return alma.RenewRefused(id, refused)
	case errors.Is(err, fulfillment.ErrLoanNotFound):
		return alma.LoanNotFound(id)
	case err != nil:
		return err
	}
	return a.writeLoan(w, r, p.PrimaryID, loan)
}

// renew renews one loan, once for a key: where it was renewed with the key before, that may be why it is refused now.
func (a *API) renew(r *http.Request, p patron.Patron, id string, override bool, key string) (renewed fulfillment.Loan, err error) {
	k := onceKey{key, "renew " + id}
	err = a.move(r.Context(), func() (err error) {
		renewed, err = once(r.Context(), a, p.UID, k, func() (fulfillment.Loan, error) {
			return a.renewAsRead(r, p, id, override, k.once(p.UID, id))
		}, a.loanOf(r))
		return err
	})
	return renewed, err
}

// renewAsRead reads, decides and writes the renewal of one loan.
func (a *API) renewAsRead(r *http.Request, p patron.Patron, id string, override bool, once *fulfillment.Once) (fulfillment.Loan, error) {
	edit, err := a.readEdit(r, p, id)
	if err != nil {
		return fulfillment.Loan{}, err
	}
	if err := ifMatch(r, loanTag(edit.Loan)); err != nil {
		return fulfillment.Loan{}, err
	}
	queue, err := a.Store.Queue(r.Context(), edit.Loan.MMSID)
	if err != nil {
		return fulfillment.Loan{}, err
	}
	_, movement, err := fulfillment.Renewal{
		Borrower: a.borrower(p), Account: edit.Account, Loan: edit.Loan, Queue: queue, Rules: a.Institution,
		By: edit.By, Now: edit.Now, Override: override,
	}.Do()
	if err != nil {
		return fulfillment.Loan{}, err
	}
	movement.Once = once
	return a.moveLoan(r, movement)
}

// readEdit reads an active loan with what a change of it looks at.
func (a *API) readEdit(r *http.Request, p patron.Patron, id string) (fulfillment.LoanEdit, error) {
	by := a.by(r)
	edit := fulfillment.LoanEdit{UID: p.UID, Rules: a.Institution, By: by.By, Now: by.At}
	if !fulfillment.PossibleID(id) {
		return edit, fulfillment.ErrLoanNotFound
	}
	var err error
	if edit.Loan, err = a.Store.Loan(r.Context(), p.UID, id); err != nil {
		return edit, err
	}
	if edit.Account, err = a.Store.Account(r.Context(), p.UID); err != nil {
		return edit, err
	}
	for _, fee := range edit.Loan.LostFees {
		f, err := a.Store.Fee(r.Context(), p.UID, fee)
		if err != nil {
			return edit, err
		}
		edit.Fees = append(edit.Fees, f)
	}
	return edit, nil
}

// moveLoan writes a movement of one loan and is the loan as it was written.
func (a *API) moveLoan(r *http.Request, m fulfillment.Movement) (fulfillment.Loan, error) {
	written, err := a.Store.Move(r.Context(), m)
	if err != nil {
		return fulfillment.Loan{}, err
	}
	return written.Loans[0].After, nil
}

// renewAll renews every loan of the patron that can be renewed, each by itself, and answers with all of them: of one that
// was not renewed last_renew_status says why. With the same Idempotency-Key each is renewed once.
func (a *API) renewAll(w http.ResponseWriter, r *http.Request, override bool) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	key, err := keyOf(r, "nothing was renewed")
	if err != nil {
		return err
	}
	loans, err := a.Store.ActiveLoans(r.Context(), p.UID)
	if err != nil {
		return err
	}
	r = r.Clone(r.Context())
	r.Header.Del("If-Match") // it names one record
	answer := alma.ItemLoans{Total: len(loans)}
	for _, l := range loans {
		renewed, err := a.renew(r, p, l.ID, override, keyAmong(key, l.ID))
		var refused *fulfillment.ObstaclesError
		if said, ok := errors.AsType[*alma.Error](err); ok { // of this loan; the others may well be renewed
			err = &fulfillment.ObstaclesError{Obstacles: []fulfillment.Obstacle{{Words: said.Message}}}
		}
		switch {
		case errors.As(err, &refused):
			answer.ItemLoan = append(answer.ItemLoan, alma.NewLoan(l, a.loanFacts(r, l, p.PrimaryID), a.Institution).NotRenewed(refused))
		case errors.Is(err, fulfillment.ErrLoanNotFound): // returned meanwhile
			answer.Total--
		case err != nil:
			return err
		default:
			answer.ItemLoan = append(answer.ItemLoan, alma.NewLoan(renewed, a.loanFacts(r, renewed, p.PrimaryID), a.Institution))
		}
	}
	return alma.Write(w, r, answer)
}

// keyAmong is the key of one loan among several that are renewed with a key, "" for none.
func keyAmong(key, id string) string {
	if key == "" {
		return ""
	}
	return ownKey + "loan " + id + " of " + key
}
