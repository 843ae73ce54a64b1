package alma

import (
	"encoding/xml"
	"strings"
)

// Request is a patron's request on the wire, Alma's user_request object (rest_user_request.xsd).
type Request struct {
	XMLName xml.Name `json:"-" xml:"user_request"`

	Title             string        `json:"title" xml:"title"`
	Author            string        `json:"author" xml:"author"`
	Description       NullText      `json:"description" xml:"description,omitempty"`
	ManualDescription string        `json:"manual_description,omitempty" xml:"manual_description,omitempty"`
	Volume            string        `json:"volume" xml:"volume"`
	Issue             string        `json:"issue" xml:"issue"`
	Part              string        `json:"part" xml:"part"`
	UserPrimaryID     string        `json:"user_primary_id" xml:"user_primary_id"`
	RequestID         string        `json:"request_id" xml:"request_id"`
	Type              string        `json:"request_type" xml:"request_type"`
	SubType           Code          `json:"request_sub_type" xml:"request_sub_type"`
	MMSID             string        `json:"mms_id" xml:"mms_id"`
	HoldingID         string        `json:"holding_id,omitempty" xml:"holding_id,omitempty"`
	ItemID            string        `json:"item_id,omitempty" xml:"item_id,omitempty"`
	Barcode           NullText      `json:"barcode" xml:"barcode,omitempty"`
	PickupLocation    string        `json:"pickup_location,omitempty" xml:"pickup_location,omitempty"`
	PickupType        string        `json:"pickup_location_type,omitempty" xml:"pickup_location_type,omitempty"`
	PickupLibrary     string        `json:"pickup_location_library,omitempty" xml:"pickup_location_library,omitempty"`
	PickupDesk        string        `json:"pickup_location_circulation_desk,omitempty" xml:"pickup_location_circulation_desk,omitempty"`
	PickupInstitution string        `json:"pickup_location_institution,omitempty" xml:"pickup_location_institution,omitempty"`
	TargetDestination *Code         `json:"target_destination,omitempty" xml:"target_destination"`
	ManagedByLibrary  string        `json:"managed_by_library,omitempty" xml:"managed_by_library,omitempty"`
	ManagedByDesk     string        `json:"managed_by_circulation_desk,omitempty" xml:"managed_by_circulation_desk,omitempty"`
	ManagedByLibCode  string        `json:"managed_by_library_code,omitempty" xml:"managed_by_library_code,omitempty"`
	ManagedByDeskCode string        `json:"managed_by_circulation_desk_code,omitempty" xml:"managed_by_circulation_desk_code,omitempty"`
	MaterialType      NullCode      `json:"material_type" xml:"material_type"`
	DateOfPublication string        `json:"date_of_publication,omitempty" xml:"date_of_publication,omitempty"`
	LastInterestDate  string        `json:"last_interest_date,omitempty" xml:"last_interest_date,omitempty"`
	Comment           NullText      `json:"comment" xml:"comment,omitempty"`
	Status            RequestStatus `json:"request_status,omitempty" xml:"request_status,omitempty"`
	// PlaceInQueue is the position from 1; it is left out while the request does not wait.
	PlaceInQueue int    `json:"place_in_queue,omitempty" xml:"place_in_queue,omitempty" alma:"output"`
	RequestDate  string `json:"request_date,omitempty" xml:"request_date,omitempty"`
	RequestTime  string `json:"request_time,omitempty" xml:"request_time,omitempty"`
	TaskName     string `json:"task_name,omitempty" xml:"task_name,omitempty"`
	ExpiryDate   string `json:"expiry_date,omitempty" xml:"expiry_date,omitempty"`

	BookingStart string `json:"booking_start_date,omitempty" xml:"booking_start_date,omitempty"`
	BookingEnd   string `json:"booking_end_date,omitempty" xml:"booking_end_date,omitempty"`

	PartialDigitization bool         `json:"partial_digitization,omitempty" xml:"partial_digitization,omitempty"`
	ChapterTitle        string       `json:"chapter_or_article_title,omitempty" xml:"chapter_or_article_title,omitempty"`
	ChapterAuthor       string       `json:"chapter_or_article_author,omitempty" xml:"chapter_or_article_author,omitempty"`
	Pages               []PagesRange `json:"required_pages_range,omitempty" xml:"required_pages>required_pages_range"`
	FullChapter         bool         `json:"full_chapter,omitempty" xml:"full_chapter,omitempty"`
	CopyrightSigned     bool         `json:"copyrights_declaration_signed_by_patron,omitempty" xml:"copyrights_declaration_signed_by_patron,omitempty"`

	// Ended is when a request of the past ended, and EndReason why, empty when it was fulfilled. They are for a caller in the
	// same process and not on the wire.
	Ended     Timestamp `json:"-" xml:"-"`
	EndReason Code      `json:"-" xml:"-"`

	_ struct{} `alma:"additional_id adjusted_booking_start_date adjusted_booking_end_date destination_location call_number_type call_number item_policy due_back_date resource_sharing link"`
}

// Requests is the answer of GET /users/{user_id}/requests.
type Requests struct {
	XMLName xml.Name  `json:"-" xml:"user_requests"`
	Request []Request `json:"user_request,omitempty" xml:"user_request"`
	Total   int       `json:"total_record_count" xml:"total_record_count,attr"`
}

// PagesRange is a range of pages to be digitised.
type PagesRange struct {
	From string `json:"from_page" xml:"from_page"`
	To   string `json:"to_page" xml:"to_page"`
}

// RequestStatus is the state of a request as its code (NOT_STARTED). JSON shows the code and XML the text
// ("Not Started"), as Alma does; either is understood in both.
type RequestStatus string

// MarshalXML writes the text.
func (s RequestStatus) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	words := strings.Fields(strings.ReplaceAll(strings.ToLower(string(s)), "_", " "))
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return e.EncodeElement(strings.Join(words, " "), start)
}

func (s *RequestStatus) setText(text string) {
	*s = RequestStatus(strings.ToUpper(strings.Join(strings.Fields(text), "_")))
}
