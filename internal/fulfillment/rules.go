package fulfillment

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NewRequestID makes the id of a new request: the millisecond and six random digits, so that ids sort by time and two
// requests of one millisecond differ.
func NewRequestID(now time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // crypto/rand never fails on the systems Go runs on
		panic(err)
	}
	return fmt.Sprintf("%d%06d", now.UnixMilli(), n)
}

// PossibleRequestID reports whether a request may have that id, before any read.
func PossibleRequestID(id string) bool {
	return id != "" && len(id) <= 30 && strings.Trim(id, "0123456789") == ""
}

// Asked is what a patron may say of a new request; everything else of it is the library's to say.
func (r Request) Asked() Request {
	return Request{
		Type: r.Type, Description: r.Description, ManualDescription: r.ManualDescription, Volume: r.Volume, Issue: r.Issue,
		Part: r.Part, MaterialType: r.MaterialType, PickupType: r.PickupType, PickupLibrary: r.PickupLibrary,
		PickupCirculationDesk: r.PickupCirculationDesk, PickupInstitution: r.PickupInstitution,
		TargetDestination: r.TargetDestination, Comment: r.Comment, LastInterestDate: r.LastInterestDate,
		Booking: r.Booking, Digitization: r.Digitization,
	}
}

// With is the queue with a request at its end.
func (q Queue) With(requestID string) Queue {
	q.IDs = append(slices.Clone(q.IDs), requestID)
	return q
}

// Without is the queue without a request.
func (q Queue) Without(requestID string) Queue {
	q.IDs = slices.DeleteFunc(slices.Clone(q.IDs), func(id string) bool { return id == requestID })
	return q
}

// Same reports whether a new request asks for what the patron already has an active request for: the same item, or the
// same title when either is for any copy of it and they do not name different volumes.
func (r Request) Same(other Request) bool {
	if r.MMSID != other.MMSID || r.Type != other.Type {
		return false
	}
	if r.Description != "" && other.Description != "" && r.Description != other.Description {
		return false
	}
	return r.ItemID == "" || other.ItemID == "" || r.ItemID == other.ItemID
}

// End makes the request history, for a reason of the code table RequestCancellationReasons, or for none when it was
// fulfilled.
func (r *Request) End(at time.Time, reason Code, note string) {
	r.Status, r.Task = History, ""
	r.Ended, r.EndReason, r.EndNote = at, reason, note
}

// Advance moves a digitization request to its next step: it is begun, and then it is done. ok is false for other
// requests.
func (r *Request) Advance(at time.Time) (ok bool) {
	if r.Type != DigitizationRequest {
		return false
	}
	if r.Status == NotStarted {
		r.Status, r.Task = InProcess, "Digitization"
		return true
	}
	r.End(at, Code{}, "")
	return true
}

// ofItem fills in what a request says of the item or title it is for.
func (r *Request) ofItem(it Item) {
	r.MMSID, r.Title, r.Author = it.MMSID, it.Title, it.Author
	r.HoldingID, r.DateOfPublication = it.HoldingID, it.DateOfPublication
	r.ManagedByLibrary = it.Library
	r.MaterialType = it.MaterialType
}

// ForItem makes the request one for that very copy.
func (r *Request) ForItem(it Item) {
	r.ofItem(it)
	r.ItemID, r.Barcode, r.Description = it.ID, it.Barcode, it.Description
	r.Volume, r.Issue, r.Part = it.Volume, it.Issue, it.Part
}

// ForTitle makes the request one for any copy of the title. A description asks for that volume, case and spaces as in
// the catalogue; an error says in a sentence that no copy has it.
func (r *Request) ForTitle(copies []Item) error {
	for _, it := range copies {
		if r.Description != "" && it.Description != r.Description {
			continue
		}
		if r.MaterialType.Value != "" && it.MaterialType.Value != r.MaterialType.Value {
			continue
		}
		r.ofItem(it)
		return nil
	}
	return &RefusedError{"No copy of the title has that description and material type."}
}

// RefusedError says in a sentence, for a person, why a request cannot be placed or changed.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// MissingError says that a mandatory field of a request is empty.
type MissingError struct{ Field string } // wire name

func (e *MissingError) Error() string { return e.Field + " is missing" }

// Check applies the rules a request must keep whatever it is for (rest_user_request.xsd).
func (r Request) Check() error {
	switch r.Type {
	case Hold, BookingRequest:
		if r.PickupType == "" {
			return &MissingError{"pickup_location_type"}
		}
	case DigitizationRequest:
	case "":
		return &MissingError{"request_type"}
	default:
		return &RefusedError{"The request_type " + strconv.Quote(string(r.Type)) + " is not HOLD, DIGITIZATION or BOOKING."}
	}
	if r.Type == BookingRequest {
		if r.Booking == nil || r.Booking.Start.IsZero() {
			return &MissingError{"booking_start_date"}
		}
		if r.Booking.End.IsZero() {
			return &MissingError{"booking_end_date"}
		}
		if !r.Booking.End.After(r.Booking.Start) {
			return &RefusedError{"The booking ends before it starts."}
		}
	}
	for _, text := range []string{r.Comment, r.ManualDescription, r.Description, r.Volume, r.Issue, r.Part} {
		if len(text) > 4000 {
			return &RefusedError{"A text of the request is longer than 4,000 bytes."}
		}
	}
	return nil
}

// SubTypeOf is the sub-type of a patron's request of that type.
func SubTypeOf(t RequestType) string {
	switch t {
	case DigitizationRequest:
		return "PATRON_DIGITIZATION"
	case BookingRequest:
		return "BOOKING"
	}
	return "PATRON_PHYSICAL"
}

// Change is the request as in changes it: the pickup location, the last day of interest, the comment, and the details
// of a booking or digitization. A request of another type is refused, and so is another pickup location for an item
// that already waits on the hold shelf.
func (r Request) Change(in Request) (Request, error) {
	if in.Type != "" && in.Type != r.Type {
		return r, &RefusedError{"The request_type of a request cannot be changed."}
	}
	moved := in.PickupType != r.PickupType || in.PickupLibrary.Value != r.PickupLibrary.Value ||
		in.PickupCirculationDesk.Value != r.PickupCirculationDesk.Value
	if moved && r.Status == OnHoldShelf {
		return r, &RefusedError{"The item is on the hold shelf; its pickup location can no longer be changed."}
	}
	out := r
	out.PickupType, out.PickupLibrary, out.PickupCirculationDesk = in.PickupType, in.PickupLibrary, in.PickupCirculationDesk
	out.LastInterestDate, out.Comment, out.ManualDescription = in.LastInterestDate, in.Comment, in.ManualDescription
	out.Booking, out.Digitization, out.TargetDestination = in.Booking, in.Digitization, in.TargetDestination
	return out, nil
}
