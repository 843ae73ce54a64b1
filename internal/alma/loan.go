package alma

import (
	"encoding/json"
	"encoding/xml"
	"strings"

	"patrondesk/internal/fulfillment"
)

// ItemLoan is a loan on the wire, Alma's item_loan object (rest_item_loan.xsd). Of one that is read only the library and
// the desk of a check-out and the due date are kept, see [ItemLoan.Desk] and [ItemLoan.Due]. Library is the one that
// owns the item on output, as with Alma, and that of the desk on input.
type ItemLoan struct {
	XMLName xml.Name `json:"-" xml:"item_loan"`

	LoanID          string         `json:"loan_id" xml:"loan_id" alma:"output"`
	CircDesk        NullCode       `json:"circ_desk" xml:"circ_desk"` // where it was lent
	ReturnCircDesk  *Code          `json:"return_circ_desk,omitempty" xml:"return_circ_desk" alma:"output"`
	Library         Code           `json:"library" xml:"library"`
	UserID          string         `json:"user_id" xml:"user_id" alma:"output"` // the primary id
	ItemBarcode     string         `json:"item_barcode" xml:"item_barcode" alma:"output"`
	DueDate         Timestamp      `json:"due_date" xml:"due_date"`
	Status          LoanStatus     `json:"loan_status" xml:"loan_status" alma:"output"`
	LoanDate        Timestamp      `json:"loan_date" xml:"loan_date" alma:"output"`
	ReturnDate      Timestamp      `json:"return_date,omitempty" xml:"return_date,omitempty" alma:"output"`
	ReturnedBy      *LoanReference `json:"returned_by,omitempty" xml:"returned_by" alma:"output"`
	ProcessStatus   string         `json:"process_status" xml:"process_status" alma:"output"`
	MMSID           string         `json:"mms_id" xml:"mms_id" alma:"output"`
	HoldingID       string         `json:"holding_id" xml:"holding_id,omitempty" alma:"output"`
	ItemID          string         `json:"item_id" xml:"item_id" alma:"output"`
	Title           string         `json:"title" xml:"title" alma:"output"`
	Author          string         `json:"author" xml:"author,omitempty" alma:"output"`
	Description     NullText       `json:"description" xml:"description,omitempty" alma:"output"`
	PublicationYear string         `json:"publication_year" xml:"publication_year,omitempty" alma:"output"`
	Location        LoanLocation   `json:"location_code" xml:"location_code" alma:"output"`
	ItemPolicy      LoanItemPolicy `json:"item_policy" xml:"item_policy" alma:"output"`
	CallNumber      string         `json:"call_number,omitempty" xml:"call_number,omitempty" alma:"output"`
	// Fine is what would be owed if the item were returned now; it is left out when that is nothing.
	Fine      Amount         `json:"loan_fine,omitempty" xml:"loan_fine,omitempty" alma:"output"`
	RequestID *LoanReference `json:"request_id,omitempty" xml:"request_id" alma:"output"` // that the loan fulfilled
	// Renewable is null unless the caller asked for it with expand.
	Renewable       *bool     `json:"renewable" xml:"renewable" alma:"output"`
	LastRenewDate   Timestamp `json:"last_renew_date,omitempty" xml:"last_renew_date,omitempty" alma:"output"`
	LastRenewStatus *Code     `json:"last_renew_status,omitempty" xml:"last_renew_status" alma:"output"`

	// What follows are additions to Alma's object. RenewalsLeft is left out unless the caller asked for renewable, and
	// Overrides are shown to staff.
	Renewals     int            `json:"patrondesk_renewals" xml:"patrondesk_renewals" alma:"output"`
	RenewalsLeft *int           `json:"patrondesk_renewals_left,omitempty" xml:"patrondesk_renewals_left" alma:"output"`
	Overrides    []LoanOverride `json:"patrondesk_override,omitempty" xml:"patrondesk_overrides>patrondesk_override,omitempty" alma:"output"`

	// Lost is what is charged when the item is declared lost, and Obstacles are why a call that renews several did not renew
	// this one. They are for a caller in the same process and not on the wire.
	Lost      fulfillment.LostRule   `json:"-" xml:"-"`
	Obstacles []fulfillment.Obstacle `json:"-" xml:"-"`

	_ struct{} `alma:"link"`
}

// ItemLoans is the answer of GET /users/{user_id}/loans.
type ItemLoans struct {
	XMLName  xml.Name   `json:"-" xml:"item_loans"`
	ItemLoan []ItemLoan `json:"item_loan,omitempty" xml:"item_loan"`
	Total    int        `json:"total_record_count" xml:"total_record_count,attr"`
}

// LoanReference names a request or a person. Alma wraps the value, because there a link stands beside it.
type LoanReference struct {
	Value string `json:"value" xml:",chardata"`
}

// LoanLocation is the location of the lent item. Its description is called a name here.
type LoanLocation struct {
	Value string `json:"value" xml:",chardata"`
	Name  string `json:"name" xml:"name,attr"`
}

// LoanItemPolicy is the policy of the lent item, which is null in JSON and left out in XML when it has none.
type LoanItemPolicy struct {
	Value       NullText `json:"value" xml:",chardata"`
	Description NullText `json:"description" xml:"description,attr"`
}

// MarshalXML writes nothing for an empty value.
func (p LoanItemPolicy) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if p.Value == "" {
		return nil
	}
	type plain LoanItemPolicy
	return e.EncodeElement(plain(p), start)
}

// LoanOverride says that something was in the way of a loan or renewal, and who overrode it.
type LoanOverride struct {
	Kind  string `json:"kind" xml:"kind"` // such as LOAN_LIMIT
	Words string `json:"words" xml:"words"`
	By    string `json:"by" xml:"by"`
	At    string `json:"at" xml:"at"`
}

// LoanStatus is the state of a loan as its code, ACTIVE or COMPLETE. JSON shows the code and XML the text ("Active"), as
// Alma does.
type LoanStatus string

// MarshalXML writes the text.
func (s LoanStatus) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return RequestStatus(s).MarshalXML(e, start)
}

// Timestamp is a moment as loans show it: in XML to the millisecond, and in JSON without the milliseconds when there are
// none.
type Timestamp string

// MarshalJSON leaves milliseconds of zero out.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	text := string(t)
	if whole, zero := strings.CutSuffix(text, ".000Z"); zero {
		text = whole + "Z"
	}
	return marshalJSON(text)
}

var (
	_ json.Marshaler = Timestamp("")
	_ xml.Marshaler  = LoanStatus("")
	_ xml.Marshaler  = LoanItemPolicy{}
)
