package alma

import (
	"fmt"
	"net/http"
	"strings"
)

// The codes below are texts. Alma's own are those of access and load; the others are for what Alma has no call or no
// code for, and cannot collide with its numbers.

// Forbidden (FORBIDDEN, 403) refuses a person who is known and may not do what they ask.
func Forbidden(reasons ...string) *Error {
	e := business("FORBIDDEN", "Forbidden.", reasons...)
	e.Status = http.StatusForbidden
	return e
}

// InvalidRequest (INVALID_REQUEST, 403) refuses a key that was revoked or has expired.
func InvalidRequest() *Error {
	return &Error{Status: http.StatusForbidden, Code: "INVALID_REQUEST", Message: "Invalid API Key", gateway: true, key: true}
}

// PerSecondThreshold (PER_SECOND_THRESHOLD, 429) asks the caller to try again: the store refused the call for its rate,
// and nothing was changed. Alma's clients know it and wait; the answer carries Retry-After.
func PerSecondThreshold() *Error {
	return &Error{
		Status:  http.StatusTooManyRequests,
		Code:    "PER_SECOND_THRESHOLD",
		Message: "HTTP requests are more than allowed per second. See https://goo.gl/2x1c1M ",
		gateway: true,
	}
}

// Unauthorized (UNAUTHORIZED, 400) refuses a call without a key, with one that does not exist, or with one that has no
// right to the call's area.
func Unauthorized() *Error {
	return &Error{
		Status:  http.StatusBadRequest,
		Code:    "UNAUTHORIZED",
		Message: "API-key not defined or not configured to allow this API.",
		gateway: true,
		key:     true,
	}
}

// TokenRefused (UNAUTHORIZED, 401) refuses a bearer token that is not valid. Alma has no tokens and no such answer.
func TokenRefused() *Error {
	e := business("UNAUTHORIZED", "The token was not accepted. Sign in again.")
	e.Status = http.StatusUnauthorized
	return e
}

// CodeTableNotFound (CODE_TABLE_NOT_FOUND) says that the institution has no code table of that name.
func CodeTableNotFound(name string) *Error {
	return business("CODE_TABLE_NOT_FOUND", fmt.Sprintf("There is no code table with the name %s.", shown(name)))
}

// FieldOwnedBySIS (FIELD_OWNED_BY_SIS) refuses a desk's change of a field that the SIS owns. The reason is the
// institution's text on where it is corrected.
func FieldOwnedBySIS(field, reason string) *Error {
	message := fmt.Sprintf("Field %s comes from the student information system and was not changed here.", shown(field))
	return business("FIELD_OWNED_BY_SIS", message, reason).ofField(field, "")
}

// JobNotHeld (JOB_NOT_HELD) says that a job cannot be released, and in which state it is. Nothing was changed.
func JobNotHeld(state string) *Error {
	return business("JOB_NOT_HELD", fmt.Sprintf("Only a job that is held can be released, and this one is %s. Nothing was changed.", shown(state)))
}

// JobRejectedMissing (JOB_REJECTED_MISSING) says that a job has no file of rejected records, and why.
func JobRejectedMissing(reason string) *Error {
	return business("JOB_REJECTED_MISSING", "There is no file of rejected records.", reason)
}

// JobReportMissing (JOB_REPORT_MISSING) says that a job has no report, and why.
func JobReportMissing(reason string) *Error {
	return business("JOB_REPORT_MISSING", "There is no report to show.", reason)
}

// JobReportTooLarge (JOB_REPORT_TOO_LARGE) says where a report lies that is too large for an answer.
func JobReportTooLarge(key string) *Error {
	const longest = 1024 // of a key in S3
	return business("JOB_REPORT_TOO_LARGE", fmt.Sprintf("The report is larger than 4 MB. Read it from the bucket; its key is %.*s", longest, key))
}

// LetterDisabled (LETTER_DISABLED) says that the institution has switched the letter off. Nothing was sent.
func LetterDisabled(code string) *Error {
	return business("LETTER_DISABLED", fmt.Sprintf("Letter %s is switched off for this institution. Nothing was sent.", shown(code)))
}

// LetterNoEmail (LETTER_NO_EMAIL) says that the patron has no e-mail address letters go to. Nothing was sent.
func LetterNoEmail() *Error {
	return business("LETTER_NO_EMAIL", "The user has no preferred e-mail address. Nothing was sent. Add one, or mark one as preferred, and send the letter again.")
}

// LetterNotSent (LETTER_FAILED, LETTER_UNKNOWN) says that the mail service refused the letter, or that nobody knows
// whether it was sent. The state is FAILED or UNKNOWN.
func LetterNotSent(state, reason string) *Error {
	message := "The letter was not sent: %s. Repeat it when that is mended."
	if state != "FAILED" {
		message = "It is not known whether the letter was sent: %s. It was not sent a second time; ask the patron before you repeat it."
	}
	return business("LETTER_"+state, fmt.Sprintf(message, strings.TrimSuffix(reason, ".")))
}

// LetterNothingToReport (LETTER_NOTHING_TO_REPORT) says that the letter would be empty. Nothing was sent.
func LetterNothingToReport() *Error {
	return business("LETTER_NOTHING_TO_REPORT", "There is nothing to report to the user. Nothing was sent.")
}

// LetterOptedOut (LETTER_OPTED_OUT) says that the patron does not want this letter. Nothing was sent.
func LetterOptedOut(code string) *Error {
	return business("LETTER_OPTED_OUT", fmt.Sprintf("The user has opted out of letter %s. Nothing was sent.", shown(code)))
}

// LetterUnknownCode (LETTER_UNKNOWN_CODE) says that there is no such letter. Nothing was sent.
func LetterUnknownCode(code string) *Error {
	return business("LETTER_UNKNOWN_CODE", fmt.Sprintf("There is no letter with code %s. Nothing was sent.", shown(code)))
}

// PreconditionFailed (PRECONDITION_FAILED, 412) says that the record is no longer the one If-Match names. Nothing was
// changed.
func PreconditionFailed() *Error {
	e := business("PRECONDITION_FAILED", "The record was changed since it was read. Nothing was changed. Read it again and repeat the change.")
	e.Status = http.StatusPreconditionFailed
	return e
}
