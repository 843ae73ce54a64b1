package fulfillment

import "time"

// Loan is an item lent to a patron (rest_item_loan.xsd). It is active until the item is returned, lost or not.
type Loan struct {
	ID string `json:"id"` // digits, unique over the institution; later loans have greater ones
	// Version counts the writes of the loan from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	ItemID            string `json:"item_id"`
	Barcode           string `json:"barcode"`
	MMSID             string `json:"mms_id"`
	HoldingID         string `json:"holding_id,omitempty"`
	Title             string `json:"title"`
	Author            string `json:"author,omitempty"`
	Description       string `json:"description,omitempty"`
	DateOfPublication string `json:"date_of_publication,omitempty"`
	CallNumber        string `json:"call_number,omitempty"`
	Library           Code   `json:"library"` // that owns the item
	Location          Code   `json:"location,omitzero"`
	ItemPolicy        Code   `json:"item_policy,omitzero"`
	MaterialType      Code   `json:"material_type,omitzero"`

	Process   Process   `json:"process"`
	ProcessAt time.Time `json:"process_at,omitzero"` // when it got that status; zero while Normal
	Desk      Desk      `json:"desk"`                // where it was lent
	Lent      time.Time `json:"lent"`
	LentBy    string    `json:"lent_by"` // the caller, as in patron.Change
	Due       time.Time `json:"due"`
	Terms     Terms     `json:"terms"`
	Renewals  int       `json:"renewals,omitempty"`
	Renewed   time.Time `json:"renewed,omitzero"`
	// RequestID is the request the loan fulfilled; empty for none.
	RequestID string `json:"request_id,omitempty"`
	// Fined is what was charged for lateness, also before a renewal.
	Fined Money `json:"fined,omitempty"`
	// FineUntil is when the item was declared lost or said to be returned, whichever was first: no fine grows after that.
	FineUntil time.Time `json:"fine_until,omitzero"`
	// Overrides are the blocks that were overridden so that it could be lent or renewed.
	Overrides []Override `json:"overrides,omitempty"`
	// LostFees are the ids of the fees that were charged when the item was declared lost.
	LostFees []string `json:"lost_fees,omitempty"`

	Returned   time.Time `json:"returned,omitzero"` // zero while the loan is active
	ReturnedAt Desk      `json:"returned_at,omitzero"`
	ReturnedBy string    `json:"returned_by,omitempty"`
}

// Process is what happened to a loan last (Alma's code table of loan process statuses).
type Process string

// The process statuses of a loan.
const (
	Normal          Process = "NORMAL"
	Renewed         Process = "RENEW"
	Recalled        Process = "RECALL"
	Lost            Process = "LOST"
	ClaimedReturned Process = "CLAIMED_RETURN"
)

// Desk is a circulation desk of a library. The desk is empty where any desk of the library is meant.
type Desk struct {
	Library Code `json:"library"`
	Desk    Code `json:"desk,omitzero"`
}

// Is reports whether the desk serves for what is to be at another one: the same, or any of its library.
func (d Desk) Is(other Desk) bool {
	return d.Library.Value == other.Library.Value && (other.Desk.Value == "" || d.Desk.Value == other.Desk.Value)
}

// Terms are what the loan's policy said when the item was lent or last renewed, as far as it matters later: a change
// of the settings makes nobody's fine higher.
type Terms struct {
	Policy string     `json:"policy,omitempty"`
	Fine   FineRule   `json:"fine,omitzero"`
	Lost   LostRule   `json:"lost,omitzero"`
	Recall RecallRule `json:"recall,omitzero"`
}

// Override says that a block was overridden, by whom and when.
type Override struct {
	Kind  ObstacleKind `json:"kind"`
	Words string       `json:"words"`
	By    string       `json:"by"`
	At    time.Time    `json:"at"`
}

// Active reports whether the item has not been returned.
func (l Loan) Active() bool { return l.Returned.IsZero() }

// InHand reports whether the patron is taken to have the item: it is neither lost nor said to be returned. Only such
// loans become overdue.
func (l Loan) InHand() bool { return l.Active() && l.Process != Lost && l.Process != ClaimedReturned }

// OverdueAt reports whether the loan is overdue at now.
func (l Loan) OverdueAt(now time.Time) bool { return l.InHand() && l.Due.Before(now) }

// ofItem is a new loan of the item.
func ofItem(it Item) Loan {
	return Loan{
		ItemID: it.ID, Barcode: it.Barcode, MMSID: it.MMSID, HoldingID: it.HoldingID, Title: it.Title, Author: it.Author,
		Description: it.Description, DateOfPublication: it.DateOfPublication, CallNumber: it.CallNumber, Library: it.Library,
		Location: it.Location, ItemPolicy: it.ItemPolicy, MaterialType: it.MaterialType, Process: Normal,
	}
}
