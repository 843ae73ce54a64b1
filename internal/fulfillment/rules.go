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

// NewID makes the id of a new request, loan or fee: the millisecond and six random digits, so that ids sort by time and
// two of one millisecond differ.
func NewID(now time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // crypto/rand never fails on the systems Go runs on
		panic(err)
	}
	return fmt.Sprintf("%d%06d", now.UnixMilli(), n)
}

// PossibleID reports whether a request, loan or fee may have that id, before any read.
func PossibleID(id string) bool {
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
	r.Status, r.Task, r.HeldItemID = History, "", ""
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
}

// ForItem makes the request one for that very copy.
func (r *Request) ForItem(it Item) {
	r.ofItem(it)
	r.ItemID, r.Barcode, r.Description, r.MaterialType = it.ID, it.Barcode, it.Description, it.MaterialType
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

// DigitizationError says in a sentence, for a person, why nothing can be digitised as it is asked for.
type DigitizationError struct{ Reason string }

func (e *DigitizationError) Error() string { return e.Reason }

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
	if err := r.checkBooking(); err != nil {
		return err
	}
	if d := r.Digitization; d != nil && d.Partial && !d.namesPart() {
		return &DigitizationError{"A partial digitization names a chapter or article, its author, or a range of pages."}
	}
	for _, text := range []string{r.Comment, r.ManualDescription, r.Description, r.Volume, r.Issue, r.Part} {
		if len(text) > 4000 {
			return &RefusedError{"A text of the request is longer than 4,000 bytes."}
		}
	}
	return nil
}

// checkBooking applies the rules of a booking but for the one of [Request.CheckNotPast].
func (r Request) checkBooking() error {
	b := r.Booking
	switch {
	case b == nil && r.Type != BookingRequest:
		return nil
	case b == nil || b.Start.IsZero():
		return &MissingError{"booking_start_date"}
	case b.End.IsZero():
		return &MissingError{"booking_end_date"}
	case !b.End.After(b.Start):
		return &RefusedError{"The booking ends before it starts."}
	}
	return nil
}

// CheckNotPast refuses a booking whose start is over at now, which is in the library's time zone; before is the booking
// as it was before a change, whose start may stay, or nil. A start without a time of day is a day, and over with it.
func (r Request) CheckNotPast(before *Booking, now time.Time) error {
	if r.Booking == nil || before != nil && before.Start.Equal(r.Booking.Start) {
		return nil
	}
	start := r.Booking.Start.UTC()
	over := start.Before(now.Truncate(time.Minute))
	if start.Truncate(24 * time.Hour).Equal(start) {
		over = start.Format(time.DateOnly) < now.Format(time.DateOnly)
	}
	if over {
		return &RefusedError{"The booking starts in the past."}
	}
	return nil
}

// namesPart reports whether it is said which part is to be digitised.
func (d Digitization) namesPart() bool {
	return strings.TrimSpace(d.ChapterTitle+d.ChapterAuthor) != "" ||
		slices.ContainsFunc(d.Pages, func(p PageRange) bool { return strings.TrimSpace(p.From+p.To) != "" })
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
