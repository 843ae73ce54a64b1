package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/letter"
	"patrondesk/internal/obs"
)

// logged is a log that requests write to at the same time as a test reads it.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// last waits for a line more than were taken before, and takes it: a line is written after its answer.
func (l *logged) last(t *testing.T) map[string]any {
	t.Helper()
	for range 500 {
		l.mu.Lock()
		line, err := l.text.ReadString('\n')
		if err != nil {
			l.text.WriteString(line)
		}
		l.mu.Unlock()
		if err == nil {
			var read map[string]any
			if err := json.Unmarshal([]byte(line), &read); err != nil {
				t.Fatal(err)
			}
			return read
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nothing was logged")
	return nil
}

// withLog lets the desk write a line for each request, as a function does.
func (d *desk) withLog() *logged {
	log := new(logged)
	d.server = httptest.NewServer(obs.Middleware("test", obs.NewLog(log), d.server.Config.Handler))
	d.t.Cleanup(d.server.Close)
	return log
}

// TestLettersNotSentAreCounted posts letters while SES fails in different ways, and looks at the metric an alarm watches.
func TestLettersNotSentAreCounted(t *testing.T) {
	t.Parallel()
	var fault around
	d, box := letterDesk(t, func(call func() error) error { return fault(call) })
	log := d.withLog()
	sends := func(call func() error) error { return call() }
	for _, tt := range []struct {
		who, more      string
		fault          around
		letter, header string
		counted        any
	}{
		{"sent", "", sends, "SENT", "SENT", nil},
		{"unknown", "", func(func() error) error { return context.DeadlineExceeded }, "LETTER_UNKNOWN", "UNKNOWN", 1.0},
		{"nomail", `"contact_info":{}`, sends, "LETTER_NO_EMAIL", "LETTER_NO_EMAIL", nil},
		{"optedout", `"library_notice":[{"code":{"value":"` + letter.RequestCancelledCode + `"},"value":false}]`, sends, "SENT", "LETTER_OPTED_OUT", nil},
		{"outage", "", nil, "LETTER_FAILED", "FAILED", 1.0},
	} {
		d.reader(tt.who, strings.Fields(tt.more)...)
		path := d.firstRequest(tt.who)
		for range 3 {
			log.last(t)
		}
		if fault = tt.fault; fault == nil { // nobody listens any more
			d.mailTo(&mailbox{url: unreachable}, nil)
		}
		posted := d.call("POST", "/users/"+tt.who+"/letters", reportLetter)
		if got := posted.code() + str(posted.objectOrNil()["status"]); got != tt.letter {
			t.Errorf("%s: got %s, want %s", tt.who, posted.body, tt.letter)
		}
		line := log.last(t)
		if got := line["LettersNotSent"]; got != tt.counted {
			t.Errorf("%s: the letter: LettersNotSent is %v, want %v", tt.who, got, tt.counted)
		}
		cancelled := d.must(204, "DELETE", path+"?reason=CannotBeFulfilled", "")
		if got := cancelled.header.Get(letterHeader); got != tt.header {
			t.Errorf("%s: cancelled with the letter %s, want %s", tt.who, got, tt.header)
		}
		line = log.last(t)
		if got := line["LettersNotSent"]; got != tt.counted || line["error"] != nil {
			t.Errorf("%s: the cancellation: LettersNotSent is %v, want %v; the error %v", tt.who, got, tt.counted, line["error"])
		}
	}
	if n := len(box.mails()); n != 3 {
		t.Errorf("%d mails arrived, want 3", n)
	}
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// TestFaultsOfACancellationsLetterAreLogged lets the store fail between the cancellation and its letter: the header says
// what the record says, or that nobody knows, and the log line says why.
func TestFaultsOfACancellationsLetterAreLogged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header, logged string
		opts                 []dynamotest.Option
		counted              any
		mails                int
	}{
		{"cannot begin", "PENDING", "begin to send a letter", []dynamotest.Option{dynamotest.Sequence("PutItem", many(dynamotest.ServerError)[:7]...)}, 1.0, 0},
		{"nor read", "UNKNOWN", "begin to send a letter", []dynamotest.Option{dynamotest.Dies(7, dynamotest.LostRequest)}, 1.0, 0},
		{"cannot record", "SENT", "could not be recorded", []dynamotest.Option{dynamotest.Dies(8, dynamotest.LostRequest)}, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, box := letterDesk(t, nil)
			d.reader("thomas")
			path := d.firstRequest("thomas")
			faulty := openDesk(t, d.tables, dynamotest.Open(t, d.tables, tt.opts...))
			faulty.mailTo(box, nil)
			log := faulty.withLog()
			got := faulty.must(204, "DELETE", path+"?reason=CannotBeFulfilled", "")
			if header := got.header.Get(letterHeader); header != tt.header || len(box.mails()) != tt.mails {
				t.Errorf("the header says %s and %d mails arrived, want %s and %d", header, len(box.mails()), tt.header, tt.mails)
			}
			line := log.last(t)
			if fault := str(line["error"]); !strings.Contains(fault, tt.logged) || line["LettersNotSent"] != tt.counted {
				t.Errorf("the line is %v, want the error %q and LettersNotSent %v", line, tt.logged, tt.counted)
			}
		})
	}
}
