package alma

import (
	"fmt"

	"patrondesk/internal/fulfillment"
)

// WrongDesk (401153) says that there is no such desk, or that the item cannot be lent there.
func WrongDesk(reasons ...string) *Error {
	return business("401153", "Item cannot be loaned from this circulation desk.", reasons...)
}

// CardExpired (401168) says that the patron's record, or the role in it, has expired.
func CardExpired(reasons ...string) *Error {
	return business("401168", "Patron card has expired.", reasons...)
}

// NotLoanable (401651) says that the item cannot be lent, or not to this patron.
func NotLoanable(reasons ...string) *Error {
	return business("401651", "Item is not loanable.", reasons...)
}

// ItemNotFound (401652) says that there is no item at that address. Alma has no code of its own for it.
func ItemNotFound() *Error { return GeneralError("There is no item with that mms_id and item_pid.") }

// PIDEmpty (401672) asks for the item of a check-out: neither item_pid nor item_barcode was given.
func PIDEmpty(reasons ...string) *Error { return business("401672", "PID field is empty.", reasons...) }

// DueDateInPast (401681) refuses a due date.
func DueDateInPast(reasons ...string) *Error {
	return business("401681", "Due date cannot be in the past.", reasons...)
}

// ItemNotFoundForBarcode (401689) says that no item has the barcode.
func ItemNotFoundForBarcode(barcode string) *Error {
	return business("401689", fmt.Sprintf("No items found for barcode %s.", shown(barcode)))
}

// CannotRenew (401822) says that a loan was not renewed.
func CannotRenew(loanID string, reasons ...string) *Error {
	return business("401822", fmt.Sprintf("Cannot renew loan: Loan ID %s.", shown(loanID)), reasons...)
}

// LoanNotFound (401823) says that the patron has no loan with that id.
func LoanNotFound(loanID string, reasons ...string) *Error {
	return business("401823", fmt.Sprintf("Loan ID %s does not exist.", shown(loanID)), reasons...)
}

// DueDateMissing (401824) asks for the due date of a loan that is to be changed.
func DueDateMissing(reasons ...string) *Error {
	return business("401824", "Due date is not in loan object.", reasons...)
}

// ScanFailed (402502) says that a scan changed nothing.
func ScanFailed(reasons ...string) *Error {
	return business("402502", "Scan in of item failed.", reasons...)
}

// ScannedItemNotFound (402504) says that there is no such item to scan.
func ScannedItemNotFound(reasons ...string) *Error {
	return business("402504", "Scan in has failed due to item retrieve issue.", reasons...)
}

// ScanDeskMissing (40166415) asks for the desk of a scan.
func ScanDeskMissing(reasons ...string) *Error {
	return business("40166415", "Must send at least one of the following parameters: [circ_desk,department]", reasons...)
}

// LoanRefused says why nothing was lent, with one refusal for each obstacle: the code that is nearest to it, with Alma's
// text, and then the obstacle's sentence.
func LoanRefused(o *fulfillment.ObstaclesError) Errors { return each(o.Obstacles, loanRefused) }

func loanRefused(o fulfillment.Obstacle) *Error {
	refuse := NotLoanable // the item, its policy, and who asked for it before
	switch o.Kind {
	case fulfillment.Expired:
		refuse = CardExpired
	case fulfillment.NoBorrower, fulfillment.Blocked, fulfillment.LoanLimit, fulfillment.OverdueLimit, fulfillment.FeeLimit:
		refuse = GeneralError
	}
	return refuse(o.Words).about(o)
}

// RequestRefused (401129) says why nothing can be requested.
func RequestRefused(o fulfillment.Obstacle) *Error { return NoItemFulfills(o.Words).about(o) }

// RenewRefused says why a loan was not renewed, with one refusal for each obstacle.
func RenewRefused(loanID string, o *fulfillment.ObstaclesError) Errors {
	return each(o.Obstacles, func(o fulfillment.Obstacle) *Error { return CannotRenew(loanID, o.Words).about(o) })
}

// about is the error with the obstacle it tells of.
func (e *Error) about(o fulfillment.Obstacle) *Error {
	e.Obstacle = &o
	return e
}
