package dynamo_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// TestAccountsAlwaysAgree lets several desks lend, renew, take back, charge and take money for few patrons and items at
// once, while calls meet faults and answers get lost. In the end accounts, loans, fees and custody agree, an item is
// lent once at most, and everything that a desk was told to be done is done, once.
func TestAccountsAlwaysAgree(t *testing.T) {
	t.Parallel()
	const desks, steps, people, items = 6, 60, 3, 5
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables)
	for n := range people {
		create(t, s, person(n))
	}
	var told tally
	var done sync.WaitGroup
	for n := range desks {
		faults := dynamotest.Chance("TransactWriteItems", 0.15, uint64(n), dynamotest.LostAnswer, dynamotest.LostAnswer,
			dynamotest.LostRequest, dynamotest.Throttled, dynamotest.ServerError, dynamotest.Conflict)
		d := desk{s: dynamotest.Open(t, tables, faults), random: rand.New(rand.NewPCG(7, uint64(n))), next: 1000 * n, people: people, items: items}
		done.Go(func() {
			for range steps {
				d.step(t, &told)
			}
		})
	}
	done.Wait()
	holders, loans, fees := map[string]int{}, 0, 0
	for n := range people {
		balanced(t, s, uid(n))
		active, err := s.ActiveLoans(t.Context(), uid(n))
		must(t, err)
		over, err := s.PastLoans(t.Context(), uid(n))
		must(t, err)
		for _, l := range active {
			holders[l.ItemID]++
		}
		open, err := s.OpenFees(t.Context(), uid(n))
		must(t, err)
		closed, err := s.ClosedFees(t.Context(), uid(n))
		must(t, err)
		loans, fees = loans+len(active)+len(over), fees+len(open)+len(closed)
	}
	for n := range items {
		c, err := s.Custody(t.Context(), volume(n, "").ID)
		must(t, err)
		if lent := holders[c.ItemID]; lent > 1 || (lent == 1) != (c.State == fulfillment.OnLoan) {
			t.Errorf("an item is lent %d times, and its custody is %+v", lent, c)
		}
	}
	if loans != told.lent || fees != told.charged || loans == 0 || fees == 0 {
		t.Errorf("there were %d loans and %d fees, and desks were told of %d and %d", loans, fees, told.lent, told.charged)
	}
	t.Logf("%d loans, %d fees, %d lost races", loans, fees, told.races)
}

// tally is what desks were told.
type tally struct {
	mu                   sync.Mutex
	lent, charged, races int
}

// desk does one thing after the other, at random.
type desk struct {
	s             *dynamo.Store
	random        *rand.Rand
	next          int // the number of its next loan or fee
	people, items int
}

func (d *desk) step(t *testing.T, told *tally) {
	who := uid(d.random.IntN(d.people))
	d.next++
	m, err := d.movement(t.Context(), who)
	if err != nil {
		t.Error(err)
		return
	}
	if len(m.Accounts) == 0 { // there was nothing to do
		return
	}
	_, err = d.s.Move(t.Context(), m)
	told.mu.Lock()
	defer told.mu.Unlock()
	switch {
	case errors.Is(err, fulfillment.ErrChanged):
		told.races++
	case err != nil:
		t.Error(err)
	case len(m.Loans) == 1 && m.Loans[0].Before.Version == 0:
		told.lent++
	case len(m.Fees) == 1 && m.Fees[0].Before.Version == 0:
		told.charged++
	}
}

// movement is something that can be done for the patron as things are now, or nothing.
func (d *desk) movement(ctx context.Context, who string) (fulfillment.Movement, error) {
	it := volume(d.random.IntN(d.items), "")
	switch d.random.IntN(7) {
	case 0, 1:
		l := loan(d.next, it)
		l.Due = noon.Add(time.Duration(d.random.IntN(5)) * time.Hour)
		m, err := lending(ctx, d.s, who, l)
		if err != nil || m.Custody[0].Before.State != fulfillment.AtPlace {
			return fulfillment.Movement{}, err
		}
		return m, nil
	case 2, 3:
		all, err := d.s.ActiveLoans(ctx, who)
		if err != nil || len(all) == 0 {
			return fulfillment.Movement{}, err
		}
		before := all[d.random.IntN(len(all))]
		after := before
		if after.Due = noon.Add(time.Duration(d.random.IntN(5)) * time.Hour); d.random.IntN(2) == 0 {
			after = returned(before, time.Now())
		}
		return changing(ctx, d.s, who, before, after)
	case 4:
		return charging(ctx, d.s, who, fulfillment.Fee{}, fine(d.next, fulfillment.Money(1+d.random.IntN(500))))
	}
	all, err := d.s.OpenFees(ctx, who)
	if err != nil || len(all) == 0 {
		return fulfillment.Movement{}, err
	}
	before := all[d.random.IntN(len(all))]
	after := before
	if after.Status = fulfillment.FeeInDispute; d.random.IntN(3) > 0 {
		after = paid(before, min(before.Balance(), fulfillment.Money(1+d.random.IntN(300))))
	}
	return charging(ctx, d.s, who, before, after)
}
