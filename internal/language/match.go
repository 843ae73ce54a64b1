package language

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Shipped are the languages there are, by ISO 639-1 code, in order.
func Shipped() []string { return slices.Sorted(maps.Keys(tongues)) }

// Match is the language in which somebody is spoken to: the first that ships of those preferred, in that order, else the
// one their browser asks for most in its Accept-Language header, else English. Regions say nothing here. What cannot be
// read is passed over.
func Match(acceptLanguage string, preferred ...string) string {
	for _, tag := range preferred {
		if lang, ok := shipped(tag); ok {
			return lang
		}
	}
	best, most := English, 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, params, _ := strings.Cut(part, ";")
		if lang, ok := shipped(tag); ok && weight(params) > most {
			best, most = lang, weight(params)
		}
	}
	return best
}

// shipped is the language of a tag without its region, in small letters; ok is false when it does not ship.
func shipped(tag string) (lang string, ok bool) {
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	lang = strings.ToLower(strings.TrimSpace(tag))
	_, ok = tongues[lang]
	return lang, ok
}

// weight is how much a language of the header is wanted, from its parameter: q=0.8. Without one it is 1.
func weight(param string) float64 {
	text, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(param, " ", "")), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return q
}
