package mail

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrNotSent says that a letter was certainly not sent.
var ErrNotSent = errors.New("the letter was not sent")

// failure is why a letter could not be sent, or is not known to have been. Its text holds nothing of what SES or the
// network said, which may name the patron's address; that is found with errors.As alone.
type failure struct {
	reason  string
	certain bool // that it was not sent
	again   bool // whether it may be tried again at once
	cause   error
}

func notSent(reason string, cause error) *failure {
	return &failure{reason: reason, certain: true, cause: cause}
}

func (f *failure) Error() string {
	if f.certain {
		return "send a letter: not sent: " + f.reason
	}
	return "send a letter: not known whether it was sent: " + f.reason
}

// Unwrap makes errors.Is find ErrNotSent, and both it and errors.As the cause.
func (f *failure) Unwrap() []error {
	var all []error
	if f.certain {
		all = append(all, ErrNotSent)
	}
	if f.cause != nil {
		all = append(all, f.cause)
	}
	return all
}

// Refusal is the reason in words for staff and without data of the patron, and whether the letter was certainly not
// sent. It is a method, so that a caller need not know this package.
func (f *failure) Refusal() (reason string, certain bool) { return f.reason, f.certain }

// refusals are SES's answers that say it did not take the letter, by error code (API reference, SendEmail).
var refusals = map[string]string{
	"MessageRejected":                    "SES rejected the message",
	"MailFromDomainNotVerifiedException": "the institution's MAIL FROM domain is not verified in SES",
	"AccountSuspendedException":          "SES has suspended the account's sending",
	"SendingPausedException":             "sending is paused in SES",
	"BadRequestException":                "SES found the message not valid",
	"NotFoundException":                  "SES does not know the configuration set or identity",
	"AccessDeniedException":              "the function may not send with SES",
}

// tooFast are the codes by which SES says that it took nothing because it is asked too fast or too much.
var tooFast = map[string]bool{
	"TooManyRequestsException": true,
	"LimitExceededException":   true,
	"ThrottlingException":      true,
	"Throttling":               true,
}

// classify says what an error of SendEmail means. Only what is certain to have come before SES took the letter is
// called certain.
func classify(err error) *failure {
	var api smithy.APIError
	if errors.As(err, &api) {
		if tooFast[api.ErrorCode()] {
			return &failure{reason: "SES is being asked too fast or its quota is used up", certain: true, again: true, cause: err}
		}
		if reason, ok := refusals[api.ErrorCode()]; ok {
			return notSent(reason, err)
		}
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode() != 0 { // 0: no answer came
		return answered(answer.HTTPStatusCode(), err)
	}
	return unanswered(err)
}

// answered is an error that came as SES's answer, told apart by its HTTP status alone.
func answered(status int, err error) *failure {
	switch {
	case status == http.StatusTooManyRequests:
		return &failure{reason: "SES is being asked too fast or its quota is used up", certain: true, again: true, cause: err}
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return notSent("SES refused the message", err)
	case status >= 500:
		return &failure{reason: "SES had an error of its own", cause: err}
	}
	return &failure{reason: "SES's answer was not understood", cause: err}
}

// unanswered is an error without an answer of SES.
func unanswered(err error) *failure {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return notSent("SES could not be reached", err)
	}
	var signing *v4.SigningError
	if errors.As(err, &signing) {
		return notSent("the function has no credentials to send with", err)
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return &failure{reason: "SES did not answer in time", cause: err}
	}
	return &failure{reason: "the connection to SES broke before its answer", cause: err}
}
