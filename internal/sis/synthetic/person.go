package synthetic

// person is one person of a file.
type person struct {
	state
	slot              int
	dice              dice // for how the record is written
	from              *source
	first, middle     *text // middle may be nil
	last              *text
	title, gender     coded
	group, subject    coded
	remark            *text
	born, leaves      day
	home, away        place
	phone, second     int // last three digits
	campus, commutes  bool
	numericReferences bool
	lastNameAsCDATA   bool
	zoned             bool // dates end in Z
	withoutCity, odd  bool // odd has a note and a comment that look like markup
}

type day struct{ year, month, day int }

type place struct {
	town        *town
	street      *text
	house, flat int
}

// person draws a person. What the state says decides nothing but itself, so that the rest is the same every night.
func (w *words) person(seed uint64, slot int, s state) person {
	d := dice(mix(seed, slot, 0))
	from := &w.origins[w.byWeight[d.below(100)]]
	p := person{
		state: s, slot: slot, from: from,
		first: pick(&d, from.first), last: pick(&d, from.last),
		group: w.groups[d.below(100)], subject: *pick(&d, w.subjects), remark: pick(&d, w.remarks),
		born:   day{1968 + d.below(40), 1 + d.below(12), 1 + d.below(28)},
		leaves: day{2027 + d.below(5), 1 + d.below(12), 1 + d.below(28)},
		phone:  d.below(1000), second: d.below(1000),
	}
	if d.below(3) == 0 {
		p.middle = pick(&d, from.first)
	}
	p.title, p.gender = form(d.below(8))
	p.home, p.away = newPlace(&d, from), newPlace(&d, &w.origins[0])
	p.away.house = (p.away.house+7*s.moves)%180 + 1
	flags := d.next()
	p.campus, p.commutes, p.numericReferences = flags&1 != 0, flags&2 != 0, flags&0x3C == 0
	p.lastNameAsCDATA, p.zoned, p.withoutCity, p.odd = flags&0x1C0 == 0, flags&0x600 != 0, flags&0xF800 == 0, flags&0xFF0000 == 0
	p.dice = d
	return p
}

func pick[T any](d *dice, list []T) *T { return &list[d.below(len(list))] }

func newPlace(d *dice, from *source) place {
	return place{pick(d, from.towns), pick(d, from.streets), d.below(180), d.below(40)}
}

// form is a form of address and a gender.
func form(n int) (title, gender coded) {
	switch n {
	case 0, 1, 2:
		return coded{"Mr", "Mr.", "Mr."}, coded{"MALE", "Male", "Male"}
	case 3, 4, 5:
		return coded{"Ms", "Ms.", "Ms."}, coded{"FEMALE", "Female", "Female"}
	case 6:
		return coded{"Mx", "Mx.", "Mx."}, coded{"OTHER", "Other", "Other"}
	}
	return coded{"Dr", "Dr.", "Dr."}, coded{"NONE", "None", "None"}
}

// primaryID is two letters and eight digits, as signed in with.
func (s *sheet) primaryID(slot int) {
	const letters = "bcdfghjkmnpqrtvwxz"
	s.buf = append(s.buf, letters[slot%len(letters)], letters[slot/7%len(letters)])
	s.number(10_000_000+slot, 8)
}

// barcode is a library card's: 14 digits, the last a check digit by Luhn's rule.
func (s *sheet) barcode(slot int) {
	from := len(s.buf)
	s.add("29417")
	s.number(10_000_000+slot, 8)
	sum := 0
	for i, c := range s.buf[from:] {
		n := int(c - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	s.number((10-sum%10)%10, 1)
}

// institutionID is the registrar's number of a person, universityID that of all the registrar's systems.
func (s *sheet) institutionID(slot int) {
	s.add("S")
	s.number(10_000_000+slot, 8)
}

func (s *sheet) universityID(slot int) {
	s.add("9")
	s.number(10_000_000+slot, 8)
}

func (s *sheet) date(d day) {
	s.number(d.year, 4)
	s.add("-")
	s.number(d.month, 2)
	s.add("-")
	s.number(d.day, 2)
}

// later is the same day so many years after.
func (d day) later(years int) day {
	d.year += years
	return d
}

// universityMail never changes; privateMail is another after each change.
func (s *sheet) universityMail(p *person) {
	s.add(p.first.mail, ".", p.last.mail, ".")
	s.number(p.slot, 4)
	s.add("@students.demo.example")
}

func (s *sheet) privateMail(p *person) {
	s.add(p.first.mail)
	s.number(p.born.year%100, 2)
	if p.mails > 0 {
		s.add(".")
		s.number(p.mails, 1)
	}
	s.add("@post.example")
}

// telephone is a number in a range that is nobody's.
func (s *sheet) telephone(from *source, n int) {
	s.add(from.dial)
	s.number(n, 3)
}
