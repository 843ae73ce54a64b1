package demo

import (
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

// TestWhoSignsInIsInTheLibrary: the people the sign-in page offers are there, and are what it says they are.
func TestWhoSignsInIsInTheLibrary(t *testing.T) {
	lib, _ := demoLibrary(t)
	people := map[string]patron.Patron{}
	for _, p := range lib.Patrons {
		people[p.PrimaryID] = p
	}
	roles := map[string]bool{}
	for _, who := range SignIns() {
		p, ok := people[who.PrimaryID]
		if !ok || p.DisplayName() != who.Name || p.Status != patron.Active {
			t.Errorf("%s, %s: found %t as %s, %s", who.PrimaryID, who.Name, ok, p.DisplayName(), p.Status)
		}
		role := p.Roles[len(p.Roles)-1].Type
		if staff := role.Value != patron.PatronRole; staff != who.Staff || staff && !strings.HasPrefix(who.About, role.Desc) {
			t.Errorf("%s is said to be %q, staff %t, and is %s", who.PrimaryID, who.About, who.Staff, role.Desc)
		}
		roles[role.Value] = true
	}
	for _, role := range []string{"21", "26", "32", "50", "51", "52", "215", "221", "299", patron.PatronRole} {
		if !roles[role] {
			t.Errorf("nobody with the role %s is offered", role)
		}
	}
	for id, language := range map[string]string{"german.operator": "de", "french.operator": "fr"} {
		if got := people[id].PreferredLanguage.Value; got != language {
			t.Errorf("%s reads %s, want %s", id, got, language)
		}
	}
}
