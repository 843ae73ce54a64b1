package patron

import (
	"errors"
	"slices"
	"testing"
)

func TestAdopt(t *testing.T) {
	p := legalPatron()
	p.PasswordHash, p.PINHash, p.Roles = "x", "pin", []Role{{Type: Code{Value: "32"}}}
	p.LibraryNotices = []LibraryNotice{{Code{Value: "L"}, false}}
	p.Emails[0].Segment = ExternalSegment // which means nothing in an internal record
	got, err := p.Adopt("REG", desk)
	if err != nil || got.Check(openCodes{}) != nil {
		t.Fatal(err, got.Check(openCodes{}))
	}
	if got.AccountType != External || got.ExternalID != "REG" || got.PasswordHash != "" || got.SIS != nil || len(got.Manual) != 0 || got.Updated != desk || len(got.Roles) != 1 {
		t.Errorf("got %+v", got)
	}
	if slices.Contains(segmentsOf(got), ExternalSegment) || got.UserGroup.Value != "01" {
		t.Errorf("segments are %v, the user group %v", segmentsOf(got), got.UserGroup)
	}
	in := blank()
	in.UserGroup.Value = "02"
	in.Emails = []Email{{Address: "ada@university.example", Types: []Code{{Value: "school"}}}}
	synced, _, err := got.Synchronise(in, Sync{By: nightly})
	if err != nil || synced.UserGroup.Value != "02" || len(synced.Emails) != 2 || len(synced.Identifiers) != 1 {
		t.Errorf("synchronised: %+v, %v", synced, err)
	}
	_, pin := synced.Manual["pin_number"]
	_, notices := synced.Manual["library_notices"]
	if synced.PINHash != "pin" || len(synced.LibraryNotices) != 1 || !pin || !notices || len(synced.Manual) != 2 {
		t.Errorf("what the SIS says nothing of: %+v, %v", synced.StickyFields, synced.Manual)
	}
	if _, effect, err := synced.Synchronise(in, Sync{By: nightly}); err != nil || !effect.None() {
		t.Errorf("again: %+v, %v", effect, err)
	}
}

func TestAdoptRefuses(t *testing.T) {
	contact := legalPatron()
	contact.RecordType = Contact
	for want, p := range map[error]Patron{ErrAlreadyExternal: externalPatron(), ErrContactAdopted: contact} {
		if _, err := p.Adopt("REG", desk); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestInactivate(t *testing.T) {
	p := externalPatron()
	p.Synced = Synced{Hash: "h", Job: "j"}
	got, changed := p.Inactivate(nightly)
	if !changed || got.Status != Inactive || got.StatusDate != "2026-11-24" || got.Synced != (Synced{Job: "j"}) || got.Updated != nightly {
		t.Errorf("got %+v, %v", got, changed)
	}
	if want := []FieldChange{{"status", "ACTIVE", "INACTIVE"}, {"status_date", "", "2026-11-24"}}; !slices.Equal(Differences(p, got), want) {
		t.Errorf("differences are %+v", Differences(p, got))
	}
	if _, changed := got.Inactivate(nightly); changed {
		t.Error("inactivated twice")
	}
	if _, changed := legalPatron().Inactivate(nightly); changed {
		t.Error("an internal patron was inactivated")
	}
}

func TestMatchesSIS(t *testing.T) {
	external := externalPatron()
	external.Identifiers = append(external.Identifiers, Identifier{Type: Code{Value: "BARCODE"}, Value: "200", Segment: InternalSegment})
	adopted, err := legalPatron().Adopt("REG", desk)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, idType, value string
		p                   Patron
		want                bool
	}{
		{"primary id", PrimaryType, "ADA.byron", external, true},
		{"primary id as any", "", "ada.byron", external, true},
		{"primary id as a barcode", "BARCODE", "ada.byron", external, false},
		{"the SIS's barcode", "BARCODE", "100", external, true},
		{"the SIS's barcode as any", "", "100", external, true},
		{"the SIS's barcode as another type", "02", "100", external, false},
		{"the library's barcode", "BARCODE", "200", external, false},
		{"the library's barcode as any", "", "200", external, false},
		{"an internal patron's", "BARCODE", "100", legalPatron(), true},
		{"an adopted patron's", "BARCODE", "100", adopted, true},
		{"nobody's", "BARCODE", "300", adopted, false},
	} {
		if got := tt.p.MatchesSIS(tt.idType, tt.value); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
	synced, _, err := adopted.Synchronise(blank(), Sync{By: nightly})
	if err != nil || synced.MatchesSIS("BARCODE", "100") {
		t.Errorf("a barcode of the library's matches after the first synchronisation, %v", err)
	}
}

func TestProvenance(t *testing.T) {
	p := full()
	in := clone(p)
	in.UserGroup, in.PINHash = Code{"08", "Staff"}, "hash"
	in.LibraryNotices = []LibraryNotice{{Code{Value: "L"}, false}, {Code{Value: "M"}, true}}
	p, err := p.EditAtDesk(in, desk)
	if err != nil {
		t.Fatal(err)
	}
	all := p.Provenance()
	if len(all) != len(StickyNames()) {
		t.Errorf("got %d", len(all))
	}
	for _, tt := range []struct {
		field        string
		library, sis []Code
		manual       bool
	}{
		{"user_group", []Code{{"08", "Staff"}}, []Code{{Value: "01"}}, true},
		{"job_category", []Code{{Value: "J"}}, []Code{{Value: "J"}}, false},
		{"pin_number", []Code{{Desc: "set"}}, nil, true},
		{"rs_libraries", []Code{{Value: "MAIN"}}, []Code{{Value: "MAIN"}}, false},
		{"library_notices", []Code{{Value: "L=false"}, {Value: "M=true"}}, nil, true},
		{"pref_last_name", nil, nil, false},
	} {
		i := slices.Index(StickyNames(), tt.field)
		got := all[i]
		if got.Field != tt.field || !slices.Equal(got.Library, tt.library) || !slices.Equal(got.SIS, tt.sis) || got.Manual != tt.manual ||
			tt.manual != (got.By == desk.By && got.At.Equal(desk.At)) {
			t.Errorf("got %+v, want %+v", got, tt)
		}
	}
	if legalPatron().Provenance() != nil {
		t.Error("an internal patron has provenance")
	}
}

func TestUseSISValue(t *testing.T) {
	in := full()
	in.UserGroup.Value, in.PrefFirstName = "08", "Augusta"
	p, err := full().EditAtDesk(in, desk)
	if err != nil {
		t.Fatal(err)
	}
	one, err := p.UseSISValue("user_group", nightly)
	if _, still := one.Manual["pref_first_name"]; err != nil || one.UserGroup.Value != "01" || !still || len(one.Manual) != 1 || one.Updated != nightly || one.PrefFirstName != "Augusta" {
		t.Errorf("one: %+v, %v, %v", one.StickyFields, one.Manual, err)
	}
	all, err := p.UseSISValue("", nightly)
	if err != nil || all.UserGroup.Value != "01" || all.PrefFirstName != "" || len(all.Manual) != 0 {
		t.Errorf("all: %+v, %v, %v", all.StickyFields, all.Manual, err)
	}
	if _, manual := p.Manual["user_group"]; !manual || p.UserGroup.Value != "08" {
		t.Error("the caller's record was changed")
	}
	if same, err := all.UseSISValue("", desk); err != nil || same.Updated != nightly {
		t.Errorf("nothing to do: %+v, %v", same.Updated, err)
	}
	adopted, _ := legalPatron().Adopt("REG", desk)
	for _, tt := range []struct {
		p     Patron
		field string
		want  error
	}{{legalPatron(), "", ErrNotExternal}, {adopted, "", ErrNoSISValue}, {p, "last_name", &IllegalError{"field", "last_name"}}} {
		if _, err := tt.p.UseSISValue(tt.field, desk); err == nil || err.Error() != tt.want.Error() {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
}
