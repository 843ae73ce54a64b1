// Package outbox sends a letter at most once and records what became of it.
//
// SES has no idempotency token, so the record of a letter is what keeps a double click or a repeated invocation from
// sending it twice. A letter goes from PENDING to SENDING by a conditional write, which one caller wins, and from
// there to SENT, FAILED or UNKNOWN.
//
// Where a function dies on the way, [Outbox.Settle] tells the truth about what it left: SENDING becomes UNKNOWN, and
// PENDING becomes FAILED, since that letter was certainly not sent. So it may be sent still, but only when somebody asks
// for it again: the same key takes up a letter that was never handed to the mail service, or that the service refused for
// certain, by the same conditional write. Any other is never sent again under its key.
package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/letter"
)

// Errors of [Outbox.Post].
var (
	// ErrKeyReused says that the idempotency key belongs to a letter of another code. Nothing was sent.
	ErrKeyReused = errors.New("the idempotency key was used for another letter")
	// ErrNotRecorded says that what became of the letter could not be written. The letter returned with it says what
	// did; its record says SENDING and will say UNKNOWN.
	ErrNotRecorded = errors.New("what became of the letter could not be recorded")
)

// The times of a letter. A function that sends letters runs for less than stale, so that nobody is still at work on
// a letter which has been PENDING or SENDING for longer.
const (
	stale         = time.Minute
	sendTimeout   = 10 * time.Second
	recordTimeout = 5 * time.Second
	recordTries   = 4
)

// store keeps the letters of patrons. Its reads are strongly consistent.
type store interface {
	// ReserveLetter stores a new letter, unless the same one was reserved before: then it returns that one, with
	// fresh false.
	ReserveLetter(ctx context.Context, uid, key string, s letter.Sent) (stored letter.Sent, fresh bool, err error)
	// UpdateLetter stores s over the version it was read with and returns it with the new one; letter.ErrChanged
	// when it is no longer as read.
	UpdateLetter(ctx context.Context, uid string, s letter.Sent) (letter.Sent, error)
	// Letter is one letter of a patron.
	Letter(ctx context.Context, uid, id string) (letter.Sent, error)
}

// sender sends a letter and returns the mail service's message id. After an error that does not implement refusal,
// or does not call itself certain, the letter may have been sent.
type sender interface {
	Send(ctx context.Context, m letter.Mail) (messageID string, err error)
}

// refusal is an error that knows whether the letter was certainly not sent, and why, without data of the patron.
type refusal interface {
	error
	Refusal() (reason string, certain bool)
}

// Order asks for a letter to a patron. By is the caller, as in patron.Change. Key is the caller's idempotency key;
// without one ("") a second order of the same letter within a minute counts as a double click. A letter about one
// thing, such as a cancelled request, therefore needs a key made from that thing's id.
type Order struct {
	UID, Key, Code, By string
	Message            letter.Message
	From, ReplyTo, To  string // as in letter.Mail
}

// Outbox sends letters. It is safe for concurrent use.
type Outbox struct {
	store  store
	sender sender
	now    func() time.Time
	pause  time.Duration // before recording is tried again; doubled each time
}

// New makes an outbox on a store and a sender.
func New(store store, sender sender, now func() time.Time) *Outbox {
	return &Outbox{store: store, sender: sender, now: now, pause: 100 * time.Millisecond}
}

// Post sends a letter unless the same order was posted before, and returns its record. A letter posted before is
// returned as it is and not sent again, whatever became of it; but one that was certainly not sent is taken up, as by
// Send, and one still SENDING after a minute becomes UNKNOWN.
//
// The state tells what became of the letter: FAILED is no error here. With an error nothing was sent, but for
// [ErrNotRecorded].
func (o *Outbox) Post(ctx context.Context, order Order) (letter.Sent, error) {
	sent, _, err := o.store.ReserveLetter(ctx, order.UID, order.Key, o.Draft(order))
	if err != nil {
		return letter.Sent{}, fmt.Errorf("post a letter: %w", err)
	}
	if sent.Code != order.Code {
		return letter.Sent{}, ErrKeyReused
	}
	return o.Send(ctx, order, sent)
}

// Send sends a letter that is reserved in the store already, as it was read there, and returns its record. One that
// somebody else took up or gave up meanwhile, or that may have been sent before, is returned as it is and not sent.
// Errors are as for Post.
func (o *Outbox) Send(ctx context.Context, order Order, reserved letter.Sent) (letter.Sent, error) {
	if !reserved.Unsent() {
		return o.Settle(ctx, order.UID, reserved)
	}
	taken, err := o.take(ctx, order, reserved)
	if errors.Is(err, letter.ErrChanged) { // somebody else took it, or gave it up
		return o.store.Letter(ctx, order.UID, reserved.ID)
	}
	if err != nil {
		return letter.Sent{}, fmt.Errorf("begin to send a letter: %w", err)
	}
	return o.send(ctx, order, taken)
}

// Settle is the letter as it is known to be at this time. One that has been SENDING for longer than any function runs
// is recorded as UNKNOWN; one that has been PENDING for as long is recorded as FAILED, after which nobody who began with
// it sends it any more. Any other is returned unchanged.
func (o *Outbox) Settle(ctx context.Context, uid string, sent letter.Sent) (letter.Sent, error) {
	switch {
	case sent.State == letter.Sending && o.old(sent.Began):
		sent.State, sent.Reason = letter.Unknown, "the function ended before it recorded whether the letter was sent"
	case sent.State == letter.Pending && o.old(sent.Created):
		sent.State, sent.Reason = letter.Failed, "the function ended before the letter was handed to the mail service; "+
			"it was not sent, and is when the call that asked for it is repeated"
	default:
		return sent, nil
	}
	sent.Finished = o.now()
	settled, err := o.store.UpdateLetter(ctx, uid, sent)
	if errors.Is(err, letter.ErrChanged) {
		return o.store.Letter(ctx, uid, sent.ID)
	}
	if err != nil {
		return letter.Sent{}, fmt.Errorf("settle a letter: %w", err)
	}
	return settled, nil
}

// Draft is the record of a new letter, PENDING, for a caller that reserves it in the store together with what the
// letter tells of, and then gives it to Send.
func (o *Outbox) Draft(order Order) letter.Sent {
	now := o.now()
	return letter.Sent{
		ID:   ulid.MustNew(ulid.Timestamp(now), rand.Reader).String(),
		Code: order.Code, Language: order.Message.Language, Subject: order.Message.Subject,
		State: letter.Pending, By: order.By, Created: now,
	}
}

func (o *Outbox) old(at time.Time) bool { return o.now().Sub(at) > stale }

// take makes a letter that was never tried SENDING, for this caller alone. Its language and subject are those of the message that
// will be sent, which for a letter taken up again was rendered anew.
func (o *Outbox) take(ctx context.Context, order Order, sent letter.Sent) (letter.Sent, error) {
	sent.State, sent.Began, sent.Finished, sent.Reason = letter.Sending, o.now(), time.Time{}, ""
	sent.Language, sent.Subject = order.Message.Language, order.Message.Subject
	return o.store.UpdateLetter(ctx, order.UID, sent)
}

// send sends a letter that is SENDING and records what became of it, even when ctx ends meanwhile.
func (o *Outbox) send(ctx context.Context, order Order, sent letter.Sent) (letter.Sent, error) {
	sending, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	id, err := o.sender.Send(sending, letter.Mail{
		From: order.From, ReplyTo: order.ReplyTo, To: order.To,
		Subject: order.Message.Subject, HTML: order.Message.HTML, Text: order.Message.Text, LetterID: sent.ID,
	})
	sent.State, sent.MessageID, sent.Reason, sent.Finished = letter.Mailed, id, "", o.now()
	if err != nil {
		sent.State, sent.Reason = outcome(err)
	}
	return o.record(ctx, order.UID, sent)
}

// outcome is what an error of the sender says became of the letter.
func outcome(err error) (state letter.State, reason string) {
	var r refusal
	if !errors.As(err, &r) {
		return letter.Unknown, "the mail service failed"
	}
	reason, certain := r.Refusal()
	if certain {
		return letter.Failed, reason
	}
	return letter.Unknown, reason
}

// record writes what became of a letter, trying again for a few seconds.
func (o *Outbox) record(ctx context.Context, uid string, sent letter.Sent) (letter.Sent, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	pause := o.pause
	for try := 1; ; try++ {
		stored, err := o.store.UpdateLetter(ctx, uid, sent)
		if err == nil {
			return stored, nil
		}
		if errors.Is(err, letter.ErrChanged) {
			if stored, done := o.reread(ctx, uid, &sent); done {
				return stored, nil
			}
		}
		if try == recordTries || !sleep(ctx, pause) {
			return sent, fmt.Errorf("%w: %w", ErrNotRecorded, err)
		}
		pause *= 2
	}
}

// reread looks at a letter that changed while it was being sent. Either an earlier try was written after all, and done
// is true; or somebody called it UNKNOWN, which what is known now overrules, so that sent gets its version.
func (o *Outbox) reread(ctx context.Context, uid string, sent *letter.Sent) (stored letter.Sent, done bool) {
	stored, err := o.store.Letter(ctx, uid, sent.ID)
	if err != nil {
		return letter.Sent{}, false
	}
	if stored.State == sent.State && stored.MessageID == sent.MessageID {
		return stored, true
	}
	sent.Version = stored.Version
	return letter.Sent{}, false
}

// sleep waits and reports whether ctx allowed it.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
