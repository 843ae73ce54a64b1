package letter

import (
	"errors"
	"time"
)

// Errors of looking up and writing letters. The store returns them; nothing was written.
var (
	ErrNotFound = errors.New("no such letter")
	// ErrChanged says that somebody else wrote the letter after it was read.
	ErrChanged = errors.New("the letter was changed by somebody else meanwhile")
	// ErrPatronGone says that the patron was deleted, or is being deleted, meanwhile.
	ErrPatronGone = errors.New("the patron was deleted meanwhile")
)

// Sent is one letter in a patron's outbox: what was to be sent and what became of it. It holds no text of the letter
// and no address.
type Sent struct {
	ID       string    `json:"id"` // a ULID: the order of creation
	Code     string    `json:"code"`
	Language string    `json:"language"`
	Subject  string    `json:"subject"`
	State    State     `json:"state"`
	By       string    `json:"by"` // the caller who asked for it, as in patron.Change
	Created  time.Time `json:"created"`
	// Began is when it was about to be handed to SES, and the zero time before.
	Began    time.Time `json:"began,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// MessageID is SES's, once it took the letter.
	MessageID string `json:"message_id,omitempty"`
	// Reason says in a sentence why the state is Failed or Unknown.
	Reason string `json:"reason,omitempty"`
	// Version counts the writes from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`
}

// Unsent reports whether the letter was certainly not sent and nobody is at it: SES was never asked to, or refused.
// Whoever asks for it again may send it.
func (s Sent) Unsent() bool { return s.State == Failed || s.Began.IsZero() }

// State is what became of a letter.
type State string

// The states of a letter. SES has no idempotency token, so a time-out leaves a letter Unknown: it may have been
// sent, and is never sent again by itself.
const (
	Pending State = "PENDING"
	Sending State = "SENDING"
	Mailed  State = "SENT"
	Failed  State = "FAILED"
	Unknown State = "UNKNOWN"
)
