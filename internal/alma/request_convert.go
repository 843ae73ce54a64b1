package alma

import (
	"strings"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// deskSeparator stands between library and circulation desk in pickup_location.
const deskSeparator = " - "

// NewRequest shows a request of the patron with that primary id. Place is its position in its title's queue from 1, or
// 0 when it does not wait. Descriptions are in the institution's language.
func NewRequest(r fulfillment.Request, userPrimaryID string, place int, d Describer) Request {
	w := writer{d: d}
	library := w.itemCode("Libraries", r.PickupLibrary)
	q := Request{
		Title: r.Title, Author: r.Author, Description: NullText(r.Description), ManualDescription: r.ManualDescription,
		Volume: r.Volume, Issue: r.Issue, Part: r.Part, DateOfPublication: r.DateOfPublication,
		UserPrimaryID:     userPrimaryID,
		RequestID:         r.ID,
		Type:              string(r.Type),
		SubType:           w.itemCode("RequestSubTypes", r.SubType),
		MMSID:             r.MMSID,
		HoldingID:         r.HoldingID,
		ItemID:            r.ItemID,
		Barcode:           NullText(r.Barcode),
		PickupLocation:    pickupText(library, r.PickupCirculationDesk),
		PickupType:        r.PickupType,
		PickupLibrary:     library.Value,
		PickupDesk:        r.PickupCirculationDesk.Value,
		PickupInstitution: r.PickupInstitution,
		ManagedByLibrary:  w.itemCode("Libraries", r.ManagedByLibrary).Desc,
		ManagedByLibCode:  r.ManagedByLibrary.Value,
		ManagedByDesk:     r.ManagedByDesk.Desc,
		ManagedByDeskCode: r.ManagedByDesk.Value,
		MaterialType:      NullCode(w.itemCode("PhysicalMaterialType", r.MaterialType)),
		LastInterestDate:  date(patron.Date(r.LastInterestDate)),
		Comment:           NullText(r.Comment),
		Status:            RequestStatus(r.Status),
		PlaceInQueue:      max(place, 0),
		RequestTime:       timestamp(r.Requested),
		TaskName:          r.Task,
		ExpiryDate:        date(patron.Date(r.ExpiryDate)),
		Ended:             Timestamp(timestamp(r.Ended)),
		EndReason:         Code(r.EndReason),
	}
	if r.TargetDestination.Value != "" {
		target := Code(r.TargetDestination)
		q.TargetDestination = &target
	}
	if !r.Requested.IsZero() {
		q.RequestDate = date(patron.DateOf(r.Requested))
	}
	q.addKind(r)
	return q
}

// addKind shows what only bookings and digitizations have.
func (q *Request) addKind(r fulfillment.Request) {
	if b := r.Booking; b != nil {
		q.BookingStart, q.BookingEnd = timestamp(b.Start), timestamp(b.End)
	}
	if d := r.Digitization; d != nil {
		q.PartialDigitization, q.FullChapter, q.CopyrightSigned = d.Partial, d.FullChapter, d.CopyrightSigned
		q.ChapterTitle, q.ChapterAuthor = d.ChapterTitle, d.ChapterAuthor
		q.Pages = each(d.Pages, func(p fulfillment.PageRange) PagesRange { return PagesRange(p) })
	}
}

func (w writer) itemCode(table string, c fulfillment.Code) Code { return w.code(table, patron.Code(c)) }

func pickupText(library Code, desk fulfillment.Code) string {
	if desk.Desc == "" {
		return library.Desc
	}
	return library.Desc + deskSeparator + desk.Desc
}

// Request translates a request that was read into the domain. A date or timestamp that does not exist is an [*Error]
// with code 401864; every other rule is the domain's. Fields only the library decides on (status, task, dates, titles)
// come out as they were sent: it is the caller's to take from them what the operation allows. A status that does not
// exist is left empty.
func (q Request) Request() (fulfillment.Request, error) {
	var rd reader
	f := fulfillment.Request{
		ID:      q.RequestID,
		Type:    fulfillment.RequestType(strings.TrimSpace(q.Type)),
		SubType: fulfillment.Code(q.SubType),
		Status:  q.Status.state(),
		Task:    q.TaskName,
		MMSID:   q.MMSID, HoldingID: q.HoldingID, ItemID: q.ItemID, Barcode: string(q.Barcode),
		Title: q.Title, Author: q.Author, Description: string(q.Description), ManualDescription: q.ManualDescription,
		Volume: q.Volume, Issue: q.Issue, Part: q.Part, DateOfPublication: q.DateOfPublication,
		MaterialType:      fulfillment.Code(q.MaterialType),
		PickupType:        strings.TrimSpace(q.PickupType),
		PickupInstitution: q.PickupInstitution,
		ManagedByLibrary:  fulfillment.Code{Value: q.ManagedByLibCode, Desc: q.ManagedByLibrary},
		ManagedByDesk:     fulfillment.Code{Value: q.ManagedByDeskCode, Desc: q.ManagedByDesk},
		Comment:           string(q.Comment),
		LastInterestDate:  string(rd.date("last_interest_date", q.LastInterestDate)),
		Requested:         rd.time("request_time", q.RequestTime),
		ExpiryDate:        string(rd.date("expiry_date", q.ExpiryDate)),
	}
	f.PickupLibrary, f.PickupCirculationDesk = q.pickup()
	if q.TargetDestination != nil {
		f.TargetDestination = fulfillment.Code(*q.TargetDestination)
	}
	if day := rd.time("request_date", q.RequestDate); f.Requested.IsZero() {
		f.Requested = day
	}
	f.Booking, f.Digitization = q.booking(&rd), q.digitization()
	if rd.err != nil {
		return fulfillment.Request{}, rd.err
	}
	return f, nil
}

// state is the status, or "" for one that does not exist.
func (s RequestStatus) state() fulfillment.RequestStatus {
	switch state := fulfillment.RequestStatus(s); state {
	case fulfillment.NotStarted, fulfillment.InProcess, fulfillment.OnHoldShelf, fulfillment.History:
		return state
	}
	return ""
}

func (q Request) pickup() (library, desk fulfillment.Code) {
	library = fulfillment.Code{Value: strings.TrimSpace(q.PickupLibrary), Desc: q.PickupLocation}
	desk.Value = strings.TrimSpace(q.PickupDesk)
	if i := strings.LastIndex(q.PickupLocation, deskSeparator); desk.Value != "" && i >= 0 && i+len(deskSeparator) < len(q.PickupLocation) {
		library.Desc, desk.Desc = q.PickupLocation[:i], q.PickupLocation[i+len(deskSeparator):]
	}
	return library, desk
}

func (q Request) booking(rd *reader) *fulfillment.Booking {
	start, end := rd.time("booking_start_date", q.BookingStart), rd.time("booking_end_date", q.BookingEnd)
	if start.IsZero() && end.IsZero() {
		return nil
	}
	return &fulfillment.Booking{Start: start, End: end}
}

// digitization is nil when nothing is said about one.
func (q Request) digitization() *fulfillment.Digitization {
	d := fulfillment.Digitization{
		Partial: q.PartialDigitization, FullChapter: q.FullChapter, CopyrightSigned: q.CopyrightSigned,
		ChapterTitle: q.ChapterTitle, ChapterAuthor: q.ChapterAuthor,
		Pages: each(q.Pages, func(p PagesRange) fulfillment.PageRange { return fulfillment.PageRange(p) }),
	}
	said := d.Partial || d.FullChapter || d.CopyrightSigned || d.ChapterTitle+d.ChapterAuthor != "" || d.Pages != nil
	if !said && fulfillment.RequestType(strings.TrimSpace(q.Type)) != fulfillment.DigitizationRequest {
		return nil
	}
	return &d
}
