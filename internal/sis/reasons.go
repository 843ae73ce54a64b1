package sis

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
	"patrondesk/internal/sisfile"
)

// refusalOf words a broken rule of the domain for the report. p is the patron the rule was applied to.
func refusalOf(err error, p patron.Patron) error {
	if err == nil {
		return nil
	}
	var (
		missing     *patron.MissingError
		illegal     *patron.IllegalError
		unsupported *patron.UnsupportedError
		taken       *patron.TakenError
	)
	switch {
	case errors.As(err, &missing):
		return &rejection{field: missing.Field, reason: "Mandatory field is missing: " + missing.Field + "."}
	case errors.As(err, &illegal):
		return illegalValue(illegal)
	case errors.As(err, &unsupported):
		return &rejection{field: wireName(unsupported.Field), reason: fmt.Sprintf("Given %s type (%s) is not supported for given user record type (%s).",
			unsupported.Field, unsupported.Value, unsupported.RecordType)}
	case errors.As(err, &taken):
		return &rejection{field: identifierField(taken.Type), reason: fmt.Sprintf("The record has the identifier %s twice.", taken.Value)}
	case errors.Is(err, patron.ErrUserGroup):
		return &rejection{field: "user_group", reason: fmt.Sprintf("Given user group is not legal: %q.", p.UserGroup.Value)}
	case errors.Is(err, patron.ErrNotExternal):
		return &rejection{field: "account_type", reason: "User is not external."}
	case errors.Is(err, patron.ErrRenamesStaff):
		return &rejection{field: "primary_id", reason: "The patron has a staff role and signs in by their primary id, which a file cannot change. " +
			"Have a User Administrator change it."}
	case errors.Is(err, patron.ErrExternalIDChanged):
		return &rejection{field: "external_id", reason: fmt.Sprintf("The external id in DB does not fit the given value in xml - external id cannot be updated. "+
			"The patron belongs to the profile %s.", p.ExternalID)}
	}
	return &rejection{reason: err.Error() + "."}
}

// fieldInMessage finds the field in the text of Alma's code 401864.
var fieldInMessage = regexp.MustCompile(`^Given (.+?) type \(`)

// badForm words a value whose form is wrong, such as a date that does not exist.
func badForm(err *alma.Error) *rejection {
	no := &rejection{reason: err.Message}
	if m := fieldInMessage.FindStringSubmatch(err.Message); m != nil {
		no.field = wireName(m[1])
	}
	if strings.HasSuffix(no.field, "_date") {
		no.reason += " A date is a day there is, written like 2030-09-30."
	}
	return no
}

// tooMany is the value of a [patron.IllegalError] about several parts of which only one may be preferred.
const tooMany = " of them"

func illegalValue(bad *patron.IllegalError) *rejection {
	if n, many := strings.CutSuffix(bad.Value, tooMany); many {
		return &rejection{field: wireName(bad.Field), reason: fmt.Sprintf("The record gives %s of its parts as the %s; there can be only one.", n, bad.Field)}
	}
	return &rejection{field: wireName(bad.Field), reason: fmt.Sprintf("%q is not a legal %s.", bad.Value, bad.Field)}
}

// wireNames are the names in a file of fields that Alma's messages call otherwise than by them.
var wireNames = map[string]string{
	"resource sharing library": "rs_library", "identifier type": "id_type", "identifier status": "status",
	"preferred address": "address", "preferred email": "email", "preferred phone": "phone", "preferred SMS phone": "phone",
}

// wireName is the name in a file of the field that Alma's messages name so.
func wireName(field string) string {
	if name, ok := wireNames[field]; ok {
		return name
	}
	return strings.ReplaceAll(field, " ", "_")
}

// unreadable words why a record could not be read; any other error it hands on.
func unreadable(err error) error {
	var bad *sisfile.RecordError
	if errors.As(err, &bad) {
		no := &rejection{reason: bad.Reason}
		if strings.Contains(bad.Reason, "entity that is not defined") {
			no.reason += " An ampersand is written &amp;, and a letter as itself."
		}
		return no
	}
	return err
}
