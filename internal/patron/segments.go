package patron

import (
	"reflect"
	"slices"
)

// eachSegment calls do with the kind and the segment of every repeated part that has one. The parts are cloned
// first, so that the caller's record keeps its own.
func (p *Patron) eachSegment(do func(kind string, seg *Segment)) {
	p.Addresses, p.Emails, p.Phones = slices.Clone(p.Addresses), slices.Clone(p.Emails), slices.Clone(p.Phones)
	p.Identifiers, p.Blocks = slices.Clone(p.Identifiers), slices.Clone(p.Blocks)
	p.Notes, p.Statistics = slices.Clone(p.Notes), slices.Clone(p.Statistics)
	for i := range p.Addresses {
		do("address", &p.Addresses[i].Segment)
	}
	for i := range p.Emails {
		do("email", &p.Emails[i].Segment)
	}
	for i := range p.Phones {
		do("phone", &p.Phones[i].Segment)
	}
	for i := range p.Identifiers {
		do("user_identifier", &p.Identifiers[i].Segment)
	}
	for i := range p.Blocks {
		do("user_block", &p.Blocks[i].Segment)
	}
	for i := range p.Notes {
		do("user_note", &p.Notes[i].Segment)
	}
	for i := range p.Statistics {
		do("user_statistic", &p.Statistics[i].Segment)
	}
}

// settlePreferred leaves at most one preferred address, e-mail and phone: the library's, or the SIS's when it wins.
func (p *Patron) settlePreferred(sisWins bool) {
	settle(p.Addresses, sisWins, func(a *Address) (Segment, *bool) { return a.Segment, &a.Preferred })
	settle(p.Emails, sisWins, func(e *Email) (Segment, *bool) { return e.Segment, &e.Preferred })
	settle(p.Phones, sisWins, func(f *Phone) (Segment, *bool) { return f.Segment, &f.Preferred })
	settle(p.Phones, sisWins, func(f *Phone) (Segment, *bool) { return f.Segment, &f.PreferredSMS })
}

func settle[T any](parts []T, sisWins bool, of func(*T) (Segment, *bool)) {
	winner := InternalSegment
	if sisWins {
		winner = ExternalSegment
	}
	won := slices.ContainsFunc(parts, func(part T) bool {
		seg, preferred := of(&part)
		return *preferred && seg == winner
	})
	for i := range parts {
		if seg, preferred := of(&parts[i]); won && seg != winner {
			*preferred = false
		}
	}
}

// ownedChange is the wire name of the first field of the SIS that in would change, or "". The case of the primary id is
// nobody's.
func (p Patron) ownedChange(in Patron) string {
	if Fold(in.PrimaryID) == Fold(p.PrimaryID) {
		in.PrimaryID = p.PrimaryID
	}
	for _, f := range coreFields {
		if !f.same(&p, &in) {
			return f.name
		}
	}
	if p.Researcher != in.Researcher {
		return "is_researcher"
	}
	return p.ownedSegmentChange(in)
}

// ownedSegmentChange is the wire name of the first kind of part whose External ones in would change, or "". Which
// one is preferred is the library's to say, and descriptions of codes are nobody's.
func (p Patron) ownedSegmentChange(in Patron) string {
	old, wanted := externalParts(p), externalParts(in)
	for _, kind := range []string{"address", "email", "phone", "user_identifier", "user_block", "user_note", "user_statistic"} {
		if !reflect.DeepEqual(old[kind], wanted[kind]) {
			return kind
		}
	}
	return ""
}

// part is a repeated part of a record: its segment, and what it says besides.
type part struct {
	segment Segment
	says    any
}

// externalParts are the External parts of a record by kind, as [allParts] tells them.
func externalParts(p Patron) map[string][]any {
	external := map[string][]any{}
	for kind, parts := range allParts(p) {
		for _, part := range parts {
			if part.segment == ExternalSegment {
				external[kind] = append(external[kind], part.says)
			}
		}
	}
	return external
}

// allParts are the parts of a record by kind, in the order of [Patron.eachSegment]. What they say is without preferred
// marks, creation and descriptions.
func allParts(p Patron) map[string][]part {
	parts := map[string][]part{}
	add := func(kind string, seg Segment, says any) {
		parts[kind] = append(parts[kind], part{seg, says})
	}
	for _, a := range p.Addresses {
		seg := a.Segment
		a.Segment, a.Preferred, a.Country, a.Types = "", false, bare(a.Country), bareAll(a.Types)
		a.Lines = trimLines(a.Lines)
		add("address", seg, a)
	}
	for _, e := range p.Emails {
		seg := e.Segment
		e.Segment, e.Preferred, e.Types = "", false, bareAll(e.Types)
		add("email", seg, e)
	}
	for _, f := range p.Phones {
		seg := f.Segment
		f.Segment, f.Preferred, f.PreferredSMS, f.Types = "", false, false, bareAll(f.Types)
		add("phone", seg, f)
	}
	for _, i := range p.Identifiers {
		seg := i.Segment
		i.Segment, i.Type = "", bare(i.Type)
		add("user_identifier", seg, i)
	}
	for _, b := range p.Blocks {
		b.Type, b.Description = bare(b.Type), bare(b.Description)
		add("user_block", b.Segment, [6]any{b.Type, b.Description, b.Status, b.Note, b.Owner, b.Expiry.UTC()})
	}
	for _, n := range p.Notes {
		add("user_note", n.Segment, [5]any{bare(n.Type), n.Text, n.Viewable, n.Popup, n.Owner})
	}
	for _, s := range p.Statistics {
		add("user_statistic", s.Segment, [3]any{bare(s.Category), s.Note, s.Owner})
	}
	return parts
}

func bare(c Code) Code { return Code{Value: c.Value} }

func bareAll(codes []Code) []Code {
	out := make([]Code, len(codes))
	for i, c := range codes {
		out[i] = bare(c)
	}
	return out
}

// trimLines drops the empty lines at the end.
func trimLines(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return slices.Clone(lines)
}
