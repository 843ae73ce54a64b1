package rounds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// shelfKeeper keeps where items are. ExpiredShelf may be a second behind; ForReturn is strongly consistent, and Move
// conditional on what it read, which is [fulfillment.ErrChanged] otherwise.
type shelfKeeper interface {
	ExpiredShelf(ctx context.Context, before string) (itemIDs []string, err error)
	ForReturn(ctx context.Context, key dynamo.ItemKey, rules fulfillment.Rules) (fulfillment.Return, error)
	Move(ctx context.Context, m fulfillment.Movement) (fulfillment.Movement, error)
}

// Holds ends the requests whose items nobody fetched from the hold shelf in time: each item is for the next who asked
// for it, or goes back to its place.
type Holds struct {
	inbox drop.Inbox
	store shelfKeeper
	inst  *institution.Institution
}

// NewHolds returns the round of the hold shelves.
func NewHolds(inbox drop.Inbox, store shelfKeeper, inst *institution.Institution) *Holds {
	return &Holds{inbox: inbox, store: store, inst: inst}
}

// Process makes the round the object stands for. An error says that the work is not done and the same object is to be
// processed again, which goes on with what is left.
func (h *Holds) Process(ctx context.Context, o drop.Object) error {
	return h.inbox.Do(ctx, o, job.Job{Kind: job.HoldShelf}, func(ctx context.Context, r *drop.Run) error {
		r.Tally.Begin(0, name(o))
		if err := r.Enter(ctx, job.Applying); err != nil {
			return err
		}
		items, err := h.store.ExpiredShelf(ctx, h.today())
		if err != nil {
			return fmt.Errorf("list what is on the hold shelf: %w", err)
		}
		for _, id := range items {
			late := r.OutOfTime(ctx)
			if late || r.Due() {
				if err := r.Keep(ctx, job.Place{Records: int64(r.Tally.Counts.Processed)}); err != nil {
					return err
				}
			}
			if late {
				return drop.ErrOutOfTime
			}
			if err := h.clear(ctx, r, id); err != nil {
				return err
			}
		}
		return finish(ctx, r)
	}, nil)
}

// today is the latest day it is in one of the libraries; whether an item's own last day is over, its library's clocks
// decide.
func (h *Holds) today() string {
	now := h.inbox.Now()
	day := h.inst.Calendar("").Day(now)
	for _, lib := range h.inst.Libraries {
		day = max(day, h.inst.Calendar(lib.Code).Day(now))
	}
	return day
}

// clear takes one item off the shelf, as if it were scanned there.
func (h *Holds) clear(ctx context.Context, r *drop.Run, id string) error {
	var moved bool
	err := fulfillment.Repeat(ctx, func() (err error) {
		moved, err = h.scan(ctx, r, id)
		return err
	})
	switch {
	case errors.Is(err, fulfillment.ErrItemNotFound):
		r.Reject(0, drop.Rejected{ID: id, Reason: "The item is not in the item list any more; take it off the shelf by hand."}, nil)
		return nil
	case err != nil:
		return fmt.Errorf("clear the hold shelf: %w", err)
	case moved:
		r.Tally.Add(0, job.Counts{Processed: 1, Updated: 1})
	default:
		r.Tally.Add(0, job.Counts{Processed: 1, Unchanged: 1})
	}
	r.Done(1)
	return nil
}

// scan moves the item, and tells in the report where staff take it: the barcode, from which desk, and to what.
func (h *Holds) scan(ctx context.Context, r *drop.Run, id string) (moved bool, err error) {
	item, err := h.store.ForReturn(ctx, dynamo.ItemKey{ID: id}, h.inst)
	if err != nil {
		return false, err
	}
	if item.Custody.State != fulfillment.OnShelf {
		return false, nil
	}
	now := h.inbox.Now().UTC().Truncate(time.Millisecond)
	item.Desk, item.Rules, item.By, item.Now, item.Returned = item.Custody.At, h.inst, "round:"+job.HoldShelf, now, now
	out, movement := item.Do()
	if movement.Empty() {
		return false, nil
	}
	if _, err = h.store.Move(ctx, movement); err != nil {
		return false, err
	}
	r.Differ(drop.Difference{
		ID: item.Item.Barcode, Action: action(out.Custody.State), Before: place(item.Custody.At), After: place(out.Custody.To),
	})
	return true, nil
}

// place is where an item is or goes, for staff.
func place(d fulfillment.Desk) string {
	return cmp.Or(d.Desk.Desc, d.Desk.Value, d.Library.Desc, d.Library.Value)
}

// action is what staff do with an item from the shelf.
func action(to fulfillment.CustodyState) string {
	switch to {
	case fulfillment.OnShelf:
		return "keep for the next"
	case fulfillment.InTransit:
		return "send"
	}
	return "reshelve"
}
