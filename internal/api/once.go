package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// ownKey begins the idempotency keys that are not a caller's: none of theirs has this character.
const ownKey = "\x00"

// keyOf is the header Idempotency-Key, "" for none. otherwise says what was not done when there cannot be such a key.
func keyOf(r *http.Request, otherwise string) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 255 || strings.IndexFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 {
		return "", alma.InvalidParameter("Idempotency-Key", "It takes up to 255 visible ASCII characters; "+otherwise+".")
	}
	return key, nil
}

// onceKey is an idempotency key, "" for none, and what is asked under it: what tells one question from another.
type onceKey struct{ key, asked string }

// once is what is recorded of a change with the key, or nil when there is none.
func (k onceKey) once(uid string, results ...string) *fulfillment.Once {
	if k.key == "" {
		return nil
	}
	return &fulfillment.Once{UID: uid, Key: k.key, Asked: k.asked, Results: results}
}

// once carries out attempt, which writes under the key, for a patron. Where that was done with the key before, it is not
// done again, and the answer is what then makes of the record of it. It is looked for when attempt is refused, too: what
// was done before may be why.
func once[T any](ctx context.Context, a *API, uid string, k onceKey, attempt func() (T, error), then func(fulfillment.Once) (T, error)) (T, error) {
	result, err := attempt()
	if err == nil {
		return result, nil
	}
	var none T
	before, err := a.doneBefore(ctx, uid, k, err)
	if err != nil {
		return none, err
	}
	if before.Asked != k.asked {
		return none, alma.InvalidParameter("Idempotency-Key", "It was used for something else; nothing was changed. Use a new one.")
	}
	return then(before)
}

// doneBefore is what was done with the key, where that may be why something now fails with an error; else the error.
func (a *API) doneBefore(ctx context.Context, uid string, k onceKey, err error) (fulfillment.Once, error) {
	if done, ok := errors.AsType[*fulfillment.DoneBeforeError](err); ok {
		return done.Once, nil
	}
	if k.key == "" || !refused(err) {
		return fulfillment.Once{}, err
	}
	before, found, lookErr := a.Store.Done(ctx, uid, k.key)
	if lookErr == nil && !found {
		return before, err
	}
	return before, lookErr
}

// refused reports whether a rule stands against what was asked for, rather than something that failed or somebody who was
// faster.
func refused(err error) bool {
	_, said := errors.AsType[*alma.Error](err)
	_, obstacles := errors.AsType[*fulfillment.ObstaclesError](err)
	return said || obstacles || errors.Is(err, fulfillment.ErrLoanNotFound)
}
