package outbox_test

import (
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/letter"
	"patrondesk/internal/outbox"
)

// A letter that was certainly not sent is tried again when it is ordered again without a key, and each try is made
// once; with a key the answer stays what it was.
func TestFailedLetterIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := dynamotest.Store(t, dynamotest.Clock(c.now))
	box := &postbox{err: refused{certain: true}}
	o := outbox.New(store, box, c.now)
	first, second := post(t, o, order("")), post(t, o, order(""))
	keyed, again := post(t, o, order("k")), post(t, o, order("k"))
	if first.State != letter.Failed || second.State != letter.Failed || first.ID == second.ID {
		t.Errorf("got %s and %s", first.State, second.State)
	}
	if keyed.ID != again.ID {
		t.Error("the same key was tried twice")
	}
	box.err = nil
	third, fourth := post(t, o, order("")), post(t, o, order(""))
	if third.State != letter.Mailed || third.ID != fourth.ID {
		t.Errorf("got %s, then %s again", third.State, fourth.State)
	}
}
