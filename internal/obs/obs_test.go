package obs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/alma"
)

// line runs one request through the middleware and returns what it logged, raw and read.
func line(t *testing.T, h http.HandlerFunc, r *http.Request) (string, map[string]any) {
	t.Helper()
	var out bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("/almaws/v1/users/{user_id}", h)
	func() {
		defer func() { _ = recover() }()
		Middleware("patron-lookup", NewLog(&out), mux).ServeHTTP(httptest.NewRecorder(), r)
	}()
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Fatalf("got %d lines, want 1: %s", n, out.String())
	}
	read := make(map[string]any)
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatalf("the line is no JSON: %v", err)
	}
	return out.String(), read
}

func request(url string) *http.Request {
	r := httptest.NewRequest("GET", url, nil)
	return r.WithContext(WithTrackingID(r.Context(), "req-1"))
}

func TestMiddlewareLogsOneLine(t *testing.T) {
	tests := []struct {
		name string
		h    http.HandlerFunc
		url  string
		want map[string]any
	}{
		{"answered without a status", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") },
			"/almaws/v1/users/x", map[string]any{"status": 200.0, "level": "INFO", "code": "", "caller": "",
				"route": "/almaws/v1/users/{user_id}", "trackingId": "req-1", "ClientErrors": 0.0, "ServerErrors": 0.0, "LettersNotSent": nil}},
		{"refused", func(w http.ResponseWriter, r *http.Request) {
			Fail(r.Context(), fmt.Errorf("get the user: %w", &alma.Error{Code: "401861", Message: "User with identifier x"}))
			SetCaller(r.Context(), "key")
			w.WriteHeader(400)
		}, "/almaws/v1/users/x", map[string]any{"status": 400.0, "level": "INFO", "code": "401861", "caller": "key",
			"ClientErrors": 1.0, "ServerErrors": 0.0}},
		{"failed", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) },
			"/almaws/v1/users/x", map[string]any{"status": 503.0, "level": "ERROR", "ClientErrors": 0.0, "ServerErrors": 1.0}},
		{"status after body", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x"); w.WriteHeader(500) },
			"/almaws/v1/users/x", map[string]any{"status": 200.0}},
		{"at fault", func(w http.ResponseWriter, r *http.Request) {
			Fail(r.Context(), fmt.Errorf("send the letter: %w", errors.New("connection reset")))
			w.WriteHeader(500)
		}, "/almaws/v1/users/x", map[string]any{"status": 500.0, "code": "", "error": "send the letter: connection reset"}},
		{"two letters not sent", func(w http.ResponseWriter, r *http.Request) {
			Fail(r.Context(), errors.New("connection reset"))
			LetterNotSent(r.Context())
			LetterNotSent(r.Context())
			w.WriteHeader(204)
		}, "/almaws/v1/users/x", map[string]any{"status": 204.0, "error": "connection reset", "LettersNotSent": 2.0}},
		{"no route", nil, "/elsewhere/x", map[string]any{"status": 404.0, "route": "none"}},
		{"panicked", func(w http.ResponseWriter, r *http.Request) { panic("Thomas Weber") },
			"/almaws/v1/users/x", map[string]any{"status": 500.0, "level": "ERROR", "panic": "string", "ServerErrors": 1.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.h
			if h == nil {
				h = http.NotFound
			}
			_, got := line(t, h, request(tt.url))
			for member, want := range tt.want {
				if got[member] != want {
					t.Errorf("%s: got %v, want %v", member, got[member], want)
				}
			}
			if got["function"] != "patron-lookup" {
				t.Errorf("function: got %v", got["function"])
			}
		})
	}
}

func TestPanicNamesItsPlaceAndGoesOn(t *testing.T) {
	fail := func(w http.ResponseWriter, r *http.Request) {
		var rights map[string]int
		rights[r.URL.Path] = 1
	}
	_, got := line(t, fail, request("/almaws/v1/users/x"))
	if at, _ := got["at"].(string); !strings.Contains(at, "obs.TestPanicNamesItsPlaceAndGoesOn") {
		t.Errorf("at: got %q, want the function that panicked", at)
	}
	defer func() {
		if recover() == nil {
			t.Error("the panic did not go on")
		}
	}()
	Middleware("f", NewLog(io.Discard), http.HandlerFunc(fail)).ServeHTTP(httptest.NewRecorder(), request("/x"))
}

// What CloudWatch asks of a line: its metrics are numbers of the root, its dimensions texts of the root.
func TestLineIsEmbeddedMetricFormat(t *testing.T) {
	checkMetrics(t, http.NotFound, 3)
	checkMetrics(t, func(w http.ResponseWriter, r *http.Request) { LetterNotSent(r.Context()) }, 4)
}

// checkMetrics holds the line of a request to CloudWatch's rules, and counts its metrics.
func checkMetrics(t *testing.T, h http.HandlerFunc, metrics int) {
	t.Helper()
	raw, got := line(t, h, request("/almaws/v1/users/x"))
	var emf struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(raw), &emf); err != nil {
		t.Fatal(err)
	}
	if emf.AWS.Timestamp == 0 || len(emf.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("got %+v", emf.AWS)
	}
	set := emf.AWS.CloudWatchMetrics[0]
	for _, d := range slices.Concat(set.Dimensions...) {
		if v, ok := got[d].(string); !ok || v == "" {
			t.Errorf("dimension %s is %v, want a text", d, got[d])
		}
	}
	for _, m := range set.Metrics {
		if _, ok := got[m.Name].(float64); !ok {
			t.Errorf("metric %s is %v, want a number", m.Name, got[m.Name])
		}
	}
	if set.Namespace != Namespace || len(set.Metrics) != metrics {
		t.Errorf("got %+v", set)
	}
}

// A request full of personal data leaves none of it in the log, answered or panicking.
func TestNothingPersonalIsLogged(t *testing.T) {
	personal := []string{"4711-barcode", "Weber", "thomas@example.org", "Moby", "pd_secret", "hunter2", "203.0.113.9"}
	full := func() *http.Request {
		r := request("/almaws/v1/users/4711-barcode?q=last_name~Weber&apikey=pd_secret&password=hunter2")
		r.Body = io.NopCloser(strings.NewReader(`{"email":"thomas@example.org","title":"Moby Dick"}`))
		r.Header.Set("Authorization", "apikey pd_secret")
		r.Header.Set("Exl-User-Pw", "hunter2")
		r.Header.Set("User-Agent", "Weber")
		r.RemoteAddr = "203.0.113.9:1"
		return r
	}
	for name, h := range map[string]http.HandlerFunc{
		"answers": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		"is at fault": func(w http.ResponseWriter, r *http.Request) {
			Fail(r.Context(), fmt.Errorf("send: %w", &serviceError{"MessageRejected: Weber <thomas@example.org> is not verified"}))
		},
		"is at fault in a parser": func(w http.ResponseWriter, r *http.Request) {
			_, err := time.Parse(time.DateOnly, "Weber")
			Fail(r.Context(), fmt.Errorf("read %q for thomas@example.org: %w", "Moby", err))
		},
		"panics": func(w http.ResponseWriter, r *http.Request) { panic(r) },
		"panics with an error": func(w http.ResponseWriter, r *http.Request) {
			panic(&http.ProtocolError{ErrorString: r.PathValue("user_id")})
		},
	} {
		raw, _ := line(t, h, full())
		for _, p := range personal {
			if strings.Contains(strings.ToLower(raw), strings.ToLower(p)) {
				t.Errorf("%s: %q is in the line %s", name, p, raw)
			}
		}
	}
}

// serviceError is an error with a message of a service's own, as those of the AWS SDK are.
type serviceError struct{ message string }

func (e *serviceError) Error() string        { return "api error MessageRejected: " + e.message }
func (e *serviceError) ErrorMessage() string { return e.message }
