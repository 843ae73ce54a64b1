package apigw

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"patrondesk/internal/obs"
)

const route = "GET /almaws/v1/users/{user_id}"

// event is an event of route as the gateway sends it: everything decoded.
func event(id string) events.APIGatewayV2HTTPRequest {
	var ev events.APIGatewayV2HTTPRequest
	ev.RouteKey, ev.RawPath = route, "/almaws/v1/users/"+id
	ev.PathParameters = map[string]string{"user_id": id}
	ev.RequestContext.HTTP.Method = "GET"
	ev.RequestContext.HTTP.SourceIP = "192.0.2.1"
	ev.RequestContext.RequestID = "gateway-id"
	return ev
}

// hard are identifiers that are trouble in a path.
var hard = []string{"1000001", "a+b", "100%", "%2F", "a/b", "a b", "what?", "a#b", ".", "..", "../users", "Müller", "ü\u0308", ";", "a=b&c", "\\", "ME", "a,b", "//", "{user_id}"}

func TestPathValueIsTheParameter(t *testing.T) {
	for _, id := range hard {
		var got string
		mux := http.NewServeMux()
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) { got = r.PathValue("user_id") })
		mux.HandleFunc("GET /almaws/v1/users/operation/test", func(http.ResponseWriter, *http.Request) {})
		resp, err := Handler(mux)(context.Background(), event(id))
		if err != nil || resp.StatusCode != 200 || got != id {
			t.Errorf("%q: got %q, status %d, error %v", id, got, resp.StatusCode, err)
		}
	}
}

func TestRequestOfEvent(t *testing.T) {
	ev := event("x")
	ev.RequestContext.HTTP.Method = "POST"
	ev.RawQueryString = "q=a%20b&q=c&plus=a+b&empty="
	ev.QueryStringParameters = map[string]string{"q": "a b,c"}
	ev.Headers = map[string]string{"content-type": "application/json", "host": "api.example.org", "accept": "text/a,text/b"}
	ev.Cookies = []string{"a=1", "b=2"}
	ev.Body, ev.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte{0, 255}), true
	r, err := request(context.Background(), ev)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	got := []string{r.Method, r.Host, r.RemoteAddr, r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("Cookie"),
		strings.Join(r.URL.Query()["q"], "|"), r.URL.Query().Get("plus"), string(body), r.RequestURI}
	want := []string{"POST", "api.example.org", "192.0.2.1:0", "application/json", "text/a,text/b", "a=1; b=2", "a b|c", "a b", "\x00\xff",
		"/almaws/v1/users/x?q=a%20b&q=c&plus=a+b&empty="}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if r.ContentLength != 2 {
		t.Errorf("content length: got %d", r.ContentLength)
	}
}

func TestEventThatIsNoRequest(t *testing.T) {
	badBody, badMethod := event("x"), event("x")
	badBody.Body, badBody.IsBase64Encoded = "%%%", true
	badMethod.RequestContext.HTTP.Method = "G T"
	for name, ev := range map[string]events.APIGatewayV2HTTPRequest{"body": badBody, "method": badMethod} {
		resp, err := Handler(http.NotFoundHandler())(context.Background(), ev)
		if err != nil || resp.StatusCode != 400 {
			t.Errorf("%s: got %d, %v", name, resp.StatusCode, err)
		}
	}
}

func TestRawPathWithoutRoute(t *testing.T) {
	ev := event("a b/../c")
	ev.RouteKey = "$default"
	if got, want := requestURL(ev).EscapedPath(), "/almaws/v1/users/a%20b/%2E%2E/c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	ev.RouteKey, ev.PathParameters = route, nil
	if got, want := requestURL(ev).Path, "/almaws/v1/users/a b/../c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTrackingID(t *testing.T) {
	var got string
	h := Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = obs.TrackingID(r.Context()) }))
	h(context.Background(), event("x"))
	if got != "gateway-id" {
		t.Errorf("without Lambda: got %q", got)
	}
	h(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "lambda-id"}), event("x"))
	if got != "lambda-id" {
		t.Errorf("in Lambda: got %q", got)
	}
}

func TestResponse(t *testing.T) {
	tests := []struct {
		name string
		h    http.HandlerFunc
		want events.APIGatewayV2HTTPResponse
	}{
		{"json", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			io.WriteString(w, `{"a":"ü"}`)
			w.Header().Set("Late", "1")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"content-type": "application/json;charset=UTF-8"}, Body: `{"a":"ü"}`}},
		{"several values and cookies", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Vary"] = []string{"Accept", "Cookie"}
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.WriteHeader(204)
			io.WriteString(w, "dropped")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 204, Headers: map[string]string{"vary": "Accept, Cookie"}, Cookies: []string{"a=1", "b=2"}}},
		{"binary", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/zip")
			w.Write([]byte("PK"))
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"content-type": "application/zip"}, Body: "UEs=", IsBase64Encoded: true}},
		{"compressed", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("x"))
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"content-type": "application/json", "content-encoding": "gzip"}, Body: "eA==", IsBase64Encoded: true}},
		{"type left out", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202); io.WriteString(w, "hello") },
			events.APIGatewayV2HTTPResponse{StatusCode: 202, Headers: map[string]string{"content-type": "text/plain; charset=utf-8"}, Body: "hello"}},
		{"nothing", func(w http.ResponseWriter, r *http.Request) {},
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Handler(tt.h)(context.Background(), event("x"))
			if err != nil {
				t.Fatal(err)
			}
			g, _ := json.Marshal(got)
			w, _ := json.Marshal(tt.want)
			if !bytes.Equal(g, w) {
				t.Errorf("got  %s\nwant %s", g, w)
			}
		})
	}
}

func TestPanicIsAlmas500(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half an answer")
		panic("Thomas Weber")
	})
	ev := event("x")
	ev.Headers = map[string]string{"accept": "application/json"}
	resp, err := Handler(h)(context.Background(), ev)
	if err != nil || resp.StatusCode != 500 {
		t.Fatalf("got %d, %v", resp.StatusCode, err)
	}
	var envelope struct{ ErrorsExist bool }
	if err := json.Unmarshal([]byte(resp.Body), &envelope); err != nil || !envelope.ErrorsExist {
		t.Errorf("got %s, want Alma's envelope", resp.Body)
	}
	if strings.Contains(resp.Body, "Weber") || strings.Contains(resp.Body, "half") || !strings.Contains(resp.Body, "gateway-id") {
		t.Errorf("got %s", resp.Body)
	}
}

// roundTrip sends a request through Mount and Handler, as the local run does, and tells what came through.
func roundTrip(t testing.TB, r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
	inner := http.NewServeMux()
	inner.HandleFunc(route, h)
	outer := http.NewServeMux()
	outer.Handle(route, Mount(route, func() string { return "local-1" }, Handler(inner)))
	w := httptest.NewRecorder()
	outer.ServeHTTP(w, r)
	return w
}

func TestMountPassesEverythingOn(t *testing.T) {
	r := httptest.NewRequest("GET", "/almaws/v1/users/a%2Bb?q=1&q=2", strings.NewReader("body\xff"))
	r.Header["X-Many"] = []string{"1", "2"}
	r.AddCookie(&http.Cookie{Name: "a", Value: "1"})
	r.AddCookie(&http.Cookie{Name: "b", Value: "2"})
	var got []string
	w := roundTrip(t, r, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = []string{r.PathValue("user_id"), r.URL.RawQuery, string(body), r.Header.Get("X-Many"), r.Header.Get("Cookie"), r.Host, r.RemoteAddr}
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "3"})
		w.Header().Set("Content-Type", "image/png")
		w.WriteHeader(201)
		w.Write([]byte{0, 1, 2})
	})
	want := []string{"a+b", "q=1&q=2", "body\xff", "1,2", "a=1; b=2", "example.com", "192.0.2.1:0"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if w.Code != 201 || w.Body.String() != "\x00\x01\x02" || w.Header().Get("Set-Cookie") != "c=3" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestMountRefusesLargeBodies(t *testing.T) {
	for size, want := range map[int]int{MaxBody: 200, MaxBody + 1: 413} {
		r := httptest.NewRequest("GET", "/almaws/v1/users/x", bytes.NewReader(make([]byte, size)))
		w := roundTrip(t, r, func(http.ResponseWriter, *http.Request) {})
		if w.Code != want {
			t.Errorf("%d bytes: got %d, want %d", size, w.Code, want)
		}
		if want == 413 && w.Body.String() != `{"message":"Request Entity Too Large"}` {
			t.Errorf("got %s", w.Body)
		}
	}
}

func TestMountAnswersErrorsAsTheGateway(t *testing.T) {
	fails := func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{}, io.ErrUnexpectedEOF
	}
	w := httptest.NewRecorder()
	Mount(route, func() string { return "1" }, fails).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || w.Body.String() != `{"message":"Internal Server Error"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func FuzzPathValue(f *testing.F) {
	for _, id := range hard {
		f.Add(id, "a=1")
	}
	f.Fuzz(func(t *testing.T, id, query string) {
		if id == "" || id == "/" {
			return // no segment, and the one a ServeMux takes for none; the gateway sends neither
		}
		ev := event(id)
		ev.RawQueryString = query
		got, called := "", false
		mux := http.NewServeMux()
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
			got, called = r.PathValue("user_id"), r.URL.RawQuery == query
		})
		resp, err := Handler(mux)(context.Background(), ev)
		if err != nil || resp.StatusCode != 200 || got != id || !called {
			t.Errorf("%q: got %q, status %d, error %v", id, got, resp.StatusCode, err)
		}
		escaped := "/almaws/v1/users/" + EscapeSegment(id)
		if u, err := url.Parse(escaped); err != nil || u.EscapedPath() != escaped {
			t.Errorf("%q: %s is not its own escaped form", id, escaped)
		}
	})
}
