package alma

import "patrondesk/internal/patron"

func (r *reader) address(a Address) patron.Address {
	return patron.Address{
		Preferred:     a.Preferred,
		Segment:       readSegment(a.SegmentType),
		Lines:         a.lines(),
		City:          a.City,
		StateProvince: a.StateProvince,
		PostalCode:    a.PostalCode,
		Country:       patron.Code(a.Country),
		Note:          a.Note,
		StartDate:     r.date("address start_date", a.StartDate),
		EndDate:       r.date("address end_date", a.EndDate),
		Types:         each(a.Types, readCode),
	}
}

// lines are line1 to line5 up to the last that is not empty.
func (a Address) lines() []string {
	lines := []string{a.Line1, string(a.Line2), string(a.Line3), string(a.Line4), string(a.Line5)}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return nil
	}
	return lines
}

func (r *reader) email(e Email) patron.Email {
	return patron.Email{
		Preferred:   e.Preferred,
		Segment:     readSegment(e.SegmentType),
		Address:     e.Address,
		Description: string(e.Description),
		Types:       each(e.Types, readCode),
	}
}

func (r *reader) phone(f Phone) patron.Phone {
	return patron.Phone{
		Preferred:    f.Preferred,
		PreferredSMS: f.PreferredSMS,
		Segment:      readSegment(f.SegmentType),
		Number:       f.Number,
		Types:        each(f.Types, readCode),
	}
}

func readCode(c Code) patron.Code { return patron.Code(c) }

// contactInfo shows every way to reach a person, in the record's order.
func (w writer) contactInfo(p patron.Patron) *ContactInfo {
	return &ContactInfo{
		Addresses: show(p.Addresses, w.address),
		Emails:    show(p.Emails, w.email),
		Phones:    show(p.Phones, w.phone),
	}
}

func (w writer) address(a patron.Address) Address {
	line := func(i int) string {
		if i < len(a.Lines) {
			return a.Lines[i]
		}
		return ""
	}
	return Address{
		Preferred:     a.Preferred,
		SegmentType:   w.segmentOf(a.Segment),
		Line1:         line(0),
		Line2:         NullText(line(1)),
		Line3:         NullText(line(2)),
		Line4:         NullText(line(3)),
		Line5:         NullText(line(4)),
		City:          a.City,
		StateProvince: a.StateProvince,
		PostalCode:    a.PostalCode,
		Country:       NullCode(w.code("CountryCodes", a.Country)),
		Note:          a.Note,
		StartDate:     date(a.StartDate),
		EndDate:       date(a.EndDate),
		Types:         w.codes("AddressTypes", a.Types),
	}
}

func (w writer) email(e patron.Email) Email {
	return Email{
		Preferred:   e.Preferred,
		SegmentType: w.segmentOf(e.Segment),
		Address:     e.Address,
		Description: NullText(e.Description),
		Types:       w.codes("EmailTypes", e.Types),
	}
}

func (w writer) phone(f patron.Phone) Phone {
	return Phone{
		Preferred:    f.Preferred,
		PreferredSMS: f.PreferredSMS,
		SegmentType:  w.segmentOf(f.Segment),
		Number:       f.Number,
		Types:        w.codes("PhoneTypes", f.Types),
	}
}
