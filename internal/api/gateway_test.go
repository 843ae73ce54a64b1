package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"patrondesk/functions"
	"patrondesk/internal/apigw"
	"patrondesk/internal/obs"
)

// sent is a request as API Gateway hands it to a function.
type sent struct {
	route   string // as in functions.go
	params  map[string]string
	query   string // raw
	headers map[string]string
	body    string
}

func (s sent) String() string {
	body := s.body
	if len(body) > 1500 {
		body = fmt.Sprintf("%s... (%d bytes)", body[:1500], len(s.body))
	}
	return fmt.Sprintf("%s %q ?%q %q\n%q", s.route, s.params, s.query, s.headers, body)
}

// gateway is the desk's functions as Lambda runs them: behind API Gateway, with their log.
type gateway struct {
	byRoute map[string]apigw.Invocation
	log     *lockedBuffer
}

func (d *desk) gateway() *gateway {
	g := &gateway{byRoute: map[string]apigw.Invocation{}, log: &lockedBuffer{}}
	for _, f := range functions.All {
		h, ok := d.Function(f.Name)
		if !ok {
			continue
		}
		invoke := apigw.Handler(obs.Middleware(f.Name, obs.NewLog(g.log), h))
		for _, route := range f.Routes {
			g.byRoute[route] = invoke
		}
	}
	return g
}

// send invokes the function of the request's route.
func (g *gateway) send(ctx context.Context, s sent) answer {
	method, _, _ := strings.Cut(s.route, " ")
	ev := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: s.route, PathParameters: s.params, RawQueryString: s.query,
		Headers: s.headers, Body: base64.StdEncoding.EncodeToString([]byte(s.body)), IsBase64Encoded: true}
	ev.RequestContext.HTTP.Method = method
	ev.RequestContext.RequestID = "tracked"
	res, err := g.byRoute[s.route](ctx, ev)
	if err != nil {
		return answer{status: 599, body: err.Error()}
	}
	a := answer{status: res.StatusCode, header: map[string][]string{}, body: res.Body}
	for name, value := range res.Headers {
		a.header.Set(name, value)
	}
	return a
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// envelope is Alma's answer of a call that failed, in either format.
type envelope struct {
	XMLName     xml.Name `json:"-" xml:"http://com/exlibris/urm/general/xmlbeans web_service_result"`
	ErrorsExist bool     `json:"errorsExist" xml:"errorsExist"`
	ErrorList   struct {
		Error []struct {
			ErrorCode    string `json:"errorCode" xml:"errorCode"`
			ErrorMessage string `json:"errorMessage" xml:"errorMessage"`
			TrackingID   string `json:"trackingId" xml:"trackingId"`
		} `json:"error" xml:"error"`
	} `json:"errorList" xml:"errorList"`
}

// codes are the codes an answer may have: Alma's documented ones of the calls we answer, and ours.
var codes = strings.Fields(`60101 60224 60229 60308 60324 60328 60330 60331 401129 401136 401652
	401664 401665 401666 401676 401694 401850 401851 401852 401853 401854 401855 401857 401858 401859 401860 401861
	401863 401864 401866 401890 401891 401895 401907 401932 401934 402119 500038 4019990
	4019991 4019992 4019993 4019994 4019996 4019997 4019998
	401153 401168 401651 401672 401681 401689 401822 401823 401824 402502 402504 40166415
	UNAUTHORIZED INVALID_REQUEST FORBIDDEN PRECONDITION_FAILED CODE_TABLE_NOT_FOUND FIELD_OWNED_BY_SIS PER_SECOND_THRESHOLD
	402216 402218 402220 402221 40166410 JOB_NOT_HELD JOB_REPORT_MISSING JOB_REPORT_TOO_LARGE
	LETTER_DISABLED LETTER_NO_EMAIL LETTER_FAILED LETTER_UNKNOWN LETTER_NOTHING_TO_REPORT LETTER_OPTED_OUT LETTER_UNKNOWN_CODE`)

// flaw says what is wrong with the form of an answer, or "".
func flaw(a answer) string {
	if a.status < 200 || a.status >= 500 {
		return "status"
	}
	if a.status < 400 {
		return badObject(a)
	}
	var e envelope
	if err := decodeStrictly(a, &e); err != nil {
		return "envelope: " + err.Error()
	}
	if !e.ErrorsExist || len(e.ErrorList.Error) == 0 {
		return "no error in the envelope"
	}
	for _, one := range e.ErrorList.Error {
		if wrong := badError(a.status, one.ErrorCode, one.ErrorMessage, one.TrackingID); wrong != "" {
			return wrong
		}
	}
	return ""
}

// badError says what is wrong with one error of an envelope.
func badError(status int, code, message, trackingID string) string {
	byGateway := slices.Contains([]string{"INVALID_REQUEST", "PER_SECOND_THRESHOLD"}, code) || code == "UNAUTHORIZED" && status == 400
	switch {
	case !slices.Contains(codes, code):
		return "unknown code " + code
	case strings.TrimSpace(message) == "" || len(message) > 1000:
		return "message"
	case byGateway != (trackingID == "") || !byGateway && trackingID != "tracked":
		return "trackingId " + trackingID
	}
	return ""
}

// badObject says what is wrong with a good answer.
func badObject(a answer) string {
	if a.status == 204 {
		return a.body
	}
	var any struct{ XMLName xml.Name }
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		if !json.Valid([]byte(a.body)) {
			return "no JSON"
		}
		return ""
	}
	if err := xml.Unmarshal([]byte(a.body), &any); err != nil {
		return "no XML: " + err.Error()
	}
	return ""
}

func decodeStrictly(a answer, into *envelope) error {
	if !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		return xml.Unmarshal([]byte(a.body), into)
	}
	dec := json.NewDecoder(strings.NewReader(a.body))
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("more after the envelope")
	}
	return nil
}

func TestFlaw(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"without a tracking id", tokenRefusal("FORBIDDEN", "No."), "trackingId "},
		{"no envelope", `{"message":"Not Found"}`, "no error in the envelope"},
		{"text", "404 page not found", "envelope: "},
		{"unknown code", tokenRefusal("OOPS", "No."), "unknown code OOPS"},
	} {
		got := flaw(answer{status: 400, header: map[string][]string{"Content-Type": {"application/json"}}, body: tt.body})
		if !strings.HasPrefix(got, tt.want) || got == "" {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
