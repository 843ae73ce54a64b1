package api

import (
	"errors"
	"fmt"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// FeeDesk is the function fee-desk.
func (a *API) FeeDesk() http.Handler { return a.mux(a.feeDeskCalls()...) }

func (a *API) feeDeskCalls() []operation {
	read, write := auth.Access{Right: auth.FulfilmentRead, Self: true}, auth.Access{Right: auth.FulfilmentWrite}
	return []operation{
		{"GET /almaws/v1/users/{user_id}/fees", read, a.listFees},
		{"POST /almaws/v1/users/{user_id}/fees", write, a.createFee},
		{"POST /almaws/v1/users/{user_id}/fees/all", write, a.payFees},
		{"GET /almaws/v1/users/{user_id}/fees/{fee_id}", read, a.getFee},
		{"POST /almaws/v1/users/{user_id}/fees/{fee_id}", write, a.changeFee},
	}
}

// feeView is how the caller sees fees of the patron. Who took money or waived it, and what they noted on that, is not
// shown to the patron.
func (a *API) feeView(r *http.Request, p patron.Patron) alma.FeeView {
	currency, places := a.Institution.CurrencyCode()
	return alma.FeeView{
		PrimaryID: p.PrimaryID, Base: baseURL(r), Currency: currency, Places: places, Describer: a.Institution,
		Staff: auth.CallerFrom(r.Context()).May(auth.FulfilmentRead),
	}
}

// writeFee answers with one fee.
func (a *API) writeFee(w http.ResponseWriter, r *http.Request, p patron.Patron, f fulfillment.Fee) error {
	w.Header().Set("ETag", feeTag(f))
	return alma.Write(w, r, a.feeView(r, p).Fee(f))
}

// feeTag is the entity tag of a fee. All that ever happens to one adds to its ledger.
func feeTag(f fulfillment.Fee) string {
	return fmt.Sprintf(`"%s-%d"`, f.ID[max(0, len(f.ID)-8):], len(f.Transactions))
}

// feeRefusal says in Alma's words why something cannot happen to a fee. Nothing was changed.
func (a *API) feeRefusal(err error) error {
	if over, ok := errors.AsType[*fulfillment.OverBalanceError](err); ok {
		return alma.InvalidParameter("amount", "It is more than the "+a.Institution.MoneyText(over.Balance)+" that are owed. Nothing was changed.")
	}
	if state, ok := errors.AsType[*fulfillment.FeeStatusError](err); ok {
		return alma.InvalidParameter("op", whyNot(*state)+" Nothing was changed.")
	}
	switch {
	case errors.Is(err, fulfillment.ErrAmount):
		return alma.InvalidParameter("amount", "It takes more than zero. Nothing was changed.")
	case errors.Is(err, fulfillment.ErrFeeNotFound):
		return alma.FeeNotFound()
	case errors.Is(err, fulfillment.ErrPatronGone):
		return alma.GeneralListError("The user was deleted meanwhile; nothing was charged.")
	}
	return err
}

func whyNot(e fulfillment.FeeStatusError) string {
	switch {
	case e.Status == fulfillment.FeeClosed:
		return "The fee is closed; nothing of it is owed."
	case e.Wanted == fulfillment.Restore:
		return "The fee is not in dispute."
	case e.Wanted == fulfillment.Dispute:
		return "The fee is in dispute already."
	}
	return "The fee is in dispute, and is not paid until it is restored."
}
