package api

import (
	"context"
	"errors"
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/letter"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// ReportSending is the function report-sending. Alma has no call for letters; these are ours.
func (a *API) ReportSending() http.Handler { return a.mux(a.reportSendingCalls()...) }

func (a *API) reportSendingCalls() []operation {
	return []operation{
		{"POST /almaws/v1/users/{user_id}/letters", auth.Access{Right: auth.FulfilmentWrite}, a.sendLetter},
		{"GET /almaws/v1/users/{user_id}/letters", auth.Access{Right: auth.FulfilmentRead, Self: true}, a.listLetters},
	}
}

// sendLetter answers POST /users/{user_id}/letters: it sends the letter whose code the body names, once for each value
// of the header Idempotency-Key, or once a minute where there is none. With op=preview it renders and sends nothing.
// Where nothing was sent, or nobody knows, the answer is an error that says so.
func (a *API) sendLetter(w http.ResponseWriter, r *http.Request) error {
	op := r.URL.Query().Get("op")
	if op != "" && op != "send" && op != "preview" {
		return alma.InvalidParameter("op", "It takes send or preview; nothing was sent.")
	}
	key, err := keyOf(r, "nothing was sent")
	if err != nil {
		return err
	}
	var wanted alma.Letter
	if err := alma.Read(r, &wanted); err != nil {
		return err
	}
	if wanted.Code == "" {
		return alma.MandatoryFieldMissing("code")
	}
	render, known := a.reports()[wanted.Code]
	if !known {
		return alma.LetterUnknownCode(wanted.Code)
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	message, err := render(r.Context(), p)
	if errors.Is(err, letter.ErrNothingToReport) {
		return alma.LetterNothingToReport()
	}
	if err != nil {
		return err
	}
	order, err := a.order(r, p, wanted.Code, key, message)
	if op == "preview" {
		return alma.Write(w, r, a.preview(p, wanted.Code, message, err))
	}
	if err != nil {
		return err
	}
	sent, err := a.post(r.Context(), order)
	if err != nil {
		return err
	}
	if sent.State == letter.Failed || sent.State == letter.Unknown {
		return alma.LetterNotSent(string(sent.State), sent.Reason)
	}
	return alma.Write(w, r, alma.NewLetter(sent, a.Institution, a.Institution.DefaultLanguage()))
}

// preview shows a letter to the patron, and why it would be refused where it would.
func (a *API) preview(p patron.Patron, code string, message letter.Message, refused error) alma.LetterPreview {
	shown := alma.LetterPreview{
		Code: code, Language: message.Language, Subject: message.Subject, To: alma.NullText(a.addressee(p)),
		HTML: message.HTML, Text: message.Text,
	}
	if said, ok := errors.AsType[*alma.Error](refused); ok {
		shown.Refusal = &alma.Code{Value: said.Code, Desc: said.Message}
	}
	return shown
}

// reports are the letters that are sent on demand, by code.
func (a *API) reports() map[string]func(context.Context, patron.Patron) (letter.Message, error) {
	return map[string]func(context.Context, patron.Patron) (letter.Message, error){
		letter.RequestsReportCode:    a.requestsReport,
		letter.BorrowingActivityCode: a.borrowingActivity,
	}
}

// requestsReport renders the Requests Report Letter from the patron's active requests as they are now.
func (a *API) requestsReport(ctx context.Context, p patron.Patron) (letter.Message, error) {
	requests, err := a.Store.ActiveRequests(ctx, p.UID)
	if err != nil {
		return letter.Message{}, err
	}
	queues, err := a.queuesOf(ctx, requests)
	if err != nil {
		return letter.Message{}, err
	}
	lines := make([]letter.Line, len(requests))
	for i, req := range requests {
		lines[i] = letter.Line{Request: req, Place: queues[req.MMSID].Place(req.ID)}
	}
	return letter.RequestsReport(p, lines, a.Institution, a.Now())
}

// borrowingActivity renders the Borrowing Activity Letter from the patron's loans and fees as they are now.
func (a *API) borrowingActivity(ctx context.Context, p patron.Patron) (letter.Message, error) {
	loans, err := a.Store.ActiveLoans(ctx, p.UID)
	if err != nil {
		return letter.Message{}, err
	}
	fees, err := a.Store.OpenFees(ctx, p.UID)
	if err != nil {
		return letter.Message{}, err
	}
	return letter.BorrowingActivity(p, letter.ActivityOf(loans, fees, a.Institution, a.Now()), a.Institution, a.Now())
}

// addressee is where letters to the patron go, or "".
func (a *API) addressee(p patron.Patron) string {
	email, _ := p.PreferredEmail()
	return email.Address
}

// order is what the outbox is asked to send, or an error when the institution or the patron does not want the letter
// sent, or there is no address to send it to.
func (a *API) order(r *http.Request, p patron.Patron, code, key string, message letter.Message) (outbox.Order, error) {
	to := a.addressee(p)
	switch {
	case letter.Disabled(a.Institution, code):
		return outbox.Order{}, alma.LetterDisabled(code)
	case letter.OptedOut(p, code):
		return outbox.Order{}, alma.LetterOptedOut(code)
	case to == "":
		return outbox.Order{}, alma.LetterNoEmail()
	}
	return outbox.Order{
		UID: p.UID, Key: key, Code: code, By: a.by(r).By, Message: message,
		From: a.Institution.Letters.From, ReplyTo: a.Institution.Letters.ReplyTo, To: to,
	}, nil
}

// post sends a letter through the outbox. That what became of it could not be recorded is noted for the log, and is no
// error when it was sent.
func (a *API) post(ctx context.Context, order outbox.Order) (letter.Sent, error) {
	sent, err := a.Outbox.Post(ctx, order)
	if errors.Is(err, outbox.ErrKeyReused) {
		return sent, alma.InvalidParameter("Idempotency-Key", "It was used for another letter; nothing was sent. Use a new one.")
	}
	countUnsent(ctx, sent.State, err)
	if errors.Is(err, outbox.ErrNotRecorded) && sent.State == letter.Mailed {
		obs.Fail(ctx, err)
		return sent, nil
	}
	return sent, err
}

// countUnsent counts a letter that was to be sent, by its state and the error on its way, for the metric an alarm
// watches. One that somebody else is sending, or whose patron was deleted meanwhile, is none.
func countUnsent(ctx context.Context, state letter.State, err error) {
	broken := err != nil && state != letter.Mailed && saidOfLetter(err) == nil
	if broken || state == letter.Failed || state == letter.Unknown {
		obs.LetterNotSent(ctx)
	}
}

// listLetters answers GET /users/{user_id}/letters: the letters sent to the patron, and those that were not, the
// newest first. Who asked for them is not shown to the patron.
func (a *API) listLetters(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r, alma.GeneralError)
	if err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	all, err := a.Store.Letters(r.Context(), p.UID)
	if err != nil {
		return err
	}
	letters := alma.Letters{Total: len(all)}
	for _, sent := range pageFrom(all, page) {
		settled, err := a.Outbox.Settle(r.Context(), p.UID, sent)
		if err != nil {
			return err
		}
		shown := alma.NewLetter(settled, a.Institution, a.Institution.DefaultLanguage())
		if auth.CallerFrom(r.Context()).Kind == auth.PatronCaller {
			shown.CreatedBy = ""
		}
		letters.Letter = append(letters.Letter, shown)
	}
	return alma.Write(w, r, letters)
}
