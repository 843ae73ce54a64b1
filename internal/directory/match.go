package directory

import (
	"bytes"
	"math/bits"
)

// fields is a set of a document's fields, by bit.
type fields uint32

func only(list ...int) fields {
	var set fields
	for _, field := range list {
		set |= 1 << field
	}
	return set
}

// signature has one bit in each of its numbers for every word of a document: two by the whole word, one by its first
// two bytes, one by its first. A document without all bits of a word does not hold the word; of those with them, few
// hold it not.
type signature [4]uint64

// wholeWord is the signature of a word.
func wholeWord[T string | []byte](word T) signature {
	s := beginning(word[:min(len(word), 2)])
	if len(word) == 1 {
		s[2] = 1 << (word[0] & 63)
	}
	h := uint64(14695981039346656037) // FNV-1a with a final mix
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	s[0], s[1] = 1<<(h>>58), 1<<(h>>52&63)
	return s
}

// beginning is the part of the signature that all words beginning so have.
func beginning[T string | []byte](word T) signature {
	var s signature
	switch first := word[0]; {
	case first >= 'a' && first <= 'z':
		s[3] = 1 << (first - 'a')
	case first >= '0' && first <= '9':
		s[3] = 1 << (first - '0' + 26)
	default:
		s[3] = 1 << (first%28 + 36)
	}
	if len(word) > 1 {
		s[2] = 1 << ((uint32(word[0])*31 + uint32(word[1])) * 0x9e3779b1 >> 26)
	}
	return s
}

func (s *signature) add(other signature) {
	for i := range s {
		s[i] |= other[i]
	}
}

// has reports whether every bit of other is in s.
func (s *signature) has(other *signature) bool {
	return s[0]&other[0] == other[0] && s[1]&other[1] == other[1] && s[2]&other[2] == other[2] && s[3]&other[3] == other[3]
}

// signatureOf adds up the words of a document; what separates words is a space or lower.
func signatureOf(text string) signature {
	var s signature
	rest := []byte(text)[1:]
	for len(rest) > 0 {
		end := 0
		for end < len(rest) && rest[end] > ' ' {
			end++
		}
		if end > 0 {
			s.add(wholeWord(rest[:end]))
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return s
}

// expr is a condition on a document.
type expr interface {
	// mayMatch reports false only when no document with the signature fulfils the condition.
	mayMatch(s *signature) bool
	matches(doc []byte) bool
}

// word is fulfilled by a word of one of the fields, or by one that begins with it.
type word struct {
	text   []byte
	in     fields
	prefix bool
	sig    signature
}

func newWord(text string, prefix bool, in fields) *word {
	if prefix {
		return &word{text: []byte(text), in: in, prefix: true, sig: beginning(text)}
	}
	return &word{text: []byte(text), in: in, sig: wholeWord(text)}
}

func (w *word) mayMatch(s *signature) bool { return s.has(&w.sig) }

func (w *word) matches(doc []byte) bool {
	start, end := w.span(doc)
	for from := start; ; from++ {
		at := bytes.Index(doc[from:end], w.text)
		if at < 0 {
			return false
		}
		from += at
		if w.isWordAt(doc, from) && w.in&(1<<(w.lowest()+bytes.Count(doc[start:from], []byte{fieldEnd}))) != 0 {
			return true
		}
	}
}

func (w *word) lowest() int { return bits.TrailingZeros32(uint32(w.in)) }

// span is the part of a document from the word's first field to its last. Short words would be found too often
// elsewhere.
func (w *word) span(doc []byte) (start, end int) {
	lowest, highest := w.lowest(), bits.Len32(uint32(w.in))-1
	start = skip(doc, 1, lowest)
	if highest == fieldCount-1 {
		return start, len(doc)
	}
	end = skip(doc, start, highest-lowest+1)
	return start, end
}

// skip returns the place in a document that is a number of fields behind from.
func skip(doc []byte, from, fields int) int {
	for range fields {
		at := bytes.IndexByte(doc[from:], fieldEnd)
		if at < 0 {
			return len(doc)
		}
		from += at + 1
	}
	return from
}

// isWordAt reports whether the word, found at a place of the document, begins there and ends as it must. The byte
// before the first word is the format.
func (w *word) isWordAt(doc []byte, at int) bool {
	end := at + len(w.text)
	return (at == 1 || doc[at-1] <= ' ') && (w.prefix || end == len(doc) || doc[end] <= ' ')
}

// filled is fulfilled when the field of that number holds anything.
type filled int

func (f filled) mayMatch(*signature) bool { return true }

func (f filled) matches(doc []byte) bool {
	if bytes.Count(doc, []byte{fieldEnd}) < int(f) { // it ends before; most do
		return false
	}
	at := skip(doc, 1, int(f))
	return at < len(doc) && doc[at] != fieldEnd
}

// allOf is the condition that every part is fulfilled, nil for no parts.
func allOf(parts []expr) expr {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return all(parts)
}

// oneOf is the condition that one of the parts is fulfilled, nil for no parts. The same word in several fields
// becomes one look at the document.
func oneOf(parts []expr) expr {
	var ways anyOf
	for _, part := range parts {
		if w, ok := part.(*word); !ok || !ways.widen(w) {
			ways = append(ways, part)
		}
	}
	if len(ways) > 1 {
		return ways
	}
	return allOf(ways)
}

// all is fulfilled when every part is.
type all []expr

func (a all) mayMatch(s *signature) bool {
	for _, e := range a {
		if !e.mayMatch(s) {
			return false
		}
	}
	return true
}

func (a all) matches(doc []byte) bool {
	for _, e := range a {
		if !e.matches(doc) {
			return false
		}
	}
	return true
}

// anyOf is fulfilled when one part is.
type anyOf []expr

// widen adds the fields of a word to the part that looks for the same word, if there is one.
func (a anyOf) widen(w *word) bool {
	for _, part := range a {
		if have, ok := part.(*word); ok && have.prefix == w.prefix && bytes.Equal(have.text, w.text) {
			have.in |= w.in
			return true
		}
	}
	return false
}

func (a anyOf) mayMatch(s *signature) bool {
	for _, e := range a {
		if e.mayMatch(s) {
			return true
		}
	}
	return false
}

func (a anyOf) matches(doc []byte) bool {
	for _, e := range a {
		if e.matches(doc) {
			return true
		}
	}
	return false
}
