package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"patrondesk/internal/patron"
)

// Letters that compatibility decomposition leaves whole, and how they are found with an English keyboard.
var letters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t",
	'ŋ': "n", 'Ŋ': "n", 'ı': "i", 'ς': "σ",
}

// spelled writes out letters as people do who lack them: Müller as Mueller, Ågård as Aagaard.
var spelled = strings.NewReplacer("ä", "ae", "Ä", "ae", "ö", "oe", "Ö", "oe", "ü", "ue", "Ü", "ue",
	"ø", "oe", "Ø", "oe", "å", "aa", "Å", "aa")

// words folds a text and returns its words joined by single spaces. Folding is compatibility decomposition (NFKD)
// without combining marks, in lower case, with the letters above replaced. A word is a run of letters and digits;
// apostrophes are left out, so that O'Brien is obrien; everything else separates.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	add := func(s string) {
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteString(s)
	}
	for _, r := range decompose(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			add(string(r))
		case isApostrophe(r) || unicode.Is(unicode.Mn, r):
		case letters[r] != "":
			add(letters[r])
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r):
			add(string(unicode.ToLower(r)))
		default:
			gap = true
		}
	}
	return b.String()
}

// decompose returns the text in NFKD. Acute accents standing alone are apostrophes somebody mistyped.
func decompose(text string) string {
	if isASCII(text) {
		return text
	}
	return norm.NFKD.String(strings.ReplaceAll(text, "´", "'"))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', '`':
		return true
	}
	return false
}

// spellings returns the words of a text, and those words again with ä, ö, ü, ø and å written out, or "" when there
// are no such letters.
func spellings(text string) (plain, out string) {
	plain = words(text)
	if isASCII(text) {
		return plain, ""
	}
	if out = words(spelled.Replace(norm.NFC.String(text))); out == plain {
		return plain, ""
	}
	return plain, out
}

// whole folds a text that is only found whole, such as an e-mail address or an identifier, as [patron.Fold]
// does: NFC, case folded, trimmed; and control characters left out, and with "_" for every space, which a query may
// write either way.
func whole(text string) string {
	if isASCII(text) {
		text = strings.ToLower(strings.TrimSpace(text))
	} else {
		text = patron.Fold(text)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return '_'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// digits returns the decimal digits of a text that is otherwise only punctuation as in phone numbers and dates
// ("+47 22-85", "1990-05-01Z"), and "" for any other text.
func digits(text string) string {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "Z"), "z")
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.ContainsRune("+-./() _", r):
			return ""
		}
	}
	return b.String()
}
