package patron

import (
	"time"

	"pgregory.net/rapid"
)

var nightly = Change{By: "sis:REG", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)}

func drawText(t *rapid.T, what string, of ...string) string {
	return rapid.SampledFrom(append(of, "")).Draw(t, what)
}

func drawCode(t *rapid.T, what string, of ...string) Code {
	return Code{Value: drawText(t, what, of...)}
}

func drawParts[T any](t *rapid.T, what string, most int, draw func() T) (parts []T) {
	for n := rapid.IntRange(0, most).Draw(t, what+": how many"); n > 0; n-- {
		parts = append(parts, draw())
	}
	return parts
}

// drawSticky are sticky fields in which little is different.
func drawSticky(t *rapid.T) StickyFields {
	return StickyFields{
		UserGroup: drawCode(t, "user group", "01", "02"), JobCategory: drawCode(t, "job", "J"), PINHash: drawText(t, "PIN", "h1", "h2"),
		PreferredLanguage: drawCode(t, "language", "de", "en"), CampusCode: drawCode(t, "campus", "N"),
		RSLibraries: drawParts(t, "library", 2, func() Code { return Code{Value: rapid.SampledFrom([]string{"MAIN", "SCI"}).Draw(t, "library")} }),
		UserTitle:   drawCode(t, "title", "Dr"),
		LibraryNotices: drawParts(t, "notice", 1, func() LibraryNotice {
			return LibraryNotice{Code{Value: "L"}, rapid.Bool().Draw(t, "wanted")}
		}),
		PrefFirstName: drawText(t, "pref first name", "A", "B"), PrefMiddleName: drawText(t, "pref middle name", "A"),
		PrefLastName: drawText(t, "pref last name", "A"), CatalogerLevel: drawCode(t, "level", "00"),
	}
}

// drawSIS is a record as a file of the profile REG has it.
func drawSIS(t *rapid.T) Patron {
	p := Patron{
		RecordType: Public, AccountType: External, ExternalID: "REG", Status: Status(drawText(t, "status", "ACTIVE", "INACTIVE")),
		PrimaryID: drawText(t, "primary id", "ada", "ADA"), FirstName: drawText(t, "first name", "Ada", "Grace"), LastName: "Byron",
		Gender: drawCode(t, "gender", "F"), ExpiryDate: Date(drawText(t, "expiry", "2030-01-01", "2031-01-01")),
		PurgeDate: Date(drawText(t, "purge", "2030-06-01")), StickyFields: drawSticky(t),
	}
	drawAllParts(t, &p, "SIS")
	return p
}

// drawAllParts gives the record parts of every kind, with at most one preferred of each.
func drawAllParts(t *rapid.T, p *Patron, whose string) {
	preferred, sms := rapid.IntRange(-1, 2), rapid.IntRange(-1, 2)
	kinds := []Code{{Value: "home"}}
	p.Addresses = drawParts(t, "address", 2, func() Address {
		return Address{Lines: []string{drawText(t, "line", "1", "2")}, City: drawText(t, "city", "York"), Types: kinds, Country: drawCode(t, "country", "GBR")}
	})
	p.Emails = drawParts(t, "email", 3, func() Email {
		return Email{Address: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "email") + "@" + whose + ".example", Types: kinds}
	})
	p.Phones = drawParts(t, "phone", 2, func() Phone { return Phone{Number: drawText(t, "number", "1", "2"), Types: kinds} })
	if i := preferred.Draw(t, "preferred address"); i >= 0 && i < len(p.Addresses) {
		p.Addresses[i].Preferred = true
	}
	if i := preferred.Draw(t, "preferred email"); i >= 0 && i < len(p.Emails) {
		p.Emails[i].Preferred = true
	}
	if i := preferred.Draw(t, "preferred phone"); i >= 0 && i < len(p.Phones) {
		p.Phones[i].Preferred = true
	}
	if i := sms.Draw(t, "SMS phone"); i >= 0 && i < len(p.Phones) {
		p.Phones[i].PreferredSMS = true
	}
	p.Identifiers = drawParts(t, "identifier", 2, func() Identifier {
		return Identifier{Type: Code{Value: "BARCODE"}, Value: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "barcode"), Status: Active}
	})
	p.Notes = drawParts(t, "note", 2, func() Note {
		return Note{Type: Code{Value: "GENERAL"}, Text: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "note"), Viewable: rapid.Bool().Draw(t, "viewable")}
	})
	p.Blocks = drawParts(t, "block", 1, func() Block { return Block{Description: Code{Value: "02"}, Status: Active} })
	p.Statistics = drawParts(t, "statistic", 1, func() Statistic {
		return Statistic{Category: Code{Value: rapid.SampledFrom([]string{"S", "T"}).Draw(t, "category")}}
	})
}

// drawSync is a profile of any kind.
func drawSync(t *rapid.T) Sync {
	s := Sync{By: nightly, SISPreferredWins: rapid.Bool().Draw(t, "SIS wins"), Language: drawCode(t, "default language", "en"), UserGroup: drawCode(t, "default group", "09")}
	s.Keep = rapid.SliceOfDistinct(rapid.SampledFrom(Groups()), rapid.ID[string]).Draw(t, "keep")
	s.Protect = rapid.SliceOfN(rapid.SampledFrom(append(append(Groups(), CoreNames()...), StickyNames()...)), 0, 3).Draw(t, "protect")
	s.ExpiryDays, s.PurgeDays = rapid.SampledFrom([]int{0, 400}).Draw(t, "expiry days"), rapid.SampledFrom([]int{0, 100}).Draw(t, "purge days")
	s.ResetOnSameValue = rapid.Bool().Draw(t, "reset")
	return s
}

// drawSynchronised is a patron after the SIS sent something, the library added its own, and the SIS sent in.
func drawSynchronised(t *rapid.T, in Patron, s Sync) Patron {
	p := drawSIS(t)
	p.PrimaryID = "ada"
	p = p.AsExternal(s)
	p.UID = "01J"
	p.Stamp(nightly)
	if rapid.Bool().Draw(t, "library's parts") {
		p = drawEdited(t, p)
	}
	p, _, err := p.Synchronise(in, s)
	if err != nil {
		t.Fatal(err)
	}
	p.Stamp(nightly)
	p.Synced = Synced{Hash: "hash", Job: "job"}
	return p
}

// drawEdited is a record after any edit staff may make.
func drawEdited(t *rapid.T, p Patron) Patron {
	in := clone(p)
	if rapid.Bool().Draw(t, "edits sticky fields") {
		in.StickyFields = drawSticky(t)
	}
	if rapid.Bool().Draw(t, "edits roles") {
		in.Roles = []Role{{Type: Code{Value: PatronRole}, Status: Code{Value: "ACTIVE"}}}
	}
	if rapid.Bool().Draw(t, "changes the case of the id") {
		in.PrimaryID = "Ada"
	}
	if rapid.Bool().Draw(t, "edits parts") {
		editParts(t, &in)
	}
	after, err := p.EditAtDesk(in, desk)
	if err != nil {
		t.Fatal(err)
	}
	after.Stamp(desk)
	return after
}

// editParts puts other parts of the library's before and after those of the SIS, and may move the preferred marks.
func editParts(t *rapid.T, in *Patron) {
	var ours Patron
	drawAllParts(t, &ours, "desk")
	ours.eachSegment(func(_ string, seg *Segment) { *seg = InternalSegment })
	first := rapid.Bool().Draw(t, "ours first")
	in.Addresses, in.Emails = mixed(in.Addresses, ours.Addresses, first), mixed(in.Emails, ours.Emails, first)
	in.Phones, in.Identifiers = mixed(in.Phones, ours.Phones, first), mixed(in.Identifiers, ours.Identifiers, first)
	in.Notes, in.Blocks = mixed(in.Notes, ours.Notes, first), mixed(in.Blocks, ours.Blocks, first)
	in.Statistics = mixed(in.Statistics, ours.Statistics, first)
	if rapid.Bool().Draw(t, "removes old parts of ours") {
		for _, k := range kinds {
			k.sent(in, in)
		}
	}
	if rapid.Bool().Draw(t, "unmarks") {
		for i := range in.Emails {
			in.Emails[i].Preferred = rapid.Bool().Draw(t, "marked")
		}
	}
}

func mixed[T any](theirs, ours []T, first bool) []T {
	if first {
		theirs, ours = ours, theirs
	}
	return append(append([]T(nil), theirs...), ours...)
}
