package clock

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"patrondesk/internal/directory"
)

func open(t *testing.T, file string) *Clock {
	t.Helper()
	c, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask sets the clock, or only looks at it, over HTTP.
func ask(t *testing.T, c *Clock, method, query string) (int, Reading) {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(method, "/clock?"+query, nil))
	var told Reading
	if w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code, told
}

func TestClockGoesForwardAndSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c := open(t, file)
	if c.Ahead() != 0 || time.Since(c.Now()).Abs() > time.Minute {
		t.Errorf("a new clock is ahead by %v", c.Ahead())
	}
	const day = 24 * time.Hour
	for _, tt := range []struct {
		method, query string
		status        int
		ahead         time.Duration
	}{
		{"PUT", "advance=22d", 200, 22 * day},
		{"GET", "advance=5d", 200, 22 * day},
		{"PUT", "advance=1d12h", 200, 23*day + 12*time.Hour},
		{"PUT", "advance=-1h", 400, 23*day + 12*time.Hour},
		{"PUT", "advance=60000d", 400, 23*day + 12*time.Hour},
		{"PUT", "", 400, 23*day + 12*time.Hour},
	} {
		status, told := ask(t, c, tt.method, tt.query)
		if status != tt.status || c.Ahead() != tt.ahead || status == 200 && told.Ahead != tt.ahead {
			t.Errorf("%s %s: %d, %+v; ahead by %v, want %d and %v", tt.method, tt.query, status, told, c.Ahead(), tt.status, tt.ahead)
		}
	}
	c = open(t, file)
	if got := time.Until(c.Now()); got < 23*day || got > 24*day {
		t.Errorf("after a restart the clock is ahead by %v", got)
	}
	if status, told := ask(t, c, "PUT", "reset=1"); status != 200 || told.Ahead != 0 || open(t, file).Ahead() != 0 {
		t.Errorf("reset: %d, %+v", status, told)
	}
	if err := os.WriteFile(file, []byte("soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file that says no while is read")
	}
}

func TestWhile(t *testing.T) {
	for _, tt := range []struct{ text, words string }{
		{"22d", "22 days"}, {"1d", "1 day"}, {"36h", "1 day and 12 hours"}, {"1d1h30m", "1 day and 1 hour and 30 minutes"}, {"90s", "1 minute"},
		{"10s", "less than a minute"}, {"", ""}, {"d", ""}, {"2w", ""}, {"1.5d", ""}, {"soon", ""},
	} {
		while, err := ParseWhile(tt.text)
		if tt.words == "" {
			if err == nil {
				t.Errorf("ParseWhile(%q) = %v, want an error", tt.text, while)
			}
			continue
		}
		if got := Words(while); err != nil || got != tt.words {
			t.Errorf("%q is %q, %v; want %q", tt.text, got, err, tt.words)
		}
	}
}

// since is a source that notes since when it was asked.
type since struct{ asked time.Time }

func (s *since) Changes(_ context.Context, _ int, at time.Time, _ func([]directory.Entry) error) error {
	s.asked = at
	return nil
}

func TestSourceTellsEverythingAfterTheClockWasSetBack(t *testing.T) {
	c, noted := open(t, filepath.Join(t.TempDir(), "clock")), new(since)
	source := Source{Source: noted, Clock: c}
	if err := c.Advance(48 * time.Hour); err != nil {
		t.Fatal(err)
	}
	mark := c.Now().Add(-time.Hour)
	if err := source.Changes(t.Context(), 0, mark, nil); err != nil || !noted.asked.Equal(mark) {
		t.Errorf("asked since %v, %v; want %v", noted.asked, err, mark)
	}
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := source.Changes(t.Context(), 0, mark, nil); err != nil || !noted.asked.IsZero() {
		t.Errorf("asked since %v, %v; want everything", noted.asked, err)
	}
}
