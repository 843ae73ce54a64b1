package demo

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// keeper keeps what the demo library consists of; see package dynamo.
type keeper interface {
	CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error)
	SaveItem(ctx context.Context, it fulfillment.Item) (created, changed bool, err error)
	Queue(ctx context.Context, mms string) (fulfillment.Queue, error)
	PlaceRequest(ctx context.Context, uid string, r fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error)
	EndRequest(ctx context.Context, uid string, ended fulfillment.Request, q fulfillment.Queue) error
}

// writers is how many writes are under way at once.
const writers = 16

// Load writes the library into empty tables, by the same functions the product writes with.
func (l Library) Load(ctx context.Context, to keeper) error {
	people, peopleCtx := errgroup.WithContext(ctx)
	people.SetLimit(writers)
	uids := map[string]string{}
	for _, p := range l.Patrons {
		uids[p.PrimaryID] = p.UID
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
		titles.Go(func() error { return placeAll(titlesCtx, to, uids, placements) })
	}
	if err := titles.Wait(); err != nil {
		return fmt.Errorf("load the demo library: %w", err)
	}
	return nil
}

// placeAll places the requests of one title in their order.
func placeAll(ctx context.Context, to keeper, uids map[string]string, placements []Placement) error {
	for _, p := range placements {
		if err := place(ctx, to, uids[p.PrimaryID], p.Request); err != nil {
			return err
		}
	}
	return nil
}

func place(ctx context.Context, to keeper, uid string, r fulfillment.Request) error {
	q := fulfillment.Queue{}
	if r.Status == fulfillment.NotStarted {
		var err error
		if q, err = to.Queue(ctx, r.MMSID); err != nil {
			return err
		}
		q.MMSID, q.IDs = r.MMSID, append(q.IDs, r.ID)
	}
	if r.Status != fulfillment.History {
		_, err := to.PlaceRequest(ctx, uid, r, q)
		return err
	}
	begun := r
	begun.Status, begun.Ended, begun.EndReason = fulfillment.InProcess, time.Time{}, fulfillment.Code{}
	placed, err := to.PlaceRequest(ctx, uid, begun, q)
	if err != nil {
		return err
	}
	r.Version = placed.Version
	return to.EndRequest(ctx, uid, r, q)
}
