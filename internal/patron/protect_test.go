package patron

import (
	"reflect"
	"slices"
	"testing"
)

// full is an external patron with something in every group.
func full() Patron {
	p := legalPatron()
	p.ExternalID, p.Gender, p.ExpiryDate = "REG", Code{Value: "F"}, "2030-01-01"
	p.JobCategory, p.RSLibraries = Code{Value: "J"}, []Code{{Value: "MAIN"}}
	p.Notes = []Note{{Type: Code{Value: "GENERAL"}, Text: "x"}}
	p.Blocks = []Block{{Description: Code{Value: "02"}, Status: Active}}
	p.Statistics = []Statistic{{Category: Code{Value: "S"}}}
	return p.AsExternal(Sync{By: nightly})
}

// blank is what an SIS sends that says as little as it may.
func blank() Patron { return Patron{RecordType: Public, ExternalID: "REG", LastName: "Byron"} }

// groupsLeft are the groups in which a record still has what full has.
func groupsLeft(p Patron) (left []string) {
	f := full()
	groups := map[string]bool{CoreGroup: p.Gender == f.Gender && p.ExpiryDate == f.ExpiryDate && p.FirstName == f.FirstName,
		StickyGroup: reflect.DeepEqual(p.StickyFields, f.StickyFields)}
	for _, k := range kinds {
		groups[k.group] = k.same(&p, &f)
	}
	for _, group := range Groups() {
		if groups[group] {
			left = append(left, group)
		}
	}
	return left
}

func TestBlankPerGroup(t *testing.T) {
	for _, group := range append(Groups(), "") {
		p, effect, err := full().Synchronise(blank(), Sync{By: nightly, Keep: []string{group}})
		want := []string{group}
		if group == "" {
			want = nil
		}
		if got := groupsLeft(p); err != nil || !slices.Equal(got, want) {
			t.Errorf("keep %q: left are %v, want %v; %v", group, got, want, err)
		}
		if p.PrimaryID != "ada.byron" || p.Status != Active {
			t.Errorf("keep %q: the primary id is %q, the status %q", group, p.PrimaryID, p.Status)
		}
		if effect.BlankedEmails != (group != EmailsGroup) || effect.BlankedAddresses != (group != AddressesGroup) ||
			effect.BlankedPhones != (group != PhonesGroup) || effect.Identifiers != (group != IdentifiersGroup) || effect.Deactivated {
			t.Errorf("keep %q: the effect is %+v", group, effect)
		}
	}
	if p, effect, err := full().Synchronise(blank(), Sync{By: nightly, Keep: Groups()}); err != nil || !effect.None() || len(groupsLeft(p)) != len(Groups()) {
		t.Errorf("keep all: %+v, %v", effect, err)
	}
}

func TestProtectPerGroup(t *testing.T) {
	for _, group := range Groups() {
		p, effect, err := full().Synchronise(blank(), Sync{By: nightly, Protect: []string{group}})
		if got := groupsLeft(p); err != nil || !slices.Equal(got, []string{group}) {
			t.Errorf("protect %q: left are %v, %v", group, got, err)
		}
		want := map[string][]string{
			CoreGroup: {"first_name", "gender", "expiry_date"}, StickyGroup: {"user_group", "job_category", "rs_libraries"},
		}[group]
		if want == nil {
			want = []string{group}
		}
		if !slices.Equal(effect.Protected, want) {
			t.Errorf("protect %q: protected are %v, want %v", group, effect.Protected, want)
		}
	}
}

func TestProtectOneField(t *testing.T) {
	in := full()
	in.UserGroup.Value, in.ExpiryDate, in.FirstName, in.PrimaryID, in.Status = "02", "2031-01-01", "Augusta", "augusta", Inactive
	s := Sync{By: nightly, Protect: []string{"user_group", "expiry_date", "primary_id", "status"}}
	p := full()
	p.Roles = []Role{{Type: Code{Value: "32"}}} // whom no file may rename
	p, effect, err := p.Synchronise(in, s)
	if err != nil || p.UserGroup.Value != "01" || p.SIS.UserGroup.Value != "02" || p.ExpiryDate != "2030-01-01" || p.FirstName != "Augusta" || p.PrimaryID != "ada.byron" || p.Status != Active {
		t.Errorf("got %+v, %v", p, err)
	}
	if want := []string{"primary_id", "expiry_date", "status", "user_group"}; !slices.Equal(effect.Protected, want) || effect.Deactivated || effect.Identifiers {
		t.Errorf("got %+v, want %v protected", effect, want)
	}
	if created := in.AsExternal(s); created.UserGroup.Value != "02" || created.ExpiryDate != "2031-01-01" {
		t.Errorf("created: %+v", created)
	}
}
