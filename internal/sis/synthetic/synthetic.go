// Package synthetic writes SIS files of invented people, as large as asked for and as real universities' exports look:
// about 3 KB of XML a person, codes with descriptions, CDATA, entities, comments between the records, empty elements,
// elements in varied order. Everybody in them is legal in the demo institution (infra/institution.json), nobody is of
// the real world: names are combined at random, addresses and telephone numbers are of ranges that are nobody's.
//
// A file is a function of its [Config]: the same one gives the same bytes on any machine. A person is a number from 0;
// identifiers depend on it alone, the rest on the seed too. Nothing is held but one buffer.
package synthetic

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Config says what is in a file. All shares are of People, from 0 to 1.
type Config struct {
	People int    // on night 0
	Seed   uint64 // of names, addresses and everything else that is no identifier
	// Night is the number of nights after the first load. In each of them Changed moved or have another e-mail address,
	// New came to the end of the file, and Gone are in it no more, counted from the night before.
	Night              int
	Changed, New, Gone float64
	// BlankEmails lose all their e-mail addresses, and Swapped pairs of people have each other's barcode, in this file
	// alone: the file of the night before is without either.
	BlankEmails float64
	Swapped     int
}

// maxPeople is how many there are numbers for in the identifiers, new people included.
const maxPeople = 89_999_999

func (c Config) check() error {
	for _, share := range []float64{c.Changed, c.New, c.Gone, c.BlankEmails} {
		if math.IsNaN(share) || share < 0 || share > 1 {
			return errors.New("a share is from 0 to 1")
		}
	}
	if c.People < 0 || c.Night < 0 || c.Swapped < 0 {
		return errors.New("people, night and swapped are not below 0")
	}
	n := newNight(c)
	if c.People > maxPeople || n.slots > maxPeople {
		return fmt.Errorf("a file has no more than %d people", maxPeople)
	}
	if stay := c.People - n.night*n.gone; stay < 2*c.Swapped || stay < n.changed {
		return fmt.Errorf("on night %d there are not enough people left to be changed or to exchange cards", c.Night)
	}
	return nil
}

// flushAt is how many bytes are written at once, give or take a record.
const flushAt = 256 << 10

// WriteXML writes the file as Alma's user XML, in UTF-8. An error is the writer's, or tells what the Config asks for
// that cannot be.
func (c Config) WriteXML(w io.Writer) error {
	return c.write(w, func(s *sheet) {
		s.add(xmlHead)
	}, (*sheet).xmlRecord, func(s *sheet) {
		s.add("</users>\n")
	})
}

// WriteCSV writes the same people as a CSV file, which [Mapping] tells an SIS profile how to read. It has one address,
// two e-mail addresses and one telephone number of each, and no statistics.
func (c Config) WriteCSV(w io.Writer) error {
	return c.write(w, func(s *sheet) {
		s.add(csvHead)
	}, (*sheet).csvRecord, func(*sheet) {})
}

func (c Config) write(w io.Writer, head func(*sheet), record func(*sheet, *person), tail func(*sheet)) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("write a synthetic SIS file: %w", err)
	}
	s := &sheet{buf: make([]byte, 0, flushAt+16<<10), words: newWords()}
	n := newNight(c)
	head(s)
	var p person // one for all, so that none is allocated
	for slot := range n.slots {
		st := n.state(slot)
		if !st.there {
			continue
		}
		p = s.words.person(c.Seed, slot, st)
		record(s, &p)
		if err := s.flush(w, flushAt); err != nil {
			return err
		}
	}
	tail(s)
	return s.flush(w, 0)
}

// sheet is the text that is not written yet.
type sheet struct {
	buf   []byte
	words *words
}

// flush writes the text when it is at least that long.
func (s *sheet) flush(w io.Writer, least int) error {
	if len(s.buf) < least {
		return nil
	}
	if _, err := w.Write(s.buf); err != nil {
		return fmt.Errorf("write a synthetic SIS file: %w", err)
	}
	s.buf = s.buf[:0]
	return nil
}

func (s *sheet) add(texts ...string) {
	for _, text := range texts {
		s.buf = append(s.buf, text...)
	}
}

// number writes n with at least that many digits.
func (s *sheet) number(n, digits int) {
	var text [20]byte
	at := len(text)
	for ; n > 0 || digits > 0; digits-- {
		at--
		text[at] = byte('0' + n%10)
		n /= 10
	}
	s.buf = append(s.buf, text[at:]...)
}
