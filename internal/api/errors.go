package api

import (
	"errors"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// almaError says in Alma's words what the domain and the store say. What it does not know is an internal failure, and
// stays as it is: [alma.WriteError] tells the caller nothing of its text.
func almaError(err error) error {
	if several, ok := errors.AsType[alma.Errors](err); ok {
		return several
	}
	var known *alma.Error
	if errors.As(err, &known) {
		return known
	}
	for _, said := range []func(error) *alma.Error{saidOfPatron, saidOfAccount, saidOfOwner, saidOfRequest, saidOfLetter} {
		if answer := said(err); answer != nil {
			return answer
		}
	}
	return err
}

func saidOfPatron(err error) *alma.Error {
	var missing *patron.MissingError
	var illegal *patron.IllegalError
	var unsupported *patron.UnsupportedError
	var taken *patron.TakenError
	switch {
	case errors.As(err, &missing):
		return alma.MandatoryFieldMissing(missing.Field)
	case errors.As(err, &illegal):
		return alma.InvalidType(illegal.Field, illegal.Value)
	case errors.As(err, &unsupported):
		return alma.TypeNotSupported(unsupported.Field, unsupported.Value, string(unsupported.RecordType))
	case errors.As(err, &taken):
		return alma.UserExists(taken.Value, taken.Type)
	case errors.Is(err, patron.ErrTooLarge):
		return alma.UserNotUpdated("The record is larger than the 400 KB a user may have; nothing was saved. Shorten its notes and lists.")
	case errors.Is(err, patron.ErrChanged):
		return alma.UserNotUpdated("Somebody else changed the user at the same moment; nothing of yours was saved. Read the user again and repeat.")
	}
	return nil
}

func saidOfAccount(err error) *alma.Error {
	switch {
	case errors.Is(err, patron.ErrUserGroup):
		return alma.IllegalUserGroup()
	case errors.Is(err, patron.ErrExternalIDGiven):
		return alma.ExternalIDNotEmpty()
	case errors.Is(err, patron.ErrExternalIDMissing):
		return alma.ExternalIDMissing()
	case errors.Is(err, patron.ErrInternalWithExternalAuth):
		return alma.InternalWithExternalAuth()
	case errors.Is(err, patron.ErrAccountType):
		return alma.IllegalAccountType()
	case errors.Is(err, patron.ErrExternalIDChanged):
		return alma.ExternalIDFixed()
	case errors.Is(err, patron.ErrBecomesInternal):
		return alma.NotSupported("An external user cannot be made internal here; nothing was changed.")
	case errors.Is(err, patron.ErrPassword):
		return alma.PasswordRefused()
	case errors.Is(err, patron.ErrPIN):
		return alma.InvalidType("PIN number", "not four digits")
	}
	return nil
}

func saidOfRequest(err error) *alma.Error {
	switch {
	case errors.Is(err, fulfillment.ErrRequestNotFound):
		return alma.RequestNotFound()
	case errors.Is(err, fulfillment.ErrPatronGone):
		return alma.RequestNotCreated("The user was deleted meanwhile; nothing was placed.")
	case errors.Is(err, fulfillment.ErrChanged):
		return alma.RequestNotCreated("Too many others place requests for this title at the moment; nothing was placed. Repeat the request.")
	}
	return nil
}

// saidOfLetter is about letters of a patron whose deletion is under way or done.
func saidOfLetter(err error) *alma.Error {
	if errors.Is(err, letter.ErrPatronGone) || errors.Is(err, letter.ErrNotFound) {
		return alma.LetterNotSent(string(letter.Failed), "the user was deleted meanwhile, or is being deleted")
	}
	return nil
}
