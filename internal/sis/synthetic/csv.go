package synthetic

import (
	_ "embed"
	"strings"
)

// Mapping is the setting `csv` of an SIS profile that reads what [Config.WriteCSV] writes: which column is which
// field, what its codes are here, and how it is quoted.
//
//go:embed mapping.json
var Mapping string

const csvHead = "Login,Given name,Middle name,Family name,Form of address,Sex,Status,Language,Date of birth,Leaves,Delete after," +
	"Card,Registration no,University no,University e-mail,Private e-mail,Street,Town,County,Postcode,Country,Mobile,Remarks\r\n"

func (s *sheet) csvRecord(p *person) {
	s.primaryID(p.slot)
	s.add(",")
	s.quoted(p.first.plain)
	if p.middle != nil {
		s.quoted(p.middle.plain)
	} else {
		s.add(",")
	}
	s.quoted(p.last.plain)
	s.add(p.title.desc, ",", p.gender.value[:1], ",", p.group.plain, ",", p.from.language.plain, ",")
	for _, d := range [3]day{p.born, p.leaves, p.leaves.later(1)} {
		s.date(d)
		s.add(",")
	}
	s.barcode(p.card)
	s.add(",")
	s.institutionID(p.slot)
	s.add(",")
	s.universityID(p.slot)
	s.add(",")
	s.csvContact(p)
	s.quoted(p.remark.plain)
	s.buf = append(s.buf[:len(s.buf)-1], '\r', '\n')
}

func (s *sheet) csvContact(p *person) {
	if p.blank {
		s.add(",,")
	} else {
		s.universityMail(p)
		s.add(",")
		s.privateMail(p)
		s.add(",")
	}
	s.add(`"`)
	s.number(p.away.house, 1)
	s.add(" ", p.away.street.plain)
	if p.away.flat > 0 {
		s.add("\nFlat ")
		s.number(p.away.flat, 1)
	}
	s.add(`",`)
	if p.withoutCity {
		s.add(",")
	} else {
		s.quoted(p.away.town.name.plain)
	}
	s.quoted(p.away.town.region.plain)
	s.quoted(p.away.town.postalCode.plain)
	s.add(s.words.origins[0].country.plain, ",")
	s.telephone(p.from, p.phone)
	s.add(",")
}

// quoted writes a field, in quotes where it needs them, and the comma behind it.
func (s *sheet) quoted(field string) {
	if !strings.ContainsAny(field, "\",\r\n") {
		s.add(field, ",")
		return
	}
	s.add(`"`)
	for {
		before, after, more := strings.Cut(field, `"`)
		s.add(before)
		if !more {
			break
		}
		s.add(`""`)
		field = after
	}
	s.add(`",`)
}
