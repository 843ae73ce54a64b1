package apigw

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

func lookupEvent() events.APIGatewayV2HTTPRequest {
	ev := events.APIGatewayV2HTTPRequest{RouteKey: "GET /x", RawPath: "/x", Headers: map[string]string{"accept": "application/json"}}
	ev.RequestContext.HTTP.Method = "GET"
	return ev
}

// An answer Lambda would refuse is told in Alma's words.
func TestTooLargeAnAnswer(t *testing.T) {
	long := Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxAnswer+1)) }))
	got, err := long(t.Context(), lookupEvent())
	if err != nil || got.StatusCode != 400 || !strings.Contains(got.Body, "402119") || !strings.Contains(got.Body, "limit") {
		t.Errorf("got %d %.200s, %v", got.StatusCode, got.Body, err)
	}
}

// Work ends before Lambda ends the process, so that there is time for an answer.
func TestWorkEndsBeforeTheFunction(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	end, _ := ctx.Deadline()
	var left time.Duration
	timed := Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		deadline, _ := r.Context().Deadline()
		left = end.Sub(deadline)
	}))
	if _, err := timed(ctx, lookupEvent()); err != nil || left != margin {
		t.Errorf("work ends %v before the function, %v; want %v", left, err, margin)
	}
}
