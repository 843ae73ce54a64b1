package alma

import (
	"fmt"
	"net/http"
	"strings"

	"patrondesk/internal/fulfillment"
)

// Error is a refusal in Alma's words. Message is for the caller and may repeat what the caller sent, so it is not for
// logs; Status and Code are.
type Error struct {
	Status  int // of HTTP
	Code    string
	Message string

	// Obstacle is what the refusal is about, if it is one of lending, for a caller in the same process who says it in
	// another language. It is not on the wire.
	Obstacle *fulfillment.Obstacle

	// Field is what of a record the refusal is about, if it is one field or kind of part: its name on the wire, or in
	// words. Value is what stood there, where that is what is refused. Neither is on the wire.
	Field, Value string

	gateway bool // Alma's gateway writes it, before any call is reached: there is no tracking id
	key     bool // an API key was refused: written as XML whatever the request asks for
}

// Error is the code alone, which is fit for a log.
func (e *Error) Error() string { return "alma error " + e.Code }

// business is a refusal of a call that was understood; Alma answers 400 to all of them. Reasons are whole sentences
// that follow Alma's text: why, what was not changed, what to do.
func business(code, message string, reasons ...string) *Error {
	for _, reason := range reasons {
		if reason != "" {
			message = strings.TrimSpace(message) + " " + reason
		}
	}
	return &Error{Status: http.StatusBadRequest, Code: code, Message: message}
}

// ofField notes what of a record is refused.
func (e *Error) ofField(field, value string) *Error {
	e.Field, e.Value = field, value
	return e
}

// shown is a value from the caller, short enough for a message.
func shown(value string) string {
	const longest = 100
	if r := []rune(value); len(r) > longest {
		return string(r[:longest]) + "..."
	}
	return value
}

// PersonalData (60101) is the error of GET /users/ME and of the personal data that says no more.
func PersonalData(reasons ...string) *Error {
	return business("60101", "General Error: An error has occurred while processing the request.", reasons...)
}

// InstitutionNotFound (60224) says that source_institution_code names no institution.
func InstitutionNotFound(reasons ...string) *Error {
	return business("60224", "Organization institution not found.", reasons...)
}

// LinkedAccountNotFound (60229) says that the user is linked to no account elsewhere.
func LinkedAccountNotFound(reasons ...string) *Error {
	return business("60229", "Failed to find linked account for user.", reasons...)
}

// PersonalDeliveryUnsupported (60308) refuses a pickup at a personal address.
func PersonalDeliveryUnsupported(reasons ...string) *Error {
	return business("60308", "Delivery to personal address is not supported.", reasons...)
}

// NetworkNotConfigured (60324) says that the institution is in no fulfillment network to deliver to.
func NetworkNotConfigured(reasons ...string) *Error {
	return business("60324", "Fulfillment network is not configured.", reasons...)
}

// RequestItemNotFound (60328) says that mms_id or item_pid names nothing that can be requested.
func RequestItemNotFound(reasons ...string) *Error {
	return business("60328", "Item for request was not found.", reasons...)
}

// InvalidDigitization (60330) refuses what is to be digitised.
func InvalidDigitization(reasons ...string) *Error {
	return business("60330", "Invalid partial digitization volume or issue.", reasons...)
}

// RequestNotCreated (60331) says that a request was not created.
func RequestNotCreated(reasons ...string) *Error {
	return business("60331", "Failed to create request.", reasons...)
}

// NoItemFulfills (401129) says that no item can serve the request.
func NoItemFulfills(reasons ...string) *Error {
	return business("401129", "No items can fulfill the submitted request.", reasons...)
}

// RequestExists (401136) says that the patron already asked for it.
func RequestExists(reasons ...string) *Error {
	return business("401136", "Failed to save the request: Patron has active request for selected item.", reasons...)
}

// GeneralError (401652) is Alma's error for everything without a code of its own.
func GeneralError(reasons ...string) *Error {
	return business("401652", "General Error: An error has occurred while processing the request.", reasons...)
}

// MandatoryFieldMissing (401664) says that a field, by its wire name, is empty.
func MandatoryFieldMissing(field string, reasons ...string) *Error {
	return business("401664", fmt.Sprintf("Mandatory field is missing: %s", shown(field)), reasons...).ofField(field, "")
}

// InvalidParameter (401666) refuses the value of a query or path parameter.
func InvalidParameter(name string, reasons ...string) *Error {
	return business("401666", fmt.Sprintf("%s parameter is not valid.", shown(name)), reasons...).ofField(name, "")
}

// NoValidXML (401676) says that the body, XML or JSON, cannot be read.
func NoValidXML(reasons ...string) *Error {
	return business("401676", "No valid XML was given.", reasons...)
}

// RequestNotFound (401694) says that the patron has no active request with that id.
func RequestNotFound(reasons ...string) *Error {
	return business("401694", "Request Identifier not found.", reasons...)
}

// UserNotDeleted (401850) says that a user was not deleted. The type of the identifier is left out when the caller
// named none.
func UserNotDeleted(id, idType string, reasons ...string) *Error {
	message := fmt.Sprintf("Failed to delete user with identifier %s.", shown(id))
	if idType != "" {
		message = fmt.Sprintf("Failed to delete user with identifier %s of type %s.", shown(id), shown(idType))
	}
	return business("401850", message, reasons...)
}

// UserExists (401851) says that an identifier is taken.
func UserExists(id, idType string, reasons ...string) *Error {
	return business("401851", fmt.Sprintf("User with identifier %s of type %s already exists.", shown(id), shown(idType)), reasons...).ofField(idType, id)
}

// IllegalUserGroup (401852) says that the user group is not in its code table.
func IllegalUserGroup(reasons ...string) *Error {
	return business("401852", "Given user group is not legal.", reasons...).ofField("user_group", "")
}

// ExternalIDNotEmpty (401853) refuses an external id on an internal account.
func ExternalIDNotEmpty(reasons ...string) *Error {
	return business("401853", "External Id must be empty for internal user.", reasons...)
}

// ExternalIDMissing (401854) asks for the code of an SIS profile.
func ExternalIDMissing(reasons ...string) *Error {
	return business("401854", "External Id must be given for external user.", reasons...)
}

// InternalWithExternalAuth (401855) refuses the account type INTEXTAUTH.
func InternalWithExternalAuth() *Error {
	return business("401855", "The account type 'Internal with external authentication' is currently not supported.")
}

// IllegalAccountType (401857) refuses an account type.
func IllegalAccountType() *Error {
	return business("401857", "The given user account type is illegal (must be INTERNAL/EXTERNAL).")
}

// ExternalIDFixed (401858) refuses another external id than the record has.
func ExternalIDFixed(reasons ...string) *Error {
	return business("401858", "The external id in DB does not fit the given value in xml - external id cannot be updated.", reasons...)
}

// NotSupported (401859) refuses what cannot be done, such as making an external account internal.
func NotSupported(reasons ...string) *Error {
	return business("401859", "Action currently not supported.", reasons...)
}

// UserNotUpdated (401860) says that a user was not changed.
func UserNotUpdated(reasons ...string) *Error {
	return business("401860", "Failed to update user.", reasons...)
}

// UserNotFound (401861) says that no user has the identifier, of whatever type.
func UserNotFound(id string) *Error {
	return business("401861", fmt.Sprintf("User with identifier %s was not found.", shown(id)))
}

// TypeNotSupported (401863) says that a code is legal, but not in a record of that type.
func TypeNotSupported(field, value, recordType string, reasons ...string) *Error {
	return business("401863", fmt.Sprintf("Given %s type (%s) is not supported for given user record type (%s).", shown(field), shown(value), shown(recordType)), reasons...).ofField(field, value)
}

// InvalidType (401864) says that a code, or a date, is not one.
func InvalidType(field, value string, reasons ...string) *Error {
	return business("401864", fmt.Sprintf("Given %s type (%s) is invalid.", shown(field), shown(value)), reasons...).ofField(field, value)
}

// AuthenticationFailed (401866) refuses a patron's password.
func AuthenticationFailed(reasons ...string) *Error {
	return business("401866", "User authentication failed", reasons...)
}

// UserOfTypeNotFound (401890) says that no user has the identifier in that type.
func UserOfTypeNotFound(id, idType string) *Error {
	return business("401890", fmt.Sprintf("User with identifier %s of type %s was not found.", shown(id), shown(idType)))
}

// PickupLibraryNotFound (401891) says that there is no library of that code to pick up at.
func PickupLibraryNotFound(library string) *Error {
	return business("401891", fmt.Sprintf("Pickup library with code %s was not found.", shown(library)))
}

// PickupNotFound (401895) refuses the place to pick up at.
func PickupNotFound(desk, library string, reasons ...string) *Error {
	return business("401895", fmt.Sprintf("Pickup circulation desk with code %s and library code %s was not found.", shown(desk), shown(library)), reasons...)
}

// RequestIDNotFound (401907) is [RequestNotFound] for the steps of a request's workflow.
func RequestIDNotFound(reasons ...string) *Error {
	return business("401907", "Failed to find a request for the given request ID.", reasons...)
}

// NotDigitization (401932) refuses a workflow step of another type of request.
func NotDigitization(id string) *Error {
	return business("401932", fmt.Sprintf("Request %s is not a Digitization request", shown(id)))
}

// MoveFailed (401934) says that a step was not made.
func MoveFailed(id string, reasons ...string) *Error {
	return business("401934", fmt.Sprintf("Move digitization request to next step in workflow has failed. Request ID: %s", shown(id)), reasons...)
}

// GeneralListError (402119) is the error of GET /users and of fees that says no more.
func GeneralListError(reasons ...string) *Error {
	return business("402119", "General error.", reasons...)
}

// JobIDInvalid (402216) says that there is no job with that id.
func JobIDInvalid(reasons ...string) *Error { return business("402216", "Invalid job id.", reasons...) }

// JobInstanceInvalid (402218) says that the job has no instance with that id.
func JobInstanceInvalid(reasons ...string) *Error {
	return business("402218", "Invalid job instance id.", reasons...)
}

// JobOperationMissing (402220) asks for the parameter op.
func JobOperationMissing(reasons ...string) *Error {
	return business("402220", "Operation was not provided.", reasons...)
}

// JobOperationUnsupported (402221) refuses the parameter op.
func JobOperationUnsupported(reasons ...string) *Error {
	return business("402221", "Operation is not supported.", reasons...)
}

// PasswordRefused (500038) refuses a new password.
func PasswordRefused(reasons ...string) *Error {
	return business("500038", "New password must be at least 8 characters long and must not include the user-name or any commonly used password.", reasons...)
}

// SourceUserNotFound (4019990) says that no user came from that institution with that identifier.
func SourceUserNotFound(id, institution string) *Error {
	return business("4019990", fmt.Sprintf("User with source identifier %s of institution %s was not found.", shown(id), shown(institution)))
}

// LinkingIDNotFound (4019998) says that no user has the linking id.
func LinkingIDNotFound() *Error {
	return business("4019998", "User with linking ID not found.")
}

// JobFilterInvalid (40166410) refuses a filter of a list of jobs: category, type or status.
func JobFilterInvalid(name string, reasons ...string) *Error {
	return business("40166410", fmt.Sprintf("Invalid %s.", shown(name)), reasons...)
}
