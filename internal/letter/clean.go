package letter

import (
	"strings"
	"unicode"
)

// The most characters a field of a record may have in a letter; what is longer ends in an ellipsis.
const (
	longestField = 300
	longestNote  = 2000
)

// clean makes a field of a record fit to be shown: one line, no control characters, no invisible marks that turn the
// direction of the text around it, not longer than the limit.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || unicode.IsControl(r):
			return ' '
		case turnsDirection(r) || r == '\ufeff' || r&0xfffe == 0xfffe: // the last two of a plane are no characters
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text = strings.TrimSpace(string(runes[:limit-1])) + "…"
	}
	return text
}

// turnsDirection reports whether r is an embedding, override or isolate of the bidirectional algorithm. Names and
// titles are isolated by the letter's own markup.
func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
