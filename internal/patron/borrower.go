package patron

import (
	"slices"
	"time"
)

// AssignRoles gives a new record without roles those of Alma's usual role assignment rule: who is no vendor's contact
// may borrow, in the whole institution.
func (p *Patron) AssignRoles(institution Code) {
	if len(p.Roles) > 0 || p.RecordType == Contact {
		return
	}
	p.Roles = []Role{{Type: Code{Value: PatronRole}, Status: Code{Value: string(Active)}, Scope: institution}}
}

// InForce reports whether the role holds at now.
func (r Role) InForce(now time.Time) bool {
	return r.Status.Value == string(Active) && !r.ExpiryDate.Passed(now)
}

// InForce reports whether the block stops the patron at now.
func (b Block) InForce(now time.Time) bool {
	return b.Status == Active && (b.Expiry.IsZero() || now.Before(b.Expiry))
}

// Obstacle is a reason why a patron may not borrow or request. Its words are a sentence for staff; Reason and Facts are
// for saying the same in another language.
type Obstacle struct {
	Kind   ObstacleKind
	Reason string // a code of the sentence, such as [RecordExpired]
	Facts  []any  // what the sentence names, in that order: a [Date], or a [Code] with its description
	Words  string
}

// ObstacleKind says what an obstacle is about.
type ObstacleKind string

// What of a record may be in the way.
const (
	NoBorrower ObstacleKind = "NO_BORROWER" // it is a contact's, inactive, or has no Patron role
	HasExpired ObstacleKind = "EXPIRED"     // the record, or its Patron role
	IsBlocked  ObstacleKind = "BLOCKED"
)

// The reasons, one for each sentence. Each begins with the kind of its obstacle.
const (
	IsContact     = "NO_BORROWER_CONTACT"
	IsInactive    = "NO_BORROWER_INACTIVE"
	HasNoRole     = "NO_BORROWER_ROLE"
	RecordExpired = "EXPIRED_RECORD" // the last day
	RoleExpired   = "EXPIRED_ROLE"   // the last day
	HasBlock      = "BLOCKED"        // the block's description
)

// Obstacles is everything in the record that is in the way of borrowing and requesting at now.
func (p Patron) Obstacles(now time.Time) []Obstacle {
	if p.RecordType == Contact {
		return []Obstacle{{NoBorrower, IsContact, nil, "A vendor's contact person is not a borrower."}}
	}
	var all []Obstacle
	if p.Status != Active {
		all = append(all, Obstacle{NoBorrower, IsInactive, nil, "The patron's record is inactive."})
	}
	if p.ExpiryDate.Passed(now) {
		all = append(all, Obstacle{
			HasExpired, RecordExpired, []any{p.ExpiryDate}, "The patron's record expired on " + string(p.ExpiryDate) + ".",
		})
	}
	if o, missing := p.withoutRole(now); missing {
		all = append(all, o)
	}
	for _, b := range p.Blocks {
		if b.InForce(now) {
			all = append(all, Obstacle{
				IsBlocked, HasBlock, []any{b.Description}, "The patron is blocked: " + firstOf(b.Description.Desc, b.Description.Value) + ".",
			})
		}
	}
	return all
}

// withoutRole is what is wrong with the Patron role: there is none, or none that holds.
func (p Patron) withoutRole(now time.Time) (o Obstacle, missing bool) {
	if p.hasRole(PatronRole, now) {
		return Obstacle{}, false
	}
	for _, r := range p.Roles {
		if r.Type.Value == PatronRole && r.Status.Value == string(Active) {
			return Obstacle{HasExpired, RoleExpired, []any{r.ExpiryDate}, "The Patron role expired on " + string(r.ExpiryDate) + "."}, true
		}
	}
	return Obstacle{NoBorrower, HasNoRole, nil, "The patron has no active Patron role."}, true
}

// Privileged reports whether the record has a role besides the Patron role, whatever its state and scope.
func (p Patron) Privileged() bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Type.Value != PatronRole })
}

// SameStaffRoles reports whether two records have the same roles besides the Patron role, however their codes are
// described. The Patron role is renewed at the desk.
func SameStaffRoles(a, b Patron) bool {
	return slices.EqualFunc(a.staffRoles(), b.staffRoles(), sameRole)
}

func (p Patron) staffRoles() []Role {
	return slices.DeleteFunc(slices.Clone(p.Roles), func(r Role) bool { return r.Type.Value == PatronRole })
}

// SameAccount reports whether two records let the same person in, by the same secrets and for as long.
func SameAccount(a, b Patron) bool {
	return Fold(a.PrimaryID) == Fold(b.PrimaryID) && a.PasswordHash == b.PasswordHash && a.PINHash == b.PINHash &&
		a.ForcePasswordChange == b.ForcePasswordChange && a.Status == b.Status && a.ExpiryDate == b.ExpiryDate &&
		a.PurgeDate == b.PurgeDate && a.AccountType == b.AccountType && a.ExternalID == b.ExternalID
}

// AsShownToThemselves is the record without what staff noted for each other: notes the patron may not view, remarks on
// blocks and statistics, and who wrote what.
func (p Patron) AsShownToThemselves() Patron {
	p.Notes = slices.DeleteFunc(slices.Clone(p.Notes), func(n Note) bool { return !n.Viewable })
	for i := range p.Notes {
		p.Notes[i].CreatedBy = ""
	}
	p.Blocks = slices.Clone(p.Blocks)
	for i := range p.Blocks {
		p.Blocks[i].Note, p.Blocks[i].CreatedBy = "", ""
	}
	p.Statistics = slices.Clone(p.Statistics)
	for i := range p.Statistics {
		p.Statistics[i].Note = ""
	}
	return p
}

func (p Patron) hasRole(roleType string, now time.Time) bool {
	for _, r := range p.Roles {
		if r.Type.Value == roleType && r.InForce(now) {
			return true
		}
	}
	return false
}
