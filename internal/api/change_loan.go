package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// tooFar is the day whose end is, in some time zones, in the year 10000, which no stored time can be in.
var tooFar = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// changeDueDate answers PUT /users/{user_id}/loans/{loan_id}, of which only the due date is taken. A date alone is the
// end of that day on the library's clocks.
func (a *API) changeDueDate(w http.ResponseWriter, r *http.Request) error {
	if err := unsupported(r, "notify_user"); err != nil {
		return err
	}
	var in alma.ItemLoan
	if err := alma.Read(r, &in); err != nil {
		return err
	}
	due, whole, err := in.Due()
	if err != nil {
		return err
	}
	if !due.Before(tooFar) {
		return alma.InvalidType("due_date", string(in.DueDate))
	}
	return a.editLoan(w, r, r.PathValue("loan_id"), func(e fulfillment.LoanEdit) (fulfillment.Loan, fulfillment.Movement, error) {
		if whole {
			return e.Due(a.Institution.Calendar(e.Loan.Library.Value).End(due))
		}
		return e.Due(due)
	})
}

// markLoan declares the item of a loan lost, said to be returned, or neither.
func (a *API) markLoan(w http.ResponseWriter, r *http.Request, id, op string) error {
	return a.editLoan(w, r, id, func(e fulfillment.LoanEdit) (fulfillment.Loan, fulfillment.Movement, error) {
		switch op {
		case "lost":
			return e.Lost()
		case "claimed_returned":
			return e.ClaimedReturned()
		}
		return e.Found()
	})
}

// editLoan reads, changes and writes one active loan, and answers with it.
func (a *API) editLoan(w http.ResponseWriter, r *http.Request, id string, change func(fulfillment.LoanEdit) (fulfillment.Loan, fulfillment.Movement, error)) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	var loan fulfillment.Loan
	err = a.move(r.Context(), func() error {
		edit, err := a.readEdit(r, p, id)
		if err != nil {
			return err
		}
		if err := ifMatch(r, loanTag(edit.Loan)); err != nil {
			return err
		}
		_, movement, err := change(edit)
		if err != nil {
			return err
		}
		loan, err = a.moveLoan(r, movement)
		return err
	})
	if err != nil {
		return notChanged(id, err)
	}
	return a.writeLoan(w, r, p.PrimaryID, loan)
}

// notChanged says in Alma's words why a loan was not changed.
func notChanged(id string, err error) error {
	switch {
	case errors.Is(err, fulfillment.ErrLoanNotFound), errors.Is(err, fulfillment.ErrReturned):
		return alma.LoanNotFound(id)
	case errors.Is(err, fulfillment.ErrDueInPast):
		return alma.DueDateInPast()
	case errors.Is(err, fulfillment.ErrSameProcess):
		return alma.GeneralError("The loan has that status already; nothing was changed.")
	}
	return err
}

// loanTag is the entity tag of a loan.
func loanTag(l fulfillment.Loan) string {
	return fmt.Sprintf(`"%s-%d"`, l.ID[max(0, len(l.ID)-8):], l.Version)
}
