// Package apigw runs an http.Handler behind an API Gateway HTTP API (payload format 2.0), and stands in for the
// gateway where there is none: in the local run and in tests.
//
// The gateway hands a path on decoded and cuts it at a decoded question mark. The URL of the request is therefore made
// anew from the route and its parameters, each escaped, so that a ServeMux whose patterns are the gateway's routes
// matches whatever an identifier holds; a slash alone is the one value a ServeMux takes for no value.
package apigw

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"patrondesk/internal/alma"
	"patrondesk/internal/obs"
)

// Invocation is a Lambda function of an HTTP API, as lambda.Start takes it.
type Invocation = func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// errPanic is answered when a handler panics; [obs.Middleware] has logged where.
var errPanic = errors.New("the handler panicked")

// Handler runs h for each event. The id of the Lambda request, or else the gateway's, becomes the tracking id of the
// request's context. A panic of h is answered with status 500 in Alma's envelope, whatever h had written by then. The
// error is always nil: an event that is no request is answered with 400.
func Handler(h http.Handler) Invocation {
	return func(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		id := ev.RequestContext.RequestID
		if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
			id = lc.AwsRequestID
		}
		ctx, cancel := beforeTheEnd(ctx)
		defer cancel()
		r, err := request(obs.WithTrackingID(ctx, id), ev)
		if err != nil {
			return message(http.StatusBadRequest, "Bad Request"), nil
		}
		return serve(h, r), nil
	}
}

// maxAnswer is the longest body in bytes. Lambda takes 6 MB (Lambda quotas), in which the body is a JSON text with
// every quote escaped.
const maxAnswer = 4 << 20

// margin is what is left of a function's time for the answer and the log line when its work has to stop: at its
// deadline Lambda ends the process without either.
const margin = 500 * time.Millisecond

// beforeTheEnd ends a margin before ctx does.
func beforeTheEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-margin))
}

func serve(h http.Handler, r *http.Request) (resp events.APIGatewayV2HTTPResponse) {
	defer func() {
		if recover() != nil {
			w := newRecorder()
			alma.WriteError(w, r, errPanic, obs.TrackingID(r.Context()))
			resp = w.response()
		}
	}()
	w := newRecorder()
	h.ServeHTTP(w, r)
	if w.body.Len() > maxAnswer {
		w = newRecorder()
		alma.WriteError(w, r, alma.GeneralListError("The answer is larger than 4 MB; ask for less with the parameter limit."), obs.TrackingID(r.Context()))
	}
	return w.response()
}

// request makes the http.Request of an event. It fails when the body is not the base64 it claims to be, or the
// method is none.
func request(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(ev.Body)
	if ev.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(ev.Body); err != nil {
			return nil, fmt.Errorf("decode the body: %w", err)
		}
	}
	u := requestURL(ev)
	r, err := http.NewRequestWithContext(ctx, ev.RequestContext.HTTP.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the event: %w", err)
	}
	r.URL = u
	for name, value := range ev.Headers {
		r.Header.Set(name, value)
	}
	if len(ev.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(ev.Cookies, "; "))
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	r.RemoteAddr = net.JoinHostPort(ev.RequestContext.HTTP.SourceIP, "0")
	r.RequestURI = u.RequestURI()
	return r, nil
}

// requestURL is the route with its parameters filled in and escaped; for an event without a route, the raw path.
func requestURL(ev events.APIGatewayV2HTTPRequest) *url.URL {
	path := fillRoute(ev.RouteKey, ev.PathParameters)
	if path == "" {
		path = escapePath(ev.RawPath)
	}
	u := &url.URL{RawQuery: ev.RawQueryString}
	u.Path, _ = url.PathUnescape(path) // it was escaped just now
	u.RawPath = path
	return u
}

// fillRoute is the path of a route key such as "GET /users/{user_id}", escaped; empty when the key is no such route
// or a parameter is missing.
func fillRoute(key string, params map[string]string) string {
	_, pattern, ok := strings.Cut(key, " ")
	if !ok || !strings.HasPrefix(pattern, "/") {
		return ""
	}
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		name, greedy, isParam := parameter(s)
		if !isParam {
			continue
		}
		value, given := params[name]
		if !given {
			return ""
		}
		slash := ""
		if greedy && len(value) > 1 && strings.HasSuffix(value, "/") { // any other would be an empty segment, which a ServeMux removes
			value, slash = value[:len(value)-1], "/"
		}
		segments[i] = EscapeSegment(value) + slash
	}
	return strings.Join(segments, "/")
}

// parameter is the name in a segment "{name}", or in one "{name+}" that is greedy: it takes the rest of the path.
func parameter(segment string) (name string, greedy, ok bool) {
	if len(segment) < 3 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false, false
	}
	name, greedy = strings.CutSuffix(segment[1:len(segment)-1], "+")
	return name, greedy, true
}

// Pattern is a route key as a ServeMux takes it.
func Pattern(routeKey string) string { return strings.ReplaceAll(routeKey, "+}", "...}") }

// EscapeSegment escapes a value so that it stays one segment, "." and ".." too, which a ServeMux would resolve.
func EscapeSegment(value string) string {
	if value == "." || value == ".." {
		return strings.ReplaceAll(value, ".", "%2E")
	}
	return url.PathEscape(value)
}

func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = EscapeSegment(s)
	}
	return "/" + strings.TrimPrefix(strings.Join(segments, "/"), "/")
}

// recorder keeps what a handler answers.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: make(http.Header)} }

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(b)
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// response is the answer as the gateway takes it. A header with several values is joined with commas, as payload 2.0
// has it, but cookies, which have their own list; a body that is not text is base64.
func (w *recorder) response() events.APIGatewayV2HTTPResponse {
	w.WriteHeader(http.StatusOK)
	resp := events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: make(map[string]string)}
	if w.body.Len() > 0 && w.sent.Get("Content-Type") == "" {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	for name, values := range w.sent {
		if name == "Set-Cookie" {
			resp.Cookies = values
			continue
		}
		resp.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	resp.Body, resp.IsBase64Encoded = encodeBody(w.body.Bytes(), w.sent)
	return resp
}
