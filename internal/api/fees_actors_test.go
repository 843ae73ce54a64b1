package api

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// feeActor is a client that does at random what may be done to ada's fees, and repeats each call with its key until it
// knows what became of it.
type feeActor struct {
	*rand.Rand
	d     *desk
	name  string
	paths []string
	taken fulfillment.Money // paid and waived, by the answers
	owed  fulfillment.Money // charged
}

// act makes one call.
func (a *feeActor) act(n int) {
	path, amount := a.paths[a.IntN(len(a.paths))], fulfillment.Money(1+a.IntN(60))
	text, body := amount.Decimal(2), ""
	switch a.IntN(8) {
	case 0:
		path, body = "/users/ada/fees", feeBody(text)
	case 1:
		path, amount = path+"?op=dispute", 0
	case 2, 3:
		path, amount = path+"?op=restore", 0
	case 4:
		path += "?op=waive&reason=OTHER&amount=" + text
	case 5:
		path = "/users/ada/fees/all?op=pay&method=ONLINE&amount=" + text
	default:
		path += "?op=pay&method=CASH&amount=" + text
	}
	got := a.insist(path, body, fmt.Sprintf("Idempotency-Key: %s-%d", a.name, n))
	switch {
	case got.status == 200 && body != "":
		a.owed += amount
	case got.status == 200:
		a.taken += amount
	case got.code() != "401666" && got.code() != "402119":
		a.d.t.Errorf("%s: got %d %s", path, got.status, got.body)
	}
}

// insist repeats the call until the answer is one.
func (a *feeActor) insist(path, body, key string) (got answer) {
	for range 40 {
		if got = a.d.call("POST", path, body, key); got.status < 429 {
			return got
		}
	}
	return got
}

// TestFeeActors lets clients work on the same fees at once, on a store that fails in every way. Money is what the answers
// say it is, to the penny, and the account always agrees with the fees.
func TestFeeActors(t *testing.T) {
	t.Parallel()
	const actors, calls = 6, 25
	d, paths := faultyFees(t, []string{"9", "7", "5"},
		dynamotest.Chance("TransactWriteItems", 0.75, 7, dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict),
		dynamotest.Chance("Query", 0.05, 8, dynamotest.Throttled, dynamotest.LostAnswer))
	all := make([]*feeActor, actors)
	var wg sync.WaitGroup
	for i := range all {
		all[i] = &feeActor{Rand: rand.New(rand.NewPCG(uint64(i), 3)), d: d, name: fmt.Sprint("actor", i), paths: paths}
		wg.Go(func() {
			for n := range calls {
				all[i].act(n)
			}
		})
	}
	wg.Wait()
	owed, taken := fulfillment.Money(2100), fulfillment.Money(0)
	for _, a := range all {
		owed, taken = owed+a.owed, taken+a.taken
	}
	p, err := d.Store.Patron(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	open, err := d.Store.OpenFees(t.Context(), p.UID)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := d.Store.ClosedFees(t.Context(), p.UID)
	if err != nil {
		t.Fatal(err)
	}
	var original, left fulfillment.Money
	for _, f := range slices.Concat(open, closed) {
		original, left = original+f.Original, left+f.Balance()
	}
	if original != owed || original-left != taken {
		t.Errorf("%d was charged and %d taken, and the answers say %d and %d", original, original-left, owed, taken)
	}
	t.Logf("%d charged, %d taken", original, taken)
	d.checkAccounts("ada")
}
