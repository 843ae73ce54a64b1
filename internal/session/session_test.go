package session

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func TestSessionsLastAnHourAndNoLongerThanADay(t *testing.T) {
	t.Parallel()
	s, _ := New("01J0CALLOWAY", noon)
	for _, tt := range []struct {
		name string
		used time.Duration // after it began
		at   time.Duration
		over bool
	}{
		{"just begun", 0, 0, false},
		{"almost an hour unused", 0, Idle - time.Second, false},
		{"an hour unused", 0, Idle, true},
		{"used since", 50 * time.Minute, Idle, false},
		{"used all day", Longest - time.Minute, Longest - time.Second, false},
		{"too long, used or not", Longest - time.Minute, Longest, true},
	} {
		s.Used = noon.Add(tt.used)
		if got := s.Over(noon.Add(tt.at)); got != tt.over {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.over)
		}
	}
}

func TestTokensAreLongAndNotKept(t *testing.T) {
	t.Parallel()
	s, token := New("01J0CALLOWAY", noon)
	other, second := New("01J0CALLOWAY", noon)
	if len(token) < 50 || token == second || s.Hash == other.Hash {
		t.Errorf("got the tokens %q and %q", token, second)
	}
	if s.Hash != Hash(token) || s.Hash == token {
		t.Errorf("got the hash %q of %q", s.Hash, token)
	}
}

func TestRecentPatronsAreFewAndNewestFirst(t *testing.T) {
	t.Parallel()
	var s Session
	for i, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "B"} {
		s.Open(Visit{PrimaryID: id, Opened: noon.Add(time.Duration(i) * time.Minute)})
	}
	got := ""
	for _, v := range s.Recent {
		got += v.PrimaryID
	}
	if want := "Bihgfedc"; got != want { // a went, and b is the same in any case
		t.Errorf("got %q, want %q", got, want)
	}
	v, ok := s.Visit("b")
	if want := noon.Add(9 * time.Minute); !ok || !v.Opened.Equal(want) {
		t.Errorf("got %v %v, want the last visit, at %v", v, ok, want)
	}
	if _, ok := s.Visit("a"); ok {
		t.Error("a visit is remembered that is long gone")
	}
}

// TestNoPageWaitsForTheProvider holds that the pages of those who are signed in are there while a provider that does not answer
// is asked for somebody else.
func TestNoPageWaitsForTheProvider(t *testing.T) {
	t.Parallel()
	asked, done := make(chan struct{}), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-done
	}))
	defer silent.Close()
	p := &Provider{Issuer: silent.URL, Now: time.Now}
	go p.Begin(t.Context(), "https://desk.example/desk/signed-in", "/desk")
	<-asked
	defer close(done)
	told := make(chan string, 1)
	go func() { told <- p.Origin() }()
	select {
	case got := <-told:
		if got != silent.URL {
			t.Errorf("got %q, want %q", got, silent.URL)
		}
	case <-time.After(time.Second):
		t.Error("it waits")
	}
}
