package synthetic

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// text is a text in every form it is written in.
type text struct {
	plain string
	xml   string // with XML's entities
	refs  string // the same, with references for all letters that are not ASCII
	mail  string // in small plain letters
}

// words are the names and texts of all records, made ready so that a record is nothing but appended.
type words struct {
	origins  []source
	byWeight [100]int // index into origins
	groups   [100]coded
	subjects []coded
	remarks  []text
}

// coded is a code, its description as an attribute's text.
type coded struct{ value, desc, plain string }

// source is an origin with its texts made ready.
type source struct {
	origin
	language, country coded
	first, last       []text
	streets           []text
	towns             []town
}

type town struct{ name, region, postalCode text }

func newWords() *words {
	w := &words{}
	at := 0
	for i, o := range origins() {
		w.origins = append(w.origins, newSource(o))
		for range o.weight {
			w.byWeight[at] = i
			at++
		}
	}
	at = 0
	for _, g := range groups() {
		for range g.weight {
			w.groups[at] = newCoded(g.code)
			at++
		}
	}
	for _, s := range subjects() {
		w.subjects = append(w.subjects, newCoded(s))
	}
	w.remarks = newTexts(remarks())
	return w
}

func newSource(o origin) source {
	s := source{
		origin: o, language: newCoded(o.language), country: newCoded(o.country),
		first: newTexts(o.first), last: newTexts(o.last), streets: newTexts(o.streets),
	}
	for _, t := range o.towns {
		parts := newTexts(strings.Split(t, "|"))
		s.towns = append(s.towns, town{parts[0], parts[1], parts[2]})
	}
	return s
}

func newCoded(c code) coded { return coded{c.value, escape(c.desc), c.desc} }

func newTexts(list []string) []text {
	var out []text
	for _, item := range list {
		plain, mail, given := strings.Cut(item, "|")
		if !given {
			mail = plain
		}
		escaped := escape(plain)
		out = append(out, text{plain: plain, xml: escaped, refs: references(escaped), mail: login(mail)})
	}
	return out
}

func escape(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil { // a bytes.Buffer takes everything
		panic(err)
	}
	return b.String()
}

func references(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#x%X;", r)
		}
	}
	return b.String()
}

// login is a name in small letters without accents, spaces and punctuation.
func login(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}
