package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// RequestListing is the function request-listing.
func (a *API) RequestListing() http.Handler { return a.mux(a.requestListingCalls()...) }

func (a *API) requestListingCalls() []operation {
	return []operation{
		{"GET /almaws/v1/users/{user_id}/requests", auth.Access{Right: auth.FulfilmentRead, Self: true}, a.listRequests},
		{"GET /almaws/v1/users/{user_id}/requests/{request_id}", auth.Access{Right: auth.FulfilmentRead, Self: true}, a.getRequest},
	}
}

// listRequests answers GET /users/{user_id}/requests: the active ones in the order they were placed, or those of the
// past with the newest first.
func (a *API) listRequests(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r, alma.GeneralError)
	if err != nil {
		return err
	}
	status, requestType := strings.ToLower(r.URL.Query().Get("status")), strings.ToUpper(r.URL.Query().Get("request_type"))
	if status != "" && status != "active" && status != "history" {
		return alma.GeneralError("The parameter status takes active or history.")
	}
	if requestType != "" && !a.Institution.Legal("RequestTypes", requestType) {
		return alma.GeneralError("The parameter request_type takes HOLD, DIGITIZATION or BOOKING.")
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	list := a.Store.ActiveRequests
	if status == "history" {
		list = a.Store.PastRequests
	}
	requests, err := list(r.Context(), p.UID)
	if err != nil {
		return err
	}
	if requestType != "" {
		requests = slices.DeleteFunc(requests, func(req fulfillment.Request) bool { return string(req.Type) != requestType })
	}
	wire, err := a.wireRequests(r.Context(), p, pageFrom(requests, page))
	if err != nil {
		return err
	}
	return alma.Write(w, r, alma.Requests{Request: wire, Total: len(requests)})
}

// getRequest answers GET /users/{user_id}/requests/{request_id} for an active request.
func (a *API) getRequest(w http.ResponseWriter, r *http.Request) error {
	p, req, err := a.findRequest(r)
	if err != nil {
		return err
	}
	return a.writeRequest(w, r, p, req)
}

// findRequest reads the patron and the active request the path names. The error is fulfillment.ErrRequestNotFound for
// an id that may be that of a request of the past.
func (a *API) findRequest(r *http.Request) (patron.Patron, fulfillment.Request, error) {
	p, err := a.findPatron(r)
	if err != nil {
		return p, fulfillment.Request{}, err
	}
	id := r.PathValue("request_id")
	if !fulfillment.PossibleID(id) {
		return p, fulfillment.Request{}, alma.RequestNotFound()
	}
	req, err := a.Store.Request(r.Context(), p.UID, id)
	return p, req, err
}

// writeRequest answers with one request and its place in the queue as it is now.
func (a *API) writeRequest(w http.ResponseWriter, r *http.Request, p patron.Patron, req fulfillment.Request) error {
	wire, err := a.wireRequests(r.Context(), p, []fulfillment.Request{req})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", requestTag(req))
	return alma.Write(w, r, wire[0])
}

// wireRequests are the requests as Alma shows them. The places of those that wait are read from their titles' queues,
// strongly consistent and in one call.
func (a *API) wireRequests(ctx context.Context, p patron.Patron, requests []fulfillment.Request) ([]alma.Request, error) {
	queues, err := a.queuesOf(ctx, requests)
	if err != nil {
		return nil, err
	}
	wire := make([]alma.Request, len(requests))
	for i, req := range requests {
		wire[i] = alma.NewRequest(req, p.PrimaryID, queues[req.MMSID].Place(req.ID), a.Institution)
	}
	return wire, nil
}

func (a *API) queuesOf(ctx context.Context, requests []fulfillment.Request) (map[string]fulfillment.Queue, error) {
	var titles []string
	for _, req := range requests {
		if req.Status == fulfillment.NotStarted && !slices.Contains(titles, req.MMSID) {
			titles = append(titles, req.MMSID)
		}
	}
	if len(titles) == 0 {
		return nil, nil
	}
	return a.Store.Queues(ctx, titles)
}
