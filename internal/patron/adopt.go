package patron

import "slices"

// Adopt is an internal record as an external one of the SIS profile, so that its files can find and change it. What the
// library entered stays as Internal segments. The sticky fields stay too, and are not marked as changed by hand: the
// first synchronisation replaces those of which the SIS says something, and marks the others as the library's. There is
// no password any more, because an external patron has none here.
//
// Until the first synchronisation SIS is nil. Refused are a record that is external already ([ErrAlreadyExternal]) and
// a vendor's contact ([ErrContactAdopted]). Who may adopt whom is the caller's to say.
func (p Patron) Adopt(profile string, by Change) (Patron, error) {
	switch {
	case p.AccountType == External:
		return p, ErrAlreadyExternal
	case p.RecordType == Contact:
		return p, ErrContactAdopted
	}
	out := p.keep(p)
	out.AccountType, out.ExternalID = External, profile
	out.PasswordHash, out.ForcePasswordChange = "", ""
	out.eachSegment(func(_ string, seg *Segment) { *seg = InternalSegment })
	out.SIS, out.Original, out.Manual = nil, nil, nil
	out.Synced.Hash = ""
	out.Updated = by
	return out, nil
}

// Inactivate is the record of somebody missing from a full file of their profile; false when there is nothing to do,
// because it is inactive or no SIS owns it. Should the person come back with the same record, that is applied again.
func (p Patron) Inactivate(by Change) (Patron, bool) {
	if p.AccountType != External || p.Status == Inactive {
		return p, false
	}
	p.Status, p.StatusDate = Inactive, DateOf(by.At)
	p.Synced.Hash = ""
	p.Updated = by
	return p, true
}

// MatchesSIS reports whether a record of an SIS that has the identifier is this patron's: by the primary id, or by an
// identifier the SIS gave, of that type; idType "" stands for any. One that staff entered does not count, lest a file
// take over a record by it. It does for an internal patron, who is reported and not taken over, and for one who was
// adopted and not synchronised since.
func (p Patron) MatchesSIS(idType, value string) bool {
	if p.AccountType != External || p.SIS == nil {
		return p.HasIdentifier(idType, value)
	}
	if (idType == "" || idType == PrimaryType) && Fold(p.PrimaryID) == Fold(value) {
		return true
	}
	return slices.ContainsFunc(p.Identifiers, func(id Identifier) bool {
		return id.Segment != InternalSegment && (idType == "" || id.Type.Value == idType) && Fold(id.Value) == Fold(value)
	})
}
