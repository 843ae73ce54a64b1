package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/obs"
)

// feesAtOnce is how many fees are paid in one transaction of the store: one that is closed takes two of its 100 writes.
const feesAtOnce = 40

// payFees answers POST /users/{user_id}/fees/all?op=pay: the amount, or with amount=ALL what is owed, is paid on the
// patron's active fees, the oldest first; those in dispute are left. The answer is the fees it was paid on.
//
// It is one transaction, as far as 40 fees go; for more it is several, one after the other, each of which happens once
// for a value of the header Idempotency-Key. Where a call ends in between, the same call with the same key goes on where
// it ended. Without a key nobody can tell a repeated call from a second payment.
func (a *API) payFees(w http.ResponseWriter, r *http.Request) error {
	order, err := a.readFeeOrder(r, "pay")
	if err != nil {
		return err
	}
	key, err := readFeeKey(r, "fees pay", order.question("all")...)
	if err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	paid, err := a.payOldest(r.Context(), p.UID, order, key)
	if err != nil {
		return err
	}
	return alma.Write(w, r, a.feeView(r, p).Fees(paid))
}

// payOldest pays in as many transactions as it takes, and returns the fees it paid on.
func (a *API) payOldest(ctx context.Context, uid string, order feeOrder, key feeKey) ([]fulfillment.Fee, error) {
	var paid []fulfillment.Fee
	for n := 0; ; n++ {
		part, err := a.moveFees(ctx, uid, key.part(n), func() (feePlan, error) { return a.planPayment(ctx, uid, order, n == 0) })
		if err != nil {
			return nil, a.paidInPart(ctx, paid, err)
		}
		paid = append(paid, part.fees...)
		if part.left == 0 {
			return paid, nil
		}
		order.all, order.entry.Amount = false, part.left
	}
}

// planPayment is the next transaction of a payment on the fees as they are. More than can be paid is refused before
// anything is paid; later, because somebody else paid meanwhile, as much is paid as can be.
func (a *API) planPayment(ctx context.Context, uid string, order feeOrder, first bool) (feePlan, error) {
	fees, err := a.Store.OpenFees(ctx, uid)
	if err != nil {
		return feePlan{}, err
	}
	account, err := a.Store.Account(ctx, uid)
	if err != nil {
		return feePlan{}, err
	}
	payable := fulfillment.Payable(fees)
	if order.all {
		order.entry.Amount = payable
	}
	if payable == 0 || first && order.entry.Amount > payable {
		return feePlan{}, alma.InvalidParameter("amount",
			"It is more than can be paid: of fees that are not in dispute "+a.Institution.MoneyText(payable)+" are owed. Nothing was changed.")
	}
	before, after, left := fulfillment.PayOldest(fees, order.entry, feesAtOnce)
	return feePlan{fulfillment.MoveFees(uid, account, before, after), left}, nil
}

// paidInPart is the error of a payment whose later transaction failed: it must not look like one that changed nothing,
// which clients repeat. The log is told why.
func (a *API) paidInPart(ctx context.Context, paid []fulfillment.Fee, err error) error {
	if len(paid) == 0 {
		return err
	}
	if known := new(alma.Error); !errors.As(err, &known) {
		obs.Fail(ctx, err)
	}
	var sum fulfillment.Money
	for _, f := range paid {
		sum += f.Transactions[len(f.Transactions)-1].Amount
	}
	return alma.GeneralListError(fmt.Sprintf("Only %s of the amount were paid, on %d fees, and the rest was not. Repeat the request with the same Idempotency-Key, "+
		"which goes on where this one ended; without one, read the fees before you pay the rest.", a.Institution.MoneyText(sum), len(paid)))
}
