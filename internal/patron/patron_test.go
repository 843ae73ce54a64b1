package patron

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// openCodes allows every code, and knows the SIS profile REG.
type openCodes struct{}

func (openCodes) Legal(table, code string) bool      { return code != "NOPE" }
func (openCodes) Allowed(_, _ string, c string) bool { return c != "NOT_HERE" }
func (openCodes) WithVendor(account, v string) bool  { return strings.HasPrefix(account, v) }
func (openCodes) Profile(code string) bool           { return code == "REG" }
func (openCodes) Mandatory(recordType string) []string {
	if recordType == string(Staff) {
		return []string{"first_name"}
	}
	return nil
}

func legalPatron() Patron {
	return Patron{
		UID: "01J", RecordType: Public, AccountType: Internal, Status: Active, PrimaryID: "ada.byron", FirstName: "Ada", LastName: "Byron",
		StickyFields: StickyFields{UserGroup: Code{Value: "01"}},
		Addresses:    []Address{{Preferred: true, Segment: InternalSegment, Lines: []string{"1 Engine Row"}, City: "London", Types: []Code{{Value: "home"}}}},
		Emails:       []Email{{Preferred: true, Segment: InternalSegment, Address: "ada@example.org", Types: []Code{{Value: "personal"}}}},
		Phones:       []Phone{{Segment: InternalSegment, Number: "12", Types: []Code{{Value: "home"}}}},
		Identifiers:  []Identifier{{Type: Code{Value: "BARCODE"}, Value: "100", Status: Active, Segment: InternalSegment}},
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(p *Patron)
		want error
	}{
		{"legal", func(p *Patron) {}, nil},
		{"no record type", func(p *Patron) { p.RecordType = "" }, &MissingError{"record_type"}},
		{"illegal record type", func(p *Patron) { p.RecordType = "ROBOT" }, &IllegalError{"record type", "ROBOT"}},
		{"no account type", func(p *Patron) { p.AccountType = "" }, &MissingError{"account_type"}},
		{"illegal account type", func(p *Patron) { p.AccountType = "GUEST" }, ErrAccountType},
		{"internal with external authentication", func(p *Patron) { p.AccountType = "INTEXTAUTH" }, ErrInternalWithExternalAuth},
		{"internal with external id", func(p *Patron) { p.ExternalID = "REG" }, ErrExternalIDGiven},
		{"external without external id", func(p *Patron) { p.AccountType = External }, ErrExternalIDMissing},
		{"external of an unknown profile", func(p *Patron) { p.AccountType, p.ExternalID = External, "OTHER" }, ErrExternalIDMissing},
		{"no last name", func(p *Patron) { p.LastName = "" }, &MissingError{"last_name"}},
		{"no primary id", func(p *Patron) { p.PrimaryID = " " }, &MissingError{"primary_id"}},
		{"mandatory by the institution", func(p *Patron) { p.RecordType, p.FirstName = Staff, "" }, &MissingError{"first_name"}},
		{"user group not in the table", func(p *Patron) { p.UserGroup.Value = "NOPE" }, ErrUserGroup},
		{"user group not for the record type", func(p *Patron) { p.UserGroup.Value = "NOT_HERE" }, &UnsupportedError{"user group", "NOT_HERE", Public}},
		{"two preferred e-mails", func(p *Patron) { p.Emails = append(p.Emails, p.Emails[0]) }, &IllegalError{"preferred email", "2 of them"}},
		{"e-mail with a line break", func(p *Patron) { p.Emails[0].Address = "a@b.org\r\nBcc: c@d.org" }, &IllegalError{"email address", "a@b.org\r\nBcc: c@d.org"}},
		{"e-mail with a name", func(p *Patron) { p.Emails[0].Address = "Ada <ada@example.org>" }, &IllegalError{"email address", "Ada <ada@example.org>"}},
		{"address without a line", func(p *Patron) { p.Addresses[0].Lines = nil }, &MissingError{"line1"}},
		{"address of the library without a city", func(p *Patron) { p.Addresses[0].City = "" }, &MissingError{"city"}},
		{"address of the SIS without a city", func(p *Patron) { p.Addresses[0].City, p.Addresses[0].Segment = "", ExternalSegment }, nil},
		{"identifier twice", func(p *Patron) {
			p.Identifiers = append(p.Identifiers, Identifier{Type: Code{Value: "02"}, Value: " 100 ", Status: Active})
		}, &TakenError{"02", " 100 "}},
		{"identifier like the primary id", func(p *Patron) { p.Identifiers[0].Value = "ADA.BYRON" }, &TakenError{"BARCODE", "ADA.BYRON"}},
		{"contact with an identifier", func(p *Patron) { p.RecordType = Contact }, &UnsupportedError{"identifier type", "BARCODE", Contact}},
		{"contact who borrows", func(p *Patron) {
			p.RecordType, p.Identifiers = Contact, nil
			p.Roles = []Role{{Type: Code{Value: PatronRole}}}
		}, &UnsupportedError{"role type", PatronRole, Contact}},
		{"vendor of a borrower", func(p *Patron) { p.Vendor.Value = "V" }, &UnsupportedError{"vendor", "V", Public}},
		{"account without a vendor", func(p *Patron) {
			p.RecordType, p.Identifiers, p.VendorAccount.Value = Contact, nil, "A"
		}, &MissingError{"vendor"}},
		{"account with another vendor", func(p *Patron) {
			p.RecordType, p.Identifiers, p.Vendor.Value, p.VendorAccount.Value = Contact, nil, "V", "W-1"
		}, &IllegalError{"vendor account", "W-1"}},
		{"account with the vendor", func(p *Patron) {
			p.RecordType, p.Identifiers, p.Vendor.Value, p.VendorAccount.Value = Contact, nil, "V", "V-1"
		}, nil},
		{"note of no type", func(p *Patron) { p.Notes = []Note{{Text: "x"}} }, &MissingError{"note_type"}},
		{"block of no description", func(p *Patron) { p.Blocks = []Block{{Status: Active}} }, &MissingError{"block_description"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := legalPatron()
			tt.make(&p)
			got := p.Check(openCodes{})
			if (got == nil) != (tt.want == nil) || got != nil && got.Error() != tt.want.Error() || !sameDetails(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func sameDetails(got, want error) bool {
	var gi, wi *IllegalError
	if errors.As(got, &gi) && errors.As(want, &wi) {
		return *gi == *wi
	}
	var gm, wm *MissingError
	if errors.As(got, &gm) && errors.As(want, &wm) {
		return *gm == *wm
	}
	var gt, wt *TakenError
	if errors.As(got, &gt) && errors.As(want, &wt) {
		return *gt == *wt
	}
	return true
}

func externalPatron() Patron {
	p := legalPatron()
	p.ExternalID = "REG"
	p.PrefFirstName = "Ada"
	return p.AsExternal(Sync{})
}

var desk = Change{By: "01STAFF", At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}

func TestEditAtDeskOfAnExternalRecord(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edit  func(p *Patron)
		owned string // the field refused
		stuck string // the field that became manual
	}{
		{"nothing", func(p *Patron) {}, "", ""},
		{"last name", func(p *Patron) { p.LastName = "King" }, "last_name", ""},
		{"expiry date", func(p *Patron) { p.ExpiryDate = "2030-01-01" }, "expiry_date", ""},
		{"the SIS's address", func(p *Patron) { p.Addresses[0].City = "Paris" }, "address", ""},
		{"the SIS's address taken out", func(p *Patron) { p.Addresses = nil }, "address", ""},
		{"the SIS's e-mail", func(p *Patron) { p.Emails[0].Address = "x@example.org" }, "email", ""},
		{"the SIS's barcode", func(p *Patron) { p.Identifiers[0].Value = "200" }, "user_identifier", ""},
		{"an address of the library's", func(p *Patron) {
			p.Addresses[0].Preferred = false
			p.Addresses = append(p.Addresses, Address{Preferred: true, Segment: InternalSegment, Lines: []string{"2"}, City: "Rome", Types: []Code{{Value: "work"}}})
		}, "", ""},
		{"a note", func(p *Patron) {
			p.Notes = append(p.Notes, Note{Type: Code{Value: "GENERAL"}, Text: "x", Segment: InternalSegment})
		}, "", ""},
		{"user group", func(p *Patron) { p.UserGroup.Value = "08" }, "", "user_group"},
		{"preferred first name", func(p *Patron) { p.PrefFirstName = "Augusta" }, "", "pref_first_name"},
		{"preferred first name blanked", func(p *Patron) { p.PrefFirstName = "" }, "", "pref_first_name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := externalPatron()
			in := clone(before)
			tt.edit(&in)
			after, err := before.EditAtDesk(in, desk)
			var owned *OwnedError
			if errors.As(err, &owned); (owned == nil) != (tt.owned == "") || owned != nil && owned.Field != tt.owned {
				t.Fatalf("got %v, want a refusal of %q", err, tt.owned)
			}
			if err != nil {
				return
			}
			if by, stuck := after.Manual[tt.stuck]; stuck != (tt.stuck != "") || stuck && by != desk {
				t.Errorf("manual fields are %v, want %q by the desk", after.Manual, tt.stuck)
			}
		})
	}
}

func TestStickyFieldOutlivesSynchronisation(t *testing.T) {
	before := externalPatron()
	in := clone(before)
	in.UserGroup.Value = "08"
	edited, err := before.EditAtDesk(in, desk)
	if err != nil {
		t.Fatal(err)
	}
	in = legalPatron()
	in.ExternalID, in.UserGroup.Value = "REG", "02"
	synced, effect, err := edited.Synchronise(in, Sync{})
	if err != nil || effect.None() {
		t.Fatal(effect, err)
	}
	if synced.UserGroup.Value != "08" || synced.SIS.UserGroup.Value != "02" || synced.Manual["user_group"] != desk {
		t.Errorf("got %q with the SIS's %q by %v", synced.UserGroup.Value, synced.SIS.UserGroup.Value, synced.Manual)
	}
	back := clone(synced)
	back.UserGroup.Value = "02"
	released, err := synced.EditAtDesk(back, desk)
	if _, still := released.Manual["user_group"]; err != nil || still {
		t.Errorf("choosing the SIS's value leaves %v, %v", released.Manual, err)
	}
}

func TestSynchroniseRefuses(t *testing.T) {
	if _, _, err := legalPatron().Synchronise(legalPatron(), Sync{}); !errors.Is(err, ErrNotExternal) {
		t.Errorf("internal patron: got %v", err)
	}
	other := legalPatron()
	other.ExternalID = "OTHER"
	if _, _, err := externalPatron().Synchronise(other, Sync{}); !errors.Is(err, ErrExternalIDChanged) {
		t.Errorf("another profile's patron: got %v", err)
	}
}

func TestReplaceByAPI(t *testing.T) {
	p := externalPatron()
	p.Manual = map[string]Change{"user_group": desk}
	p.Roles = []Role{{Type: Code{Value: "200"}}}
	in := clone(p)
	in.UserGroup.Value, in.PrefFirstName, in.Roles, in.LastName = "03", "", nil, "King"
	kept, err := p.Replace(in, nil)
	if err != nil || kept.UserGroup.Value != "01" || kept.PrefFirstName != "Ada" || len(kept.Roles) != 1 || kept.LastName != "King" {
		t.Errorf("got %+v, %v", kept, err)
	}
	overridden, err := p.Replace(in, []string{"user_group"})
	if _, still := overridden.Manual["user_group"]; err != nil || overridden.UserGroup.Value != "03" || still {
		t.Errorf("override: got %q, manual %v, %v", overridden.UserGroup.Value, overridden.Manual, err)
	}
	in.AccountType, in.ExternalID = Internal, ""
	if _, err := p.Replace(in, nil); !errors.Is(err, ErrBecomesInternal) {
		t.Errorf("external to internal: got %v", err)
	}
}

// clone is a record that shares no list with p.
func clone(p Patron) Patron {
	p.eachSegment(func(string, *Segment) {})
	return p
}

func TestSynchroniseTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawRecord(t)
		first, _, err := externalPatron().Synchronise(in, Sync{Language: Code{Value: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, effect, err := first.Synchronise(in, Sync{Language: Code{Value: "en"}}); err != nil || !effect.None() {
			t.Fatalf("the same record again: %v, %v", effect, err)
		}
	})
}

func TestSynchroniseKeepsTheLibrarysSide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := externalPatron()
		p.Emails = append(p.Emails, Email{Segment: InternalSegment, Address: "desk@example.org", Preferred: rapid.Bool().Draw(t, "ours preferred")})
		p.Emails[0].Preferred = !p.Emails[1].Preferred
		p.Roles = []Role{{Type: Code{Value: "32"}}}
		p.Notes = []Note{{Segment: InternalSegment, Type: Code{Value: "GENERAL"}, Text: "ours"}}
		got, _, err := p.Synchronise(drawRecord(t), Sync{SISPreferredWins: rapid.Bool().Draw(t, "SIS wins")})
		if err != nil {
			t.Fatal(err)
		}
		ours, preferred := 0, 0
		for _, e := range got.Emails {
			if e.Segment == InternalSegment && e.Address == "desk@example.org" {
				ours++
			}
			if e.Preferred {
				preferred++
			}
		}
		if ours != 1 || preferred > 1 || len(got.Roles) != 1 || len(got.Notes) == 0 || got.Notes[0].Text != "ours" {
			t.Fatalf("got e-mails %v, roles %v, notes %v", got.Emails, got.Roles, got.Notes)
		}
	})
}

func drawRecord(t *rapid.T) Patron {
	p := legalPatron()
	p.ExternalID = "REG"
	p.FirstName = rapid.SampledFrom([]string{"", "Ada", "Grace"}).Draw(t, "first name")
	p.UserGroup.Value = rapid.SampledFrom([]string{"", "01", "02"}).Draw(t, "group")
	p.PreferredLanguage.Value = rapid.SampledFrom([]string{"", "de"}).Draw(t, "language")
	p.Emails = nil
	for n := rapid.IntRange(0, 3).Draw(t, "e-mails"); n > 0; n-- {
		p.Emails = append(p.Emails, Email{Address: rapid.StringMatching(`[a-z]{3}@example\.org`).Draw(t, "e-mail"), Preferred: n == 1})
	}
	p.Notes = nil
	if rapid.Bool().Draw(t, "note") {
		p.Notes = []Note{{Type: Code{Value: "GENERAL"}, Text: "from the SIS"}}
	}
	return p
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{" ADA.Byron ", "ada.byron"}, {"STRASSE", "strasse"}, {"Straße", "straße"}, {"STRAẞE", "straße"}, {"\u212Aelvin", "kelvin"}, {"\u13A0", "\uAB70"}, {"Mu\u0308ller", "m\u00fcller"}, {"21 00", "21 00"},
	} {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if once := Fold(text); Fold(once) != once {
			t.Fatalf("Fold is not stable: %q, then %q", once, Fold(once))
		}
	})
}

func TestSecrets(t *testing.T) {
	p := legalPatron()
	for _, bad := range []string{"short", "ada.byron-1", "Password1", string(make([]byte, 73))} {
		if err := p.SetPassword(bad); !errors.Is(err, ErrPassword) {
			t.Errorf("password %q: got %v", bad, err)
		}
	}
	if err := p.SetPassword("analytical engine"); err != nil {
		t.Fatal(err)
	}
	inactive := p
	inactive.Status = Inactive
	if !p.Authenticate("analytical engine") || p.Authenticate("analytical") || inactive.Authenticate("analytical engine") || legalPatron().Authenticate("") {
		t.Error("authentication is wrong")
	}
	if err := p.SetPIN("12a4", ""); !errors.Is(err, ErrPIN) {
		t.Errorf("PIN: got %v", err)
	}
	if err := p.SetPIN("1234", ""); err != nil {
		t.Fatal(err)
	}
	old := p.PINHash
	if err := p.SetPIN("1234", old); err != nil || p.PINHash != old {
		t.Error("the same PIN changes the record")
	}
}

func TestParseDate(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Date
		ok   bool
	}{
		{"", "", true}, {"2026-11-23Z", "2026-11-23", true}, {"2026-11-23", "2026-11-23", true}, {"2026-11-23T10:00:00.000Z", "2026-11-23", true},
		{"2026-11-23+01:00", "2026-11-23", true}, {"2026-02-30Z", "", false}, {"23.11.2026", "", false}, {"2026-11-23x", "", false}, {"2026-11-23T25:00:00Z", "", false}, {"2026-11-23T10:00:00+0100", "2026-11-23", true}, {"2500-02-11", "2500-02-11", true},
	} {
		if got, err := ParseDate(tt.in); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("ParseDate(%q) = %q, %v", tt.in, got, err)
		}
	}
}
