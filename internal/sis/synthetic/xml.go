package synthetic

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Export of the student records system: all persons with a valid card -->
<users xmlns:xs="http://www.w3.org/2001/XMLSchema">
`

// section writes a part of a record.
type section func(*sheet, *person)

// order is one of the orders in which a record's parts may stand.
func order(n int) [6]section {
	names, core, contact := (*sheet).names, (*sheet).core, (*sheet).contact
	identifiers, statistics, notes := (*sheet).identifiers, (*sheet).statistics, (*sheet).notes
	switch n {
	case 0:
		return [6]section{names, core, contact, identifiers, statistics, notes}
	case 1:
		return [6]section{core, names, identifiers, contact, notes, statistics}
	case 2:
		return [6]section{contact, names, core, statistics, identifiers, notes}
	case 3:
		return [6]section{identifiers, notes, names, statistics, core, contact}
	}
	return [6]section{names, identifiers, statistics, notes, contact, core}
}

func (s *sheet) xmlRecord(p *person) {
	if p.slot%64 == 63 {
		s.add(" <!-- batch ")
		s.number(p.slot/64, 1)
		s.add(": <user> records of the persons' file, as of last night -->\n")
	}
	s.add(" <user>\n")
	for _, write := range order(max(p.dice.below(12)-7, 0)) {
		write(s, p)
	}
	s.add(" </user>\n")
}

// in writes a text in the form the record uses.
func (s *sheet) in(p *person, t *text) {
	if p.numericReferences {
		s.add(t.refs)
		return
	}
	s.add(t.xml)
}

func (s *sheet) coded(indent, name string, c coded) {
	s.add(indent, "<", name, ` desc="`, c.desc, `">`, c.value, "</", name, ">\n")
}

func (s *sheet) names(p *person) {
	s.add(`  <record_type desc="Public">PUBLIC</record_type>`, "\n  <primary_id>")
	s.primaryID(p.slot)
	s.add("</primary_id>\n  <first_name>")
	s.in(p, p.first)
	if p.middle == nil {
		s.add("</first_name>\n  <middle_name/>\n  <last_name>")
	} else {
		s.add("</first_name>\n  <middle_name>")
		s.in(p, p.middle)
		s.add("</middle_name>\n  <last_name>")
	}
	if p.lastNameAsCDATA {
		s.add("<![CDATA[", p.last.plain, "]]>")
	} else {
		s.in(p, p.last)
	}
	s.add("</last_name>\n  <pref_first_name></pref_first_name>\n")
}

func (s *sheet) core(p *person) {
	s.coded("  ", "user_title", p.title)
	s.add("  <job_category/>\n  <job_description></job_description>\n")
	s.coded("  ", "gender", p.gender)
	s.coded("  ", "user_group", p.group)
	if p.campus {
		s.add(`  <campus_code desc="University > City Campus">CITY</campus_code>`, "\n")
	} else {
		s.add("  <campus_code desc=''/>\n")
	}
	s.coded("  ", "preferred_language", p.from.language)
	s.dated("birth_date", p.born, p.zoned)
	s.dated("expiry_date", p.leaves, p.zoned)
	s.dated("purge_date", p.leaves.later(1), p.zoned)
	s.add(`  <account_type desc="External">EXTERNAL</account_type>`, "\n", `  <status desc="Active">ACTIVE</status>`, "\n")
}

func (s *sheet) dated(name string, d day, zoned bool) {
	s.add("  <", name, ">")
	s.date(d)
	if zoned {
		s.add("Z")
	}
	s.add("</", name, ">\n")
}

func (s *sheet) contact(p *person) {
	s.add("  <contact_info>\n   <addresses>\n")
	s.address(p, &p.away, `    <address preferred="true">`, s.words.origins[0].country, "school")
	s.address(p, &p.home, `    <address>`, p.from.country, "home")
	s.add("   </addresses>\n")
	s.emails(p)
	s.add("   <phones>\n", `    <phone preferred="true" preferred_sms="true">`, "\n     <phone_number>")
	s.telephone(p.from, p.phone)
	s.add("</phone_number>\n", `     <phone_types><phone_type desc="Mobile">mobile</phone_type></phone_types>`,
		"\n    </phone>\n", `    <phone>`, "\n     <phone_number>")
	s.telephone(&s.words.origins[0], p.second)
	s.add("</phone_number>\n", `     <phone_types><phone_type desc="Home">home</phone_type></phone_types>`,
		"\n    </phone>\n   </phones>\n  </contact_info>\n")
}

func (s *sheet) address(p *person, a *place, open string, country coded, kind string) {
	s.add(open, "\n     <line1>")
	if p.from.leads || kind == "school" {
		s.number(a.house, 1)
		s.add(" ")
		s.in(p, a.street)
	} else {
		s.in(p, a.street)
		s.add(" ")
		s.number(a.house, 1)
	}
	if a.flat == 0 || kind == "home" {
		s.add("</line1>\n     <line2/>\n     <city>")
	} else {
		s.add("</line1>\n     <line2>Flat ")
		s.number(a.flat, 1)
		s.add("</line2>\n     <city>")
	}
	if !p.withoutCity {
		s.in(p, &a.town.name)
	}
	s.add("</city>\n     <state_province>")
	s.in(p, &a.town.region)
	s.add("</state_province>\n     <postal_code>", a.town.postalCode.xml, "</postal_code>\n")
	s.coded("     ", "country", country)
	s.add("     <address_types><address_type>", kind, "</address_type></address_types>\n    </address>\n")
}

// emails writes two e-mail addresses, or none in one of the ways systems do that.
func (s *sheet) emails(p *person) {
	if p.blank {
		switch p.slot % 3 {
		case 0:
			s.add("   <emails/>\n")
		case 1:
			s.add("   <emails>\n   </emails>\n")
		default:
			s.add("   <emails>\n", `    <email preferred="true">`, "\n     <email_address></email_address>\n",
				"     <email_types><email_type>school</email_type></email_types>\n    </email>\n   </emails>\n")
		}
		return
	}
	s.add("   <emails>\n", `    <email preferred="true">`, "\n     <email_address>")
	s.universityMail(p)
	s.add("</email_address>\n", `     <email_types><email_type desc="School">school</email_type></email_types>`,
		"\n    </email>\n", `    <email>`, "\n     <email_address>")
	s.privateMail(p)
	s.add("</email_address>\n", `     <email_types><email_type desc="Personal">personal</email_type></email_types>`,
		"\n    </email>\n   </emails>\n")
}

func (s *sheet) identifiers(p *person) {
	s.add("  <user_identifiers>\n")
	s.identifier("BARCODE", "Barcode", (*sheet).barcode, p.card)
	s.identifier("INST_ID", "Institution ID", (*sheet).institutionID, p.slot)
	s.identifier("UNIV_ID", "University ID", (*sheet).universityID, p.slot)
	s.add("  </user_identifiers>\n")
}

func (s *sheet) identifier(kind, desc string, value func(*sheet, int), slot int) {
	s.add("   <user_identifier><id_type desc=\"", desc, `">`, kind, "</id_type><value>")
	value(s, slot)
	s.add("</value><status>ACTIVE</status></user_identifier>\n")
}

func (s *sheet) statistics(p *person) {
	s.add("  <user_statistics>\n   <user_statistic>\n", `    <statistic_category xs:desc="`, p.subject.desc, `">`, p.subject.value,
		"</statistic_category>\n    <statistic_note>Year ")
	s.number(1+p.slot%4, 1)
	s.add("</statistic_note>\n   </user_statistic>\n")
	if p.commutes {
		s.add("   <user_statistic>\n    <statistic_category>COMMUTER</statistic_category>\n   </user_statistic>\n")
	}
	s.add("  </user_statistics>\n")
}

func (s *sheet) notes(p *person) {
	s.add("  <user_notes>\n   <user_note>\n", `    <note_type desc="Registrar">REGISTAR</note_type>`, "\n    <note_text>")
	switch {
	case p.odd:
		s.add("<![CDATA[The form's field </user> was left open; ", p.remark.plain, "]]>")
	case p.commutes:
		s.add("<![CDATA[", p.remark.plain, "]]>")
	default:
		s.in(p, p.remark)
	}
	s.add("</note_text>\n   </user_note>\n  </user_notes>\n")
	if p.odd {
		s.add("  <!-- <last_name> as in the passport -->\n  <pref_full_name/>\n")
	}
}
