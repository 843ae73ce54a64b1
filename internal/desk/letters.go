package desk

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/letter"
)

var letterPages = []page{
	{"GET /desk/patrons/{user_id}/letters", auth.FulfilmentRead, (*call).letters},
	{"GET /desk/patrons/{user_id}/letters/{code}", auth.FulfilmentWrite, (*call).letter},
	{"GET /desk/patrons/{user_id}/letters/{code}/preview", auth.FulfilmentWrite, (*call).letterItself},
	{"POST /desk/patrons/{user_id}/letters/{code}", auth.FulfilmentWrite, (*call).sendLetter},
}

// onDemand are the codes of the letters that staff send.
var onDemand = []string{letter.RequestsReportCode, letter.BorrowingActivityCode}

// lettersTab is what was sent to a patron, and what was not.
type lettersTab struct {
	OnDemand []string
	Letters  []letterRow
	Before   string // the addresses of the pages before and after this one, if there are any
	After    string
}

// letterRow is a letter of the past. Again says that it may be sent again, as it would be now.
type letterRow struct {
	alma.Letter
	Again bool
}

// letters answers GET /desk/patrons/{user_id}/letters.
func (c *call) letters() error {
	p, err := c.patron("letters")
	if err != nil {
		return err
	}
	from := atoi(c.r.FormValue("offset"))
	sent, err := get[alma.Letters](c, userPath(p.User.PrimaryID)+"/letters", listing("offset", itoa(from)))
	if err != nil {
		return err
	}
	tab := lettersTab{OnDemand: onDemand}
	for _, l := range sent.Letter {
		l.Name = c.look.worded("letters.name.", l.Code, l.Name)
		tab.Letters = append(tab.Letters, letterRow{l, slices.Contains(onDemand, l.Code)})
	}
	tab.Before, tab.After = turn(from, mostListed, sent.Total, func(from int) string {
		return patronPath(p.User.PrimaryID) + "/letters?" + url.Values{"offset": {itoa(from)}}.Encode()
	})
	return c.showTab(http.StatusOK, p, tab)
}

// letterPage is a letter as it would be sent now, which is shown before it is.
type letterPage struct {
	Code    string
	Preview *alma.LetterPreview // nil where there is none
	Once    string
	WhyNot  []string // it cannot be sent
}

// letter answers GET /desk/patrons/{user_id}/letters/{code}.
func (c *call) letter() error {
	p, err := c.patron("letters")
	if err != nil {
		return err
	}
	return c.showLetter(http.StatusOK, p, rand.Text())
}

// showLetter answers with the letter the path names, to be sent once under a key.
func (c *call) showLetter(status int, p *patronPage, once string) error {
	shown := letterPage{Code: c.r.PathValue("code"), Once: once}
	preview, err := c.preview()
	if _, said := refused(err); err != nil && (!said || hasCode(err, alma.LetterUnknownCode("").Code)) {
		return err
	}
	if err == nil {
		shown.Preview, err = &preview, whyNot(preview)
	}
	if shown.WhyNot = c.refusals(err); shown.WhyNot != nil {
		p.Refusal = nil // it says the same
	}
	p.Content = shown
	return c.showAs(status, "patron/letter", p)
}

// whyNot is the refusal that sending the letter would be answered with, or nil.
func whyNot(preview alma.LetterPreview) error {
	if preview.Refusal == nil {
		return nil
	}
	return &alma.Error{Code: preview.Refusal.Value, Message: preview.Refusal.Desc}
}

// preview is the letter the path names as it would be sent now.
func (c *call) preview() (alma.LetterPreview, error) {
	return as[alma.LetterPreview](c.askForLetter(url.Values{"op": {"preview"}}, ""))
}

func (c *call) askForLetter(query url.Values, once string) *answer {
	return c.ask(question{
		method: http.MethodPost, path: userPath(c.patronID()) + "/letters", query: query,
		body: alma.Letter{Code: c.r.PathValue("code")}, once: once,
	})
}

// letterPolicy lets a letter do nothing but show itself, within a page of ours.
const letterPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

// letterItself answers GET /desk/patrons/{user_id}/letters/{code}/preview: the letter as a document of its own.
func (c *call) letterItself() error {
	preview, err := c.preview()
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", preview.Language)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", letterPolicy)
	c.send(http.StatusOK, []byte(preview.HTML))
	return nil
}

// sendLetter answers POST /desk/patrons/{user_id}/letters/{code}: the letter is sent to the address it was shown with. One
// that certainly was not sent can be sent again from the same page, under the same key.
func (c *call) sendLetter() error {
	once, to := c.r.PostFormValue("once"), c.r.PostFormValue("to")
	preview, err := c.preview()
	if err == nil && string(preview.To) != to {
		err = errMoved
	}
	var sent alma.Letter
	if err == nil {
		sent, err = as[alma.Letter](c.askForLetter(nil, once))
	}
	if err == nil || hasCode(err, alma.LetterNotSent(string(letter.Unknown), "").Code) {
		c.tellSent(sent, to, err)
		c.redirect(patronPath(c.patronID()) + "/letters")
		return nil
	}
	return c.notSent(err, once)
}

// errMoved says that the patron's address is another one than when the letter was shown.
var errMoved = errors.New("the address is another one")

// tellSent has the next page tell what became of the letter.
func (c *call) tellSent(sent alma.Letter, to string, err error) {
	words := c.look.words
	name := c.look.worded("letters.name.", c.r.PathValue("code"), sent.Name)
	switch {
	case err != nil:
		c.say(said{Kind: "warn", Text: words.say("letters.told-unknown", name, to)})
	case sent.Status == string(letter.Mailed):
		c.good("letters.told-sent", name, to)
	default: // somebody else sends it at this moment
		c.say(said{Kind: "warn", Text: words.say("letters.told-sending", name, to)})
	}
}

// notSent shows the letter again, with why it was not sent.
func (c *call) notSent(err error, once string) error {
	why := c.refusals(err)
	if errors.Is(err, errMoved) {
		why = []string{c.look.words.say("letters.moved")}
	} else if why == nil {
		return err
	}
	return c.again("letters", why, func(status int, p *patronPage) error { return c.showLetter(status, p, once) })
}
