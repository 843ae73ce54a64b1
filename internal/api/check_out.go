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
	call := checkOutCall{item: dynamo.ItemKey{Barcode: params.Get("item_barcode"), ID: params.Get("item_pid")}, key: r.Header.Get("Idempotency-Key")}
	if !possibleKey(call.key) {
		return call, alma.InvalidParameter("Idempotency-Key", "It takes up to 255 visible ASCII characters; nothing was lent.")
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
		loan, err = a.lendTo(r, call, read)
		return err
	})
	return p, loan, err
}

// lendTo decides on what was read, and writes the loan.
func (a *API) lendTo(r *http.Request, call checkOutCall, read dynamo.AtCounter) (fulfillment.Loan, error) {
	if barcode := call.item.Barcode; barcode != "" && read.Item.Barcode != barcode {
		return fulfillment.Loan{}, alma.InvalidParameter("item_barcode", "It is not that of the item item_pid names. Nothing was lent.")
	}
	by := a.by(r)
	read.Borrower, read.Desk, read.Rules = a.borrower(read.Patron), call.desk, a.Institution
	read.By, read.Now, read.Override = by.By, by.At, call.override
	loan, movement, err := read.Do()
	asked := "loan " + read.Item.ID
	var refused *fulfillment.ObstaclesError
	if errors.As(err, &refused) {
		return a.doneBefore(r, read.Patron.UID, call.key, asked, alma.LoanRefused(refused))
	}
	if err != nil {
		return fulfillment.Loan{}, err
	}
	movement.Once = onceFor(read.Patron.UID, call.key, asked, loan.ID)
	written, err := a.Store.Move(r.Context(), movement)
	var before *fulfillment.DoneBeforeError
	if errors.As(err, &before) {
		return a.loanOfKey(r, before.Once, asked)
	}
	if err != nil {
		return fulfillment.Loan{}, err
	}
	return written.Loans[0].After, nil
}

// doneBefore is the loan that a call with the same key made before, or the refusal when there is none.
func (a *API) doneBefore(r *http.Request, uid, key, asked string, refused error) (fulfillment.Loan, error) {
	if key == "" {
		return fulfillment.Loan{}, refused
	}
	once, found, err := a.Store.Done(r.Context(), uid, key)
	switch {
	case err != nil:
		return fulfillment.Loan{}, err
	case !found:
		return fulfillment.Loan{}, refused
	}
	return a.loanOfKey(r, once, asked)
}

// onceFor makes what is asked happen once for an idempotency key, if there is one.
func onceFor(uid, key, asked, loanID string) *fulfillment.Once {
	if key == "" {
		return nil
	}
	return &fulfillment.Once{UID: uid, Key: key, Asked: asked, Results: []string{loanID}}
}

// loanOfKey is the loan an idempotency key stands for, which may have ended since.
func (a *API) loanOfKey(r *http.Request, once fulfillment.Once, asked string) (fulfillment.Loan, error) {
	if once.Asked != asked || len(once.Results) != 1 {
		return fulfillment.Loan{}, alma.InvalidParameter("Idempotency-Key", "It was used for something else; nothing was lent. Use a new one.")
	}
	return a.anyLoan(r.Context(), once.UID, once.Results[0])
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
