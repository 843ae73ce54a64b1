package patron

import (
	"errors"
	"fmt"
)

// Errors of looking up and writing patrons. The store returns them; the API says them in Alma's words.
var (
	// ErrNotFound says that no patron has the identifier.
	ErrNotFound = errors.New("no such patron")
	// ErrChanged says that somebody else wrote the record after it was read; nothing was written.
	ErrChanged = errors.New("the record was changed by somebody else meanwhile")
	// ErrDeleted says that a record of that UID was deleted, and that it does not come back; nothing was written.
	ErrDeleted = errors.New("the record was deleted")
	// ErrPastRemoved says that the patron was not deleted, because the time for it ended, but that some of the past
	// requests and letters are gone. The deletion can be repeated.
	ErrPastRemoved = errors.New("the record is still there, without some of its history")
	// ErrTooLarge says that the record does not fit in the store (400 KB); nothing was written.
	ErrTooLarge = errors.New("the record is too large to store")
)

// TakenError says that an identifier already belongs to another patron, or to this one under another type. Nothing
// was written.
type TakenError struct {
	Type  string // of the identifier that was refused; PRIMARY for a primary id
	Value string
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("an identifier of type %s is already taken", e.Type)
}

// PrimaryType stands for the primary id where an identifier type is asked for.
const PrimaryType = "PRIMARY"

// Errors of the ownership rules.
var (
	// ErrNotExternal says that the SIS matched a patron the library manages (Alma's "User is not external").
	ErrNotExternal = errors.New("User is not external")
	// ErrBecomesInternal says that an external record was to become internal, which only the SIS's owner may undo.
	ErrBecomesInternal = errors.New("an external record cannot become internal")
	// ErrRenamesStaff says that the SIS was to give another primary id to somebody with a staff role, who signs in by it.
	ErrRenamesStaff = errors.New("the primary id of a patron with a staff role cannot be changed by a synchronisation")
	// ErrExternalIDChanged says that the record belongs to another SIS profile.
	ErrExternalIDChanged = errors.New("the record belongs to another SIS profile")
	// ErrAlreadyExternal says that a record to be adopted is an SIS profile's already.
	ErrAlreadyExternal = errors.New("the record is external already")
	// ErrContactAdopted says that a vendor's contact was to become external.
	ErrContactAdopted = errors.New("a vendor's contact cannot become external")
	// ErrNoSISValue says that the SIS has said nothing of the patron yet.
	ErrNoSISValue = errors.New("the SIS has said nothing of the patron yet")
)

// OwnedError says that a change at the desk concerned a field the SIS owns. Nothing was changed.
type OwnedError struct {
	Field   string // wire name
	Profile string // code of the SIS profile that owns the record
}

func (e *OwnedError) Error() string { return e.Field + " is owned by the SIS" }

// Errors of the rules of a record, see [Patron.Check].
var (
	// ErrExternalIDGiven says that an internal record names an SIS profile.
	ErrExternalIDGiven = errors.New("an internal record has no external id")
	// ErrExternalIDMissing says that an external record names no profile, or none of this institution.
	ErrExternalIDMissing = errors.New("an external record needs the code of its SIS profile as its external id")
	// ErrAccountType says that the account type is neither INTERNAL nor EXTERNAL.
	ErrAccountType = errors.New("the account type must be INTERNAL or EXTERNAL")
	// ErrInternalWithExternalAuth says that the account type is Alma's INTEXTAUTH, which its API refuses too.
	ErrInternalWithExternalAuth = errors.New("internal accounts with external authentication are not supported")
	// ErrUserGroup says that the user group is not in the institution's code table.
	ErrUserGroup = errors.New("the user group is not in the code table UserGroups")
)

// MissingError says that a mandatory field is empty.
type MissingError struct{ Field string } // wire name

func (e *MissingError) Error() string { return e.Field + " is missing" }

// IllegalError says that a field has a value its rule or its code table does not allow.
type IllegalError struct{ Field, Value string }

func (e *IllegalError) Error() string { return e.Field + " has a value that is not legal" }

// UnsupportedError says that a value is legal, but not in a record of that type.
type UnsupportedError struct {
	Field, Value string
	RecordType   RecordType
}

func (e *UnsupportedError) Error() string {
	return e.Field + " is not supported in a record of type " + string(e.RecordType)
}
