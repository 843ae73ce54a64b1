package patron

import (
	"slices"
)

// Replace is the record after a PUT by an API client: everything is taken from in, except what a client cannot know or
// may leave out (rest_user.xsd and the PUT page of the users API): the password and PIN are kept when not given, roles
// are kept when none are given, and the sticky fields of an external patron are kept when in leaves them empty or
// staff changed them by hand, unless override names them.
//
// An external record never becomes internal ([ErrBecomesInternal]), nor another profile's ([ErrExternalIDChanged]).
func (p Patron) Replace(in Patron, override []string) (Patron, error) {
	if err := p.sameOwner(in); err != nil {
		return p, err
	}
	out := p.keep(in)
	if out.AccountType == Internal {
		out.keepSecrets(p)
		return out, nil
	}
	if p.AccountType == Internal {
		sis := in.StickyFields
		out.SIS = &sis
	}
	for _, f := range stickyFields {
		_, manual := p.Manual[f.name]
		switch {
		case f.name == "pin_number" && in.PINHash == "": // nobody reads a PIN, so that nobody can send it back
			f.copy(&out.StickyFields, &p.StickyFields)
		case slices.Contains(override, f.name):
			delete(out.Manual, f.name)
		case p.AccountType == External && (manual || f.empty(&in.StickyFields)):
			f.copy(&out.StickyFields, &p.StickyFields)
		}
	}
	return out, nil
}

// EditAtDesk is the record after staff changed it by hand. An internal record is theirs. In an external one they may
// change the Internal segments, the roles and the sticky fields, and say which address, e-mail and phone is preferred;
// a change of anything else is an [*OwnedError].
func (p Patron) EditAtDesk(in Patron, by Change) (Patron, error) {
	if err := p.sameOwner(in); err != nil {
		return p, err
	}
	if p.AccountType == Internal {
		return p.Replace(in, nil)
	}
	if field := p.ownedChange(in); field != "" {
		return p, &OwnedError{Field: field, Profile: p.ExternalID}
	}
	out := p.keep(in)
	if in.PINHash == "" {
		out.PINHash = p.PINHash
	}
	for _, f := range stickyFields {
		switch {
		case f.same(&out.StickyFields, &p.StickyFields):
		case p.SIS != nil && f.same(&out.StickyFields, p.SIS):
			delete(out.Manual, f.name)
		default:
			out.Manual[f.name] = by
		}
	}
	return out, nil
}

// Sync is how an SIS profile synchronises.
type Sync struct {
	By Change
	// SISPreferredWins lets the SIS's preferred address, e-mail and phone win over the library's.
	SISPreferredWins bool
	// Language is the preferred language of a record that names none.
	Language Code
}

// Synchronise is the record after the SIS sent in, and whether that changed anything. Core fields are replaced, and
// deleted where in has none; sticky fields are replaced unless staff changed them by hand, and what the SIS said is
// recorded either way; the External segments become in's; Internal segments, roles and proxies stay as they are.
//
// A matched internal patron is refused with [ErrNotExternal], another profile's with [ErrExternalIDChanged], and another
// primary id for somebody with a staff role with [ErrRenamesStaff].
func (p Patron) Synchronise(in Patron, s Sync) (Patron, bool, error) {
	if p.AccountType != External {
		return p, false, ErrNotExternal
	}
	if p.ExternalID != in.ExternalID {
		return p, false, ErrExternalIDChanged
	}
	if p.Privileged() && in.PrimaryID != "" && Fold(in.PrimaryID) != Fold(p.PrimaryID) {
		return p, false, ErrRenamesStaff
	}
	in = in.AsExternal(s)
	out := p.keep(in)
	out.Roles, out.ProxyFor = p.Roles, p.ProxyFor
	out.Vendor, out.VendorAccount = p.Vendor, p.VendorAccount
	out.PrimaryID = firstOf(in.PrimaryID, p.PrimaryID)
	sis := in.StickyFields
	out.SIS = &sis
	for _, f := range stickyFields {
		if _, manual := p.Manual[f.name]; manual {
			f.copy(&out.StickyFields, &p.StickyFields)
		}
	}
	out.mergeSegments(p, in)
	out.settlePreferred(s.SISPreferredWins)
	if Same(p, out) {
		return p, false, nil
	}
	out.Updated = s.By
	return out, true, nil
}

// AsExternal is in as a new external record of its profile: every segment is External and what the SIS may not leave
// empty has its default.
func (p Patron) AsExternal(s Sync) Patron {
	p.AccountType = External
	p.PasswordHash, p.ForcePasswordChange = "", ""
	if p.PreferredLanguage.Value == "" {
		p.PreferredLanguage = s.Language
	}
	p.eachSegment(func(_ string, seg *Segment) { *seg = ExternalSegment })
	sis := p.StickyFields
	p.SIS = &sis
	return p
}

// sameOwner refuses what no write may do to a record's ownership.
func (p Patron) sameOwner(in Patron) error {
	if p.AccountType == External && in.AccountType == Internal {
		return ErrBecomesInternal
	}
	if p.AccountType == External && in.AccountType == External && in.ExternalID != "" && p.ExternalID != in.ExternalID {
		return ErrExternalIDChanged
	}
	return nil
}

// keep is in with what belongs to the record rather than to the writer.
func (p Patron) keep(in Patron) Patron {
	out := in
	out.UID, out.Version, out.Created = p.UID, p.Version, p.Created
	out.LastActivityDate, out.LinkingID = p.LastActivityDate, p.LinkingID
	out.SIS = p.SIS
	out.Manual = map[string]Change{}
	for name, change := range p.Manual {
		out.Manual[name] = change
	}
	if len(in.Roles) == 0 {
		out.Roles = p.Roles
	}
	out.StatusDate = p.StatusDate
	if in.Status != p.Status {
		out.StatusDate = in.StatusDate
	}
	out.keepCreation(p)
	return out
}

func (p *Patron) keepSecrets(old Patron) {
	p.PasswordHash = firstOf(p.PasswordHash, old.PasswordHash)
	p.PINHash = firstOf(p.PINHash, old.PINHash)
}

// keepCreation gives notes and blocks that were there before their creator and time back, whatever the writer sent.
func (p *Patron) keepCreation(old Patron) {
	p.Notes = slices.Clone(p.Notes)
	for i, n := range p.Notes {
		if j := slices.IndexFunc(old.Notes, func(o Note) bool { return o.Type.Value == n.Type.Value && o.Text == n.Text }); j >= 0 {
			p.Notes[i].CreatedBy, p.Notes[i].Created = old.Notes[j].CreatedBy, old.Notes[j].Created
		}
	}
	p.Blocks = slices.Clone(p.Blocks)
	for i, b := range p.Blocks {
		if j := slices.IndexFunc(old.Blocks, func(o Block) bool {
			return o.Type.Value == b.Type.Value && o.Description.Value == b.Description.Value && o.Note == b.Note
		}); j >= 0 {
			p.Blocks[i].CreatedBy, p.Blocks[i].Created = old.Blocks[j].CreatedBy, old.Blocks[j].Created
		}
	}
}

// Stamp completes a record before it is written: who created the notes and blocks that say nothing of it, since when
// the status holds, and who wrote the record.
func (p *Patron) Stamp(by Change) {
	for i := range p.Notes {
		if p.Notes[i].Created.IsZero() {
			p.Notes[i].Created = by.At
			p.Notes[i].CreatedBy = firstOf(p.Notes[i].CreatedBy, by.By)
		}
	}
	for i := range p.Blocks {
		if p.Blocks[i].Created.IsZero() {
			p.Blocks[i].Created = by.At
			p.Blocks[i].CreatedBy = firstOf(p.Blocks[i].CreatedBy, by.By)
		}
	}
	if p.StatusDate == "" {
		p.StatusDate = DateOf(by.At)
	}
	if p.Created.At.IsZero() {
		p.Created = by
	}
	p.Updated = by
}
