package patron

import (
	"encoding/json"
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

// merge is the Internal parts of old followed by the External ones of in. An Internal part that the SIS now sends
// itself, by same, gives way to it.
func merge[T any](old, in []T, segment func(T) Segment, same func(a, b T) bool) []T {
	var out []T
	for _, part := range old {
		if segment(part) == InternalSegment && !slices.ContainsFunc(in, func(i T) bool { return same(part, i) }) {
			out = append(out, part)
		}
	}
	return append(out, in...)
}

func (p *Patron) mergeSegments(old, in Patron) {
	p.Addresses = merge(old.Addresses, in.Addresses, func(a Address) Segment { return a.Segment }, never[Address])
	p.Emails = merge(old.Emails, in.Emails, func(e Email) Segment { return e.Segment }, never[Email])
	p.Phones = merge(old.Phones, in.Phones, func(f Phone) Segment { return f.Segment }, never[Phone])
	p.Identifiers = merge(old.Identifiers, in.Identifiers, func(i Identifier) Segment { return i.Segment },
		func(a, b Identifier) bool { return a.Type.Value == b.Type.Value && Fold(a.Value) == Fold(b.Value) })
	p.Blocks = merge(old.Blocks, p.Blocks, func(b Block) Segment { return b.Segment }, never[Block])
	p.Notes = merge(old.Notes, p.Notes, func(n Note) Segment { return n.Segment }, never[Note])
	p.Statistics = merge(old.Statistics, in.Statistics, func(s Statistic) Segment { return s.Segment }, never[Statistic])
}

func never[T any](_, _ T) bool { return false }

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

// normal is the stored form of a record without what changes at every write and without the descriptions of codes, to
// tell whether two are the same.
func normal(p Patron) any {
	p.Version, p.Updated = 0, Change{}
	text, err := json.Marshal(p)
	if err != nil { // a Patron has nothing that cannot be marshalled
		panic(err)
	}
	var form any
	if err := json.Unmarshal(text, &form); err != nil {
		panic(err)
	}
	forgetDescriptions(form)
	return form
}

// forgetDescriptions takes the descriptions of codes out of a stored form: a client that sends back what it read sends
// those the institution's tables gave it.
func forgetDescriptions(form any) {
	switch f := form.(type) {
	case map[string]any:
		delete(f, "desc")
		for _, part := range f {
			forgetDescriptions(part)
		}
	case []any:
		for _, part := range f {
			forgetDescriptions(part)
		}
	}
}

// ownedChange is the wire name of the first field of the SIS that in would change, or "".
func (p Patron) ownedChange(in Patron) string {
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"primary_id", Fold(p.PrimaryID) != Fold(in.PrimaryID)},
		{"record_type", p.RecordType != in.RecordType},
		{"first_name", p.FirstName != in.FirstName},
		{"middle_name", p.MiddleName != in.MiddleName},
		{"last_name", p.LastName != in.LastName},
		{"pref_name_suffix", p.PrefNameSuffix != in.PrefNameSuffix},
		{"job_description", p.JobDescription != in.JobDescription},
		{"gender", !sameCode(p.Gender, in.Gender)},
		{"web_site_url", p.WebSiteURL != in.WebSiteURL},
		{"birth_date", p.BirthDate != in.BirthDate},
		{"expiry_date", p.ExpiryDate != in.ExpiryDate},
		{"purge_date", p.PurgeDate != in.PurgeDate},
		{"status", p.Status != in.Status},
		{"is_researcher", p.Researcher != in.Researcher},
	} {
		if f.changed {
			return f.name
		}
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

// externalParts are the External parts of a record by kind, without preferred marks, creation and descriptions.
func externalParts(p Patron) map[string][]any {
	parts := map[string][]any{}
	add := func(kind string, seg Segment, part any) {
		if seg == ExternalSegment {
			parts[kind] = append(parts[kind], part)
		}
	}
	for _, a := range p.Addresses {
		a.Preferred, a.Country, a.Types = false, bare(a.Country), bareAll(a.Types)
		a.Lines = trimLines(a.Lines)
		add("address", a.Segment, a)
	}
	for _, e := range p.Emails {
		e.Preferred, e.Types = false, bareAll(e.Types)
		add("email", e.Segment, e)
	}
	for _, f := range p.Phones {
		f.Preferred, f.PreferredSMS, f.Types = false, false, bareAll(f.Types)
		add("phone", f.Segment, f)
	}
	for _, i := range p.Identifiers {
		i.Type = bare(i.Type)
		add("user_identifier", i.Segment, i)
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

// Same reports whether two records say the same, whoever wrote them last.
func Same(a, b Patron) bool { return reflect.DeepEqual(normal(a), normal(b)) }
