package directory

import (
	"slices"
	"strings"

	"patrondesk/internal/patron"
)

// Format is the first byte of every [Document]. A directory refuses texts of a format it does not know.
const Format = '1'

// The separators of a document. They sort before every other byte it holds, a space included.
const (
	fieldEnd = '\x1f'
	valueEnd = '\x1e'
)

// The fields of a document, in their order. The first three are the sort keys and hold one value each, so that
// documents compare as bytes in the default order. Fields most records lack come last, and a new field comes behind
// them all: a stored document that ends before a field holds nothing in it.
const (
	lastName = iota
	firstName
	primaryID
	otherLastNames // preferred ones, and spellings with ä written out as ae
	otherFirstNames
	userGroup
	campusCode
	externalID
	idTypes
	birthDate
	phones
	emails
	identifiers
	finesFeesSum
	middleNames
	jobCategory
	statisticCategories
	blockTypes
	noteTypes
	noteTexts
	vendors // of a contact, and accounts with them
	fieldCount
)

// maxNoteWords is how many bytes of its notes' distinct words a document holds.
const maxNoteWords = 4096

// Document is the search text of a patron: everything the fields of [ParseQuery] look at, folded, and the sort keys.
// It is stored beside the record and holds some 150 to 250 bytes for a usual patron. Records without a change to
// these fields have equal documents.
//
// Official and preferred names are both in it. Names, descriptions and notes are in it twice when they hold ä, ö, ü, ø
// or å: folded to the plain letter and written out, so that Muller and Mueller both find Müller. Codes stand beside the
// description the record holds of them. Of notes, the first 4,096 bytes of distinct words are kept. There are no fees
// yet, so the sum of fines and fees is 0.00 for everybody.
func Document(p patron.Patron) string {
	var d document
	d.name(lastName, otherLastNames, p.LastName, p.PrefLastName)
	d.name(firstName, otherFirstNames, p.FirstName, p.PrefFirstName)
	d.name(middleNames, middleNames, p.MiddleName, p.PrefMiddleName)
	d.add(primaryID, whole(p.PrimaryID))
	for _, e := range p.Emails {
		d.add(emails, whole(e.Address))
	}
	for _, ph := range p.Phones {
		d.add(phones, words(ph.Number))
		d.add(phones, digits(ph.Number))
	}
	for _, id := range p.Identifiers {
		d.add(identifiers, whole(id.Value))
		d.code(idTypes, id.Type)
	}
	d.add(birthDate, digits(string(p.BirthDate)))
	d.add(finesFeesSum, words("0.00"))
	d.add(externalID, words(p.ExternalID))
	d.code(userGroup, p.UserGroup)
	d.code(campusCode, p.CampusCode)
	d.code(jobCategory, p.JobCategory)
	d.code(vendors, p.Vendor)
	d.code(vendors, p.VendorAccount)
	d.remarks(p)
	return d.String()
}

// document is a search text being made: the values of each field.
type document [fieldCount][]string

// add adds a value to a field unless it is empty or there already.
func (d *document) add(field int, value string) {
	if value != "" && !slices.Contains(d[field], value) {
		d[field] = append(d[field], value)
	}
}

// name adds the official form of a name to its field, and what else it is found by to the other field.
func (d *document) name(field, other int, official, preferred string) {
	plain, out := spellings(official)
	d.add(field, plain)
	d.add(other, out)
	prefPlain, prefOut := spellings(preferred)
	if prefPlain != plain {
		d.add(other, prefPlain)
	}
	if prefOut != out {
		d.add(other, prefOut)
	}
}

// code adds a coded value and the words of its description.
func (d *document) code(field int, c patron.Code) {
	plain, out := spellings(c.Desc)
	d.add(field, words(c.Value))
	d.add(field, plain)
	d.add(field, out)
}

// remarks adds what blocks, notes and statistics say.
func (d *document) remarks(p patron.Patron) {
	for _, s := range p.Statistics {
		d.code(statisticCategories, s.Category)
	}
	for _, b := range p.Blocks {
		d.code(blockTypes, b.Type)
	}
	room, seen := maxNoteWords, map[string]bool{}
	for _, n := range p.Notes {
		d.code(noteTypes, n.Type)
		plain, out := spellings(n.Text)
		for word := range strings.FieldsSeq(plain + " " + out) {
			if seen[word] || len(word) >= room {
				continue
			}
			seen[word] = true
			room -= len(word) + 1
			d[noteTexts] = append(d[noteTexts], word)
		}
	}
}

// String writes the fields one after the other; empty ones at the end are left out.
func (d *document) String() string {
	var b strings.Builder
	b.WriteByte(Format)
	gaps := 0
	for field, values := range d {
		if len(values) > 0 {
			b.WriteString(strings.Repeat(string(fieldEnd), gaps))
			b.WriteString(strings.Join(values, string(valueEnd)))
			gaps = 0
		}
		if field < primaryID { // the sort keys always have their separators
			b.WriteByte(fieldEnd)
		} else {
			gaps++
		}
	}
	return b.String()
}
