package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// listFees answers GET /users/{user_id}/fees: all fees of the patron in one status, active ones unless another is asked
// for. Those that are owed come in the order in which they were charged, and closed ones with the newest first. No fee is
// ever exported.
func (a *API) listFees(w http.ResponseWriter, r *http.Request) error {
	status := fulfillment.FeeStatus(strings.ToUpper(r.URL.Query().Get("status")))
	switch status {
	case "":
		status = fulfillment.FeeActive
	case fulfillment.FeeActive, fulfillment.FeeInDispute, fulfillment.FeeClosed, "EXPORTED":
	default:
		return alma.InvalidParameter("status", "It takes ACTIVE, INDISPUTE, EXPORTED or CLOSED.")
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	fees, err := a.feesIn(r.Context(), p.UID, status)
	if err != nil {
		return err
	}
	return alma.Write(w, r, a.feeView(r, p).Fees(fees))
}

// feesIn are the fees of a patron in that status, in the order of the list.
func (a *API) feesIn(ctx context.Context, uid string, status fulfillment.FeeStatus) ([]fulfillment.Fee, error) {
	if status == fulfillment.FeeClosed {
		fees, err := a.Store.ClosedFees(ctx, uid)
		slices.Reverse(fees)
		return fees, err
	}
	fees, err := a.Store.OpenFees(ctx, uid)
	return slices.DeleteFunc(fees, func(f fulfillment.Fee) bool { return f.Status != status }), err
}

// getFee answers GET /users/{user_id}/fees/{fee_id}, for a fee in any status.
func (a *API) getFee(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	f, err := a.Store.Fee(r.Context(), p.UID, r.PathValue("fee_id"))
	if err != nil {
		return a.feeRefusal(err)
	}
	return a.writeFee(w, r, p, f)
}
