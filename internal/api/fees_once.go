package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// feeKey is an idempotency key under which something is asked of fees: a name, and a digest of all that tells one question
// from another.
type feeKey struct{ onceKey }

// readFeeKey reads the header Idempotency-Key.
func readFeeKey(r *http.Request, name string, question ...string) (feeKey, error) {
	key, err := keyOf(r, "nothing was changed")
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", question))
	return feeKey{onceKey{key, name + " " + hex.EncodeToString(sum[:])}}, err
}

// part is the key of the nth transaction, counted from 0, of what takes several.
func (k feeKey) part(n int) feeKey {
	if k.key != "" && n > 0 {
		k.key = fmt.Sprintf("%spart %d of %s", ownKey, n, k.key)
	}
	return k
}

// leftOver begins the result of a transaction that says what of an amount was left for the next one.
const leftOver = "left "

// feePlan is a change of fees as they were read, and what of an amount it leaves for the next one.
type feePlan struct {
	movement fulfillment.Movement
	left     fulfillment.Money
}

// results are what is recorded of the change: for each fee its last transaction, or its id where it is new.
func (p feePlan) results() []string {
	var all []string
	for _, c := range p.movement.Fees {
		last := c.After.ID
		if n := len(c.After.Transactions); n > 0 {
			last = c.After.Transactions[n-1].ID
		}
		all = append(all, last)
	}
	if p.left > 0 {
		all = append(all, leftOver+strconv.FormatInt(int64(p.left), 10))
	}
	return all
}

// feesMoved are fees as they were right after a change, and what it left.
type feesMoved struct {
	fees []fulfillment.Fee
	left fulfillment.Money
}

// moveFees carries out what plan makes of a patron's fees as they are. plan is asked again when somebody else changed
// them meanwhile, and nothing was written. With a key it happens once: where it happened before, the fees are as they were
// right after that.
func (a *API) moveFees(ctx context.Context, uid string, key feeKey, plan func() (feePlan, error)) (moved feesMoved, err error) {
	then := func(before fulfillment.Once) (feesMoved, error) { return a.movedThen(ctx, before) }
	err = fulfillment.Repeat(ctx, func() (err error) {
		moved, err = once(ctx, a, uid, key.onceKey, func() (feesMoved, error) { return a.carryOut(ctx, uid, key, plan) }, then)
		return err
	})
	if errors.Is(err, fulfillment.ErrChanged) {
		err = alma.GeneralListError("Too many others change the user's fees at the moment; nothing was changed. Repeat the request.")
	}
	return moved, err
}

// carryOut makes a plan and writes it.
func (a *API) carryOut(ctx context.Context, uid string, key feeKey, plan func() (feePlan, error)) (feesMoved, error) {
	p, err := plan()
	if err != nil {
		return feesMoved{}, a.feeRefusal(err)
	}
	p.movement.Once = key.once(uid, p.results()...)
	written, err := a.Store.Move(ctx, p.movement)
	if err != nil {
		return feesMoved{}, a.feeRefusal(err)
	}
	moved := feesMoved{left: p.left}
	for _, c := range written.Fees {
		moved.fees = append(moved.fees, c.After)
	}
	return moved, nil
}

// movedThen tells from the ledgers what was done with a key.
func (a *API) movedThen(ctx context.Context, before fulfillment.Once) (moved feesMoved, err error) {
	for _, result := range before.Results {
		if left, ok := strings.CutPrefix(result, leftOver); ok {
			n, err := strconv.ParseInt(left, 10, 64)
			if err != nil {
				return moved, fmt.Errorf("read what was left: %w", err)
			}
			moved.left = fulfillment.Money(n)
			continue
		}
		id, number, changed := strings.Cut(result, "-")
		f, err := a.Store.Fee(ctx, before.UID, id)
		if err != nil {
			return moved, err
		}
		last := ""
		if changed {
			last = id + "-" + number
		}
		then, ok := f.AsOf(last)
		if !ok {
			return moved, errors.New("a fee without a transaction that was recorded")
		}
		moved.fees = append(moved.fees, then)
	}
	return moved, nil
}
