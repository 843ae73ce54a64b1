package directory

import (
	"fmt"
	"math/bits"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a query.
const (
	maxQueryBytes = 1000
	maxQueryWords = 20
)

// Query says which patrons to find. The zero value finds all.
type Query struct {
	match expr      // nil for no condition
	since time.Time // zero for no condition
}

// ModifiedSince is the query for patrons whose records were last written at or after t.
func ModifiedSince(t time.Time) Query { return Query{since: t} }

// QueryError says why a query or an order cannot be understood. Reason is a sentence for the caller; it may repeat
// the caller's own words, so it is not for logs.
type QueryError struct{ Reason string }

func (e *QueryError) Error() string { return e.Reason }

func queryError(format string, args ...any) error {
	return &QueryError{Reason: fmt.Sprintf(format, args...)}
}

// searchable is where a field of the query language looks.
type searchable struct {
	words  fields // for single words
	whole  fields // for the whole string
	digits fields // for the whole string's digits, whatever stands between them
	some   bool   // "*" alone finds whoever has anything in the field of words, which is one
}

var (
	names     = only(lastName, otherLastNames, firstName, otherFirstNames, middleNames)
	codes     = only(idTypes, userGroup, campusCode, jobCategory, externalID, statisticCategories, blockTypes, noteTypes)
	textWords = names | codes | only(phones, noteTexts)
)

// searchables are the fields of a query: those Alma documents for GET /users, external_id, which clients use, and vendor,
// which is ours.
var searchables = map[string]searchable{
	"last_name":          {words: only(lastName, otherLastNames)},
	"first_name":         {words: only(firstName, otherFirstNames)},
	"middle_name":        {words: only(middleNames)},
	"primary_id":         {whole: only(primaryID)},
	"email":              {whole: only(emails)},
	"identifiers":        {whole: only(identifiers, primaryID)},
	"phone_number":       {words: only(phones), digits: only(phones)},
	"birth_date":         {digits: only(birthDate)},
	"fines_fees_sum":     {words: only(finesFeesSum)},
	"job_category":       {words: only(jobCategory)},
	"user_group":         {words: only(userGroup)},
	"campus_code":        {words: only(campusCode)},
	"block_type":         {words: only(blockTypes)},
	"id_type":            {words: only(idTypes)},
	"note_text":          {words: only(noteTexts)},
	"note_type":          {words: only(noteTypes)},
	"statistic_category": {words: only(statisticCategories)},
	"external_id":        {words: only(externalID)},
	"vendor":             {words: only(vendors), some: true},
	"general_info":       {words: textWords, whole: only(primaryID), digits: only(phones)},
	"all": {words: textWords, whole: only(primaryID, emails, identifiers),
		digits: only(phones, birthDate)},
}

// andWord separates the terms of a query; "_" may stand for a space. It is compiled with the first query: functions
// that know no queries link this package too.
var andWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[ _]+)AND(?:[ _]+|$)`) })

// ParseQuery reads Alma's q parameter: one or more terms field~words, joined by " AND " (upper case). Its errors are
// of type [*QueryError].
//
// The fields are those Alma documents, and vendor, in any case. A term finds a patron when each of its words is in the
// field, in any order; "_" may stand for a space. A word finds a whole word, whatever its case and accents, and with
// "*" at its end every word that begins so. A word with ä, ö, ü, ø or å also finds the word with the letter written out.
// E-mail addresses, identifiers and the primary id are found by the whole string only, in any case; identifiers
// looks at the primary id too. Dates are compared by their digits, phone numbers by words or by all their digits.
// Codes are found by code and description; vendor looks at the account with the vendor too, and vendor~* finds everybody
// who works for one. In general_info and ALL each word may be such a whole string.
//
// ALL looks at every field but the sum of fines and fees and the vendor, and is not joined by AND, as in Alma;
// general_info leaves out e-mail addresses, birth date and identifiers too. fines_fees_sum~0 finds everybody while
// there are no fees.
func ParseQuery(q string) (Query, error) {
	if err := checkText(q); err != nil {
		return Query{}, err
	}
	terms := andWord().Split(q, -1)
	var conditions []expr
	count := 0
	for _, term := range terms {
		field, text, err := splitTerm(term)
		if err != nil {
			return Query{}, err
		}
		if field == "all" && len(terms) > 1 {
			return Query{}, queryError("ALL cannot be joined with AND; use the fields by name")
		}
		chunks := strings.FieldsFunc(text, isGap)
		if count += len(chunks); count > maxQueryWords {
			return Query{}, queryError("the query has more than %d words", maxQueryWords)
		}
		condition, err := searchables[field].condition(text, chunks)
		if err != nil {
			return Query{}, err
		}
		conditions = append(conditions, condition)
	}
	return Query{match: allOf(conditions)}, nil
}

func checkText(q string) error {
	switch {
	case len(q) > maxQueryBytes:
		return queryError("the query is longer than %d bytes", maxQueryBytes)
	case !utf8.ValidString(q):
		return queryError("the query is not valid UTF-8")
	case strings.ContainsFunc(q, unicode.IsControl):
		return queryError("the query has control characters")
	}
	return nil
}

// splitTerm returns the field of a term in lower case and what is searched in it.
func splitTerm(term string) (field, text string, err error) {
	name, text, found := strings.Cut(term, "~")
	if !found {
		return "", "", queryError("a search is written field~words, as in last_name~Smith")
	}
	field = strings.ToLower(strings.TrimSpace(name))
	if _, known := searchables[field]; !known {
		return "", "", queryError("%q is not a field that can be searched", strings.TrimSpace(name))
	}
	return field, strings.TrimSpace(text), nil
}

func isGap(r rune) bool { return r == '_' || unicode.IsSpace(r) }

// condition is the condition of a term: the whole text as one string, or all its words.
func (s searchable) condition(text string, chunks []string) (expr, error) {
	var ways []expr
	if s.words != 0 {
		condition, err := s.everyChunk(chunks)
		if err != nil {
			return nil, err
		}
		if condition != nil {
			ways = append(ways, condition)
		}
	}
	if s.whole != 0 && len(chunks) > 0 {
		ways = append(ways, newWord(whole(text), false, s.whole))
	}
	if number := digits(text); s.digits != 0 && number != "" {
		ways = append(ways, newWord(number, false, s.digits))
	}
	if len(ways) == 0 {
		return nil, queryError("there is nothing to search for after the tilde")
	}
	return oneOf(ways), nil
}

// everyChunk is the condition that every chunk is found: as words or, where the field has them, as a whole string.
// It is nil for punctuation alone.
func (s searchable) everyChunk(chunks []string) (expr, error) {
	var conditions []expr
	for _, chunk := range chunks {
		if chunk == "*" && s.some {
			conditions = append(conditions, filled(bits.TrailingZeros32(uint32(s.words))))
			continue
		}
		stem, prefix := strings.CutSuffix(chunk, "*")
		if strings.Contains(stem, "*") && s.whole == 0 {
			return nil, queryError("* may only stand at the end of a word")
		}
		ways := s.spelledWords(stem, prefix)
		if prefix && len(ways) == 0 {
			return nil, queryError("* stands for the end of a word that is begun")
		}
		if s.whole != 0 {
			ways = append(ways, newWord(whole(chunk), false, s.whole))
		}
		if len(ways) > 0 {
			conditions = append(conditions, oneOf(ways))
		}
	}
	return allOf(conditions), nil
}

// spelledWords are the conditions that a chunk's words are found, as written and with its umlauts written out; one
// of them is to be fulfilled. A chunk of punctuation has none.
func (s searchable) spelledWords(chunk string, prefix bool) []expr {
	var ways []expr
	plain, out := spellings(chunk)
	for _, text := range []string{plain, out} {
		list := strings.Fields(text)
		var condition []expr
		for i, w := range list {
			condition = append(condition, newWord(w, prefix && i == len(list)-1, s.words))
		}
		if len(condition) > 0 {
			ways = append(ways, allOf(condition))
		}
	}
	return ways
}
