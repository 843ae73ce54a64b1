package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

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
	if err != nil {
		return refusal(err, alma.GeneralError)
	}
	if err := a.checkPickup(&after); err != nil {
		return err
	}
	written, err := a.Store.ReplaceRequest(r.Context(), p.UID, before, after)
	if err != nil {
		return lostRequestRace(r, err)
	}
	return a.writeRequest(w, r, p, written)
}

// advanceRequest answers POST /users/{user_id}/requests/{request_id}?op=next_step, for digitization requests.
func (a *API) advanceRequest(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("op") != "next_step" {
		return alma.InvalidParameter("op")
	}
	p, before, err := a.findRequest(r)
	if err != nil {
		return err
	}
	after := before
	if !after.Advance(a.Now().UTC()) {
		return alma.NotDigitization(before.ID)
	}
	written, err := a.leaveQueue(r.Context(), p, before, after)
	if err != nil {
		return lostRequestRace(r, err)
	}
	return a.writeRequest(w, r, p, written)
}

// cancelRequest answers DELETE /users/{user_id}/requests/{request_id}. The requester is told by letter unless
// notify_user is false; what became of the letter is in the header X-Patrondesk-Letter, because the answer has no body.
func (a *API) cancelRequest(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	reason, note := params.Get("reason"), params.Get("note")
	if reason == "" {
		return alma.MandatoryFieldMissing("reason")
	}
	desc, known := a.Institution.Describe("RequestCancellationReasons", reason, a.Institution.DefaultLanguage())
	if !known || !a.Institution.Legal("RequestCancellationReasons", reason) {
		return alma.GeneralError("The reason is not in the code table RequestCancellationReasons; nothing was cancelled.")
	}
	if len(note) > 2000 {
		return alma.GeneralError("The note is longer than 2,000 bytes; nothing was cancelled.")
	}
	p, req, err := a.findRequest(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, requestTag(req)); err != nil {
		return err
	}
	ended := req
	ended.End(a.Now().UTC(), fulfillment.Code{Value: reason, Desc: desc}, note)
	if _, err := a.leaveQueue(r.Context(), p, req, ended); err != nil {
		return lostRequestRace(r, err)
	}
	if !strings.EqualFold(params.Get("notify_user"), "false") {
		w.Header().Set("X-Patrondesk-Letter", a.tellOfCancellation(r, p, ended))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// leaveQueue writes a request that goes on to after, and takes it from its title's queue where it waited there. When
// only the queue changed meanwhile, it is read again.
func (a *API) leaveQueue(ctx context.Context, p patron.Patron, before, after fulfillment.Request) (fulfillment.Request, error) {
	for try := 1; ; try++ {
		queue := fulfillment.Queue{}
		if before.Status == fulfillment.NotStarted {
			read, err := a.Store.Queue(ctx, before.MMSID)
			if err != nil {
				return after, err
			}
			queue = read.Without(before.ID)
		}
		written, err := a.goOn(ctx, p.UID, before, after, queue)
		if !errors.Is(err, fulfillment.ErrChanged) || try == placingTries {
			return written, err
		}
		current, findErr := a.Store.Request(ctx, p.UID, before.ID)
		if findErr != nil {
			return after, findErr
		}
		if current.Version != before.Version {
			return after, err
		}
		if err := pause(ctx, try); err != nil {
			return after, err
		}
	}
}

// goOn writes a request that is history now, or active still.
func (a *API) goOn(ctx context.Context, uid string, before, after fulfillment.Request, queue fulfillment.Queue) (fulfillment.Request, error) {
	if after.Status == fulfillment.History {
		return after, a.Store.EndRequest(ctx, uid, after, queue)
	}
	return a.Store.AdvanceRequest(ctx, uid, before, after, queue)
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
