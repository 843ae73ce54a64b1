package fulfillment

import "time"

// Fee is what a patron owes the library for one reason (rest_fee.xsd). Nothing of it is ever taken back or changed but
// its status: what happens to it is added to its transactions, and what is owed is their sum.
type Fee struct {
	ID string `json:"id"` // digits, unique over the institution; later fees have greater ones
	// Version counts the writes of the fee from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	Type       FeeType   `json:"type"`
	Status     FeeStatus `json:"status"`
	Original   Money     `json:"original"`
	Created    time.Time `json:"created"`
	CreatedBy  string    `json:"created_by"`
	StatusTime time.Time `json:"status_time"`
	Comment    string    `json:"comment,omitempty"`
	Owner      Code      `json:"owner"` // the library
	Title      string    `json:"title,omitempty"`
	Barcode    string    `json:"barcode,omitempty"`
	ItemID     string    `json:"item_id,omitempty"`
	LoanID     string    `json:"loan_id,omitempty"`

	Transactions []Transaction `json:"transactions,omitempty"`
}

// FeeType is why a fee is owed (Alma's code table FineFeeTransactionType).
type FeeType string

// The fees that lending makes; a library may charge others by hand.
const (
	OverdueFine     FeeType = "OVERDUEFINE"
	LostReplacement FeeType = "LOSTITEMREPLACEMENTFEE"
	LostProcessing  FeeType = "LOSTITEMPROCESSFEE"
)

// FeeStatus is the state of a fee.
type FeeStatus string

// The states of a fee.
const (
	FeeActive    FeeStatus = "ACTIVE"
	FeeInDispute FeeStatus = "INDISPUTE"
	FeeClosed    FeeStatus = "CLOSED"
)

// Transaction is an entry of a fee's ledger. Amount is what it takes off the balance; one that only changes the status
// has none.
type Transaction struct {
	ID       string          `json:"id"`
	Type     TransactionType `json:"type"`
	Amount   Money           `json:"amount,omitempty"`
	Method   string          `json:"method,omitempty"` // of a payment: CREDIT_CARD, ONLINE or CASH
	Reason   Code            `json:"reason,omitzero"`  // of a waiver: a code of FineFeeTransactionReason
	Comment  string          `json:"comment,omitempty"`
	External string          `json:"external,omitempty"` // the id the payment system gave it
	By       string          `json:"by"`
	At       time.Time       `json:"at"`
}

// TransactionType is what happened to a fee.
type TransactionType string

// What may happen to a fee.
const (
	Payment TransactionType = "PAYMENT"
	Waiver  TransactionType = "WAIVE"
	Dispute TransactionType = "DISPUTE"
	Restore TransactionType = "RESTORE"
)

// Balance is what is owed of the fee: its original amount less what was paid and waived.
func (f Fee) Balance() Money {
	left := f.Original
	for _, t := range f.Transactions {
		left -= t.Amount
	}
	return left
}

// Open reports whether something of the fee is owed, or disputed.
func (f Fee) Open() bool { return f.ID != "" && f.Status != FeeClosed }

// Owed is the balance of a fee that is open, and else nothing.
func (f Fee) Owed() Money {
	if !f.Open() {
		return 0
	}
	return f.Balance()
}
