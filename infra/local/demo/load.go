package demo

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// keeper keeps what the demo library consists of; see package dynamo.
type keeper interface {
	CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error)
	SaveItem(ctx context.Context, it fulfillment.Item) (created, changed bool, err error)
	Queue(ctx context.Context, mms string) (fulfillment.Queue, error)
	Move(ctx context.Context, m fulfillment.Movement) (fulfillment.Movement, error)
}

// writers is how many writes are under way at once.
const writers = 16

// Load writes the library into empty tables, by the same functions the product writes with.
func (l Library) Load(ctx context.Context, to keeper) error {
	people, peopleCtx := errgroup.WithContext(ctx)
	people.SetLimit(writers)
	who := map[string]patron.Patron{}
	for _, p := range l.Patrons {
		who[p.PrimaryID] = p
		people.Go(func() error { _, err := to.CreatePatron(peopleCtx, p); return err })
	}
	for _, it := range l.Items {
		people.Go(func() error { _, _, err := to.SaveItem(peopleCtx, it); return err })
	}
	if err := people.Wait(); err != nil {
		return fmt.Errorf("load the demo library: %w", err)
	}
	byTitle := map[string][]Placement{}
	for _, p := range l.Requests {
		byTitle[p.Request.MMSID] = append(byTitle[p.Request.MMSID], p)
	}
	titles, titlesCtx := errgroup.WithContext(ctx)
	titles.SetLimit(writers)
	for _, placements := range byTitle {
		titles.Go(func() error { return placeAll(titlesCtx, to, who, placements) })
	}
	for _, h := range l.Holdings {
		titles.Go(func() error { _, err := to.Move(titlesCtx, h.movement(who[h.PrimaryID].UID)); return err })
	}
	if err := titles.Wait(); err != nil {
		return fmt.Errorf("load the demo library: %w", err)
	}
	return nil
}

// placeAll places the requests of one title in their order.
func placeAll(ctx context.Context, to keeper, who map[string]patron.Patron, placements []Placement) error {
	for _, p := range placements {
		if err := place(ctx, to, who[p.PrimaryID], p); err != nil {
			return err
		}
	}
	return nil
}

// place places a request, in its title's queue while it is not started, and puts its item where it waits.
func place(ctx context.Context, to keeper, who patron.Patron, p Placement) error {
	m := fulfillment.Movement{Requests: []fulfillment.RequestChange{{UID: who.UID, After: p.Request}}, Stays: []string{who.UID}}
	if p.Request.Status == fulfillment.NotStarted {
		q, err := to.Queue(ctx, p.Request.MMSID)
		if err != nil {
			return err
		}
		m.Queues = []fulfillment.Queue{q.With(fulfillment.NewWaiting(who.UID, who.UserGroup.Value, p.Request))}
	}
	if c := p.Custody; c.State != fulfillment.AtPlace {
		c.UID = who.UID
		m.Custody = []fulfillment.CustodyChange{{Before: fulfillment.Custody{ItemID: c.ItemID}, After: c}}
	}
	_, err := to.Move(ctx, m)
	return err
}

// movement is everything the patron borrowed and owes, with the account that counts it.
func (h Holding) movement(uid string) fulfillment.Movement {
	m, account := fulfillment.Movement{Stays: []string{uid}}, fulfillment.Account{}
	for _, l := range h.Loans {
		m.Loans = append(m.Loans, fulfillment.LoanChange{UID: uid, After: l})
		account = account.Change(fulfillment.Loan{}, l)
		if l.Active() {
			lent := fulfillment.Custody{ItemID: l.ItemID, State: fulfillment.OnLoan, UID: uid, LoanID: l.ID}
			m.Custody = append(m.Custody, fulfillment.CustodyChange{Before: fulfillment.Custody{ItemID: l.ItemID}, After: lent})
		}
	}
	for _, f := range h.Fees {
		m.Fees = append(m.Fees, fulfillment.FeeChange{UID: uid, After: f})
		account = account.Owe(fulfillment.Fee{}, f)
	}
	m.Accounts = []fulfillment.AccountChange{{UID: uid, After: account}}
	return m
}
