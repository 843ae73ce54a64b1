package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// ask sends a request with the headers, given as "Name: value", through a gateway for the origins, to a function that
// says of CORS what it should not.
func ask(t *testing.T, origins []string, method, path string, headers ...string) *http.Response {
	t.Helper()
	invoke := func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "reached", Headers: map[string]string{
			"access-control-allow-origin": "https://function.example", "access-control-allow-credentials": "true", "etag": `"1"`,
		}}, nil
	}
	routes := []Route{{Pattern: "PUT /users/{user_id}", Function: "write", Invoke: invoke, Timeout: time.Second}}
	h := New(routes, origins, slog.New(slog.NewTextHandler(io.Discard, nil)), func() string { return "request-1" })
	r := httptest.NewRequest(method, path, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestCORS(t *testing.T) {
	const desk, other = "Origin: https://desk.example", "Origin: https://other.example"
	const wants, sends = "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,if-match"
	desks, all := []string{"https://desk.example", "http://localhost:5173"}, []string{"*"}
	for _, tt := range []struct {
		name    string
		origins []string
		method  string
		headers []string
		status  int
		origin  string // the answer's Access-Control-Allow-Origin
	}{
		{"preflight", desks, "OPTIONS", []string{desk, wants, sends}, 204, "https://desk.example"},
		{"preflight of the second origin", desks, "OPTIONS", []string{"Origin: http://localhost:5173", wants}, 204, "http://localhost:5173"},
		{"preflight of another origin", desks, "OPTIONS", []string{other, wants, sends}, 204, ""},
		{"preflight of any origin", all, "OPTIONS", []string{other, wants, sends}, 204, "*"},
		{"preflight without origins", nil, "OPTIONS", []string{desk, wants, sends}, 404, ""},
		{"no preflight", desks, "OPTIONS", []string{desk}, 404, "https://desk.example"},
		{"call", desks, "PUT", []string{desk}, 200, "https://desk.example"},
		{"call of another origin", desks, "PUT", []string{other}, 200, ""},
		{"call of any origin", all, "PUT", []string{other}, 200, "*"},
		{"call of no page", desks, "PUT", nil, 200, ""},
		{"call without origins", nil, "PUT", []string{desk}, 200, "https://function.example"},
	} {
		got := ask(t, tt.origins, tt.method, "/users/abc", tt.headers...)
		if got.StatusCode != tt.status || got.Header.Get("Access-Control-Allow-Origin") != tt.origin {
			t.Errorf("%s: got %d for %q, want %d for %q", tt.name, got.StatusCode, got.Header.Get("Access-Control-Allow-Origin"), tt.status, tt.origin)
		}
		if len(tt.origins) > 0 && got.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: what the function says of CORS is passed on", tt.name)
		}
	}
}

func TestCORSHeaders(t *testing.T) {
	desks := []string{"https://desk.example"}
	preflight := ask(t, desks, "OPTIONS", "/users/abc", "Origin: https://desk.example", "Access-Control-Request-Method: PUT").Header
	call := ask(t, desks, "PUT", "/users/abc", "Origin: https://desk.example").Header
	for name, want := range map[string]string{
		"Access-Control-Allow-Methods": "GET,POST,PUT,DELETE",
		"Access-Control-Allow-Headers": "authorization,content-type,accept,if-match,idempotency-key",
		"Access-Control-Max-Age":       "3600",
	} {
		if got := preflight.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got, want := call.Get("Access-Control-Expose-Headers"), "etag,retry-after,x-exl-api-remaining,x-patrondesk-letter"; got != want || call.Get("ETag") == "" {
		t.Errorf("the page may read %q, want %q", got, want)
	}
}
