// Package mail sends letters with Amazon SES (API version 2). SendEmail has no idempotency token, so what matters of
// an error is whether the letter was certainly not sent; only then may it be sent again.
package mail

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"patrondesk/internal/letter"
)

// Mail is a letter in its envelope.
type Mail = letter.Mail

// Sender sends letters. It is safe for concurrent use.
type Sender struct {
	client           *sesv2.Client
	configurationSet string
	pause            time.Duration // before the first further attempt; doubled before each next one
}

// attempts is how often a letter is offered to SES while SES says it is being asked too fast.
const attempts = 4

// New makes a sender that sends through the SES configuration set, or through none when its name is empty.
func New(client *sesv2.Client, configurationSet string) *Sender {
	return &Sender{client: client, configurationSet: configurationSet, pause: 250 * time.Millisecond}
}

// Send gives a letter to SES, which then owns it, and returns SES's message id. The message carries the tag "letter"
// with the letter's id, by which events about it find it. An error wraps [ErrNotSent] when the letter was certainly
// not sent; after any other error it may have been. Errors hold no data of the patron; their method Refusal gives the
// reason.
//
// Send repeats only what SES refused because it was asked too fast, at most three times within two seconds; the SDK's
// own retries are off.
func (s *Sender) Send(ctx context.Context, m Mail) (messageID string, err error) {
	in, err := s.input(m)
	if err != nil {
		return "", err
	}
	for attempt, pause := 1, s.pause; ; attempt, pause = attempt+1, 2*pause {
		if ctx.Err() != nil {
			return "", notSent("there was no time left to send it", ctx.Err())
		}
		out, err := s.client.SendEmail(ctx, in, once)
		if err == nil {
			return aws.ToString(out.MessageId), nil
		}
		f := classify(err)
		if !f.again || attempt == attempts || !wait(ctx, pause) {
			return "", f
		}
	}
}

// once switches the SDK's retries off: a repeated SendEmail may be a second letter.
func once(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} }

// wait waits about as long as told, and reports whether ctx allowed it.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause/2 + rand.N(pause/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// input is the letter as SES wants it; SES makes the MIME message and encodes its headers.
func (s *Sender) input(m Mail) (*sesv2.SendEmailInput, error) {
	env, err := check(m)
	if err != nil {
		return nil, err
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(env.from),
		Destination:      &types.Destination{ToAddresses: []string{env.to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(m.Subject),
			Body:    &types.Body{Html: utf8(m.HTML), Text: utf8(m.Text)},
		}},
		EmailTags: []types.MessageTag{{Name: aws.String("letter"), Value: aws.String(m.LetterID)}},
	}
	if env.replyTo != "" {
		in.ReplyToAddresses = []string{env.replyTo}
	}
	if s.configurationSet != "" {
		in.ConfigurationSetName = aws.String(s.configurationSet)
	}
	return in, nil
}

func utf8(text string) *types.Content {
	return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
}
