// Package letter is what the library's letters to patrons say, in each language, as HTML and as plain text of the
// same facts. It sends nothing and stores nothing. The letters and their labels follow Alma's (Fulfillment letters,
// FulRequestsReportLetter.xsl, FulCancelRequestLetter.xsl and FulUserBorrowingActivityLetter.xsl, and the components they
// include).
package letter

import (
	"errors"
	"strings"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// The codes of the letters, which are Alma's. A patron's library notices and the institution's settings name letters
// by them.
const (
	RequestsReportCode    = "FulRequestsReportLetter"
	RequestCancelledCode  = "FulCancelRequestLetter"
	BorrowingActivityCode = "FulUserBorrowingActivityLetter"
)

// ErrNothingToReport says that the patron has nothing of what the letter tells of, so that there is no letter.
var ErrNothingToReport = errors.New("there is nothing to report")

// Message is a letter ready to send. HTML and Text state the same facts. Subject is one line without control
// characters, and holds nothing of the patron or of what they read. Language is the ISO 639-1 code of the language
// the letter is in, which may be another than the one the patron prefers.
type Message struct {
	Subject, HTML, Text, Language string
}

// Mail is a letter in its envelope. From and ReplyTo are addresses that may have a name before them; ReplyTo may be
// empty. To is one bare address. LetterID is the id of the [Sent] that records it.
type Mail struct {
	From, ReplyTo, To   string
	Subject, HTML, Text string
	LetterID            string
}

// Line is a request with its place in its title's queue, from 1; 0 when it does not wait there.
type Line struct {
	Request fulfillment.Request
	Place   int
}

// Known reports whether there is a letter of that code.
func Known(code string) bool {
	return code == RequestsReportCode || code == RequestCancelledCode || code == BorrowingActivityCode
}

// Name is the letter's name in the language, or in English where the language is not among those that ship. The name
// of an unknown letter is its code.
func Name(code, lang string) string {
	if !Known(code) {
		return code
	}
	return labelsFor(code, lang).get("letterName")
}

// OptedOut reports whether the patron does not want the letter: one of their library notices names its code with the
// value false.
func OptedOut(p patron.Patron, code string) bool {
	for _, n := range p.LibraryNotices {
		if strings.EqualFold(n.Code.Value, code) {
			return !n.Value
		}
	}
	return false
}

// Disabled reports whether the institution has switched the letter off.
func Disabled(inst *institution.Institution, code string) bool { return inst.Letters.Disabled[code] }
