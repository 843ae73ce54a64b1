package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"patrondesk/functions"
	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

// sandbox is Lambda's side of the Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) for one
// bootstrap: it hands out events one at a time and takes the answers.
type sandbox struct {
	server  *http.Server
	address string
	events  chan []byte
	answers chan result
	asked   chan time.Time // when the function asked for its first event
}

type result struct {
	ok   bool // response, and not error
	body []byte
	at   time.Time
}

func newSandbox(t testing.TB) *sandbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sandbox{address: listener.Addr().String(), events: make(chan []byte), answers: make(chan result, 1), asked: make(chan time.Time, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/{outcome}", s.take)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) { s.answer(false, r) })
	s.server = &http.Server{Handler: mux}
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

func (s *sandbox) next(w http.ResponseWriter, r *http.Request) {
	select {
	case s.asked <- time.Now():
	default:
	}
	select {
	case event := <-s.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:000000000000:function:test")
		_, _ = w.Write(event)
	case <-r.Context().Done():
	}
}

func (s *sandbox) take(w http.ResponseWriter, r *http.Request) {
	s.answer(r.PathValue("outcome") == "response", r)
	w.WriteHeader(http.StatusAccepted)
}

func (s *sandbox) answer(ok bool, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.answers <- result{ok, body, time.Now()}
}

// invoke sends an event and waits for what the function makes of it.
func (s *sandbox) invoke(t testing.TB, event []byte) result {
	t.Helper()
	select {
	case s.events <- event:
	case r := <-s.answers:
		t.Fatalf("the function failed to start: %s", r.body)
	case <-time.After(20 * time.Second):
		t.Fatal("the function does not ask for events")
	}
	select {
	case r := <-s.answers:
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("the function does not answer")
		return result{}
	}
}

// bootstrap builds the function at path as it is shipped, but for this machine.
func bootstrap(t testing.TB, dir, path string) string {
	t.Helper()
	out := filepath.Join(dir, filepath.Base(path))
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", out, path)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", path, err, text)
	}
	return out
}

// start runs a bootstrap in the sandbox with the settings, until the test ends.
func (s *sandbox) start(t testing.TB, binary string, settings []string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + s.address, "AWS_LAMBDA_FUNCTION_NAME=test", "PATH=" + os.Getenv("PATH")}, settings...)
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() && trouble.Len() > 0 {
			t.Logf("standard error: %s", trouble.String())
		}
	})
	return cmd
}

// library is a store with one patron and a key, and the settings by which a function's binary finds both.
func library(t testing.TB) (secret string, settings []string) {
	t.Helper()
	tables := dynamotest.Tables(t)
	store := dynamotest.Open(t, tables)
	secret = auth.NewSecret()
	if err := store.SaveAPIKey(context.Background(), auth.Key{Hash: auth.HashSecret(secret), Name: "test", Rights: auth.AllRights()}); err != nil {
		t.Fatal(err)
	}
	ada := patron.Patron{UID: "01JADA", RecordType: patron.Public, AccountType: patron.Internal, Status: patron.Active, PrimaryID: "ada", LastName: "Byron"}
	if _, err := store.CreatePatron(context.Background(), ada); err != nil {
		t.Fatal(err)
	}
	institution, err := filepath.Abs("../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	return secret, append(tableSettings(tables),
		"AWS_ENDPOINT_URL_DYNAMODB="+aws.ToString(dynamotest.Client(t).Options().BaseEndpoint), "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "INSTITUTION="+institution,
		"BUCKET=test", "MAIL_CONFIGURATION_SET=test")
}

func tableSettings(t dynamo.Tables) []string {
	return []string{
		"USERS_TABLE=" + t.Users, "REQUESTS_TABLE=" + t.Requests, "LOANS_TABLE=" + t.Loans, "ITEMS_TABLE=" + t.Items,
		"LETTERS_TABLE=" + t.Letters, "JOBS_TABLE=" + t.Jobs, "APIKEYS_TABLE=" + t.APIKeys, "SESSIONS_TABLE=" + t.Sessions,
	}
}

// lookup is API Gateway's event of a look-up of ada.
func lookup(secret string) []byte {
	return fmt.Appendf(nil, `{"version":"2.0","routeKey":"GET /almaws/v1/users/{user_id}","rawPath":"/almaws/v1/users/ADA",
		"headers":{"accept":"application/json","authorization":"apikey %s","host":"example.org"},"pathParameters":{"user_id":"ADA"},
		"requestContext":{"http":{"method":"GET","path":"/almaws/v1/users/ADA","sourceIp":"192.0.2.1"},"requestId":"r"}}`, secret)
}

func TestShippedBootstrapAnswers(t *testing.T) {
	secret, settings := library(t)
	s := newSandbox(t)
	s.start(t, bootstrap(t, t.TempDir(), "./patron-lookup"), settings)
	for range 3 {
		got := s.invoke(t, lookup(secret))
		var response struct {
			StatusCode int
			Body       string
		}
		if err := json.Unmarshal(got.body, &response); err != nil || !got.ok {
			t.Fatalf("got %s, %v", got.body, err)
		}
		if response.StatusCode != 200 || !strings.Contains(response.Body, `"primary_id":"ada"`) {
			t.Errorf("got %d %s", response.StatusCode, response.Body)
		}
	}
	refused := s.invoke(t, lookup("wrong"))
	if !bytes.Contains(refused.body, []byte("UNAUTHORIZED")) {
		t.Errorf("without a key: got %s", refused.body)
	}
}

// turns is how often every function is started to compare them.
const turns = 21

// BenchmarkStart measures process start to first answer of every function and of a bare hello world under the Runtime
// API. All are started in turns, so that what else the machine does meets them alike, and medians are compared. It
// measures the same whatever -benchtime is.
func BenchmarkStart(b *testing.B) {
	secret, settings := library(b)
	dir := b.TempDir()
	names, binaries := []string{"hello"}, map[string]string{"hello": bootstrap(b, dir, "./testdata/hello")}
	for _, f := range functions.All {
		names, binaries[f.Name] = append(names, f.Name), bootstrap(b, dir, "./"+f.Name)
	}
	starts := map[string][]oneStart{}
	for range turns {
		for _, name := range names {
			starts[name] = append(starts[name], startOnce(b, binaries[name], settings, secret))
		}
	}
	hello := median(starts["hello"], func(s oneStart) float64 { return s.answered })
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			info, err := os.Stat(binaries[name])
			if err != nil {
				b.Fatal(err)
			}
			answered := median(starts[name], func(s oneStart) float64 { return s.answered })
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(answered, "ms/first-answer")
			b.ReportMetric(answered/hello, "x-hello")
			b.ReportMetric(median(starts[name], func(s oneStart) float64 { return s.asked }), "ms/start")
			b.ReportMetric(float64(info.Size())/(1<<20), "MB/binary")
			b.ReportMetric(median(starts[name], func(s oneStart) float64 { return s.memory }), "MB/process")
		})
	}
}

func median(starts []oneStart, of func(oneStart) float64) float64 {
	values := make([]float64, len(starts))
	for i, s := range starts {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// oneStart is one start of a bootstrap: milliseconds until it asked for its first event and until it answered it, and
// the process's peak memory in MB by then.
type oneStart struct{ asked, answered, memory float64 }

func startOnce(b *testing.B, binary string, settings []string, secret string) oneStart {
	s := newSandbox(b)
	began := time.Now()
	cmd := s.start(b, binary, settings)
	answered := s.invoke(b, lookup(secret)).at.Sub(began)
	asked := (<-s.asked).Sub(began)
	one := oneStart{asked: milliseconds(asked), answered: milliseconds(answered)}
	if runtime.GOOS == "linux" {
		one.memory = float64(residentKB(cmd.Process.Pid)) / 1024
	}
	_ = cmd.Process.Kill()
	_ = s.server.Close()
	return one
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func residentKB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb
		}
	}
	return 0
}
