package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

const (
	lettersOfAda = "/desk/patrons/ada/letters"
	reportOfAda  = lettersOfAda + "/" + letter.RequestsReportCode
)

func TestLetterIsShownBeforeItIsSent(t *testing.T) {
	t.Parallel()
	_, b, _ := asked(t, email("ada@readers.example"))
	page := b.get(reportOfAda)
	page.has(t, "ada@readers.example", "Requests Report", "English", "Send the letter", `src="`+reportOfAda+`/preview"`, "A title of 99", "Nothing was sent yet")
	itself := b.get(reportOfAda + "/preview")
	itself.has(t, "<!DOCTYPE html>", "A title of 99", "Dear <bdi>Ada Byron</bdi>")
	policy := itself.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'self'") || strings.Contains(policy, "script") {
		t.Errorf("the letter's policy is %q", policy)
	}
	if !strings.Contains(page.header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("the page's policy is %q", page.header.Get("Content-Security-Policy"))
	}
	b.get(lettersOfAda).has(t, "No letter was sent", reportOfAda)
}

func TestLetterThatCannotBeSentSaysWhy(t *testing.T) {
	t.Parallel()
	optedOut := func(p *patron.Patron) {
		p.LibraryNotices = []patron.LibraryNotice{{Code: patron.Code{Value: letter.RequestsReportCode}}}
	}
	for _, tt := range []struct {
		name, path, says string
		changes          []func(*patron.Patron)
	}{
		{"no address", reportOfAda, "The patron has no preferred e-mail address", nil},
		{"opted out", reportOfAda, "The patron does not want this letter", []func(*patron.Patron){email("ada@readers.example"), optedOut}},
		{"nothing to say", lettersOfAda + "/" + letter.BorrowingActivityCode, "There is nothing to report", []func(*patron.Patron){email("ada@readers.example")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, b, _ := asked(t, tt.changes...)
			page := b.get(tt.path)
			page.has(t, "This letter cannot be sent now", tt.says)
			page.lacks(t, "Send the letter", "<form class=\"actions\" method=\"post\"")
			sent := b.post(tt.path, url.Values{"once": {"k"}, "to": {"ada@readers.example"}})
			sent.has(t, "cannot be sent now")
			if sent.status != http.StatusUnprocessableEntity {
				t.Errorf("sent all the same: got %d", sent.status)
			}
			b.get(lettersOfAda).has(t, "No letter was sent")
		})
	}
	_, b, _ := asked(t)
	if page := b.get(lettersOfAda + "/" + letter.RequestCancelledCode); page.status != http.StatusBadRequest {
		t.Errorf("a letter that is not sent on demand: got %d", page.status)
	}
}

// TestLetterThatWasNotSentIsNotTakenForSent sends a letter where the mail service does not answer.
func TestLetterThatWasNotSentIsNotTakenForSent(t *testing.T) {
	t.Parallel()
	_, b, _ := asked(t, email("ada@readers.example"))
	page := b.get(reportOfAda)
	form := url.Values{"once": {page.field(t, "once")}, "to": {page.field(t, "to")}}
	moved := b.post(reportOfAda, url.Values{"once": form["once"], "to": {"other@readers.example"}})
	moved.has(t, "address was changed since this page was opened", "Nothing was sent", "Send the letter")
	b.get(lettersOfAda).has(t, "No letter was sent")
	for range 2 { // it may be sent again from the same page, and stays one letter
		sent := b.post(reportOfAda, form)
		sent.has(t, "The letter was not sent: the mail service did not take it", "Send the letter")
		sent.lacks(t, "sent to ada@readers.example")
		if sent.status != http.StatusUnprocessableEntity || sent.field(t, "once") != form.Get("once") {
			t.Errorf("got %d", sent.status)
		}
	}
	list := b.get(lettersOfAda)
	list.has(t, "Not sent", "Send again …", "staff.32")
	if n := strings.Count(list.body, "Not sent<"); n != 1 {
		t.Errorf("%d letters are listed, want 1", n)
	}
}

// TestStatesOfLetters says of each letter what became of it, and offers to send those again that staff send.
func TestStatesOfLetters(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	p := lib.patron("ada")
	for state, code := range map[letter.State]string{
		letter.Mailed: letter.RequestsReportCode, letter.Failed: letter.BorrowingActivityCode, letter.Unknown: letter.RequestCancelledCode,
	} {
		sent := letter.Sent{
			ID: ulid.Make().String(), Code: code, Language: "en", Subject: "About " + string(state), State: state,
			By: "circ.operator", Created: time.Now(), Reason: map[letter.State]string{letter.Failed: "SES did not take it"}[state],
		}
		if _, _, err := lib.store.ReserveLetter(t.Context(), p.UID, string(state), sent); err != nil {
			t.Fatal(err)
		}
	}
	page := lib.staff("32").get(lettersOfAda)
	page.has(t, "Sent<", "Not sent<", "SES did not take it", "Not known whether sent<", "About SENT", "Cancelled Request", "Neither their text nor the address is kept")
	if n := strings.Count(page.body, "Send again …"); n != 2 {
		t.Errorf("%d letters may be sent again, want 2", n)
	}
	page = lib.staff("299").get(lettersOfAda) // who may not send any
	page.has(t, "About SENT")
	page.lacks(t, "Send again …", "Send Activity Report …")
}
