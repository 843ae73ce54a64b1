package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// putRequest answers PUT /users/{user_id}/requests/{request_id}: where and until when the item is wanted, the comment,
// and the details of a booking or digitization. What the request is for stays.
func (a *API) putRequest(w http.ResponseWriter, r *http.Request) error {
	in, err := readRequest(r)
	if err != nil {
		return err
	}
	p, before, err := a.findRequest(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, requestTag(before)); err != nil {
		return err
	}
	after, err := before.Change(in)
	if err == nil {
		err = after.Check()
	}
	if err == nil {
		err = after.CheckNotPast(before.Booking, a.localNow())
	}
	if err != nil {
		return refusal(err, alma.GeneralError)
	}
	if err := a.checkPickup(&after); err != nil {
		return err
	}
	queue := fulfillment.Queue{}
	if before.Status == fulfillment.NotStarted && after.LastInterestDate != before.LastInterestDate {
		if queue, err = a.Store.Queue(r.Context(), before.MMSID); err != nil {
			return err
		}
		queue = queue.Until(before.ID, after.LastInterestDate)
	}
	written, err := a.Store.Move(r.Context(), fulfillment.MoveRequest(p.UID, before, after, queue))
	if err != nil {
		return lostRequestRace(r, err)
	}
	return a.writeRequest(w, r, p, written.Requests[0].After)
}

// advanceRequest answers POST /users/{user_id}/requests/{request_id}?op=next_step, for digitization requests.
func (a *API) advanceRequest(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("op") != "next_step" {
		return alma.InvalidParameter("op")
	}
	p, before, err := a.findRequest(r)
	if err != nil {
		return stepRefusal(r, err)
	}
	after := before
	if !after.Advance(a.Now().UTC()) {
		return alma.NotDigitization(before.ID)
	}
	var written fulfillment.Movement
	err = a.leaveQueue(r.Context(), p, before, func(q fulfillment.Queue) (err error) {
		written, err = a.Store.Move(r.Context(), fulfillment.MoveRequest(p.UID, before, after, q))
		return err
	})
	if err != nil {
		return stepRefusal(r, err)
	}
	return a.writeRequest(w, r, p, written.Requests[0].After)
}

// stepRefusal says in Alma's words for next_step that there is no such request any more, or that somebody else changed
// it first.
func stepRefusal(r *http.Request, err error) error {
	said, _ := errors.AsType[*alma.Error](err)
	switch {
	case errors.Is(err, fulfillment.ErrRequestNotFound) || said != nil && said.Code == alma.RequestNotFound().Code:
		return alma.RequestIDNotFound()
	case errors.Is(err, fulfillment.ErrChanged):
		return alma.MoveFailed(r.PathValue("request_id"), "Somebody else changed the request at the same moment; nothing of yours was saved. Read the request again and repeat the step.")
	}
	return err
}

// leaveQueue writes a request that goes on, and takes it from its title's queue where it waited there: write gets the
// queue as it shall be. When only the queue changed meanwhile, it is read again.
func (a *API) leaveQueue(ctx context.Context, p patron.Patron, before fulfillment.Request, write func(fulfillment.Queue) error) error {
	var overtaken error // by somebody else's change of the request itself
	err := fulfillment.Repeat(ctx, func() error {
		queue := fulfillment.Queue{}
		if before.Status == fulfillment.NotStarted {
			read, err := a.Store.Queue(ctx, before.MMSID)
			if err != nil {
				return err
			}
			queue = read.Without(before.ID)
		}
		err := write(queue)
		if !errors.Is(err, fulfillment.ErrChanged) {
			return err
		}
		current, findErr := a.Store.Request(ctx, p.UID, before.ID)
		if findErr != nil {
			return findErr
		}
		if current.Version != before.Version {
			overtaken = err
			return nil
		}
		return err
	})
	return cmp.Or(err, overtaken)
}

// lostRequestRace says in the caller's terms that somebody else changed the request first.
func lostRequestRace(r *http.Request, err error) error {
	switch {
	case errors.Is(err, fulfillment.ErrRequestNotFound):
		return alma.RequestNotFound()
	case !errors.Is(err, fulfillment.ErrChanged):
		return err
	case conditional(r):
		return alma.PreconditionFailed()
	}
	return alma.GeneralError("Somebody else changed the request at the same moment; nothing of yours was saved. Read the request again and repeat the change.")
}
