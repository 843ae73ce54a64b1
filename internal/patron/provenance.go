package patron

import (
	"slices"
	"time"
)

// Provenance is where the value of a sticky field of an external patron comes from.
type Provenance struct {
	Field string // wire name
	// Library is the value in force and SIS what the SIS said last: none, one code, or those of a list. A text is a code
	// without description, a notice one like "CODE=true", and of a PIN there is only the description "set".
	Library, SIS []Code
	// Manual says that staff changed the field, so that a synchronisation does not; By and At are who and when.
	Manual bool
	By     string
	At     time.Time
}

// Provenance is that of every sticky field, in the order of [StickyNames]; none for a patron no SIS owns.
func (p Patron) Provenance() []Provenance {
	if p.AccountType != External {
		return nil
	}
	all := make([]Provenance, len(stickyFields))
	for i, f := range stickyFields {
		change, manual := p.Manual[f.name]
		all[i] = Provenance{f.name, f.codes(&p.StickyFields), f.codes(orNone(p.SIS)), manual, change.By, change.At}
	}
	return all
}

// UseSISValue is the record with the SIS's value of a sticky field in force, field "" standing for all of them; from
// then on synchronisations change it again. Refused are a patron no SIS owns ([ErrNotExternal]), one of whom the SIS
// has said nothing yet ([ErrNoSISValue]) and a field that is not sticky ([*IllegalError]).
func (p Patron) UseSISValue(field string, by Change) (Patron, error) {
	switch {
	case p.AccountType != External:
		return p, ErrNotExternal
	case p.SIS == nil:
		return p, ErrNoSISValue
	case field != "" && !slices.Contains(StickyNames(), field):
		return p, &IllegalError{"field", shorten(field)}
	}
	out := p.keep(p)
	for _, f := range stickyFields {
		if field == "" || field == f.name {
			f.copy(&out.StickyFields, p.SIS)
			out.release(f)
		}
	}
	if Same(p, out) {
		return p, nil
	}
	out.keepHash(p)
	out.Updated = by
	return out, nil
}
