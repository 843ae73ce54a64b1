package api

import (
	"context"
	"errors"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// credit is Alma's type of what the library owes the patron, which is not kept here.
const credit = "CREDIT"

// createFee answers POST /users/{user_id}/fees: the patron owes the library that owns it a new fee, once for each value
// of the header Idempotency-Key. One with a barcode is about that item, and has its title.
func (a *API) createFee(w http.ResponseWriter, r *http.Request) error {
	f, err := a.readFee(r)
	if err != nil {
		return err
	}
	key, err := readFeeKey(r, "fee create", string(f.Type), f.Original.Decimal(0), f.Owner.Value, f.Comment, f.Barcode)
	if err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	if err := a.aboutItem(r.Context(), &f); err != nil {
		return err
	}
	charged, err := a.moveFees(r.Context(), p.UID, key, func() (feePlan, error) { return a.planCharge(r.Context(), p.UID, f) })
	if err != nil {
		return err
	}
	return a.writeFee(w, r, p, charged.fees[0])
}

// planCharge adds the fee to those of the patron, who must be there.
func (a *API) planCharge(ctx context.Context, uid string, f fulfillment.Fee) (feePlan, error) {
	account, err := a.Store.Account(ctx, uid)
	if err != nil {
		return feePlan{}, err
	}
	m := fulfillment.MoveFees(uid, account, []fulfillment.Fee{{}}, []fulfillment.Fee{f})
	m.Stays = []string{uid}
	return feePlan{movement: m}, nil
}

// readFee reads a new fee from the body.
func (a *API) readFee(r *http.Request) (fulfillment.Fee, error) {
	var wire alma.Fee
	if err := alma.Read(r, &wire); err != nil {
		return fulfillment.Fee{}, err
	}
	_, places := a.Institution.CurrencyCode()
	f, err := wire.Fee(places)
	if err != nil {
		return f, err
	}
	if f.Type == credit || !a.Institution.Legal("FineFeeTransactionType", string(f.Type)) {
		return f, alma.FeeTypeInvalid("It takes a code of the code table FineFeeTransactionType, and no CREDIT. Nothing was charged.")
	}
	library, ok := a.Institution.Library(f.Owner.Value)
	if !ok {
		return f, alma.FeeOwnerNoLibrary("Give the code of one of the institution's libraries. Nothing was charged.")
	}
	f.Owner.Desc = library.Name
	if err := checkNote("comment", f.Comment, longestComment); err != nil {
		return f, err
	}
	by := a.by(r)
	if f, err = f.Charge(by.At, by.By); err != nil {
		return f, alma.InvalidParameter("original_amount", "It takes more than zero. Nothing was charged.")
	}
	return f, nil
}

// aboutItem completes a fee with the item whose barcode it has, if it has one.
func (a *API) aboutItem(ctx context.Context, f *fulfillment.Fee) error {
	if f.Barcode == "" {
		return nil
	}
	it, err := a.Store.ItemByBarcode(ctx, f.Barcode)
	if errors.Is(err, fulfillment.ErrItemNotFound) {
		return alma.FeeBarcodeInvalid("No item has the barcode. Nothing was charged.")
	}
	f.ItemID, f.Barcode, f.Title = it.ID, it.Barcode, it.Title
	return err
}
