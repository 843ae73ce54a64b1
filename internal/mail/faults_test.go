package mail

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// secret is in every error SES gives here and must be in none of ours.
const secret = "thomas.ahrendt@demo.example"

func TestErrors(t *testing.T) {
	said := aws.String("no: " + secret)
	tests := []struct {
		name    string
		fault   error
		certain bool
		calls   int
	}{
		{"rejected", &types.MessageRejected{Message: said}, true, 1},
		{"domain not verified", &types.MailFromDomainNotVerifiedException{Message: said}, true, 1},
		{"account suspended", &types.AccountSuspendedException{Message: said}, true, 1},
		{"sending paused", &types.SendingPausedException{Message: said}, true, 1},
		{"bad request", &types.BadRequestException{Message: said}, true, 1},
		{"no configuration set", &types.NotFoundException{Message: said}, true, 1},
		{"throttled for ever", &types.TooManyRequestsException{Message: said}, true, attempts},
		{"limit exceeded", &types.LimitExceededException{Message: said}, true, attempts},
		{"throttled, by the gateway", status(429, "X"), true, attempts},
		{"refused, another code", status(403, "InvalidSignatureException"), true, 1},
		{"5xx", status(500, "InternalServiceErrorException"), false, 1},
		{"503", status(503, "ServiceUnavailable"), false, 1},
		{"request time-out", status(408, "X"), false, 1},
		{"answer not understood", status(200, "X"), false, 1},
		{"time-out", context.DeadlineExceeded, false, 1},
		{"reset", &net.OpError{Op: "read", Err: errors.New("connection reset by peer " + secret)}, false, 1},
		{"not reached", &net.OpError{Op: "dial", Err: errors.New("refused " + secret)}, true, 1},
		{"anything else", errors.New(secret), false, 1},
	}
	for _, tt := range tests {
		calls := 0
		s := sender("http://127.0.0.1:1", func(context.Context, *sesv2.SendEmailInput, func() error) error {
			calls++
			return tt.fault
		})
		_, err := s.Send(t.Context(), sample())
		reason, certain := refused(err)
		if certain != tt.certain || errors.Is(err, ErrNotSent) != tt.certain || reason == "" || calls != tt.calls {
			t.Errorf("%s: certainly not sent %v after %d calls, want %v after %d: %v", tt.name, certain, calls, tt.certain, tt.calls, err)
		}
		if strings.Contains(err.Error()+reason, secret) {
			t.Errorf("%s: the error tells the patron's address: %v", tt.name, err)
		}
		if !errors.Is(err, tt.fault) {
			t.Errorf("%s: the cause is lost", tt.name)
		}
	}
}

// status is an error answer of the service with an HTTP status.
func status(code int, name string) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}},
		Err:      &smithy.GenericAPIError{Code: name, Message: secret},
	}
}

func TestThrottledThenSent(t *testing.T) {
	box := startInbox(t)
	calls := 0
	s := sender(box.url, func(_ context.Context, _ *sesv2.SendEmailInput, call func() error) error {
		if calls++; calls < 3 {
			return &types.TooManyRequestsException{}
		}
		return call()
	})
	if id, err := s.Send(t.Context(), sample()); err != nil || id == "" || calls != 3 {
		t.Errorf("got %q, %v after %d calls", id, err, calls)
	}
	if n := len(box.mails(t)); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}

// TestTimeOutAfterSending is the case nobody can tell from a letter that was not sent.
func TestTimeOutAfterSending(t *testing.T) {
	box := startInbox(t)
	s := sender(box.url, func(_ context.Context, _ *sesv2.SendEmailInput, call func() error) error {
		if err := call(); err != nil {
			t.Error(err)
		}
		return context.DeadlineExceeded
	})
	_, err := s.Send(t.Context(), sample())
	if _, certain := refused(err); err == nil || certain {
		t.Errorf("got %v; it may have been sent", err)
	}
	if n := len(box.mails(t)); n != 1 {
		t.Errorf("%d mails arrived, want 1: the SDK sent it again", n)
	}
}

// TestNetwork breaks the connection itself.
func TestNetwork(t *testing.T) {
	tests := []struct {
		name    string
		serve   func(net.Conn)
		certain bool
	}{
		{"nobody listens", nil, true},
		{"closed after the request", func(c net.Conn) { readSome(c); c.Close() }, false},
		{"500 without a body", func(c net.Conn) { answer(c, "500 Internal Server Error") }, false},
		{"400 without a body", func(c net.Conn) { answer(c, "400 Bad Request") }, true},
		{"no answer", func(c net.Conn) { readSome(c) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := sender("http://"+listen(t, tt.serve), nil).Send(ctx, sample())
			if _, certain := refused(err); err == nil || certain != tt.certain {
				t.Errorf("certainly not sent: got %v, want %v: %v", certain, tt.certain, err)
			}
		})
	}
}

func readSome(c net.Conn) { _, _ = c.Read(make([]byte, 64<<10)) }

func answer(c net.Conn, status string) {
	readSome(c)
	_, _ = c.Write([]byte("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n"))
	c.Close()
}

// listen is an address whose connections are served so, or at which nobody listens.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if serve == nil {
		l.Close()
		return l.Addr().String()
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go serve(c)
		}
	}()
	return l.Addr().String()
}

func TestNoTimeLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sender("http://127.0.0.1:1", nil).Send(ctx, sample())
	if reason, certain := refused(err); !certain || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v", reason, err)
	}
}

// refused is what the outbox reads in an error: the reason, and whether the letter was certainly not sent.
func refused(err error) (reason string, certain bool) {
	var r interface{ Refusal() (string, bool) }
	if errors.As(err, &r) {
		return r.Refusal()
	}
	return "", false
}
