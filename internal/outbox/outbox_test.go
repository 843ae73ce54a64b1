package outbox_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/letter"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

const uid = "01JDEXAMPLEPATRON000000000"

// newStore is a store in which there is the patron.
func newStore(t *testing.T, opts ...dynamotest.Option) *dynamo.Store {
	t.Helper()
	tables := dynamotest.Tables(t)
	if _, err := dynamotest.Open(t, tables).CreatePatron(t.Context(), patron.Patron{UID: uid, PrimaryID: "thomas"}); err != nil {
		t.Fatal(err)
	}
	return dynamotest.Open(t, tables, opts...)
}

// clock is a time tests move on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now().UTC().Truncate(time.Millisecond)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// postbox counts what is sent and answers with err.
type postbox struct {
	mu     sync.Mutex
	mails  []letter.Mail
	err    error
	during func() // called while a letter is being sent
}

func (p *postbox) Send(_ context.Context, m letter.Mail) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, m)
	if p.during != nil {
		p.during()
	}
	if p.err != nil {
		return "", p.err
	}
	return "message-" + m.LetterID, nil
}

// refused is an error of a sender that knows what became of the letter.
type refused struct{ certain bool }

func (r refused) Error() string           { return "refused" }
func (r refused) Refusal() (string, bool) { return "the reason", r.certain }

func order(key string) outbox.Order {
	return outbox.Order{
		UID: uid, Key: key, Code: letter.RequestsReportCode, By: "key:desk",
		Message: letter.Message{Subject: "Requests Report", HTML: "<p>html</p>", Text: "text", Language: "en"},
		From:    "library@demo.example", ReplyTo: "desk@demo.example", To: "thomas@demo.example",
	}
}

func post(t *testing.T, o *outbox.Outbox, order outbox.Order) letter.Sent {
	t.Helper()
	sent, err := o.Post(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// recorded is the letter as it is stored.
func recorded(t *testing.T, s *dynamo.Store, id string) letter.Sent {
	t.Helper()
	sent, err := s.Letter(t.Context(), uid, id)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func TestPost(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := newStore(t, dynamotest.Clock(c.now))
	sent := post(t, outbox.New(store, box, c.now), order("k"))
	want := letter.Sent{
		ID: sent.ID, Code: letter.RequestsReportCode, Language: "en", Subject: "Requests Report", State: letter.Mailed,
		By: "key:desk", Created: c.now(), Began: c.now(), Finished: c.now(), MessageID: "message-" + sent.ID, Version: 3,
	}
	if got := recorded(t, store, sent.ID); got != want || sent != want {
		t.Errorf("recorded %+v\nreturned %+v\nwant     %+v", got, sent, want)
	}
	mail := letter.Mail{
		From: "library@demo.example", ReplyTo: "desk@demo.example", To: "thomas@demo.example",
		Subject: "Requests Report", HTML: "<p>html</p>", Text: "text", LetterID: sent.ID,
	}
	if len(box.mails) != 1 || box.mails[0] != mail {
		t.Errorf("sent %+v, want %+v", box.mails, mail)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	tests := []struct {
		name, first, second string
		after               time.Duration
		want                int
	}{
		{"the same key", "a", "a", 24 * time.Hour, 1},
		{"another key", "b", "c", 0, 2},
		{"a double click", "", "", 10 * time.Second, 1},
		{"a second letter later", "", "", 2 * time.Minute, 2},
	}
	for _, tt := range tests {
		box := &postbox{}
		o := outbox.New(store, box, c.now)
		c.move(time.Hour)
		first := post(t, o, order(tt.first))
		c.move(tt.after)
		second := post(t, o, order(tt.second))
		if len(box.mails) != tt.want || (first == second) != (tt.want == 1) {
			t.Errorf("%s: sent %d times, want %d; letters %s and %s", tt.name, len(box.mails), tt.want, first.ID, second.ID)
		}
	}
}

func TestManyAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := newStore(t, dynamotest.Clock(c.now))
	var wg sync.WaitGroup
	ids := make([]string, 20)
	for i := range ids {
		wg.Go(func() {
			sent, err := outbox.New(store, box, c.now).Post(t.Context(), order("same"))
			if err != nil {
				t.Error(err)
			}
			ids[i] = sent.ID
		})
	}
	wg.Wait()
	if len(box.mails) != 1 {
		t.Errorf("sent %d times, want once", len(box.mails))
	}
	for _, id := range ids {
		if id != box.mails[0].LetterID {
			t.Errorf("a caller was told of letter %q, want %q", id, box.mails[0].LetterID)
		}
	}
	if got := recorded(t, store, ids[0]).State; got != letter.Mailed {
		t.Errorf("the letter is %s", got)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	tests := []struct {
		name   string
		err    error
		want   letter.State
		reason string
	}{
		{"certain", refused{certain: true}, letter.Failed, "the reason"},
		{"uncertain", refused{}, letter.Unknown, "the reason"},
		{"wrapped", errors.Join(errors.New("x"), refused{certain: true}), letter.Failed, "the reason"},
		{"nothing known", errors.New("thomas@demo.example"), letter.Unknown, "the mail service failed"},
	}
	for _, tt := range tests {
		box := &postbox{err: tt.err}
		o := outbox.New(store, box, c.now)
		sent := post(t, o, order(tt.name))
		got := recorded(t, store, sent.ID)
		if got != sent || got.State != tt.want || got.Reason != tt.reason || got.MessageID != "" || got.Finished.IsZero() {
			t.Errorf("%s: got %+v", tt.name, got)
		}
		box.err = nil
		if again := post(t, o, order(tt.name)); tt.want == letter.Unknown && (again != sent || len(box.mails) != 1) {
			t.Errorf("%s: posted again it became %+v and was sent %d times", tt.name, again, len(box.mails))
		}
	}
}

// TestInterrupted are letters whose function ended before it was done.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		state letter.State
		age   time.Duration
		want  letter.State
		mails int
	}{
		{"reserved just now", letter.Pending, 30 * time.Second, letter.Mailed, 1},
		{"reserved long ago", letter.Pending, 2 * time.Minute, letter.Mailed, 1},
		{"being sent just now", letter.Sending, 30 * time.Second, letter.Sending, 0},
		{"being sent long ago", letter.Sending, 2 * time.Minute, letter.Unknown, 0},
	}
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	for _, tt := range tests {
		interrupted := letter.Sent{
			ID: "01JD" + strings.ReplaceAll(strings.ToUpper(tt.name), " ", ""), Code: letter.RequestsReportCode,
			State: letter.Pending, Created: c.now(), Subject: "As it was then",
		}
		left, _, err := store.ReserveLetter(t.Context(), uid, tt.name, interrupted)
		if err != nil {
			t.Fatal(err)
		}
		if tt.state == letter.Sending {
			left.State, left.Began = letter.Sending, c.now()
			if left, err = store.UpdateLetter(t.Context(), uid, left); err != nil {
				t.Fatal(err)
			}
		}
		c.move(tt.age)
		box := &postbox{}
		sent := post(t, outbox.New(store, box, c.now), order(tt.name))
		if sent.ID != left.ID || sent.State != tt.want || len(box.mails) != tt.mails || recorded(t, store, left.ID) != sent {
			t.Errorf("%s: became %+v, sent %d times", tt.name, sent, len(box.mails))
		}
		if sent.State == letter.Unknown && (sent.Reason == "" || sent.Finished.IsZero()) {
			t.Errorf("%s: no reason or end: %+v", tt.name, sent)
		}
	}
}

func TestKeyOfAnotherLetter(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := newStore(t, dynamotest.Clock(c.now))
	o := outbox.New(store, box, c.now)
	post(t, o, order("k"))
	other := order("k")
	other.Code = letter.RequestCancelledCode
	_, err := o.Post(t.Context(), other)
	if !errors.Is(err, outbox.ErrKeyReused) || len(box.mails) != 1 {
		t.Errorf("got %v after %d letters", err, len(box.mails))
	}
}

func TestCancelledWhileSending(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	ctx, cancel := context.WithCancel(t.Context())
	o := outbox.New(store, &postbox{during: cancel}, c.now)
	sent, err := o.Post(ctx, order("k"))
	if err != nil || recorded(t, store, sent.ID).State != letter.Mailed {
		t.Errorf("got %+v, %v", sent, err)
	}
}

// TestSentAfterAll is a letter somebody gave up as UNKNOWN while it was still being sent.
func TestSentAfterAll(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	other := outbox.New(store, &postbox{}, c.now)
	box := &postbox{during: func() {
		c.move(2 * time.Minute)
		if got := post(t, other, order("k")); got.State != letter.Unknown {
			t.Errorf("the other caller was told %s, want UNKNOWN", got.State)
		}
	}}
	sent := post(t, outbox.New(store, box, c.now), order("k"))
	if got := recorded(t, store, sent.ID); got.State != letter.Mailed || got.MessageID == "" || got.Reason != "" {
		t.Errorf("recorded %+v, want SENT", got)
	}
}

func TestStoreFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		operation string
		faults    []dynamotest.Fault
	}{
		{"reserving loses an answer", "TransactWriteItems", []dynamotest.Fault{dynamotest.LostAnswer}},
		{"taking loses an answer", "PutItem", []dynamotest.Fault{dynamotest.LostAnswer}},
		{"taking is throttled", "PutItem", []dynamotest.Fault{dynamotest.Throttled, dynamotest.ServerError}},
		{"recording loses an answer", "PutItem", []dynamotest.Fault{dynamotest.None, dynamotest.LostAnswer}},
		{"recording fails for a while", "PutItem", []dynamotest.Fault{dynamotest.None, dynamotest.ServerError,
			dynamotest.Throttled, dynamotest.LostRequest, dynamotest.ServerError}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, box := newClock(), &postbox{}
			store := newStore(t, dynamotest.Clock(c.now), dynamotest.Sequence(tt.operation, tt.faults...))
			sent := post(t, outbox.New(store, box, c.now), order("k"))
			if got := recorded(t, store, sent.ID); got.State != letter.Mailed || len(box.mails) != 1 {
				t.Errorf("recorded %+v, sent %d times", got, len(box.mails))
			}
		})
	}
}

// failing is the store with an UpdateLetter that fails for good from a call on, counted from 1.
type failing struct {
	*dynamo.Store
	from  int
	calls int
}

func (f *failing) UpdateLetter(ctx context.Context, uid string, s letter.Sent) (letter.Sent, error) {
	if f.calls++; f.calls >= f.from {
		return letter.Sent{}, errors.New("the table is gone")
	}
	return f.Store.UpdateLetter(ctx, uid, s)
}

func TestNothingSentWithoutRecord(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := &failing{Store: newStore(t, dynamotest.Clock(c.now)), from: 1}
	if _, err := outbox.New(store, box, c.now).Post(t.Context(), order("k")); err == nil || len(box.mails) != 0 {
		t.Errorf("got %v, sent %d times", err, len(box.mails))
	}
	c.move(2 * time.Minute) // it is PENDING still and may be taken up
	if sent := post(t, outbox.New(store.Store, box, c.now), order("k")); sent.State != letter.Mailed || len(box.mails) != 1 {
		t.Errorf("later: %+v, sent %d times", sent, len(box.mails))
	}
}

func TestNotRecorded(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := &failing{Store: newStore(t, dynamotest.Clock(c.now)), from: 2}
	sent, err := outbox.New(store, box, c.now).Post(t.Context(), order("k"))
	if !errors.Is(err, outbox.ErrNotRecorded) || sent.State != letter.Mailed || sent.MessageID == "" {
		t.Errorf("got %+v, %v", sent, err)
	}
	if got := recorded(t, store.Store, sent.ID).State; got != letter.Sending {
		t.Errorf("the record says %s, want SENDING", got)
	}
	c.move(2 * time.Minute)
	again := post(t, outbox.New(store.Store, box, c.now), order("k"))
	if again.State != letter.Unknown || len(box.mails) != 1 {
		t.Errorf("later: %+v, sent %d times", again, len(box.mails))
	}
}

// TestWithMail joins the outbox with the sender of package mail, at whose endpoint nobody listens.
func TestWithMail(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	client := sesv2.New(sesv2.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://127.0.0.1:1"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	sent := post(t, outbox.New(store, mail.New(client, ""), c.now), order("k"))
	if sent.State != letter.Failed || sent.Reason != "SES could not be reached" {
		t.Errorf("got %+v", sent)
	}
}
