package auth

import (
	"context"
	"slices"

	"patrondesk/internal/patron"
)

// Kind says how a caller is known.
type Kind string

// The kinds of callers: a program with an API key, a person with a role that has rights, any other patron.
const (
	KeyCaller    Kind = "key"
	StaffCaller  Kind = "staff"
	PatronCaller Kind = "patron"
)

// Caller is who is calling. The zero Caller is nobody and may do nothing.
type Caller struct {
	Kind Kind
	// Name is what a change by this caller is signed with (patron.Change.By): the name of the API key, or the primary
	// id of the person.
	Name string
	// UID and PrimaryID are those of the person's own record, which ME stands for; empty for an API key.
	UID, PrimaryID string
	Rights         []Right
	// AssignsRoles says that the caller may give roles to people and take them: a User Administrator, or a key that
	// may write users.
	AssignsRoles bool
	// ManagesUsers says that the caller may give a user to an SIS profile: a User Manager or User Administrator, or a key
	// that may write users.
	ManagesUsers bool
	// ReleasesJobs says that the caller may let a held job go on: a General System Administrator, a User Administrator,
	// or a key that may write the configuration.
	ReleasesJobs bool
	// OverridesBlocks says that the caller may lend in spite of what can be overridden: a Circulation Desk Manager, a
	// Fulfillment Administrator or Services Manager, or a key that may write fulfilment.
	OverridesBlocks bool
}

// May reports whether the caller has the right, or the one to write that includes it.
func (c Caller) May(need Right) bool {
	return slices.ContainsFunc(c.Rights, func(r Right) bool { return r.covers(need) })
}

type callerKey struct{}

// WithCaller puts the caller in the context, as [Guard.Protect] does.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom is the caller in the context; nobody when there is none.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Me stands for the caller's own record in a path.
const Me = "ME"

// names reports whether an identifier, looked up as Alma does with user_id_type, is one of p's own. idType "" and
// all_unique look through all types; another one only through its own. ME is always the caller.
func names(p patron.Patron, identifier, idType string) bool {
	if identifier == Me {
		return true
	}
	all := idType == "" || idType == "all_unique"
	fold := patron.Fold(identifier)
	return slices.ContainsFunc(p.AllIdentifiers(), func(id patron.Identifier) bool {
		return patron.Fold(id.Value) == fold && (all || id.Type.Value == idType)
	})
}
