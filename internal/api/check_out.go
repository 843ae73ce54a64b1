package api

import (
	"errors"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// checkOutCall is what a check-out asks for.
type checkOutCall struct {
	item     dynamo.ItemKey
	desk     fulfillment.Desk
	override bool
	key      string // of idempotency; empty for none
}

// checkOut answers POST /users/{user_id}/loans: the item of item_barcode or item_pid is lent at a circulation desk. With
// override_blocks=true, ours, what can be overridden is, and the loan says so. The same call with the same
// Idempotency-Key is one loan.
func (a *API) checkOut(w http.ResponseWriter, r *http.Request) error {
	call, err := a.readCheckOut(r)
	if err != nil {
		return err
	}
	p, loan, err := a.lend(r, call)
	if err != nil {
		return err
	}
	return a.writeLoan(w, r, p.PrimaryID, loan)
}

func (a *API) readCheckOut(r *http.Request) (checkOutCall, error) {
	params := r.URL.Query()
	call := checkOutCall{item: dynamo.ItemKey{Barcode: params.Get("item_barcode"), ID: params.Get("item_pid")}}
	var err error
	if call.key, err = keyOf(r, "nothing was lent"); err != nil {
		return call, err
	}
	if call.item.Barcode == "" && call.item.ID == "" {
		return call, alma.PIDEmpty("Give item_barcode or item_pid.")
	}
	var in alma.ItemLoan
	if err := alma.Read(r, &in); err != nil {
		return call, err
	}
	desk, err := in.Desk()
	if err != nil {
		return call, err
	}
	if call.desk, err = a.deskOf(desk.Library.Value, desk.Desk.Value, alma.WrongDesk); err != nil {
		return call, err
	}
	if err := unsupported(r, "generate_linked_user"); err != nil {
		return call, err
	}
	call.override, err = overrides(r)
	return call, err
}

// lend reads, decides and writes one check-out.
func (a *API) lend(r *http.Request, call checkOutCall) (p patron.Patron, loan fulfillment.Loan, err error) {
	identifier, err := a.identifierIn(r)
	if err != nil {
		return p, loan, err
	}
	err = a.move(r.Context(), func() error {
		read, err := a.Store.ForCheckOut(r.Context(), identifier, call.item)
		if err != nil {
			return notLent(r, err)
		}
		if p = read.Patron; !isOfType(r, p) {
			return patronNotFound(r)
		}
		k := onceKey{call.key, "loan " + read.Item.ID}
		loan, err = once(r.Context(), a, p.UID, k, func() (fulfillment.Loan, error) { return a.lendTo(r, call, k, read) }, a.loanOf(r))
		return err
	})
	return p, loan, err
}

// lendTo decides on what was read, and writes the loan.
func (a *API) lendTo(r *http.Request, call checkOutCall, k onceKey, read dynamo.AtCounter) (fulfillment.Loan, error) {
	if barcode := call.item.Barcode; barcode != "" && read.Item.Barcode != barcode {
		return fulfillment.Loan{}, alma.InvalidParameter("item_barcode", "It is not that of the item item_pid names. Nothing was lent.")
	}
	by := a.by(r)
	read.Borrower, read.Desk, read.Rules = a.borrower(read.Patron), call.desk, a.Institution
	read.By, read.Now, read.Override = by.By, by.At, call.override
	loan, movement, err := read.Do()
	if refused, ok := errors.AsType[*fulfillment.ObstaclesError](err); ok {
		return fulfillment.Loan{}, alma.LoanRefused(refused)
	}
	if err != nil {
		return fulfillment.Loan{}, err
	}
	movement.Once = k.once(read.Patron.UID, loan.ID)
	return a.moveLoan(r, movement)
}

// loanOf tells of the loan that is recorded of a change of one, which may have ended since.
func (a *API) loanOf(r *http.Request) func(fulfillment.Once) (fulfillment.Loan, error) {
	return func(before fulfillment.Once) (fulfillment.Loan, error) {
		return a.anyLoan(r.Context(), before.UID, before.Results[0])
	}
}

// notLent says what was not found in Alma's words.
func notLent(r *http.Request, err error) error {
	switch {
	case errors.Is(err, patron.ErrNotFound):
		return patronNotFound(r)
	case errors.Is(err, fulfillment.ErrItemNotFound):
		if barcode := r.URL.Query().Get("item_barcode"); barcode != "" {
			return alma.ItemNotFoundForBarcode(barcode)
		}
		return alma.NotLoanable("There is no such item.")
	}
	return err
}
