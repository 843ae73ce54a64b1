package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"patrondesk/functions"
)

// taker remembers the keys it was given and answers as told.
type taker struct {
	keys     []string
	received []string // ApproximateReceiveCount of each
	answer   func(n int) (events.SQSEventResponse, error)
	enough   int
	stop     context.CancelFunc
}

func (k *taker) handle(_ context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var c Created
	if err := json.Unmarshal([]byte(event.Records[0].Body), &c); err != nil {
		return events.SQSEventResponse{}, err
	}
	k.keys = append(k.keys, c.Key)
	k.received = append(k.received, event.Records[0].Attributes["ApproximateReceiveCount"])
	if len(k.keys) == k.enough {
		k.stop()
	}
	if k.answer == nil {
		return events.SQSEventResponse{}, nil
	}
	return k.answer(len(k.keys))
}

// consume runs the consumer of sis-import until the handler was called as often as enough says.
func consume(t *testing.T, dir string, k *taker, change func(*Consumer)) {
	t.Helper()
	f, ok := functions.Named("sis-import")
	if !ok {
		t.Fatal("there is no function sis-import")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	k.stop = cancel
	c := Consumer{
		Dir: dir, Function: f, Handler: k.handle, Attempts: 3, Pause: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&c)
	}
	c.Run(ctx)
	if len(k.keys) < k.enough {
		t.Fatalf("the handler was called %d times, want %d", len(k.keys), k.enough)
	}
}

func send(t *testing.T, dir string, keys ...string) {
	t.Helper()
	w := NewWriter(dir)
	for _, key := range keys {
		if err := w.Send(Created{Bucket: "b", Key: key, ETag: "e"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessagesComeInOrderToTheirFunctionAlone(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 30 {
		key := fmt.Sprintf("sis/A/%d", (i*7)%30)
		send(t, dir, key, fmt.Sprintf("items/%d", i), "elsewhere")
		want = append(want, key)
	}
	k := &taker{enough: len(want)}
	consume(t, dir, k, nil)
	if !slices.Equal(k.keys, want) {
		t.Errorf("got %v, want %v", k.keys, want)
	}
}

func TestEveryThirdMessageComesTwice(t *testing.T) {
	dir := t.TempDir()
	send(t, dir, "sis/1", "sis/2", "sis/3", "sis/4")
	k := &taker{enough: 5}
	consume(t, dir, k, func(c *Consumer) { c.TwiceEvery = 3 })
	if want := []string{"sis/1", "sis/2", "sis/3", "sis/3", "sis/4"}; !slices.Equal(k.keys, want) {
		t.Errorf("got %v, want %v", k.keys, want)
	}
}

func TestWhatFailsIsTriedAgainAndThenPutAside(t *testing.T) {
	for name, answer := range map[string]func(n int) (events.SQSEventResponse, error){
		"error": func(n int) (events.SQSEventResponse, error) {
			if n <= 3 {
				return events.SQSEventResponse{}, errors.New("no")
			}
			return events.SQSEventResponse{}, nil
		},
		"given back": func(n int) (events.SQSEventResponse, error) {
			if n <= 3 {
				return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: "x"}}}, nil
			}
			return events.SQSEventResponse{}, nil
		},
		"panic": func(n int) (events.SQSEventResponse, error) {
			if n <= 3 {
				panic("no")
			}
			return events.SQSEventResponse{}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			send(t, dir, "sis/bad", "sis/good")
			k := &taker{enough: 4, answer: answer}
			consume(t, dir, k, nil)
			if want := []string{"sis/bad", "sis/bad", "sis/bad", "sis/good"}; !slices.Equal(k.keys, want) {
				t.Errorf("got %v, want %v", k.keys, want)
			}
			if want := []string{"1", "2", "3", "1"}; !slices.Equal(k.received, want) {
				t.Errorf("receive counts are %v, want %v", k.received, want)
			}
			dead, err := os.ReadDir(filepath.Join(dir, "sis-import", "dead"))
			if err != nil || len(dead) != 1 {
				t.Errorf("%d dead messages (%v), want 1", len(dead), err)
			}
		})
	}
}

func TestAMessageNotHandledSurvives(t *testing.T) {
	dir := t.TempDir()
	send(t, dir, "sis/1", "sis/2")
	first := &taker{enough: 1, answer: func(int) (events.SQSEventResponse, error) {
		return events.SQSEventResponse{}, context.Canceled // the run ends while the function works
	}}
	consume(t, dir, first, nil)
	second := &taker{enough: 2}
	consume(t, dir, second, nil)
	if want := []string{"sis/1", "sis/2"}; !slices.Equal(second.keys, want) {
		t.Errorf("got %v, want %v", second.keys, want)
	}
}
