package fulfillment

// Obstacle is one reason why an item cannot be lent or renewed, or not yet. Its words are a sentence for staff, and say
// nothing of any other patron. Reason and Facts are for saying the same in another language.
type Obstacle struct {
	Kind ObstacleKind
	// Reason is a code of the sentence, such as [OnLoanToPatron]; of an obstacle of the patron's record it is one of package
	// patron's.
	Reason string
	// Facts are what the sentence names, in the order in which it names them: a number is an int, an amount [Money], a name
	// a string. Those of the patron's record are as package patron has them.
	Facts       []any
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

// The reasons, one for each sentence. Each begins with the kind of its obstacle.
const (
	CatalogueMissing    = "NOT_LOANABLE_MISSING"
	CatalogueLost       = "NOT_LOANABLE_LOST"
	CatalogueInProcess  = "NOT_LOANABLE_IN_PROCESS"
	CatalogueOnOrder    = "NOT_LOANABLE_ON_ORDER"
	CatalogueNotInPlace = "NOT_LOANABLE_NOT_IN_PLACE"
	PolicyLendsNot      = "NOT_LOANABLE_POLICY"       // the policy's name
	NoCopy              = "NOT_LOANABLE_NO_COPY"      // of a title that is asked for
	NoCopyLent          = "NOT_LOANABLE_NO_COPY_LENT" // of a title that is asked for, to the patron's group
	OnLoanToPatron      = "ITEM_ON_LOAN_TO_PATRON"
	OnLoanToAnother     = "ITEM_ON_LOAN_TO_ANOTHER"
	HeldOnShelf         = "ITEM_HELD_ON_SHELF"
	HeldOnItsWay        = "ITEM_HELD_ON_ITS_WAY"
	RequestedBefore     = "ITEM_REQUESTED_BEFORE" // of an item that is to be lent
	RequestedByAnother  = "ITEM_REQUESTED_BY_ANOTHER"
	TooManyLoans        = "LOAN_LIMIT"    // the patron's loans, and the limit
	TooManyOverdue      = "OVERDUE_LIMIT" // the patron's overdue loans, and the limit
	OwesTooMuch         = "FEE_LIMIT"     // what the patron owes, and the limit
	NotRenewedAgain     = "NO_RENEWALS"
	LostOrClaimed       = "LOAN_LOST"
)

// ObstaclesError is the error of what cannot be done for one or more reasons. Nothing was written.
type ObstaclesError struct{ Obstacles []Obstacle }

func (e *ObstaclesError) Error() string { return "there are obstacles" }
