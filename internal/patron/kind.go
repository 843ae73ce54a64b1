package patron

import "slices"

// kind is one kind of repeated part that has a segment: addresses, e-mails and so on. A part that is not Internal is
// the SIS's in an external record.
type kind struct {
	field
	group string
	none  func(p *Patron) bool
	// sent leaves in to the parts of from that are the SIS's, and no other.
	sent func(to, from *Patron)
	// merge puts the library's parts of old among those of out, which are the SIS's. The order of old stays, so that the
	// same parts again change nothing.
	merge func(out, old *Patron)
	// lost reports whether the SIS had parts of the kind in a and has none in b.
	lost func(a, b *Patron) bool
}

// kinds are the kinds of parts, in the order of the user object.
var kinds = []kind{
	kindOf(AddressesGroup, "address", func(p *Patron) *[]Address { return &p.Addresses }, func(a Address) Segment { return a.Segment }, sameAddress, showAddress, never),
	kindOf(EmailsGroup, "email", func(p *Patron) *[]Email { return &p.Emails }, func(e Email) Segment { return e.Segment }, sameEmail, showEmail, never),
	kindOf(PhonesGroup, "phone", func(p *Patron) *[]Phone { return &p.Phones }, func(f Phone) Segment { return f.Segment }, samePhone, showPhone, never),
	kindOf(IdentifiersGroup, "user_identifier", func(p *Patron) *[]Identifier { return &p.Identifiers }, func(i Identifier) Segment { return i.Segment },
		sameIdentifier, showIdentifier, func(a, b Identifier) bool { return sameCode(a.Type, b.Type) && Fold(a.Value) == Fold(b.Value) }),
	kindOf(NotesGroup, "user_note", func(p *Patron) *[]Note { return &p.Notes }, func(n Note) Segment { return n.Segment }, sameNote, showNote, never),
	kindOf(BlocksGroup, "user_block", func(p *Patron) *[]Block { return &p.Blocks }, func(b Block) Segment { return b.Segment }, sameBlock, showBlock, never),
	kindOf(StatisticsGroup, "user_statistic", func(p *Patron) *[]Statistic { return &p.Statistics }, func(s Statistic) Segment { return s.Segment },
		sameStatistic, showStatistic, never),
}

// kindOf makes a kind of the list at. An Internal part that gives way to one the SIS sends itself is not kept.
func kindOf[T any](group, name string, at func(*Patron) *[]T, segment func(T) Segment, same func(a, b T) bool, show func(T) string,
	givesWay func(old, in T) bool) kind {
	external := func(p *Patron) []T {
		return slices.DeleteFunc(slices.Clone(*at(p)), func(part T) bool { return segment(part) == InternalSegment })
	}
	return kind{
		field: listOf(name, at, same, show),
		group: group,
		none:  func(p *Patron) bool { return len(*at(p)) == 0 },
		sent:  func(to, from *Patron) { *at(to) = external(from) },
		merge: func(out, old *Patron) { *at(out) = merge(*at(old), *at(out), segment, givesWay) },
		lost:  func(a, b *Patron) bool { return len(external(a)) > 0 && len(external(b)) == 0 },
	}
}

// merge is old with the parts of in, one by one, where those were that are not Internal.
func merge[T any](old, in []T, segment func(T) Segment, givesWay func(old, in T) bool) []T {
	var out []T
	left := in
	for _, part := range old {
		switch {
		case segment(part) == InternalSegment:
			if !slices.ContainsFunc(in, func(i T) bool { return givesWay(part, i) }) {
				out = append(out, part)
			}
		case len(left) > 0:
			out, left = append(out, left[0]), left[1:]
		}
	}
	return append(out, left...)
}

func never[T any](_, _ T) bool { return false }

func sameAddress(a, b Address) bool {
	return a.Preferred == b.Preferred && a.Segment == b.Segment && slices.Equal(a.Lines, b.Lines) && a.City == b.City &&
		a.StateProvince == b.StateProvince && a.PostalCode == b.PostalCode && sameCode(a.Country, b.Country) && a.Note == b.Note &&
		a.StartDate == b.StartDate && a.EndDate == b.EndDate && slices.EqualFunc(a.Types, b.Types, sameCode)
}

func sameEmail(a, b Email) bool {
	return a.Preferred == b.Preferred && a.Segment == b.Segment && a.Address == b.Address && a.Description == b.Description &&
		slices.EqualFunc(a.Types, b.Types, sameCode)
}

func samePhone(a, b Phone) bool {
	return a.Preferred == b.Preferred && a.PreferredSMS == b.PreferredSMS && a.Segment == b.Segment && a.Number == b.Number &&
		slices.EqualFunc(a.Types, b.Types, sameCode)
}

func sameIdentifier(a, b Identifier) bool {
	return sameCode(a.Type, b.Type) && a.Value == b.Value && a.Note == b.Note && a.Status == b.Status && a.Segment == b.Segment
}

func sameNote(a, b Note) bool {
	return sameCode(a.Type, b.Type) && a.Text == b.Text && a.Viewable == b.Viewable && a.Popup == b.Popup && a.Owner == b.Owner &&
		a.CreatedBy == b.CreatedBy && a.Created.Equal(b.Created) && a.Segment == b.Segment
}

func sameBlock(a, b Block) bool {
	return sameCode(a.Type, b.Type) && sameCode(a.Description, b.Description) && a.Status == b.Status && a.Note == b.Note &&
		a.Owner == b.Owner && a.CreatedBy == b.CreatedBy && a.Created.Equal(b.Created) && a.Expiry.Equal(b.Expiry) &&
		a.ItemLoanID == b.ItemLoanID && a.Segment == b.Segment
}

func sameStatistic(a, b Statistic) bool {
	return sameCode(a.Category, b.Category) && sameCode(a.Type, b.Type) && a.Note == b.Note && a.Owner == b.Owner && a.Segment == b.Segment
}
