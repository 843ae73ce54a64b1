package patron

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// stored is the stored form of a record as [Same] sees it: without who wrote it last and the descriptions of codes, and
// without what the SIS said where that is nothing.
func stored(t *rapid.T, p Patron) any {
	p.Updated = Change{}
	if p.SIS == nil {
		p.SIS = &StickyFields{}
	}
	if p.Original == nil {
		p.Original = &StickyFields{}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var form any
	if err := json.Unmarshal(text, &form); err != nil {
		t.Fatal(err)
	}
	forgetDescriptions(form)
	return form
}

func forgetDescriptions(form any) {
	switch f := form.(type) {
	case map[string]any:
		delete(f, "desc")
		for _, part := range f {
			forgetDescriptions(part)
		}
	case []any:
		for _, part := range f {
			forgetDescriptions(part)
		}
	}
}

func TestDifferencesAreThoseOfTheStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, s := drawSIS(t), drawSync(t)
		before := drawSynchronised(t, in, s)
		after := before
		if rapid.Bool().Draw(t, "edited") {
			after = drawEdited(t, before)
		}
		if rapid.Bool().Draw(t, "synchronised") {
			after, _, _ = after.Synchronise(drawSIS(t), s)
		}
		want := reflect.DeepEqual(stored(t, before), stored(t, after))
		if got := Differences(before, after); (len(got) == 0) != want || Same(before, after) != want {
			t.Fatalf("the stored form is the same: %v; Same %v, differences %v", want, Same(before, after), got)
		}
	})
}

// TestEveryFieldIsCompared sets each field of a record and of its parts in turn.
func TestEveryFieldIsCompared(t *testing.T) {
	full := everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a").Interface().(Patron)
	if !Same(full, everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a").Interface().(Patron)) {
		t.Fatal("a record differs from itself")
	}
	var change func(path string, v reflect.Value, done func(path string))
	change = func(path string, v reflect.Value, done func(string)) {
		switch {
		case slices.Contains([]string{".Version", ".Synced", ".Updated"}, path) || strings.HasSuffix(path, ".Desc"):
		case v.Type() == reflect.TypeFor[Change]() || v.Type().String() == "time.Time" || v.Kind() == reflect.String || v.Kind() == reflect.Bool:
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			v.SetZero()
			done(path)
			v.Set(old)
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				change(path+"."+v.Type().Field(i).Name, v.Field(i), done)
			}
		case v.Kind() == reflect.Pointer:
			change(path, v.Elem(), done)
		case v.Kind() == reflect.Slice:
			change(path, v.Index(0), done)
		case v.Kind() == reflect.Map: // of changes by hand
			old := v.Interface()
			v.Set(reflect.ValueOf(map[string]Change{}))
			done(path)
			v.Set(reflect.ValueOf(old))
		default:
			t.Errorf("%s is a %s", path, v.Kind())
		}
	}
	other := everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a")
	change("", other, func(path string) {
		if got := Differences(full, other.Interface().(Patron)); len(got) != 1 {
			t.Errorf("%s: differences are %v", path, got)
		}
	})
}

// everyField fills a value: texts, flags, times, and one part in every list.
func everyField(v reflect.Value, text string) reflect.Value {
	switch {
	case v.Type() == reflect.TypeFor[map[string]Change]():
		v.Set(reflect.ValueOf(map[string]Change{"user_group": desk}))
	case v.Type().String() == "time.Time":
		v.Set(reflect.ValueOf(desk.At))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			everyField(v.Field(i), text)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		everyField(v.Elem(), text)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		everyField(v.Index(0), text)
	}
	return v
}

func TestDifferencesAsALibrarianReadsThem(t *testing.T) {
	before := externalPatron()
	after := clone(before)
	after.PINHash, after.UserGroup = "secret", Code{"02", "Staff"}
	after.Emails = append(after.Emails, Email{Address: "b@example.org", Segment: InternalSegment})
	after.Addresses[0].City = "York"
	after.Manual = map[string]Change{"user_group": desk}
	want := []FieldChange{
		{"user_group", "01", "02 (Staff)"},
		{"pin_number", "", "changed"},
		{"user_group.changed_by", "", "01STAFF, 2026-11-23T09:00:00Z"},
		{"address", "1 Engine Row, London (home, preferred)", "1 Engine Row, York (home, preferred)"},
		{"email", "ada@example.org (personal, preferred)", "ada@example.org (personal, preferred); b@example.org (Internal)"},
	}
	if got := Differences(before, after); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSynchroniseAgainChangesNothingWhateverTheProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, s := drawSIS(t), drawSync(t)
		p := drawSynchronised(t, in, s)
		again, effect, err := p.Synchronise(in, s)
		if err != nil || !effect.None() || again.Synced != p.Synced {
			t.Fatalf("the same record again: %+v, %v", effect, err)
		}
	})
}

func TestHashIsKeptOnlyWhereTheSameRecordChangesNothing(t *testing.T) {
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		in, s := drawSIS(t), drawSync(t)
		p := drawSynchronised(t, in, s)
		if rapid.Bool().Draw(t, "released") {
			if p, _ = p.UseSISValue(drawText(t, "field", StickyNames()...), desk); p.Synced.Hash == "" {
				return
			}
		} else if p = drawEdited(t, p); p.Synced.Hash == "" {
			return
		}
		kept++
		if _, effect, err := p.Synchronise(in, s); err != nil || !effect.None() {
			t.Fatalf("the hash was kept, and the same record changes %+v, %v", effect, err)
		}
	})
	if kept < 10 {
		t.Errorf("the hash was kept %d times", kept)
	}
}

func TestWhoKeepsTheHash(t *testing.T) {
	p := externalPatron()
	p.Synced = Synced{Hash: "h", Job: "j", Place: "p", Effect: "u"}
	edited := func(edit func(*Patron)) Patron {
		in := clone(p)
		edit(&in)
		after, err := p.EditAtDesk(in, desk)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	replaced, err := p.Replace(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	gone, _ := p.Inactivate(nightly)
	for _, tt := range []struct {
		name string
		got  Patron
		want string
	}{
		{"a note", edited(func(p *Patron) { p.Notes = []Note{{Text: "x", Type: Code{Value: "GENERAL"}}} }), "h"},
		{"an e-mail", edited(func(p *Patron) { p.Emails = append(p.Emails, Email{Address: "b@example.org"}) }), "h"},
		{"a role", edited(func(p *Patron) { p.Roles = []Role{{Type: Code{Value: "32"}}} }), "h"},
		{"the SIS's e-mail no longer preferred", edited(func(p *Patron) { p.Emails[0].Preferred = false }), ""},
		{"the library's e-mail preferred", edited(func(p *Patron) {
			p.Emails[0].Preferred = false
			p.Emails = append(p.Emails, Email{Address: "b@example.org", Preferred: true})
		}), ""},
		{"a sticky field", edited(func(p *Patron) { p.UserGroup.Value = "08" }), ""},
		{"the case of the primary id", edited(func(p *Patron) { p.PrimaryID = "ADA.BYRON" }), ""},
		{"an API client", replaced, ""},
		{"missing from a file", gone, ""},
	} {
		want := Synced{Hash: tt.want, Job: "j", Place: "p", Effect: "u"}
		if tt.got.Synced != want {
			t.Errorf("%s: got %+v, want %+v", tt.name, tt.got.Synced, want)
		}
	}
}

// TestChangesOfTheDeskSurvive lets any number of files come after an edit, until it is released.
func TestChangesOfTheDeskSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSync(t)
		s.ResetOnSameValue = false
		p := drawSynchronised(t, drawSIS(t), s)
		p = drawEdited(t, p)
		ours := p
		for range rapid.IntRange(1, 5).Draw(t, "files") {
			var err error
			if p, _, err = p.Synchronise(drawSIS(t), s); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range stickyFields {
			if by, manual := ours.Manual[f.name]; manual && (!f.same(&p.StickyFields, &ours.StickyFields) || p.Manual[f.name] != by) {
				t.Fatalf("%s is %v, and staff had made it %v", f.name, f.codes(&p.StickyFields), f.codes(&ours.StickyFields))
			}
		}
		for kind, parts := range allParts(ours) {
			for _, was := range parts {
				if kind != "user_identifier" && was.segment == InternalSegment &&
					!slices.ContainsFunc(allParts(p)[kind], func(is part) bool { return is.segment == was.segment && reflect.DeepEqual(is.says, was.says) }) {
					t.Fatalf("the library's %s %v is gone", kind, was.says)
				}
			}
		}
		released, err := p.UseSISValue("", desk)
		if err != nil || len(released.Manual) != 0 || released.Original != nil {
			t.Fatalf("released: %v, %v", released.Manual, err)
		}
		in := drawSIS(t)
		s.Protect, s.Keep = nil, nil
		p, _, _ = released.Synchronise(in, s)
		in.PreferredLanguage, in.UserGroup = orDefault(in.PreferredLanguage, s.Language), orDefault(in.UserGroup, s.UserGroup)
		for _, f := range stickyFields {
			if !f.same(&p.StickyFields, &in.StickyFields) {
				t.Fatalf("released, %s is %v, want %v", f.name, f.codes(&p.StickyFields), f.codes(&in.StickyFields))
			}
		}
	})
}

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

func TestEffect(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(in *Patron)
		want Effect
	}{
		{"nothing", func(*Patron) {}, Effect{}},
		{"a name", func(in *Patron) { in.FirstName = "Grace" }, Effect{}},
		{"another e-mail", func(in *Patron) { in.Emails[0].Address = "b@example.org" }, Effect{}},
		{"no e-mail", func(in *Patron) { in.Emails = nil }, Effect{BlankedEmails: true}},
		{"no address", func(in *Patron) { in.Addresses = nil }, Effect{BlankedAddresses: true}},
		{"no phone", func(in *Patron) { in.Phones = nil }, Effect{BlankedPhones: true}},
		{"one more identifier", func(in *Patron) {
			in.Identifiers = append(in.Identifiers, Identifier{Type: Code{Value: "02"}, Value: "7", Status: Active})
		}, Effect{}},
		{"another barcode", func(in *Patron) { in.Identifiers[0].Value = "200" }, Effect{Identifiers: true}},
		{"another primary id", func(in *Patron) { in.PrimaryID = "augusta" }, Effect{Identifiers: true}},
		{"the case of the primary id", func(in *Patron) { in.PrimaryID = "Ada.Byron" }, Effect{}},
		{"inactive", func(in *Patron) { in.Status = Inactive }, Effect{Deactivated: true}},
	} {
		in := full()
		tt.edit(&in)
		after, got, err := full().Synchronise(in, Sync{By: nightly})
		if err != nil || got.None() != (tt.name == "nothing") {
			t.Errorf("%s: got %+v, %v", tt.name, got, err)
		}
		if got.Deactivated != (after.StatusDate == "2026-11-24") {
			t.Errorf("%s: the status is of %q", tt.name, after.StatusDate)
		}
		if got.Changes = nil; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestDefaultDates(t *testing.T) {
	s := Sync{By: nightly, ExpiryDays: 10, PurgeDays: 100}
	for _, tt := range []struct {
		name                       string
		hadExpiry, hadPurge        Date
		in, purge, expiryW, purgeW Date
		created                    bool
	}{
		{"created", "", "", "", "", "2026-12-04", "2027-03-14", true},
		{"created, expiry named", "", "", "2028-01-01", "", "2028-01-01", "2028-04-10", true},
		{"created, both named", "", "", "2028-01-01", "2028-01-02", "2028-01-01", "2028-01-02", true},
		{"existing dates stay", "2027-01-01", "2029-01-01", "", "", "2027-01-01", "2029-01-01", false},
		{"none is given later", "", "", "", "", "", "", false},
		{"an earlier expiry leaves the purge date", "2027-01-01", "2029-01-01", "2026-12-31", "", "2026-12-31", "2029-01-01", false},
		{"a later one moves it", "2027-01-01", "2029-01-01", "2030-01-01", "", "2030-01-01", "2030-04-11", false},
		{"named ones replace", "2027-01-01", "2029-01-01", "2026-12-31", "2027-01-01", "2026-12-31", "2027-01-01", false},
	} {
		in := legalPatron()
		in.ExternalID, in.ExpiryDate, in.PurgeDate = "REG", tt.in, tt.purge
		got := in.AsExternal(s)
		if !tt.created {
			p := externalPatron()
			p.ExpiryDate, p.PurgeDate = tt.hadExpiry, tt.hadPurge
			var err error
			if got, _, err = p.Synchronise(in, s); err != nil {
				t.Fatal(err)
			}
		}
		if got.ExpiryDate != tt.expiryW || got.PurgeDate != tt.purgeW {
			t.Errorf("%s: got %s and %s, want %s and %s", tt.name, got.ExpiryDate, got.PurgeDate, tt.expiryW, tt.purgeW)
		}
	}
	in := legalPatron()
	if got := in.AsExternal(Sync{By: nightly}); got.ExpiryDate != "" || got.PurgeDate != "" {
		t.Errorf("without defaults: got %s and %s", got.ExpiryDate, got.PurgeDate)
	}
}

func TestResetOnSameValue(t *testing.T) {
	feed := func(group string) Patron {
		in := full()
		in.UserGroup.Value = group
		return in
	}
	for _, tt := range []struct {
		name  string
		reset bool
		files []string
		want  string
		stuck bool
	}{
		{"Alma's recommendation", false, []string{"01", "02", "01"}, "08", true},
		{"the value before the change", true, []string{"01"}, "01", false},
		{"another one", true, []string{"02", "02"}, "08", true},
		{"the value before the change, later", true, []string{"02", "01"}, "01", false},
		{"the value in force", true, []string{"08"}, "08", true},
		{"no value", true, []string{""}, "08", true},
	} {
		in := full()
		in.UserGroup.Value = "08"
		p, err := full().EditAtDesk(in, desk)
		for _, group := range tt.files {
			if err == nil {
				p, _, err = p.Synchronise(feed(group), Sync{By: nightly, ResetOnSameValue: tt.reset})
			}
		}
		if _, stuck := p.Manual["user_group"]; err != nil || p.UserGroup.Value != tt.want || stuck != tt.stuck || stuck != (p.Original != nil) {
			t.Errorf("%s: got %q, manual %v, %v", tt.name, p.UserGroup.Value, p.Manual, err)
		}
	}
}

func TestFileMayNotRenameStaff(t *testing.T) {
	p, in := full(), full()
	p.Roles = []Role{{Type: Code{Value: "32"}}}
	in.PrimaryID = "mallory"
	if _, _, err := p.Synchronise(in, Sync{}); !errors.Is(err, ErrRenamesStaff) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkSynchronise(b *testing.B) {
	p, in := full(), full()
	in.Emails[0].Address = "other@example.org"
	for b.Loop() {
		if _, effect, err := p.Synchronise(in, Sync{By: nightly}); err != nil || effect.None() {
			b.Fatal(err)
		}
	}
}
