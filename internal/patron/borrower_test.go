package patron

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestReasonsNotToBorrow has every sentence, with its reason and what it names.
func TestReasonsNotToBorrow(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	role := Role{Type: Code{Value: PatronRole}, Status: Code{Value: string(Active)}}
	expired := role
	expired.ExpiryDate = "2026-11-22"
	lost := Block{Description: Code{Value: "01-GLOBAL", Desc: "Card reported lost"}, Status: Active}
	for _, tt := range []struct {
		name   string
		change func(*Patron)
		want   []Obstacle
	}{
		{"nothing", func(*Patron) {}, nil},
		{"contact", func(p *Patron) { p.RecordType, p.Status = Contact, Inactive }, []Obstacle{
			{NoBorrower, IsContact, nil, "A vendor's contact person is not a borrower."},
		}},
		{"inactive", func(p *Patron) { p.Status = Inactive }, []Obstacle{
			{NoBorrower, IsInactive, nil, "The patron's record is inactive."},
		}},
		{"expired", func(p *Patron) { p.ExpiryDate = "2026-11-22" }, []Obstacle{
			{HasExpired, RecordExpired, []any{Date("2026-11-22")}, "The patron's record expired on 2026-11-22."},
		}},
		{"the role expired", func(p *Patron) { p.Roles = []Role{expired} }, []Obstacle{
			{HasExpired, RoleExpired, []any{Date("2026-11-22")}, "The Patron role expired on 2026-11-22."},
		}},
		{"no role", func(p *Patron) { p.Roles = nil }, []Obstacle{
			{NoBorrower, HasNoRole, nil, "The patron has no active Patron role."},
		}},
		{"blocked", func(p *Patron) { p.Blocks = []Block{lost} }, []Obstacle{
			{IsBlocked, HasBlock, []any{lost.Description}, "The patron is blocked: Card reported lost."},
		}},
	} {
		p := Patron{RecordType: Public, Status: Active, Roles: []Role{role}}
		tt.change(&p)
		got := p.Obstacles(now)
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
		for _, o := range got {
			if !strings.HasPrefix(o.Reason, string(o.Kind)) {
				t.Errorf("%s: the reason %q is not of kind %s", tt.name, o.Reason, o.Kind)
			}
		}
	}
}
