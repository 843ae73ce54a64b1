package alma

import (
	"fmt"

	"patrondesk/internal/fulfillment"
)

// FeeNotFound (401665) says that the user has no fee with that id.
func FeeNotFound(reasons ...string) *Error { return business("401665", "Fine not found.", reasons...) }

// InvalidAmount (401666) refuses an amount of money, named as the caller named it, that is no plain decimal number in a
// currency with that many decimal places.
func InvalidAmount(name string, places int) *Error {
	form := "a whole number such as 12"
	if places > 0 {
		form = fmt.Sprintf("a decimal number such as %s with at most %d decimal places", fulfillment.Money(12345).Decimal(places), places)
	}
	return InvalidParameter(name, "It takes "+form+", and no sign or exponent. Nothing was changed.")
}

// FeeTypeMissing (4019991) asks for the type of a new fee.
func FeeTypeMissing() *Error { return business("4019991", "User fine/fee type is required.") }

// FeeTypeInvalid (4019992) refuses the type of a new fee.
func FeeTypeInvalid(reasons ...string) *Error {
	return business("4019992", "User fine/fee type invalid entry.", reasons...)
}

// FeeBarcodeInvalid (4019993) says that no item has the barcode of a new fee.
func FeeBarcodeInvalid(reasons ...string) *Error {
	return business("4019993", "User item barcode invalid entry.", reasons...)
}

// FeeAmountMissing (4019994) asks for the amount of a new fee.
func FeeAmountMissing() *Error {
	return business("4019994", "User fine/fee original amount is required.")
}

// FeeOwnerMissing (4019996) asks for the library a new fee is owed to.
func FeeOwnerMissing() *Error { return business("4019996", "User fine/fee owner is required.") }

// FeeOwnerNoLibrary (4019997) says that the owner of a new fee is no library.
func FeeOwnerNoLibrary(reasons ...string) *Error {
	return business("4019997", "User fine/fee owner must be a library and not institution.", reasons...)
}
