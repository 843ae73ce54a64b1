package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// RequestUpdate is the function request-update.
func (a *API) RequestUpdate() http.Handler { return a.mux(a.requestUpdateCalls()...) }

func (a *API) requestUpdateCalls() []operation {
	write := auth.Access{Right: auth.FulfilmentWrite}
	return []operation{
		{"POST /almaws/v1/users/{user_id}/requests", write, a.createRequest},
		{"PUT /almaws/v1/users/{user_id}/requests/{request_id}", write, a.putRequest},
		{"POST /almaws/v1/users/{user_id}/requests/{request_id}", write, a.advanceRequest},
		{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", write, a.cancelRequest},
	}
}

// createRequest answers POST /users/{user_id}/requests: a request for an item (item_pid) or for any copy of a title
// (mms_id), which waits at the end of the title's queue. With op=preview, of ours, nothing is placed: the answer is the
// request as it would be, without an id, or the refusal.
func (a *API) createRequest(w http.ResponseWriter, r *http.Request) error {
	op := r.URL.Query().Get("op")
	if op != "" && op != "preview" { // a preview that is misspelt must not become a request
		return alma.InvalidParameter("op", "It takes preview; nothing was placed.")
	}
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
	if obstacles := a.borrower(p).Obstacles; len(obstacles) > 0 {
		return alma.RequestRefused(obstacles[0])
	}
	copies, err := a.tie(r, &req)
	if err != nil {
		return err
	}
	a.begin(&req)
	if op == "preview" {
		return a.previewRequest(w, r, p, req, copies)
	}
	placed, err := a.place(r, p, req, copies)
	if err != nil {
		return err
	}
	return a.writeRequest(w, r, p, placed)
}

// previewRequest answers with a request as it would be placed now.
func (a *API) previewRequest(w http.ResponseWriter, r *http.Request, p patron.Patron, req fulfillment.Request, copies []fulfillment.Item) error {
	m, err := a.planPlacing(r, p, req, copies)
	if err != nil {
		return err
	}
	place := 0
	for _, q := range m.Queues {
		place = max(place, q.Place(req.ID))
	}
	shown := alma.NewRequest(req, p.PrimaryID, place, a.Institution)
	shown.RequestID = ""
	return alma.Write(w, r, shown)
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

// tie ties the request to the item or the title that the query names, and gives that item, or the copies of the title.
func (a *API) tie(r *http.Request, req *fulfillment.Request) (copies []fulfillment.Item, err error) {
	itemID, title := r.URL.Query().Get("item_pid"), r.URL.Query().Get("mms_id")
	if itemID == "" && title == "" {
		return nil, alma.MandatoryFieldMissing("mms_id or item_pid")
	}
	if itemID != "" {
		it, err := a.Store.Item(r.Context(), itemID)
		if errors.Is(err, fulfillment.ErrItemNotFound) || (err == nil && title != "" && it.MMSID != title) {
			return nil, alma.RequestItemNotFound()
		}
		if err == nil {
			req.ForItem(it)
		}
		return []fulfillment.Item{it}, err
	}
	if copies, err = a.Store.ItemsOfTitle(r.Context(), title); err != nil {
		return nil, err
	}
	if len(copies) == 0 {
		return nil, alma.RequestRefused(noCopy)
	}
	return copies, refusal(req.ForTitle(copies), alma.NoItemFulfills)
}

// noCopy is what stands against a request for a title that is not in the item list.
var noCopy = fulfillment.Obstacle{
	Kind: fulfillment.NotLoanable, Reason: fulfillment.NoCopy, Words: "The library has no items of that title.",
}

// begin completes a new request.
func (a *API) begin(req *fulfillment.Request) {
	now := a.Now().UTC().Truncate(time.Millisecond)
	subType := fulfillment.SubTypeOf(req.Type)
	desc, _ := a.Institution.Describe("RequestSubTypes", subType, a.Institution.DefaultLanguage())
	req.ID, req.Requested = fulfillment.NewID(now), now
	req.Status, req.SubType = fulfillment.NotStarted, fulfillment.Code{Value: subType, Desc: desc}
}

// place puts the request where planPlacing has it.
func (a *API) place(r *http.Request, p patron.Patron, req fulfillment.Request, copies []fulfillment.Item) (placed fulfillment.Request, err error) {
	err = fulfillment.Repeat(r.Context(), func() error {
		movement, err := a.planPlacing(r, p, req, copies)
		if err != nil {
			return err
		}
		written, err := a.Store.Move(r.Context(), movement)
		if err == nil {
			placed = written.Requests[0].After
		}
		return err
	})
	return placed, err
}

// planPlacing is the movement that puts the request at the end of its title's queue. The queue is read before the patron's
// other requests, and the write is conditional on it, so two equal requests at one moment cannot both be placed. Where every
// copy is on loan, one of these loans is shortened, if its terms allow that.
func (a *API) planPlacing(r *http.Request, p patron.Patron, req fulfillment.Request, copies []fulfillment.Item) (fulfillment.Movement, error) {
	queue, err := a.Store.Queue(r.Context(), req.MMSID)
	if err != nil {
		return fulfillment.Movement{}, err
	}
	if err := a.notAskedBefore(r, p, req); err != nil {
		return fulfillment.Movement{}, err
	}
	waiting := fulfillment.NewWaiting(p.UID, p.UserGroup.Value, req)
	movement, err := a.recall(r, waiting, copies)
	if err != nil {
		return fulfillment.Movement{}, err
	}
	movement = movement.And(fulfillment.MoveRequest(p.UID, fulfillment.Request{}, req, queue.With(waiting)))
	movement.Stays = []string{p.UID}
	return movement, nil
}

// notAskedBefore refuses a request for what the patron has an active one for, unless the caller allows that.
func (a *API) notAskedBefore(r *http.Request, p patron.Patron, req fulfillment.Request) error {
	if flag(r, "allow_same_request") {
		return nil
	}
	active, err := a.Store.ActiveRequests(r.Context(), p.UID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(active, req.Same) {
		return alma.RequestExists()
	}
	return nil
}

// recall is the movement of the loan that is shortened for a hold, or an empty one. It refuses a hold for what the patron
// has on loan, or may not borrow.
func (a *API) recall(r *http.Request, waiting fulfillment.Waiting, copies []fulfillment.Item) (none fulfillment.Movement, err error) {
	if waiting.Type != fulfillment.Hold {
		return none, nil
	}
	ids := make([]string, len(copies))
	for i, it := range copies {
		ids[i] = it.ID
	}
	custody, err := a.Store.CustodyOf(r.Context(), ids)
	if err != nil {
		return none, err
	}
	by := a.by(r)
	if o, refused := waiting.Refused(copies, custody, a.Institution, by.At); refused {
		return none, alma.RequestRefused(o)
	}
	var loans []fulfillment.PatronLoan
	for _, c := range fulfillment.Recallable(waiting, copies, custody, a.Institution, by.At) {
		loan, err := a.Store.Loan(r.Context(), c.UID, c.LoanID)
		if errors.Is(err, fulfillment.ErrLoanNotFound) { // returned meanwhile
			return none, nil
		}
		if err != nil {
			return none, err
		}
		loans = append(loans, fulfillment.PatronLoan{UID: c.UID, Loan: loan})
	}
	first, ok := fulfillment.ToRecall(loans, by.At, a.Institution)
	if !ok {
		return none, nil
	}
	account, err := a.Store.Account(r.Context(), first.UID)
	if err != nil {
		return none, err
	}
	edit := fulfillment.LoanEdit{UID: first.UID, Loan: first.Loan, Account: account, Rules: a.Institution, By: by.By, Now: by.At}
	_, movement, _ := edit.Recalled(a.Institution.Calendar(first.Loan.Library.Value))
	return movement, nil
}
