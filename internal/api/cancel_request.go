package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// letterHeader says what became of a cancellation's letter: its state, or the code that says why there is none.
const letterHeader = "X-Patrondesk-Letter"

// cancellation is what the caller asks for: why, and whether the requester is told.
type cancellation struct {
	reason fulfillment.Code
	note   string
	notify bool
}

func (a *API) readCancellation(r *http.Request) (cancellation, error) {
	params := r.URL.Query()
	reason, note := params.Get("reason"), params.Get("note")
	if reason == "" {
		return cancellation{}, alma.MandatoryFieldMissing("reason")
	}
	desc, known := a.Institution.Describe("RequestCancellationReasons", reason, a.Institution.DefaultLanguage())
	if !known || !a.Institution.Legal("RequestCancellationReasons", reason) {
		return cancellation{}, alma.GeneralError("The reason is not in the code table RequestCancellationReasons; nothing was cancelled.")
	}
	if len(note) > 2000 {
		return cancellation{}, alma.GeneralError("The note is longer than 2,000 bytes; nothing was cancelled.")
	}
	notify := !strings.EqualFold(params.Get("notify_user"), "false")
	return cancellation{reason: fulfillment.Code{Value: reason, Desc: desc}, note: note, notify: notify}, nil
}

// cancelRequest answers DELETE /users/{user_id}/requests/{request_id}. The requester is told by letter unless
// notify_user is false; what became of the letter is in the header X-Patrondesk-Letter, because the answer has no body.
func (a *API) cancelRequest(w http.ResponseWriter, r *http.Request) error {
	wanted, err := a.readCancellation(r)
	if err != nil {
		return err
	}
	p, req, err := a.findRequest(r)
	if errors.Is(err, fulfillment.ErrRequestNotFound) && wanted.notify {
		return a.resumeCancellation(w, r, p, wanted)
	}
	if err != nil {
		return err
	}
	if err := ifMatch(r, requestTag(req)); err != nil {
		return err
	}
	ended := req
	ended.End(a.Now().UTC(), wanted.reason, wanted.note)
	if !wanted.notify {
		err = a.endRequest(r, p, req, ended, func(m fulfillment.Movement) error {
			_, err := a.Store.Move(r.Context(), m)
			return err
		})
	} else {
		err = a.cancelAndTell(w, r, p, req, ended)
	}
	if err != nil {
		return lostRequestRace(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// cancelAndTell cancels a request together with the record of the letter about it, and then sends the letter. The
// request is cancelled whatever becomes of the letter.
func (a *API) cancelAndTell(w http.ResponseWriter, r *http.Request, p patron.Patron, req, ended fulfillment.Request) error {
	order, refused := a.cancellationLetter(r, p, ended)
	draft, reserved := a.Outbox.Draft(order), letter.Sent{}
	err := a.endRequest(r, p, req, ended, func(m fulfillment.Movement) (err error) {
		if refused != nil {
			_, err = a.Store.Move(r.Context(), m)
			return err
		}
		reserved, err = a.Store.CancelRequest(r.Context(), p.UID, m, order.Key, draft)
		return err
	})
	if err != nil {
		return err
	}
	a.sendOfCancellation(w, r, order, reserved, refused)
	return nil
}

// endRequest writes the end of an active request: it leaves its title's queue, or the item that is held for it goes to the
// next who asked for it, or home.
func (a *API) endRequest(r *http.Request, p patron.Patron, before, ended fulfillment.Request, write func(fulfillment.Movement) error) error {
	return a.leaveQueue(r.Context(), p, before, func(q fulfillment.Queue) error {
		m := fulfillment.MoveRequest(p.UID, before, ended, q)
		if before.HeldItemID != "" {
			held, err := a.Store.ForReturn(r.Context(), dynamo.ItemKey{ID: before.HeldItemID}, a.Institution)
			switch {
			case errors.Is(err, fulfillment.ErrItemNotFound): // it was taken out of the item list
			case err != nil:
				return err
			case held.Named != nil && held.Named.Request.ID == before.ID && held.Named.Request.Version != before.Version:
				return fulfillment.ErrChanged
			case held.Named != nil && held.Named.Request.ID == before.ID:
				by := a.by(r)
				held.Rules, held.By, held.Now = a.Institution, by.By, by.At
				m = held.Release(ended)
			}
		}
		return write(m)
	})
}

// resumeCancellation answers a cancellation of what is no active request. Where the function of an earlier call ended
// after it cancelled the request, and before it handed the letter to the mail service, the same call again sends the
// letter and is answered as the first would have been. Else there is no such request.
func (a *API) resumeCancellation(w http.ResponseWriter, r *http.Request, p patron.Patron, wanted cancellation) error {
	id := r.PathValue("request_id")
	owed, err := a.Store.LetterOf(r.Context(), p.UID, cancellationKey(id))
	if errors.Is(err, letter.ErrNotFound) || err == nil && !owed.Unsent() {
		return alma.RequestNotFound()
	}
	if err != nil {
		return err
	}
	ended, err := a.pastRequest(r.Context(), p.UID, id)
	if err != nil {
		return err
	}
	before := ended
	before.Version-- // as it was when the first call read it
	if ended.EndReason.Value != wanted.reason.Value || ended.EndNote != wanted.note || ifMatch(r, requestTag(before)) != nil {
		return alma.RequestNotFound()
	}
	order, refused := a.cancellationLetter(r, p, ended)
	a.sendOfCancellation(w, r, order, owed, refused)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) pastRequest(ctx context.Context, uid, id string) (fulfillment.Request, error) {
	all, err := a.Store.PastRequests(ctx, uid)
	if err != nil {
		return fulfillment.Request{}, err
	}
	for _, req := range all {
		if req.ID == id {
			return req, nil
		}
	}
	return fulfillment.Request{}, fulfillment.ErrRequestNotFound
}

// cancellationKey is the idempotency key of the letter about the request's cancellation.
func cancellationKey(requestID string) string { return ownKey + "cancelled " + requestID }

// cancellationLetter is the order of the letter about a request that is cancelled, or an error when there is none to
// send.
func (a *API) cancellationLetter(r *http.Request, p patron.Patron, ended fulfillment.Request) (outbox.Order, error) {
	message, err := letter.RequestCancelled(p, ended, ended.EndReason.Desc, ended.EndNote, a.Institution, a.Now())
	if err != nil {
		return outbox.Order{}, err
	}
	return a.order(r, p, letter.RequestCancelledCode, cancellationKey(ended.ID), message)
}

// sendOfCancellation sends the reserved letter about a cancellation, unless it was refused, and says in a word what
// became of it. An error is noted for the log, because the answer can only be that the request is cancelled.
func (a *API) sendOfCancellation(w http.ResponseWriter, r *http.Request, order outbox.Order, reserved letter.Sent, refused error) {
	ctx := r.Context()
	if said, ok := errors.AsType[*alma.Error](refused); ok {
		w.Header().Set(letterHeader, said.Code)
		return
	}
	state, err := letter.Failed, refused // what cannot be rendered is not sent
	if err == nil {
		var sent letter.Sent
		sent, err = a.Outbox.Send(ctx, order, reserved)
		if state = sent.State; err != nil && !errors.Is(err, outbox.ErrNotRecorded) {
			state = a.letterState(ctx, order.UID, reserved.ID)
		}
	}
	obs.Fail(ctx, err)
	countUnsent(ctx, state, err)
	w.Header().Set(letterHeader, string(state))
}

// letterState is what the record says became of a letter, or that it is not known.
func (a *API) letterState(ctx context.Context, uid, id string) letter.State {
	sent, err := a.Store.Letter(ctx, uid, id)
	if err != nil {
		return letter.Unknown
	}
	return sent.State
}
