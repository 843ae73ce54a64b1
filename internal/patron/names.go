package patron

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is the form under which an identifier is unique: trimmed, canonically composed and without case. Primary ids
// are the same in any case (rest_user.xsd); so are the others here, because a scanner may send capitals.
func Fold(value string) string {
	composed := norm.NFC.String(strings.TrimSpace(value))
	return norm.NFC.String(strings.Map(foldRune, composed))
}

// foldRune is the same for all letters that differ in case alone (Unicode's simple case folding).
func foldRune(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return unicode.ToLower(least)
}

// FullName is the name of record: first, middle and last name.
func (p Patron) FullName() string {
	return joinNames(p.FirstName, p.MiddleName, p.LastName)
}

// DisplayName is the name a person goes by: each preferred name where there is one, else that of record.
func (p Patron) DisplayName() string {
	return joinNames(
		firstOf(p.PrefFirstName, p.FirstName),
		firstOf(p.PrefMiddleName, p.MiddleName),
		firstOf(p.PrefLastName, p.LastName),
		p.PrefNameSuffix,
	)
}

func joinNames(names ...string) string {
	return strings.Join(strings.Fields(strings.Join(names, " ")), " ")
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// PreferredEmail is where letters go: the preferred e-mail address, or the only one there is.
func (p Patron) PreferredEmail() (Email, bool) {
	for _, e := range p.Emails {
		if e.Preferred {
			return e, true
		}
	}
	if len(p.Emails) == 1 {
		return p.Emails[0], true
	}
	return Email{}, false
}

// PreferredAddress is the address letters show: the preferred one, or the only one there is.
func (p Patron) PreferredAddress() (Address, bool) {
	for _, a := range p.Addresses {
		if a.Preferred {
			return a, true
		}
	}
	if len(p.Addresses) == 1 {
		return p.Addresses[0], true
	}
	return Address{}, false
}

// AllIdentifiers are the patron's identifiers, the primary one first with [PrimaryType] as its type.
func (p Patron) AllIdentifiers() []Identifier {
	all := make([]Identifier, 0, len(p.Identifiers)+1)
	all = append(all, Identifier{Type: Code{Value: PrimaryType}, Value: p.PrimaryID, Status: Active})
	return append(all, p.Identifiers...)
}

// HasIdentifier reports whether the patron has that identifier; idType "" stands for any type.
func (p Patron) HasIdentifier(idType, value string) bool {
	for _, id := range p.AllIdentifiers() {
		if (idType == "" || id.Type.Value == idType) && Fold(id.Value) == Fold(value) {
			return true
		}
	}
	return false
}
