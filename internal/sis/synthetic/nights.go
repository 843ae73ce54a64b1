package synthetic

import (
	"math"
	"math/big"
)

// Counts are what a file does to a library that has the file of another night.
type Counts struct {
	Created, Updated, Unchanged int
	// Missing are in the other file and not in this one.
	Missing int
	// Blanked are those of the Updated who lose their e-mail addresses.
	Blanked int
}

// Expected is what the file does after that of the night before, and on night 0 to a library without any of its people.
// The Config must be one that can be written.
func (c Config) Expected() Counts {
	if c.Night == 0 {
		return c.Against(Config{Seed: c.Seed})
	}
	return c.Against(c.Previous())
}

// Previous is the file of the night before, in which no e-mail address is blank and every card is with its first owner.
func (c Config) Previous() Config {
	c.Night--
	c.BlankEmails, c.Swapped = 0, 0
	return c
}

// Against is what the file does after the file of before. Both have the same seed, and the same people on night 0
// unless one of them has none.
func (c Config) Against(before Config) Counts {
	old, this := newNight(before), newNight(c)
	var n Counts
	for slot := range max(old.slots, this.slots) {
		was, is := old.state(slot), this.state(slot)
		switch {
		case !was.there && !is.there:
		case !is.there:
			n.Missing++
		case !was.there:
			n.Created++
		case was == is:
			n.Unchanged++
		default:
			n.Updated++
			if is.blank && !was.blank {
				n.Blanked++
			}
		}
	}
	return n
}

// Records is how many people are in the file.
func (c Config) Records() int {
	n := newNight(c)
	return n.slots - n.night*n.gone
}

// state is what may differ from night to night in the record of one person.
type state struct {
	there bool
	blank bool
	moves int // to other addresses
	mails int // other e-mail addresses; 0 while they are blank
	card  int // whose barcode it is
}

// night is a Config in numbers of people. Who changes, goes and exchanges cards follows from a person's place in a row
// that is the people of night 0 shuffled: those who go leave at its head, those who exchange cards stand at its end.
type night struct {
	people, slots, night      int
	changed, gone, swapped    int
	seed, blanks              uint64
	multiplier, inverse, from uint64
}

func newNight(c Config) night {
	share := func(s float64) int { return int(math.Round(s * float64(c.People))) }
	n := night{
		people: c.People, night: c.Night, slots: c.People + c.Night*share(c.New),
		changed: share(c.Changed), gone: share(c.Gone), swapped: c.Swapped,
		seed: c.Seed, blanks: uint64(c.BlankEmails * (1 << 32)),
	}
	n.shuffle()
	return n
}

// shuffle finds a multiplier that has an inverse modulo the number of people.
func (n *night) shuffle() {
	if n.people == 0 {
		return
	}
	size := big.NewInt(int64(n.people))
	for m := uint64(float64(n.people)*0.618) | 1; ; m++ {
		if inverse := new(big.Int).ModInverse(new(big.Int).SetUint64(m), size); inverse != nil {
			n.multiplier, n.inverse, n.from = m, inverse.Uint64(), n.seed%uint64(n.people)
			return
		}
	}
}

// place is the person's place in the row, and at is who has a place.
func (n *night) place(slot int) int {
	return int((uint64(slot)*n.multiplier + n.from) % uint64(n.people))
}

func (n *night) at(place int) int {
	size := uint64(n.people)
	return int((uint64(place) + size - n.from) % size * n.inverse % size)
}

func (n *night) state(slot int) state {
	s := state{there: slot < n.slots, card: slot}
	s.blank = uint64(uint32(mix(n.seed, slot, saltBlank))) < n.blanks
	if slot < n.people {
		n.change(&s, n.place(slot))
	}
	if s.blank {
		s.mails = 0
	}
	return s
}

// change makes of a person of night 0 what became of them since.
func (n *night) change(s *state, place int) {
	s.there = s.there && place >= n.night*n.gone
	for k := 1; k <= n.night && n.changed > 0; k++ {
		stay := n.people - k*n.gone
		if place < k*n.gone || stay <= 0 {
			break
		}
		first := (k - 1) * n.changed % stay
		if turn := (place - k*n.gone + stay - first) % stay; turn < n.changed && turn%2 == 0 {
			s.moves++
		} else if turn < n.changed {
			s.mails++
		}
	}
	if back := n.people - 1 - place; back < 2*n.swapped {
		s.card = n.at(n.people - 1 - (back ^ 1))
	}
}

// saltBlank keeps the draw of who is without e-mail addresses apart from the others.
const saltBlank = 0xB1A

// mix is a number that looks random and depends on the three alone (SplitMix64).
func mix(seed uint64, slot int, salt uint64) uint64 {
	d := dice(seed ^ uint64(slot)*0xD1342543DE82EF95 ^ salt<<40)
	return d.next()
}

// dice are SplitMix64.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9E3779B97F4A7C15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() >> 32 * uint64(n) >> 32) }
