package desk

import (
	"crypto/rand"

	"patrondesk/internal/alma"
)

// refusedLoan is what was asked for of an item or a loan and not done, and why.
type refusedLoan struct {
	Heading string
	Reasons []string
	// Patron is whose identifier was scanned, when it is no item's; empty for nobody's.
	Patron string
	// Overridable says that all that is in the way can be overridden, and Overrides that who is signed in may. The form that
	// does it sends the fields to Action.
	Overridable, Overrides bool
	Action, Again          string // Again: what its button says
	Fields                 map[string]string
}

// refusedLoan is the refusal of a call; ok is false for an internal failure.
func (c *call) refusedLoan(err error) (shown refusedLoan, ok bool) {
	all, ok := refused(err)
	shown.Reasons, shown.Overridable = c.refusals(err), ok
	for _, e := range all {
		shown.Overridable = shown.Overridable && e.Obstacle != nil && e.Obstacle.Overridable
	}
	shown.Overrides = shown.Overridable && c.caller.OverridesBlocks
	return shown, ok
}

// again is what the form sends that overrides what is in the way.
func (r *refusedLoan) again(action string, fields map[string]string) {
	r.Action, r.Fields = action, fields
	r.Fields["override"], r.Fields["once"] = "1", rand.Text()
}

// noItem says that there is no item with the barcode, and whose card it is instead, where that is what was wrong.
func (c *call) noItem(shown *refusedLoan, barcode string, err error) {
	if !hasCode(err, alma.ItemNotFoundForBarcode("").Code) {
		return
	}
	shown.Reasons = []string{c.look.words.say("loans.no-item", barcode)}
	if other, err := get[alma.User](c, userPath(barcode), nil); err == nil {
		shown.Patron = other.PrimaryID
	}
}
