package dynamo_test

import (
	"errors"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/session"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	began := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	made, _ := session.New("01J0CALLOWAY", began)
	if _, err := s.Session(t.Context(), made.Hash); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("before: got %v, want that there is none", err)
	}
	saved, err := s.SaveSession(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveSession(t.Context(), made); !errors.Is(err, session.ErrChanged) {
		t.Errorf("the same token again: got %v, want that it is taken", err)
	}
	changed := saved
	changed.Desk = "DEFAULT_CIRC_DESK"
	if _, err := s.SaveSession(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveSession(t.Context(), saved); !errors.Is(err, session.ErrChanged) {
		t.Errorf("over a version that is gone: got %v, want ErrChanged", err)
	}
	got, err := s.Session(t.Context(), made.Hash)
	if err != nil || got.UID != "01J0CALLOWAY" || got.Desk != "DEFAULT_CIRC_DESK" || got.Version != 2 || got.Hash != made.Hash {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.EndSession(t.Context(), made.Hash); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveSession(t.Context(), got); !errors.Is(err, session.ErrChanged) {
		t.Errorf("after it ended: got %v, want that it does not come back", err)
	}
	if err := s.EndSession(t.Context(), made.Hash); err != nil {
		t.Errorf("ending it again: got %v", err)
	}
}
