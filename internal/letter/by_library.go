package letter

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"patrondesk/internal/fulfillment"
)

// ofLibrary is what one library lent or charged.
type ofLibrary[T any] struct {
	Code, Name string
	Records    []T
}

// byLibrary puts records together by their library, in the order of the libraries' names; the records of each stay in
// order. What is of no library is the institution's.
func byLibrary[T any](w writer, all []T, library func(T) fulfillment.Code) []ofLibrary[T] {
	places := map[string]int{} // in made, by code
	var made []ofLibrary[T]
	for _, record := range all {
		code := library(record)
		at, seen := places[code.Value]
		if !seen {
			at = len(made)
			places[code.Value] = at
			made = append(made, ofLibrary[T]{Code: code.Value, Name: w.libraryName(code)})
		}
		made[at].Records = append(made[at].Records, record)
	}
	slices.SortFunc(made, func(a, b ofLibrary[T]) int {
		return cmp.Or(strings.Compare(folded(a.Name), folded(b.Name)), strings.Compare(a.Code, b.Code))
	})
	return made
}

func (w writer) libraryName(code fulfillment.Code) string {
	if name := clean(w.library(code), longestField); name != "" {
		return name
	}
	return clean(w.inst.Name, longestField)
}

// folded is a name or title as it is sorted: without case and accents.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
}
