package patron

import (
	"reflect"
	"slices"
)

// Sync is how an SIS profile synchronises. The zero value follows Alma's rules.
type Sync struct {
	By Change
	// SISPreferredWins lets the SIS's preferred address, e-mail and phone win over the library's.
	SISPreferredWins bool
	// Language and UserGroup are those of a record that names none.
	Language, UserGroup Code
	// Keep are the groups, see [Groups], in which what a record leaves blank stays as it is. In the others it is deleted:
	// a core or sticky field that is empty or absent, and all parts of a kind of which the record has none.
	Keep []string
	// Protect are the wire names of core and sticky fields, and the groups, that a synchronisation gives to a new patron
	// and never changes afterwards. What the SIS says of a protected sticky field is recorded nevertheless.
	Protect []string
	// ExpiryDays is how many days after By a new patron expires whose record names no expiry date, PurgeDays how many
	// after the expiry date one may be purged whose record names no purge date; 0 gives no date. Where there is such a
	// default, a record without the date takes no date from a patron who has one. A purge date that would come before a
	// later expiry date moves behind it.
	ExpiryDays, PurgeDays int
	// ResetOnSameValue ends the protection of a sticky field that staff changed, when a record says again what the SIS had
	// said before the change (Alma's knowledge base of 2022). With a daily full file that is the next one.
	ResetOnSameValue bool
}

// Effect is what a synchronisation did to a record.
type Effect struct {
	// Changes are the fields that changed. The account of the last write is not among them.
	Changes []FieldChange
	// BlankedEmails, BlankedAddresses and BlankedPhones say that the SIS had given some and now has none.
	BlankedEmails, BlankedAddresses, BlankedPhones bool
	// Identifiers says that an identifier, the primary one included, was taken from the patron or has another value.
	Identifiers bool
	// Deactivated says that an active patron no longer is.
	Deactivated bool
	// Protected are the fields and groups in which the SIS says something else than what stays in force, because staff
	// changed it by hand or the profile protects it.
	Protected []string
}

// None reports whether the record is as it was.
func (e Effect) None() bool { return len(e.Changes) == 0 }

// Synchronise is the record after the SIS sent in, and what that changed. Core fields are replaced, and deleted where
// in has none; sticky fields are replaced unless staff changed them by hand, and what the SIS said is recorded either
// way; the External segments become in's; Internal segments, roles and proxies stay as they are. The profile may keep
// and protect more. A record that was adopted keeps, the first time, the sticky fields of which the SIS says nothing,
// as if staff had changed them.
//
// A matched internal patron is refused with [ErrNotExternal], another profile's with [ErrExternalIDChanged], and
// another primary id for somebody with a staff role with [ErrRenamesStaff]. Synced is the caller's to fill.
func (p Patron) Synchronise(in Patron, s Sync) (Patron, Effect, error) {
	if err := p.maySynchronise(in, s); err != nil {
		return p, Effect{}, err
	}
	in.sentBySIS()
	var effect Effect
	in.blankOrProtected(p, s, &effect)
	in.settleDates(p, s)
	out := p.keepAsSent(in)
	out.stickyAfter(p, in, s, &effect)
	for _, k := range kinds {
		k.merge(&out, &p)
	}
	out.settlePreferred(s.SISPreferredWins)
	if out.Status != p.Status && !s.By.At.IsZero() {
		out.StatusDate = DateOf(s.By.At)
	}
	if effect.Changes = Differences(p, out); effect.None() {
		return p, effect, nil
	}
	effect.compare(&p, &out)
	out.Updated = s.By
	return out, effect, nil
}

func (p Patron) maySynchronise(in Patron, s Sync) error {
	switch {
	case p.AccountType != External:
		return ErrNotExternal
	case p.ExternalID != in.ExternalID:
		return ErrExternalIDChanged
	case p.Privileged() && in.PrimaryID != "" && Fold(in.PrimaryID) != Fold(p.PrimaryID) && !s.protects(CoreGroup, "primary_id"):
		return ErrRenamesStaff
	}
	return nil
}

func (s Sync) protects(group, name string) bool {
	return slices.Contains(s.Protect, group) || slices.Contains(s.Protect, name)
}

// AsExternal is p, what the SIS says, as a new external record of its profile: every segment is External and what the
// SIS may leave empty has its default.
func (p Patron) AsExternal(s Sync) Patron {
	p.sentBySIS()
	p.Status = Status(firstOf(string(p.Status), string(Active)))
	p.PreferredLanguage = orDefault(p.PreferredLanguage, s.Language)
	p.UserGroup = orDefault(p.UserGroup, s.UserGroup)
	if p.ExpiryDate == "" && s.ExpiryDays > 0 && !s.By.At.IsZero() {
		p.ExpiryDate = DateOf(s.By.At.AddDate(0, 0, s.ExpiryDays))
	}
	if p.PurgeDate == "" && s.PurgeDays > 0 {
		p.PurgeDate = p.ExpiryDate.after(s.PurgeDays)
	}
	sis := p.StickyFields
	p.SIS = &sis
	return p
}

// sentBySIS makes every part the SIS's and drops what it has no say in.
func (p *Patron) sentBySIS() {
	p.AccountType = External
	p.PasswordHash, p.ForcePasswordChange = "", ""
	p.eachSegment(func(_ string, seg *Segment) { *seg = ExternalSegment })
}

func orDefault(c, otherwise Code) Code {
	if c.Value == "" {
		return otherwise
	}
	return c
}

// blankOrProtected gives p, what the SIS says, the core fields and parts of old that it leaves blank or that are
// protected.
func (p *Patron) blankOrProtected(old Patron, s Sync, effect *Effect) {
	keeps := slices.Contains(s.Keep, CoreGroup)
	for _, f := range coreFields {
		if always := f.name == "primary_id" || f.name == "record_type"; f.empty(p) && (keeps || always) {
			f.copy(p, &old)
		}
		if f.name == "status" && f.empty(p) {
			p.Status = Active
		}
		if s.protects(CoreGroup, f.name) && !f.same(p, &old) {
			f.copy(p, &old)
			effect.Protected = append(effect.Protected, f.name)
		}
	}
	for _, k := range kinds {
		switch {
		case slices.Contains(s.Protect, k.group):
			if !reflect.DeepEqual(externalParts(old)[k.name], externalParts(*p)[k.name]) {
				effect.Protected = append(effect.Protected, k.group)
			}
			k.sent(p, &old)
		case k.none(p) && slices.Contains(s.Keep, k.group):
			k.sent(p, &old)
		}
	}
}

// settleDates lets the dates of old stand that p, what the SIS says, does not name and the profile has a default for.
func (p *Patron) settleDates(old Patron, s Sync) {
	if p.ExpiryDate == "" && s.ExpiryDays > 0 {
		p.ExpiryDate = old.ExpiryDate
	}
	if p.PurgeDate == "" && s.PurgeDays > 0 {
		if p.PurgeDate = old.PurgeDate; p.PurgeDate != "" && p.PurgeDate < p.ExpiryDate && !s.protects(CoreGroup, "purge_date") {
			p.PurgeDate = p.ExpiryDate.after(s.PurgeDays)
		}
	}
}

// keepAsSent is in with what belongs to the record or to the library. Who created the SIS's notes and blocks is told by
// those it sent before.
func (p Patron) keepAsSent(in Patron) Patron {
	before := p
	for _, k := range kinds {
		if k.group == NotesGroup || k.group == BlocksGroup {
			k.sent(&before, &p)
		}
	}
	out := before.keep(in)
	out.Roles, out.ProxyFor = p.Roles, p.ProxyFor
	out.Vendor, out.VendorAccount = p.Vendor, p.VendorAccount
	out.LastActivityDate, out.LinkingID, out.Researcher = p.LastActivityDate, p.LinkingID, p.Researcher
	return out
}

// stickyAfter settles the sticky fields of p, which is old after the SIS sent in: what the SIS says, and what is in
// force.
func (p *Patron) stickyAfter(old, in Patron, s Sync, effect *Effect) {
	keeps, adopted := slices.Contains(s.Keep, StickyGroup), old.SIS == nil
	sis := in.StickyFields
	sis.PreferredLanguage = orDefault(sis.PreferredLanguage, s.Language)
	sis.UserGroup = orDefault(sis.UserGroup, s.UserGroup)
	p.StickyFields = sis
	for _, f := range stickyFields {
		blank := f.empty(&in.StickyFields)
		if blank && keeps && !f.empty(orNone(old.SIS)) {
			f.copy(&sis, old.SIS)
		}
		if s.ResetOnSameValue && !blank && f.same(&in.StickyFields, orNone(old.Original)) {
			p.release(f)
		}
		_, manual := p.Manual[f.name]
		protected := manual || s.protects(StickyGroup, f.name)
		left := blank && (keeps || adopted) && !f.empty(&old.StickyFields)
		if protected || left {
			f.copy(&p.StickyFields, &old.StickyFields)
		}
		if adopted && left && !manual {
			p.mark(f, old.Updated)
		}
		if protected && !f.same(&sis, &p.StickyFields) {
			effect.Protected = append(effect.Protected, f.name)
		}
	}
	p.SIS = &sis
}

// compare tells the kinds of change the safety of a file is judged by.
func (e *Effect) compare(before, after *Patron) {
	for _, k := range kinds {
		switch lost := k.lost(before, after); k.group {
		case AddressesGroup:
			e.BlankedAddresses = lost
		case EmailsGroup:
			e.BlankedEmails = lost
		case PhonesGroup:
			e.BlankedPhones = lost
		}
	}
	for _, id := range before.AllIdentifiers() {
		if !after.HasIdentifier(id.Type.Value, id.Value) {
			e.Identifiers = true
		}
	}
	e.Deactivated = before.Status == Active && after.Status != Active
}
