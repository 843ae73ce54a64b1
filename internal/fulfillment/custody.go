package fulfillment

// Custody is where an item is when it is not at its place: there is one for each such item, so that no item is lent
// twice. The zero value, with the item's id, says that it is at its place.
type Custody struct {
	ItemID string `json:"item_id"`
	// Version grows by 1 with each write, from any number; it is 0 while the item is at its place. It is kept beside the
	// record.
	Version int64 `json:"-"`

	State     CustodyState `json:"state"`
	UID       string       `json:"uid,omitempty"`        // of who has it on loan, or of whom it waits for
	LoanID    string       `json:"loan_id,omitempty"`    // while on loan
	RequestID string       `json:"request_id,omitempty"` // the request it waits or travels for; none when it travels home
	At        Desk         `json:"at,omitzero"`          // of the hold shelf, or where it was sent from
	To        Desk         `json:"to,omitzero"`          // where it travels
	Until     string       `json:"until,omitempty"`      // YYYY-MM-DD, its last day on the hold shelf
}

// CustodyState says where an item is.
type CustodyState string

// Where an item may be.
const (
	AtPlace   CustodyState = ""
	OnLoan    CustodyState = "ON_LOAN"
	OnShelf   CustodyState = "HOLD_SHELF"
	InTransit CustodyState = "IN_TRANSIT"
)
