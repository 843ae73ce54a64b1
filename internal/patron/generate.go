package patron

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Namesakes is how many people of one name get a primary id that is numbered; those after them get their UID in it.
const Namesakes = 50

// GeneratedID is the n-th primary id, from 1, made of the patron's name for a record that has none: first.last, then
// first.last2 and so on. Who finds one taken takes the next; after [Namesakes] they are never taken.
func (p Patron) GeneratedID(n int) string {
	name := strings.Trim(plain(p.FirstName)+"."+plain(p.LastName), ".")
	if name == "" {
		name = "patron"
	}
	switch {
	case n == 1:
		return name
	case n <= Namesakes:
		return name + strconv.Itoa(n)
	}
	return name + "." + strings.ToLower(p.UID)
}

// plain is a name in small letters without accents, spaces and punctuation.
func plain(name string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(unicode.ToLower(c))
		}
		if b.Len() > 80 {
			break
		}
	}
	return b.String()
}
