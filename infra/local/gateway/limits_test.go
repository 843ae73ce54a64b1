package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"patrondesk/internal/apigw"
)

// TestBodyLimits: what Lambda cannot be given never reaches a function, whether the gateway itself takes it or not.
func TestBodyLimits(t *testing.T) {
	size := func(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: fmt.Sprint(len(e.Body))}, nil
	}
	const mega, rest = 1 << 20, 4 << 10 // what an event has besides its body
	for _, tt := range []struct {
		name, contentType string
		fill              byte
		bytes             int
		status            int
	}{
		{"text", "application/json", 'a', 6*mega - rest, 200},
		{"text too long for Lambda", "application/json", 'a', 6*mega + rest, 413},
		{"markup, which is not escaped", "application/xml", '<', 6*mega - rest, 200},
		{"text that doubles", "application/json", '"', 3*mega - rest, 200},
		{"text that doubles too far", "application/json", '"', 3*mega + rest, 413},
		{"base64", "application/octet-stream", 'a', 6*mega/4*3 - rest, 200},
		{"base64 too long for Lambda", "application/octet-stream", 'a', 6*mega/4*3 + rest, 413},
		{"all the gateway takes", "application/json", 'a', apigw.MaxBody, 413},
		{"more than the gateway takes", "application/json", 'a', apigw.MaxBody + 1, 413},
	} {
		server := serve(t, size)
		body := bytes.NewReader(bytes.Repeat([]byte{tt.fill}, tt.bytes))
		resp, err := server.Client().Post(server.URL+"/users/a/requests/7", tt.contentType, body)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status {
			t.Errorf("%s: got %d %s, %v; want %d", tt.name, resp.StatusCode, said, err, tt.status)
		}
		if resp.StatusCode == http.StatusRequestEntityTooLarge && string(said) != `{"message":"Request Entity Too Large"}` {
			t.Errorf("%s: got %s", tt.name, said)
		}
	}
}
