package queue

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"patrondesk/functions"
)

// Handler is a Lambda function started by a queue. Its error leaves the message in the queue.
type Handler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// Consumer hands the messages of one queue to its function, one at a time.
type Consumer struct {
	Dir      string // where the writer writes
	Function functions.Function
	Handler  Handler
	// Attempts is how often a message is tried before it is put aside among the dead ones.
	Attempts int
	// Pause is the wait before another attempt.
	Pause time.Duration
	// TwiceEvery delivers every so manieth message twice, as SQS may; 0 delivers each once.
	TwiceEvery int
	Log        *slog.Logger
}

// Run delivers messages until the context ends. The message being handled then stays in the queue.
func (c Consumer) Run(ctx context.Context) {
	dir := filepath.Join(c.Dir, c.Function.Name)
	for n := 0; ctx.Err() == nil; {
		names, err := waiting(dir)
		if err != nil {
			c.Log.Error("read the queue", "function", c.Function.Name, "error", err.Error())
		}
		if len(names) == 0 {
			pause(ctx, 50*time.Millisecond)
			continue
		}
		n++
		c.settle(ctx, names[0], c.TwiceEvery > 0 && n%c.TwiceEvery == 0)
	}
}

// settle delivers one message until it is handled or dead.
func (c Consumer) settle(ctx context.Context, name string, twice bool) {
	body, err := os.ReadFile(name)
	if err != nil {
		c.Log.Error("read a message", "function", c.Function.Name, "error", err.Error())
		pause(ctx, c.Pause)
		return
	}
	for attempt := 1; ctx.Err() == nil; attempt++ {
		err := c.deliver(ctx, name, body, attempt)
		if err == nil && twice {
			twice = false
			continue
		}
		if err == nil {
			os.Remove(name)
			return
		}
		c.Log.Warn("a message was not handled", "function", c.Function.Name, "attempt", attempt, "error", err.Error())
		if attempt >= c.Attempts && ctx.Err() == nil {
			c.bury(name)
			return
		}
		pause(ctx, c.Pause)
	}
}

// deliver runs the function once, with its time-out. A panic is an error, as it is of a Lambda function.
func (c Consumer) deliver(ctx context.Context, name string, body []byte, attempt int) (err error) {
	id := strings.TrimSuffix(filepath.Base(name), ".json")
	ctx, cancel := context.WithTimeout(ctx, c.Function.Timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: newID()})
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %T", c.Function.Name, p)
		}
	}()
	response, err := c.Handler(ctx, events.SQSEvent{Records: []events.SQSMessage{c.message(id, body, attempt)}})
	if err == nil && len(response.BatchItemFailures) > 0 {
		err = fmt.Errorf("%s gave the message back", c.Function.Name)
	}
	return err
}

func (c Consumer) message(id string, body []byte, attempt int) events.SQSMessage {
	sum := md5.Sum(body)
	sequencer, _, _ := strings.Cut(id, "-")
	sent, _ := strconv.ParseInt(sequencer, 16, 64)
	sentMillis := strconv.FormatInt(sent/int64(time.Millisecond), 10)
	return events.SQSMessage{
		MessageId:     id,
		ReceiptHandle: fmt.Sprintf("%s-%d", id, attempt),
		Body:          string(body),
		Md5OfBody:     hex.EncodeToString(sum[:]),
		Attributes: map[string]string{
			"ApproximateReceiveCount":          strconv.Itoa(attempt),
			"ApproximateFirstReceiveTimestamp": sentMillis,
			"SentTimestamp":                    sentMillis,
			"SequenceNumber":                   strconv.FormatInt(sent, 10),
			"MessageGroupId":                   c.Function.Name,
			"MessageDeduplicationId":           hex.EncodeToString(sum[:]),
		},
		EventSource:    "aws:sqs",
		EventSourceARN: "arn:aws:sqs:local:000000000000:" + c.Function.Name + ".fifo",
		AWSRegion:      "local",
	}
}

// bury puts a message aside, as a dead-letter queue does.
func (c Consumer) bury(name string) {
	dead := filepath.Join(filepath.Dir(name), "dead")
	if err := os.MkdirAll(dead, 0o700); err == nil {
		err = os.Rename(name, filepath.Join(dead, filepath.Base(name)))
		if err == nil {
			c.Log.Error("a message was put aside", "function", c.Function.Name, "attempts", c.Attempts)
			return
		}
	}
	os.Remove(name)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
