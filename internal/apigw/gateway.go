package apigw

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// MaxBody is the largest request body the gateway takes, in bytes.
const MaxBody = 10 << 20

// ErrTooLarge says that a body is over [MaxBody].
var ErrTooLarge = errors.New("the body is larger than 10 MB")

// Event is the event the gateway would make of r, whose body it reads: names of headers in lower case, cookies apart,
// the path decoded and cut at a question mark. params are the decoded path parameters of the route, which is named as
// "METHOD /path/{parameter}". A body over [MaxBody] is [ErrTooLarge].
func Event(r *http.Request, routeKey string, params map[string]string, requestID string) (events.APIGatewayV2HTTPRequest, error) {
	body, err := readBody(r)
	if err != nil {
		return events.APIGatewayV2HTTPRequest{}, err
	}
	path, _, _ := strings.Cut(r.URL.Path, "?")
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	now := time.Now().UTC()
	ev := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: routeKey, RawPath: path, RawQueryString: r.URL.RawQuery,
		Headers: make(map[string]string), PathParameters: params,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: routeKey, Stage: "$default", RequestID: requestID, DomainName: r.Host,
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: path, Protocol: r.Proto, SourceIP: host, UserAgent: r.UserAgent(),
			},
		},
	}
	for name, values := range r.Header {
		ev.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	delete(ev.Headers, "cookie")
	ev.Headers["host"] = r.Host
	for _, c := range r.Header.Values("Cookie") {
		ev.Cookies = append(ev.Cookies, strings.Split(c, "; ")...)
	}
	for name, values := range r.URL.Query() {
		if ev.QueryStringParameters == nil {
			ev.QueryStringParameters = make(map[string]string)
		}
		ev.QueryStringParameters[name] = strings.Join(values, ",")
	}
	ev.Body, ev.IsBase64Encoded = encodeBody(body, r.Header)
	return ev, nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if len(body) > MaxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}

// encodeBody is a body as it stands in an event: itself when it is text, base64 otherwise.
func encodeBody(body []byte, h http.Header) (text string, isBase64 bool) {
	if len(body) == 0 || h.Get("Content-Encoding") == "" && isText(h.Get("Content-Type")) && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "+json")
}

// WriteResponse answers with what a function answered, as the gateway does. An answer that claims to be base64 and is
// not becomes the gateway's 500.
func WriteResponse(w http.ResponseWriter, resp events.APIGatewayV2HTTPResponse) {
	body := []byte(resp.Body)
	if resp.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(resp.Body); err != nil {
			WriteResponse(w, message(http.StatusInternalServerError, "Internal Server Error"))
			return
		}
	}
	for name, value := range resp.Headers {
		w.Header().Set(name, value)
	}
	for _, c := range resp.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	w.WriteHeader(resp.StatusCode)
	if len(body) > 0 && bodyAllowed(resp.StatusCode) {
		w.Write(body) // a caller who is gone is nobody to tell
	}
}

// Mount stands in for the gateway in front of one function: it is registered in a ServeMux under the [Pattern] of routeKey, makes the
// event of each request with a request id from newID, invokes the function and answers what it answered. A body over
// [MaxBody] and an error of the function are answered as the gateway answers them.
func Mount(routeKey string, newID func() string, invoke Invocation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ev, err := Event(r, routeKey, pathParameters(r, routeKey), newID())
		if errors.Is(err, ErrTooLarge) {
			WriteResponse(w, message(http.StatusRequestEntityTooLarge, "Request Entity Too Large"))
			return
		}
		if err != nil {
			WriteResponse(w, message(http.StatusBadRequest, "Bad Request"))
			return
		}
		resp, err := invoke(r.Context(), ev)
		if err != nil {
			resp = message(http.StatusInternalServerError, "Internal Server Error")
		}
		WriteResponse(w, resp)
	})
}

func pathParameters(r *http.Request, routeKey string) map[string]string {
	var params map[string]string
	for segment := range strings.SplitSeq(routeKey, "/") {
		if name, _, ok := parameter(segment); ok {
			if params == nil {
				params = make(map[string]string)
			}
			params[name] = r.PathValue(name)
		}
	}
	return params
}

// message is an answer of the gateway's own.
func message(status int, text string) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       `{"message":"` + text + `"}`,
	}
}
