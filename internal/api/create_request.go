package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// placingTries is how often a request is placed anew when its title's queue changed meanwhile.
const placingTries = 8

// RequestUpdate is the function request-update.
func (a *API) RequestUpdate() http.Handler {
	write := auth.Access{Right: auth.FulfilmentWrite}
	return a.mux(
		operation{"POST /almaws/v1/users/{user_id}/requests", write, a.createRequest},
		operation{"PUT /almaws/v1/users/{user_id}/requests/{request_id}", write, a.putRequest},
		operation{"POST /almaws/v1/users/{user_id}/requests/{request_id}", write, a.advanceRequest},
		operation{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", write, a.cancelRequest},
	)
}

// createRequest answers POST /users/{user_id}/requests: a request for an item (item_pid) or for any copy of a title
// (mms_id), which waits at the end of the title's queue.
func (a *API) createRequest(w http.ResponseWriter, r *http.Request) error {
	in, err := readRequest(r)
	if err != nil {
		return err
	}
	req := in.Asked()
	err = req.Check()
	if err == nil {
		err = req.CheckNotPast(nil, a.localNow())
	}
	if err != nil {
		return refusal(err, alma.RequestNotCreated)
	}
	if err := a.checkPickup(&req); err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	if reason := p.RefusalToServe(a.Now()); reason != "" {
		return alma.NoItemFulfills(reason)
	}
	if err := a.tie(r, &req); err != nil {
		return err
	}
	a.begin(&req)
	placed, err := a.place(r.Context(), p, req, flag(r, "allow_same_request"))
	if err != nil {
		return err
	}
	return a.writeRequest(w, r, p, placed)
}

// readRequest reads a request object from the body.
func readRequest(r *http.Request) (fulfillment.Request, error) {
	var wire alma.Request
	if err := alma.Read(r, &wire); err != nil {
		return fulfillment.Request{}, err
	}
	return wire.Request()
}

// refusal says a broken rule of a request in Alma's words; refuse makes the error of the operation.
func refusal(err error, refuse func(reasons ...string) *alma.Error) error {
	var missing *fulfillment.MissingError
	if errors.As(err, &missing) {
		return alma.MandatoryFieldMissing(missing.Field)
	}
	var digitization *fulfillment.DigitizationError
	if errors.As(err, &digitization) {
		return alma.InvalidDigitization(digitization.Reason)
	}
	var refused *fulfillment.RefusedError
	if errors.As(err, &refused) {
		return refuse(refused.Reason)
	}
	return err
}

// checkPickup makes sure that the pickup location exists, and names it.
func (a *API) checkPickup(req *fulfillment.Request) error {
	switch req.PickupType {
	case "":
		return nil
	case "LIBRARY", "CIRCULATION_DESK":
	case "USER_HOME_ADDRESS", "USER_WORK_ADDRESS":
		return alma.PersonalDeliveryUnsupported()
	case "INSTITUTION":
		return alma.NetworkNotConfigured()
	default:
		return alma.RequestNotCreated("The pickup_location_type takes LIBRARY or CIRCULATION_DESK.")
	}
	if req.PickupLibrary.Value == "" {
		return alma.MandatoryFieldMissing("pickup_location_library")
	}
	library, ok := a.Institution.Library(req.PickupLibrary.Value)
	if !ok {
		return alma.PickupLibraryNotFound(req.PickupLibrary.Value)
	}
	req.PickupLibrary.Desc = library.Name
	if req.PickupType == "CIRCULATION_DESK" && req.PickupCirculationDesk.Value == "" {
		return alma.MandatoryFieldMissing("pickup_location_circulation_desk")
	}
	if req.PickupCirculationDesk.Value == "" {
		return nil
	}
	desk, ok := library.Desk(req.PickupCirculationDesk.Value)
	if !ok {
		return alma.PickupNotFound(req.PickupCirculationDesk.Value, library.Code)
	}
	req.PickupCirculationDesk.Desc = desk.Name
	return nil
}

// tie ties the request to the item or the title that the query names.
func (a *API) tie(r *http.Request, req *fulfillment.Request) error {
	itemID, title := r.URL.Query().Get("item_pid"), r.URL.Query().Get("mms_id")
	if itemID == "" && title == "" {
		return alma.MandatoryFieldMissing("mms_id or item_pid")
	}
	if itemID != "" {
		it, err := a.Store.Item(r.Context(), itemID)
		if errors.Is(err, fulfillment.ErrItemNotFound) || (err == nil && title != "" && it.MMSID != title) {
			return alma.RequestItemNotFound()
		}
		if err == nil {
			req.ForItem(it)
		}
		return err
	}
	copies, err := a.Store.ItemsOfTitle(r.Context(), title)
	if err != nil {
		return err
	}
	if len(copies) == 0 {
		return alma.NoItemFulfills("The library has no items of that title.")
	}
	return refusal(req.ForTitle(copies), alma.NoItemFulfills)
}

// begin completes a new request.
func (a *API) begin(req *fulfillment.Request) {
	now := a.Now().UTC().Truncate(time.Millisecond)
	subType := fulfillment.SubTypeOf(req.Type)
	desc, _ := a.Institution.Describe("RequestSubTypes", subType, a.Institution.DefaultLanguage())
	req.ID, req.Requested = fulfillment.NewRequestID(now), now
	req.Status, req.SubType = fulfillment.NotStarted, fulfillment.Code{Value: subType, Desc: desc}
}

// place puts the request at the end of its title's queue. The queue is read before the patron's other requests, and
// the write is conditional on it, so two equal requests at one moment cannot both be placed.
func (a *API) place(ctx context.Context, p patron.Patron, req fulfillment.Request, allowSame bool) (fulfillment.Request, error) {
	for try := 1; ; try++ {
		queue, err := a.Store.Queue(ctx, req.MMSID)
		if err != nil {
			return req, err
		}
		if !allowSame {
			active, err := a.Store.ActiveRequests(ctx, p.UID)
			if err != nil {
				return req, err
			}
			if slices.ContainsFunc(active, req.Same) {
				return req, alma.RequestExists()
			}
		}
		placed, err := a.Store.PlaceRequest(ctx, p.UID, req, queue.With(req.ID))
		if !errors.Is(err, fulfillment.ErrChanged) || try == placingTries {
			return placed, err
		}
		if err := pause(ctx, try); err != nil {
			return req, err
		}
	}
}

// pause waits a little longer at each try, so that writers of one queue get out of each other's way.
func pause(ctx context.Context, try int) error {
	select {
	case <-time.After(time.Duration(try) * 15 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
