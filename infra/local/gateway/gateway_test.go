package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// serve makes a gateway of two routes that answer with what reached them.
func serve(t *testing.T, invoke func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)) *httptest.Server {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	routes := []Route{
		{Pattern: "GET /users/{user_id}", Function: "look", Invoke: invoke, Timeout: 50 * time.Millisecond},
		{Pattern: "POST /users/{user_id}/requests/{request_id}", Function: "write", Invoke: invoke, Timeout: time.Second},
	}
	server := httptest.NewServer(New(routes, nil, log, func() string { return "request-1" }))
	t.Cleanup(server.Close)
	return server
}

func echo(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: 200, Body: e.RouteKey + "|" + e.PathParameters["user_id"] + "|" + e.PathParameters["request_id"] + "|" + e.RawQueryString,
	}, nil
}

// request sends a request whose path stays as it is written.
func request(t *testing.T, server *httptest.Server, method, target string) (int, string) {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Opaque = "//" + u.Host + target
	req := &http.Request{Method: method, URL: u, Header: http.Header{}}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestPaths(t *testing.T) {
	server := serve(t, echo)
	const look, notFound = "GET /users/{user_id}|", `{"message":"Not Found"}`
	for _, c := range []struct {
		method, target string
		status         int
		body           string
	}{
		{"GET", "/users/abc", 200, look + "abc||"},
		{"GET", "/users/abc?q=1&q=2", 200, look + "abc||q=1&q=2"},
		{"GET", "/users/a%20b", 200, look + "a b||"},
		{"GET", "/users/a+b", 200, look + "a+b||"},
		{"GET", "/users/a%2Bb", 200, look + "a+b||"},
		{"GET", "/users/50%25", 200, look + "50%||"},
		{"GET", "/users/%2541", 200, look + "%41||"},
		{"GET", "/users/%C3%BC", 200, look + "ü||"},
		{"GET", "/users/x@y.example", 200, look + "x@y.example||"},
		{"GET", "/users/a%3Fb", 200, look + "a||"}, // cut at the decoded question mark
		{"GET", "/users/a%3Fb?q=1", 200, look + "a||q=1"},
		{"GET", "/users/a%2Fb", 404, notFound}, // the slash arrives decoded
		{"GET", "/users/", 404, notFound},
		{"GET", "/users/%3Fb", 404, notFound},
		{"GET", "//users/abc", 404, notFound},
		{"GET", "/users/./abc", 404, notFound},
		{"GET", "/users/../users/abc", 404, notFound},
		{"GET", "/users/%2E%2E", 404, notFound},
		{"GET", "/users/abc/", 404, notFound},
		{"PUT", "/users/abc", 404, notFound},
		{"HEAD", "/users/abc", 404, ""},
		{"GET", "/other", 404, notFound},
		{"POST", "/users/a/requests/7", 200, "POST /users/{user_id}/requests/{request_id}|a|7|"},
	} {
		status, body := request(t, server, c.method, c.target)
		if status != c.status || body != c.body {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.target, status, body, c.status, c.body)
		}
	}
}

func TestFunctionsThatFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		invoke func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)
		status int
	}{
		{"error", func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			return events.APIGatewayV2HTTPResponse{}, errors.New("no")
		}, 500},
		{"panic", func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			panic("no")
		}, 500},
		{"slow", func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			<-ctx.Done()
			return events.APIGatewayV2HTTPResponse{}, ctx.Err()
		}, 503},
		{"too long", func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: strings.Repeat("x", maxPayload)}, nil
		}, 500},
	} {
		status, body := request(t, serve(t, c.invoke), "GET", "/users/abc")
		if status != c.status || !strings.HasPrefix(body, `{"message":`) {
			t.Errorf("%s: %d %.80s, want %d with a message", c.name, status, body, c.status)
		}
	}
}

func TestAFunctionKnowsItsRequest(t *testing.T) {
	server := serve(t, func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: lc.AwsRequestID}, nil
	})
	if _, body := request(t, server, "GET", "/users/abc"); body != "request-1" {
		t.Errorf("the function's request id is %q, want request-1", body)
	}
}
