package patron

import (
	"slices"
	"time"
)

// Replace is the record after a PUT by an API client: everything is taken from in, except what a client cannot know or
// may leave out (rest_user.xsd and the PUT page of the users API): the password and PIN are kept when not given, roles
// are kept when none are given, and the sticky fields of an external patron are kept when in leaves them empty or
// staff changed them by hand, unless override names them. A part without a segment is the account type's own.
//
// An external record never becomes internal ([ErrBecomesInternal]), nor another profile's ([ErrExternalIDChanged]); an
// internal one becomes external as by [Patron.Adopt], save that the parts are what in says.
func (p Patron) Replace(in Patron, override []string) (Patron, error) {
	if err := p.sameOwner(in); err != nil {
		return p, err
	}
	if p.AccountType == Internal && in.AccountType == External && p.RecordType == Contact {
		return p, ErrContactAdopted
	}
	in.DefaultSegments()
	out := p.keep(in)
	out.Synced.Hash = ""
	if out.AccountType == Internal {
		out.keepSecrets(p)
		return out, nil
	}
	if p.AccountType == Internal {
		out.SIS, out.Original, out.Manual = nil, nil, nil
	}
	for _, f := range stickyFields {
		_, manual := p.Manual[f.name]
		switch {
		case f.name == "pin_number" && in.PINHash == "": // nobody reads a PIN, so that nobody can send it back
			f.copy(&out.StickyFields, &p.StickyFields)
		case slices.Contains(override, f.name):
			out.release(f)
		case p.AccountType == External && (manual || f.empty(&in.StickyFields)):
			f.copy(&out.StickyFields, &p.StickyFields)
		}
	}
	return out, nil
}

// EditAtDesk is the record after staff changed it by hand. An internal record is theirs. In an external one they may
// change the Internal segments, the roles and the sticky fields, and say which address, e-mail and phone is preferred;
// a change of anything else is an [*OwnedError]. A part without a segment keeps the one it had, and a new one is the
// library's. Who created new notes and blocks, and when, is not theirs to say: it is left for [Patron.Stamp].
func (p Patron) EditAtDesk(in Patron, by Change) (Patron, error) {
	if err := p.sameOwner(in); err != nil {
		return p, err
	}
	in.ForgetCreation()
	if p.AccountType == Internal {
		return p.Replace(in, nil)
	}
	in.segmentsAtDesk(p)
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
			out.release(f)
		default:
			out.mark(f, by)
		}
	}
	out.keepHash(p)
	return out, nil
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
	out.SIS, out.Original, out.Synced = p.SIS, p.Original, p.Synced
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

// keepCreation gives notes and blocks that were there before their creator and time back, whatever the writer sent. Of
// several that say the same, as many as there were are old.
func (p *Patron) keepCreation(old Patron) {
	p.Notes = slices.Clone(p.Notes)
	notes := slices.Clone(old.Notes)
	for i, n := range p.Notes {
		if j := slices.IndexFunc(notes, func(o Note) bool { return o.Type.Value == n.Type.Value && o.Text == n.Text }); j >= 0 {
			p.Notes[i].CreatedBy, p.Notes[i].Created = notes[j].CreatedBy, notes[j].Created
			notes = slices.Delete(notes, j, j+1)
		}
	}
	p.Blocks = slices.Clone(p.Blocks)
	blocks := slices.Clone(old.Blocks)
	for i, b := range p.Blocks {
		if j := slices.IndexFunc(blocks, func(o Block) bool {
			return o.Type.Value == b.Type.Value && o.Description.Value == b.Description.Value && o.Note == b.Note
		}); j >= 0 {
			p.Blocks[i].CreatedBy, p.Blocks[i].Created = blocks[j].CreatedBy, blocks[j].Created
			blocks = slices.Delete(blocks, j, j+1)
		}
	}
}

// ForgetCreation takes from notes and blocks who created them and when, so that [Patron.Stamp] says it.
func (p *Patron) ForgetCreation() {
	p.Notes, p.Blocks = slices.Clone(p.Notes), slices.Clone(p.Blocks)
	for i := range p.Notes {
		p.Notes[i].CreatedBy, p.Notes[i].Created = "", time.Time{}
	}
	for i := range p.Blocks {
		p.Blocks[i].CreatedBy, p.Blocks[i].Created = "", time.Time{}
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
