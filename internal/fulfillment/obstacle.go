package fulfillment

// Obstacle is one reason why an item cannot be lent or renewed, or not yet. Its words are a sentence for staff, and say
// nothing of any other patron.
type Obstacle struct {
	Kind        ObstacleKind
	Words       string
	Overridable bool // by staff who may override blocks
}

// ObstacleKind says what an obstacle is about.
type ObstacleKind string

// What may be in the way.
const (
	NotLoanable   ObstacleKind = "NOT_LOANABLE"   // the policy lends no such item
	ItemOnLoan    ObstacleKind = "ITEM_ON_LOAN"   // to anybody; never overridable
	ItemHeld      ObstacleKind = "ITEM_HELD"      // it waits on the hold shelf for somebody else
	ItemRequested ObstacleKind = "ITEM_REQUESTED" // somebody else is before the patron in its title's queue
	NoBorrower    ObstacleKind = "NO_BORROWER"    // the record is none that may borrow: a contact, inactive, without the Patron role
	Expired       ObstacleKind = "EXPIRED"        // the record or its Patron role
	Blocked       ObstacleKind = "BLOCKED"        // by a block on the record
	LoanLimit     ObstacleKind = "LOAN_LIMIT"
	OverdueLimit  ObstacleKind = "OVERDUE_LIMIT"
	FeeLimit      ObstacleKind = "FEE_LIMIT"
	NoRenewals    ObstacleKind = "NO_RENEWALS" // the policy's renewals are used up, or it would be due no later
	LoanLost      ObstacleKind = "LOAN_LOST"   // the loan is of a lost item, or one said to be returned
)

// ObstaclesError is the error of what cannot be done for one or more reasons. Nothing was written.
type ObstaclesError struct{ Obstacles []Obstacle }

func (e *ObstaclesError) Error() string { return "there are obstacles" }
