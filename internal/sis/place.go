package sis

import (
	"encoding/binary"
	"fmt"
	"strings"

	"patrondesk/internal/job"
)

// place is where a record stands in the files of an object. The zero value is no record's.
type place struct {
	file   int32 // counted from 0
	line   int32 // on which it begins, from 1
	number int64 // among the file's records, from 1
}

// String is the place as it is stored with the patron the record was applied to.
func (p place) String() string { return fmt.Sprintf("%d:%d:%d", p.file, p.line, p.number) }

func parsePlace(text string) (p place, ok bool) {
	n, err := fmt.Sscanf(text, "%d:%d:%d", &p.file, &p.line, &p.number)
	return p, err == nil && n == 3
}

// The letters of an effect, as it is stored with the patron it was on.
const (
	created     = 'c'
	updated     = 'u'
	unchanged   = 'n'
	inactivated = 'x'
)

// aspects are the letters of the other counts of an effect.
var aspects = []struct {
	letter rune
	count  func(*job.Counts) *int
}{
	{'b', func(c *job.Counts) *int { return &c.Blanked }},
	{'e', func(c *job.Counts) *int { return &c.BlankedEmails }},
	{'a', func(c *job.Counts) *int { return &c.BlankedAddresses }},
	{'i', func(c *job.Counts) *int { return &c.Identifiers }},
	{'p', func(c *job.Counts) *int { return &c.Protected }},
	{'d', func(c *job.Counts) *int { return &c.Deactivated }},
}

// effectOf is the counts of one record as letters.
func effectOf(c job.Counts) string {
	var letters strings.Builder
	switch {
	case c.Created > 0:
		letters.WriteRune(created)
	case c.Updated > 0:
		letters.WriteRune(updated)
	case c.Inactivated > 0:
		letters.WriteRune(inactivated)
	default:
		letters.WriteRune(unchanged)
	}
	for _, a := range aspects {
		if *a.count(&c) > 0 {
			letters.WriteRune(a.letter)
		}
	}
	return letters.String()
}

// countsOf is the counts that the letters stand for.
func countsOf(effect string) job.Counts {
	var c job.Counts
	switch {
	case strings.ContainsRune(effect, inactivated):
		return job.Counts{Inactivated: 1}
	case strings.ContainsRune(effect, created):
		c.Created = 1
	case strings.ContainsRune(effect, updated):
		c.Updated = 1
	default:
		c.Unchanged = 1
	}
	c.Processed = 1
	for _, a := range aspects {
		if strings.ContainsRune(effect, a.letter) {
			*a.count(&c) = 1
		}
	}
	return c
}

// encodePlaces and decodePlaces store the places of waiting records, in the order of the files, in few bytes each.
func encodePlaces(people []*person) []byte {
	var out []byte
	var last place
	for _, p := range people {
		if p.at.file != last.file {
			last.number = 0
		}
		out = binary.AppendUvarint(out, uint64(p.at.file-last.file))
		out = binary.AppendUvarint(out, uint64(p.at.number-last.number))
		last = p.at
	}
	return out
}

func decodePlaces(in []byte) map[position]bool {
	all := map[position]bool{}
	var last position
	for len(in) > 0 {
		file, n := binary.Uvarint(in)
		number, m := binary.Uvarint(in[max(n, 0):])
		if n <= 0 || m <= 0 {
			break
		}
		in = in[n+m:]
		if file > 0 {
			last.number = 0
		}
		last.file += int32(file)
		last.number += int64(number)
		all[last] = true
	}
	return all
}

// position is a place without its line.
type position struct {
	file   int32
	number int64
}

func (p place) position() position { return position{file: p.file, number: p.number} }
