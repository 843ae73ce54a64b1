package outbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/letter"
	"patrondesk/internal/outbox"
)

// A letter that was certainly not sent is tried again when it is ordered again, with its key or without one, until it is
// sent; it stays one letter.
func TestFailedLetterIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	box := &postbox{err: refused{certain: true}}
	o := outbox.New(store, box, c.now)
	for _, key := range []string{"", "k"} {
		box.err, box.mails = refused{certain: true}, nil
		first, second := post(t, o, order(key)), post(t, o, order(key))
		if first.State != letter.Failed || second.State != letter.Failed || first.ID != second.ID {
			t.Errorf("with key %q: got %s and %s", key, first.State, second.State)
		}
		box.err, box.mails = nil, nil
		third, fourth := post(t, o, order(key)), post(t, o, order(key))
		if third.State != letter.Mailed || third != fourth || third.ID != first.ID || third.Reason != "" || len(box.mails) != 1 {
			t.Errorf("with key %q: got %+v, then %+v, sent %d times", key, third, fourth, len(box.mails))
		}
	}
}

// reserve stores a letter whose function dies then.
func reserve(t *testing.T, store *dynamo.Store, o *outbox.Outbox, order outbox.Order) letter.Sent {
	t.Helper()
	left, fresh, err := store.ReserveLetter(t.Context(), uid, order.Key, o.Draft(order))
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	return left
}

// TestSettle shows letters of functions that ended as what they are, and not before a minute has gone.
func TestSettle(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newStore(t, dynamotest.Clock(c.now))
	o := outbox.New(store, &postbox{}, c.now)
	for _, tt := range []struct {
		key   string
		begin bool
		want  letter.State
		says  string
	}{
		{"pending", false, letter.Failed, "it was not sent"},
		{"sending", true, letter.Unknown, "whether the letter was sent"},
	} {
		left := reserve(t, store, o, order(tt.key))
		if tt.begin {
			left.State, left.Began = letter.Sending, c.now()
			var err error
			if left, err = store.UpdateLetter(t.Context(), uid, left); err != nil {
				t.Fatal(err)
			}
		}
		c.move(time.Minute)
		if got, err := o.Settle(t.Context(), uid, left); err != nil || got != left {
			t.Errorf("%s, within the minute: got %+v, %v", tt.key, got, err)
		}
		c.move(time.Second)
		for range 2 {
			got, err := o.Settle(t.Context(), uid, left)
			if err != nil || got.State != tt.want || !strings.Contains(got.Reason, tt.says) || got.Finished.IsZero() || got != recorded(t, store, left.ID) {
				t.Errorf("%s: got %+v, %v", tt.key, got, err)
			}
		}
	}
}

// TestSettledLetterIsNotSentBehindOnesBack gives up a letter whose function is not dead after all but slow: what was
// shown as not sent is not sent then. Asked for again it is, once.
func TestSettledLetterIsNotSentBehindOnesBack(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := newStore(t, dynamotest.Clock(c.now))
	settled := outbox.New(store, box, c.now)
	slow := &slowReserve{Store: store, before: func(left letter.Sent) {
		c.move(2 * time.Minute)
		if got, err := settled.Settle(t.Context(), uid, left); err != nil || got.State != letter.Failed {
			t.Errorf("settled as %+v, %v", got, err)
		}
	}}
	for _, key := range []string{"k", ""} {
		box.mails = nil
		sent, err := outbox.New(slow, box, c.now).Post(t.Context(), order(key))
		if err != nil || sent.State != letter.Failed || len(box.mails) != 0 {
			t.Errorf("with key %q the slow one got %+v, %v and sent %d times", key, sent, err, len(box.mails))
		}
		again, third := post(t, settled, order(key)), post(t, settled, order(key))
		if again.State != letter.Mailed || again.Reason != "" || third != again || len(box.mails) != 1 {
			t.Errorf("with key %q asked for again: %+v, then %+v, sent %d times", key, again, third, len(box.mails))
		}
		if key != "" && again.ID != sent.ID {
			t.Error("the same key made another letter")
		}
	}
}

// slowReserve is the store for a function in which something happens after it reserved a letter.
type slowReserve struct {
	*dynamo.Store
	before func(left letter.Sent)
}

func (s *slowReserve) ReserveLetter(ctx context.Context, uid, key string, sent letter.Sent) (letter.Sent, bool, error) {
	left, fresh, err := s.Store.ReserveLetter(ctx, uid, key, sent)
	s.before(left)
	return left, fresh, err
}

// TestSend sends what is reserved, once, whoever has it.
func TestSend(t *testing.T) {
	t.Parallel()
	c, box := newClock(), &postbox{}
	store := newStore(t, dynamotest.Clock(c.now))
	o := outbox.New(store, box, c.now)
	left := reserve(t, store, o, order("k"))
	first, err := o.Send(t.Context(), order("k"), left)
	second, again := o.Send(t.Context(), order("k"), left)
	if err != nil || again != nil || first.State != letter.Mailed || second != first || len(box.mails) != 1 {
		t.Errorf("got %+v, %v, then %+v, %v, sent %d times", first, err, second, again, len(box.mails))
	}
	left.ID = "01JDNOSUCHLETTER0000000000"
	if _, err := o.Send(t.Context(), order("k"), left); !errors.Is(err, letter.ErrNotFound) || len(box.mails) != 1 {
		t.Errorf("a letter that is gone: %v, sent %d times", err, len(box.mails))
	}
}
