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

// feeKey is an idempotency key of the caller's, "" for none, and what is asked under it: a name, and a digest of all that
// tells one question from another.
type feeKey struct{ key, asked string }

// readFeeKey reads the header Idempotency-Key.
func readFeeKey(r *http.Request, name string, question ...string) (feeKey, error) {
	key := r.Header.Get("Idempotency-Key")
	if !possibleKey(key) {
		return feeKey{}, alma.InvalidParameter("Idempotency-Key", "It takes up to 255 visible ASCII characters; nothing was changed.")
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", question))
	return feeKey{key, name + " " + hex.EncodeToString(sum[:])}, nil
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

// once is what is recorded of the change with the key: for each fee its last transaction, or its id where it is new.
func (k feeKey) once(uid string, p feePlan) *fulfillment.Once {
	if k.key == "" {
		return nil
	}
	o := &fulfillment.Once{UID: uid, Key: k.key, Asked: k.asked}
	for _, c := range p.movement.Fees {
		last := c.After.ID
		if n := len(c.After.Transactions); n > 0 {
			last = c.After.Transactions[n-1].ID
		}
		o.Results = append(o.Results, last)
	}
	if p.left > 0 {
		o.Results = append(o.Results, leftOver+strconv.FormatInt(int64(p.left), 10))
	}
	return o
}

// feePlan is a change of fees as they were read, and what of an amount it leaves for the next one.
type feePlan struct {
	movement fulfillment.Movement
	left     fulfillment.Money
}

// feesMoved are fees as they were right after a change, and what it left.
type feesMoved struct {
	fees []fulfillment.Fee
	left fulfillment.Money
}

// moveFees carries out what plan makes of a patron's fees as they are. plan is asked again when somebody else changed
// them meanwhile, and nothing was written.
//
// With a key it happens once: where it happened before, nothing is changed, and the fees are as they were right after
// that. It is looked for when the change is refused, too: what was done before may be why.
func (a *API) moveFees(ctx context.Context, uid string, key feeKey, plan func() (feePlan, error)) (moved feesMoved, err error) {
	err = repeat(ctx, func() error {
		p, err := plan()
		if err == nil {
			moved, err = a.carryOut(ctx, uid, key, p)
		}
		if err == nil || errors.Is(err, fulfillment.ErrChanged) {
			return err
		}
		moved, err = a.movedBefore(ctx, uid, key, a.feeRefusal(err))
		return err
	})
	if err != nil {
		return feesMoved{}, a.feeRefusal(err)
	}
	return moved, nil
}

func (a *API) carryOut(ctx context.Context, uid string, key feeKey, p feePlan) (feesMoved, error) {
	p.movement.Once = key.once(uid, p)
	written, err := a.Store.Move(ctx, p.movement)
	if err != nil {
		return feesMoved{}, err
	}
	moved := feesMoved{left: p.left}
	for _, c := range written.Fees {
		moved.fees = append(moved.fees, c.After)
	}
	return moved, nil
}

// movedBefore is what a change that was refused did when it was asked for with the same key before. The error is the
// refusal when it never was.
func (a *API) movedBefore(ctx context.Context, uid string, key feeKey, refused error) (feesMoved, error) {
	if before, ok := errors.AsType[*fulfillment.DoneBeforeError](refused); ok {
		return a.movedThen(ctx, before.Once, key.asked)
	}
	if _, said := errors.AsType[*alma.Error](refused); !said || key.key == "" {
		return feesMoved{}, refused
	}
	once, found, err := a.Store.Done(ctx, uid, key.key)
	switch {
	case err != nil:
		return feesMoved{}, err
	case !found:
		return feesMoved{}, refused
	}
	return a.movedThen(ctx, once, key.asked)
}

// movedThen tells from the ledgers what was done with a key.
func (a *API) movedThen(ctx context.Context, once fulfillment.Once, asked string) (moved feesMoved, err error) {
	if once.Asked != asked {
		return moved, alma.InvalidParameter("Idempotency-Key", "It was used for something else; nothing was changed. Use a new one.")
	}
	for _, result := range once.Results {
		if left, ok := strings.CutPrefix(result, leftOver); ok {
			n, err := strconv.ParseInt(left, 10, 64)
			if err != nil {
				return moved, fmt.Errorf("read what was left: %w", err)
			}
			moved.left = fulfillment.Money(n)
			continue
		}
		id, number, changed := strings.Cut(result, "-")
		f, err := a.Store.Fee(ctx, once.UID, id)
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
