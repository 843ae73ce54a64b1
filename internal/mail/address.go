package mail

import (
	"net/mail"
	"strings"
	"unicode"
)

// envelope is what of a letter becomes address headers, safe to be one.
type envelope struct{ from, replyTo, to string }

// check refuses a letter whose envelope could not be sent, or could say something else than it should.
func check(m Mail) (envelope, error) {
	if strings.ContainsFunc(m.From+m.ReplyTo+m.To+m.Subject, unicode.IsControl) {
		return envelope{}, notSent("an address or the subject holds a line break or another control character", nil)
	}
	if !isTag(m.LetterID) {
		return envelope{}, notSent("the letter has no id that SES accepts", nil)
	}
	from, ok := header(m.From)
	if !ok {
		return envelope{}, notSent("the institution's address is not an e-mail address", nil)
	}
	replyTo, ok := header(m.ReplyTo)
	if !ok && m.ReplyTo != "" {
		return envelope{}, notSent("the institution's reply address is not an e-mail address", nil)
	}
	if !isBare(m.To) {
		return envelope{}, notSent("the patron's address is not one e-mail address", nil)
	}
	return envelope{from: from, replyTo: replyTo, to: m.To}, nil
}

// header is an address with the name before it, if any, encoded for a header (RFC 2047).
func header(text string) (encoded string, ok bool) {
	a, err := mail.ParseAddress(text)
	if err != nil || !isASCII(a.Address) {
		return "", false
	}
	if a.Name == "" {
		return a.Address, isBare(a.Address)
	}
	return a.String(), true
}

// isBare reports whether text is one address and nothing else. SES takes addresses in ASCII alone: a domain of other
// letters is written in Punycode.
func isBare(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && isASCII(text) && len(text) <= 320
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

// isTag reports whether SES takes text as the value of a message tag.
func isTag(text string) bool {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.@", r))
	}
	return text != "" && len(text) <= 256 && !strings.ContainsFunc(text, odd)
}
