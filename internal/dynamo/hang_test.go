package dynamo_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
)

// TestAttemptThatHangsIsEnded puts a server before the engine that never answers the first request.
func TestAttemptThatHangsIsEnded(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	want := create(t, dynamotest.Open(t, tables), person(1))
	options := dynamotest.Client(t).Options()
	engine, err := url.Parse(*options.BaseEndpoint)
	must(t, err)
	var seen atomic.Int32
	proxy := httputil.NewSingleHostReverseProxy(engine)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1) == 1 {
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer slow.Close()
	options.BaseEndpoint = &slow.URL
	begin := time.Now()
	got, err := dynamo.New(dynamodb.New(options), tables, time.Now).PatronByUID(t.Context(), want.UID)
	if err != nil || got.UID != want.UID || time.Since(begin) > 15*time.Second {
		t.Errorf("got %s, %v after %v", got.UID, err, time.Since(begin))
	}
}
