package fulfillment

import "time"

// Request is a patron's wish for an item or a title (rest_user_request.xsd). While it is active it is in one of
// three states; once completed or cancelled it is history.
type Request struct {
	ID string `json:"id"` // digits, unique over the institution
	// Version counts the writes of the request from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	Type    RequestType   `json:"type"`
	SubType Code          `json:"sub_type"`
	Status  RequestStatus `json:"status"`
	// Task is the step the request is in ("Pickup From Shelf"); empty while nothing has begun.
	Task string `json:"task,omitempty"`

	MMSID             string `json:"mms_id"`
	HoldingID         string `json:"holding_id,omitempty"`
	ItemID            string `json:"item_id,omitempty"` // empty for a request at title level
	Barcode           string `json:"barcode,omitempty"`
	Title             string `json:"title"`
	Author            string `json:"author,omitempty"`
	Description       string `json:"description,omitempty"`
	ManualDescription string `json:"manual_description,omitempty"`
	Volume            string `json:"volume,omitempty"`
	Issue             string `json:"issue,omitempty"`
	Part              string `json:"part,omitempty"`
	DateOfPublication string `json:"date_of_publication,omitempty"`
	MaterialType      Code   `json:"material_type,omitzero"`

	PickupType            string `json:"pickup_type,omitempty"` // LIBRARY, CIRCULATION_DESK, INSTITUTION, USER_HOME_ADDRESS, USER_WORK_ADDRESS
	PickupLibrary         Code   `json:"pickup_library,omitzero"`
	PickupCirculationDesk Code   `json:"pickup_circulation_desk,omitzero"`
	PickupInstitution     string `json:"pickup_institution,omitempty"`
	TargetDestination     Code   `json:"target_destination,omitzero"`
	ManagedByLibrary      Code   `json:"managed_by_library,omitzero"`
	ManagedByDesk         Code   `json:"managed_by_desk,omitzero"`

	// HeldItemID is the item that waits on the hold shelf for the request, or is on its way there.
	HeldItemID string `json:"held_item_id,omitempty"`

	Comment          string    `json:"comment,omitempty"`
	LastInterestDate string    `json:"last_interest_date,omitempty"` // YYYY-MM-DD
	Requested        time.Time `json:"requested"`
	ExpiryDate       string    `json:"expiry_date,omitempty"` // YYYY-MM-DD; on the hold shelf, the last day there

	Booking      *Booking      `json:"booking,omitempty"`
	Digitization *Digitization `json:"digitization,omitempty"`

	// Ended, EndReason and EndNote are set when the request becomes history. EndReason is a code of
	// RequestCancellationReasons, or empty when the request was fulfilled.
	Ended     time.Time `json:"ended,omitzero"`
	EndReason Code      `json:"end_reason,omitzero"`
	EndNote   string    `json:"end_note,omitempty"`
}

// RequestType is the kind of a request.
type RequestType string

// The request types a client may ask for.
const (
	Hold                RequestType = "HOLD"
	DigitizationRequest RequestType = "DIGITIZATION"
	BookingRequest      RequestType = "BOOKING"
)

// RequestStatus is the state of an active request, or of a past one.
type RequestStatus string

// The states of a request. Only requests that are not started wait in their title's queue.
const (
	NotStarted  RequestStatus = "NOT_STARTED"
	InProcess   RequestStatus = "IN_PROCESS"
	OnHoldShelf RequestStatus = "ON_HOLD_SHELF"
	History     RequestStatus = "HISTORY"
)

// Booking is the time a booked item is wanted for.
type Booking struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Digitization is what of an item is to be digitised.
type Digitization struct {
	Partial         bool        `json:"partial,omitempty"`
	ChapterTitle    string      `json:"chapter_title,omitempty"`
	ChapterAuthor   string      `json:"chapter_author,omitempty"`
	FullChapter     bool        `json:"full_chapter,omitempty"`
	Pages           []PageRange `json:"pages,omitempty"`
	CopyrightSigned bool        `json:"copyright_signed,omitempty"`
}

// PageRange is a range of pages, as written by the requester.
type PageRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}
