package patron

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

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
