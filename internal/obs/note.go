package obs

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"patrondesk/internal/alma"
)

// note is what the packages along a request's way say about it, for the one line at its end. None of it comes from
// the request but the tracking id, which the gateway or Lambda made.
type note struct {
	mu     sync.Mutex
	code   string // Alma's, of a refusal
	fault  string // the text of an error without such a code
	caller string
	unsent int // letters
}

type (
	noteKey     struct{}
	trackingKey struct{}
)

// Fail notes the error a request ended with, for the log line: of one in Alma's words the code alone; of any other,
// which is a fault, its text as far as that can hold nothing of a patron. A request that was answered all the same may
// have met a fault on the way. Outside of [Middleware] it does nothing.
func Fail(ctx context.Context, err error) {
	if err == nil {
		return
	}
	write(ctx, func(n *note) {
		if known, ok := errors.AsType[*alma.Error](err); ok {
			n.code = known.Code
			return
		}
		n.fault = Fault(err)
	})
}

// SetCaller notes which kind of caller the request came from, for the log line: a word of the program's, never
// anything that tells one caller from another. Outside of [Middleware] it does nothing.
func SetCaller(ctx context.Context, kind string) {
	write(ctx, func(n *note) { n.caller = kind })
}

// LetterNotSent counts a letter the request asked for that was not sent, or of which nobody knows whether it was, for
// the metric LettersNotSent. A letter that nobody wants, or that has nowhere to go, is none of them. Outside of
// [Middleware] it does nothing.
func LetterNotSent(ctx context.Context) {
	write(ctx, func(n *note) { n.unsent++ })
}

// write changes the note of the request, if there is one. A request may be answered by several goroutines at once.
func write(ctx context.Context, change func(*note)) {
	n, ok := ctx.Value(noteKey{}).(*note)
	if !ok {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// WithTrackingID puts the id of the invocation in the context: Alma's trackingId, which a caller reads in an error
// and which is in the log line.
func WithTrackingID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, trackingKey{}, id)
}

// TrackingID is the id of the invocation; empty when there is none.
func TrackingID(ctx context.Context) string {
	id, _ := ctx.Value(trackingKey{}).(string)
	return id
}

// longestFault is how much of an error's text is logged, in bytes.
const longestFault = 500

// valueLike is what looks like a value in the text of an error: anything quoted, anything with an at sign.
var valueLike = regexp.MustCompile("\"[^\"]*\"?|`[^`]*`?|'[^']*'|[^\\s]*@[^\\s]*")

// Fault is the text of an error, fit for a log, without what a service wrote as its message and without values. Our own
// texts name none; those of services and parsers repeat what they were given, such as the address a letter went to.
func Fault(err error) string {
	text := err.Error()
	var service interface {
		error
		ErrorMessage() string
	}
	if errors.As(err, &service) && service.ErrorMessage() != "" {
		text = strings.ReplaceAll(text, service.ErrorMessage(), "...")
	}
	text = valueLike.ReplaceAllString(text, "...")
	if len(text) > longestFault {
		text = strings.ToValidUTF8(text[:longestFault], "")
	}
	return text
}
