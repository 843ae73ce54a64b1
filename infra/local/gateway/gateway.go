// Package gateway stands in for API Gateway and Lambda in front of the functions of the HTTP API. It copies their ways
// where a caller or a handler can see them: the path is matched decoded and cut at a decoded question mark, a route of
// another method is no route, preflight requests are answered before any function is reached, a function has its
// time-out and its own request id, and what goes in and out of it goes through JSON, of which Lambda takes no more than
// 6 MB. The events themselves are made by [apigw.Mount].
package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"patrondesk/internal/apigw"
)

// maxPayload is the most bytes Lambda takes as the event of a function called synchronously, and as its answer (Lambda
// quotas: 6 MB). A body is in it as a JSON text, with what has to be escaped, or as base64, so that the 10 MB the
// gateway itself takes never arrive whole.
const maxPayload = 6<<20 + 100

// errTooLarge says that an event or an answer is over maxPayload.
var errTooLarge = errors.New("it is larger than 6 MB")

// Route sends the requests of one method and path to a function.
type Route struct {
	Pattern  string // "GET /almaws/v1/users/{user_id}"
	Function string // its name
	Invoke   apigw.Invocation
	Timeout  time.Duration
}

// New serves the routes, to pages of the origins too. The id of each request comes from newID.
func New(routes []Route, origins []string, log *slog.Logger, newID func() string) http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.Handle(apigw.Pattern(route.Pattern), apigw.Mount(route.Pattern, newID, route.invocation(log)))
	}
	return withCORS(origins, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		decoded, _, _ := strings.Cut(r.URL.Path, "?")
		r.URL.Path, r.URL.RawPath = decoded, ""
		if _, pattern := mux.Handler(r); pattern == "" || r.Method == http.MethodHead || decoded != path.Clean(decoded) {
			apigw.WriteResponse(w, message(http.StatusNotFound, "Not Found"))
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// invocation runs the function as Lambda does.
func (route Route) invocation(log *slog.Logger) apigw.Invocation {
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		id := event.RequestContext.RequestID
		ctx, cancel := context.WithTimeout(ctx, route.Timeout)
		defer cancel()
		ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
			AwsRequestID:       id,
			InvokedFunctionArn: "arn:aws:lambda:local:000000000000:function:" + route.Function,
		})
		var in events.APIGatewayV2HTTPRequest
		err := throughJSON(event, &in)
		if errors.Is(err, errTooLarge) {
			return message(http.StatusRequestEntityTooLarge, "Request Entity Too Large"), nil
		}
		var answer events.APIGatewayV2HTTPResponse
		if err == nil {
			answer, err = route.run(ctx, in)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return message(http.StatusServiceUnavailable, "Service Unavailable"), nil
		}
		if err != nil {
			log.Error("a function failed", "function", route.Function, "request_id", id, "error", err.Error())
			return message(http.StatusInternalServerError, "Internal Server Error"), nil
		}
		if answer.Headers == nil {
			answer.Headers = map[string]string{}
		}
		answer.Headers["Apigw-Requestid"] = id
		return answer, nil
	}
}

// run runs the function once. A panic is an error, as it is of a Lambda function.
func (route Route) run(ctx context.Context, event events.APIGatewayV2HTTPRequest) (answer events.APIGatewayV2HTTPResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the function panicked: %T", p)
		}
	}()
	said, err := route.Invoke(ctx, event)
	if err != nil {
		return answer, err
	}
	if err := throughJSON(said, &answer); err != nil {
		return answer, fmt.Errorf("take the answer: %w", err)
	}
	return answer, nil
}

// throughJSON copies a value as JSON, as Lambda is given it: of at most maxPayload bytes, else errTooLarge.
func throughJSON(from, to any) error {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(from); err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	if data.Len() > maxPayload {
		return errTooLarge
	}
	if err := json.Unmarshal(data.Bytes(), to); err != nil {
		return fmt.Errorf("decode an event: %w", err)
	}
	return nil
}

// message is an answer of the gateway's own.
func message(status int, text string) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "application/json"},
		Body:       fmt.Sprintf(`{"message":%q}`, text),
	}
}
