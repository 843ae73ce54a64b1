package patron

// Synced is what the synchronisations of an external patron say of its record.
type Synced struct {
	// Hash is that of the SIS's record applied last, while the same record again would change nothing. It is empty when
	// what the SIS owns may have changed since.
	Hash string
	// Job is the job that wrote the record last, Place where in its file the SIS's record stands, and Effect what it did.
	Job, Place, Effect string
}

// keepHash keeps the hash of p, which was before until staff changed it, only where the SIS's last record would change
// nothing whatever its profile says; otherwise the next file puts right what is its own.
func (p *Patron) keepHash(before Patron) {
	if p.Synced.Hash == "" {
		return
	}
	for name := range p.Manual {
		if _, was := before.Manual[name]; !was { // the profile may end its protection
			p.Synced.Hash = ""
		}
	}
	echo := before.echo()
	for _, wins := range []bool{false, true} {
		if _, effect, err := p.Synchronise(echo, Sync{SISPreferredWins: wins}); err != nil || !effect.None() {
			p.Synced.Hash = ""
		}
	}
	if before.prefers().withdrawnIn(p.prefers()) {
		p.Synced.Hash = ""
	}
}

// echo is what the SIS said last, as far as the record tells.
func (p Patron) echo() Patron {
	in := p
	for _, k := range kinds {
		k.sent(&in, &p)
	}
	in.StickyFields = *orNone(p.SIS)
	return in
}

// preferences say of which kinds the library prefers a part of its own: an address, an e-mail, a phone, and one for
// SMS. While it does, the SIS's mark may be missing from the record.
type preferences [4]bool

func (p Patron) prefers() (of preferences) {
	for _, a := range p.Addresses {
		of[0] = of[0] || a.Preferred && a.Segment == InternalSegment
	}
	for _, e := range p.Emails {
		of[1] = of[1] || e.Preferred && e.Segment == InternalSegment
	}
	for _, f := range p.Phones {
		of[2] = of[2] || f.Preferred && f.Segment == InternalSegment
		of[3] = of[3] || f.PreferredSMS && f.Segment == InternalSegment
	}
	return of
}

func (of preferences) withdrawnIn(after preferences) bool {
	for i := range of {
		if of[i] && !after[i] {
			return true
		}
	}
	return false
}

// mark notes that staff changed the field, and what the SIS had said then.
func (p *Patron) mark(f sticky, by Change) {
	if _, already := p.Manual[f.name]; !already {
		original := *orNone(p.Original)
		f.copy(&original, orNone(p.SIS))
		p.Original = &original
	}
	p.Manual[f.name] = by
}

// release ends the protection of the field.
func (p *Patron) release(f sticky) {
	delete(p.Manual, f.name)
	if p.Original == nil {
		return
	}
	original := *p.Original
	f.copy(&original, &StickyFields{})
	if p.Original = &original; len(p.Manual) == 0 {
		p.Original = nil
	}
}

// SyncedPatron is what must be known of an external patron to tell whether a record of the SIS is new: the digest of
// the one applied last, empty when that does not hold any more, and whether the patron is active.
type SyncedPatron struct {
	UID, Hash string
	Job       string // the first eight digits of the job that wrote the patron last
	Active    bool
}
