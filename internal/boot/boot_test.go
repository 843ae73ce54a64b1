package boot

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

func TestSetting(t *testing.T) {
	t.Setenv("USERS_TABLE", "demo-users")
	if got := Setting("USERS_TABLE"); got != "demo-users" {
		t.Errorf("got %q", got)
	}
	if got := Optional("USERS_TABLE", "x"); got != "demo-users" {
		t.Errorf("got %q", got)
	}
	t.Setenv("USERS_TABLE", "")
	if got := Optional("USERS_TABLE", "x"); got != "x" {
		t.Errorf("got %q", got)
	}
}

func TestAWSFromTheEnvironment(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "")
	t.Setenv("AWS_ENDPOINT_URL_S3", "")
	const all, one = "http://127.0.0.1:4566", "http://127.0.0.1:8000"
	for _, tt := range []struct{ name, all, one, table, bucket, mail string }{
		{name: "AWS's own"},
		{name: "one endpoint for everything", all: all, table: all, bucket: all, mail: all},
		{name: "one of a service", one: one, mail: one},
		{name: "both", all: all, one: one, table: all, bucket: all, mail: one},
	} {
		t.Setenv("AWS_ENDPOINT_URL", tt.all)
		t.Setenv("AWS_ENDPOINT_URL_SESV2", tt.one)
		cfg := AWS()
		got, err := cfg.Credentials.Retrieve(t.Context())
		if err != nil || got.AccessKeyID != "id" || got.SecretAccessKey != "secret" || got.SessionToken != "token" || cfg.Region != "eu-central-1" {
			t.Errorf("%s: got the key %q in %q, %v", tt.name, got.AccessKeyID, cfg.Region, err)
		}
		endpoints := []*string{
			dynamodb.NewFromConfig(cfg).Options().BaseEndpoint, s3.NewFromConfig(cfg).Options().BaseEndpoint,
			sesv2.NewFromConfig(cfg).Options().BaseEndpoint,
		}
		for i, want := range []string{tt.table, tt.bucket, tt.mail} {
			if got := aws.ToString(endpoints[i]); got != want {
				t.Errorf("%s, client %d: got the endpoint %q, want %q", tt.name, i, got, want)
			}
		}
	}
}

func TestKindsOfEndpoints(t *testing.T) {
	for name, value := range map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": ""} {
		t.Setenv(name, value)
	}
	for _, tt := range []struct {
		fips, dual string
		wantFIPS   aws.FIPSEndpointState
		wantDual   aws.DualStackEndpointState
		host       string
	}{
		{"", "", aws.FIPSEndpointStateUnset, aws.DualStackEndpointStateUnset, "dynamodb.us-east-1.amazonaws.com"},
		{"false", "FALSE", aws.FIPSEndpointStateDisabled, aws.DualStackEndpointStateDisabled, "dynamodb.us-east-1.amazonaws.com"},
		{"true", "", aws.FIPSEndpointStateEnabled, aws.DualStackEndpointStateUnset, "dynamodb-fips.us-east-1.amazonaws.com"},
		{"True", "true", aws.FIPSEndpointStateEnabled, aws.DualStackEndpointStateEnabled, "dynamodb-fips.us-east-1.api.aws"},
	} {
		t.Setenv("AWS_USE_FIPS_ENDPOINT", tt.fips)
		t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", tt.dual)
		tables, bucket, mail := dynamodb.NewFromConfig(AWS()).Options(), s3.NewFromConfig(AWS()).Options(), sesv2.NewFromConfig(AWS()).Options()
		for i, got := range []aws.FIPSEndpointState{tables.EndpointOptions.UseFIPSEndpoint, bucket.EndpointOptions.UseFIPSEndpoint, mail.EndpointOptions.UseFIPSEndpoint} {
			if got != tt.wantFIPS {
				t.Errorf("%q, client %d: got FIPS %v, want %v", tt.fips, i, got, tt.wantFIPS)
			}
		}
		for i, got := range []aws.DualStackEndpointState{tables.EndpointOptions.UseDualStackEndpoint, bucket.EndpointOptions.UseDualStackEndpoint, mail.EndpointOptions.UseDualStackEndpoint} {
			if got != tt.wantDual {
				t.Errorf("%q, client %d: got dual stack %v, want %v", tt.dual, i, got, tt.wantDual)
			}
		}
		at, err := tables.EndpointResolverV2.ResolveEndpoint(t.Context(), dynamodb.EndpointParameters{
			Region: aws.String("us-east-1"), UseFIPS: aws.Bool(tables.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
			UseDualStack: aws.Bool(tables.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		})
		if err != nil || at.URI.Host != tt.host {
			t.Errorf("%q, %q: got %s, %v; want %s", tt.fips, tt.dual, at.URI.Host, err, tt.host)
		}
	}
}

// TestMissingEndsTheProcess runs this test binary again, without what each step needs.
func TestMissingEndsTheProcess(t *testing.T) {
	steps := map[string]func(){
		"setting USERS_TABLE is missing":   func() { Setting("USERS_TABLE") },
		"read the institution's settings":  func() { Institution() },
		"setting OIDC_AUDIENCE is missing": func() { verifier() },
		"setting AWS_REGION is missing":    func() { AWS() },
		"AWS_USE_FIPS_ENDPOINT must be":    func() { os.Setenv("AWS_USE_FIPS_ENDPOINT", "yes"); yesOrNo("AWS_USE_FIPS_ENDPOINT") },
		"setting OIDC_CLAIM is missing":    func() { os.Setenv("OIDC_AUDIENCE", "library"); verifier() },
	}
	if want := os.Getenv("BOOT_TEST_STEP"); want != "" {
		steps[want]()
		return
	}
	for want := range steps {
		cmd := exec.Command(os.Args[0], "-test.run=TestMissingEndsTheProcess")
		cmd.Env = []string{"BOOT_TEST_STEP=" + want, "OIDC_ISSUER=https://id.example.org"}
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if _, ended := errors.AsType[*exec.ExitError](err); !ended || !strings.Contains(string(out), want) {
			t.Errorf("got %v, %s; want %q", err, out, want)
		}
	}
}

func TestInstitutionBesideTheBinary(t *testing.T) {
	dir := t.TempDir()
	const text = `{"code":"01DEMO_INST","name":"Demo","language":"en","letters":{"from":"library@example.org"}}`
	if err := os.WriteFile(filepath.Join(dir, "institution.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LAMBDA_TASK_ROOT", dir)
	t.Setenv("INSTITUTION", "")
	if got := Institution().Code; got != "01DEMO_INST" {
		t.Errorf("got %q", got)
	}
}

// reads counts the reads of a store that has one key.
type reads struct{ keys int }

func (s *reads) APIKey(_ context.Context, hash string) (auth.Key, error) {
	s.keys++
	if hash == auth.HashSecret("pd_demo") {
		return auth.Key{Name: "demo", Rights: auth.AllRights()}, nil
	}
	return auth.Key{}, auth.ErrNoKey
}

func (s *reads) Patron(context.Context, string) (patron.Patron, error) {
	return patron.Patron{}, patron.ErrNotFound
}

func (s *reads) PatronByUID(context.Context, string) (patron.Patron, error) {
	return patron.Patron{}, patron.ErrNotFound
}

func TestGuardReadsOnceBeforeTheFirstCaller(t *testing.T) {
	t.Setenv("OIDC_ISSUER", "")
	s := new(reads)
	g := Guard(s, &institution.Institution{Code: "01DEMO_INST"})
	if s.keys != 1 {
		t.Errorf("got %d reads, want 1", s.keys)
	}
	ok := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
	for header, want := range map[string]int{"apikey pd_demo": 200, "apikey pd_other": 400, "Bearer a.b.c": 401} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		g.Protect(auth.Access{Right: auth.UsersRead}, ok).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", header, w.Code, want)
		}
	}
}

// A request full of personal data passes a whole function, answered, refused and failing, and leaves none of it in the
// log.
func TestNothingPersonalIsLogged(t *testing.T) {
	const route = "POST /almaws/v1/users/{user_id}"
	personal := []string{"4711-barcode", "weber", "thomas@example.org", "moby", "pd_", "hunter2", "203.0.113"}
	answers := map[string]http.HandlerFunc{
		"answers": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		"panics":  func(w http.ResponseWriter, r *http.Request) { panic(r.PathValue("user_id")) },
	}
	for name, answer := range answers {
		for _, authorization := range []string{"apikey pd_demo", "apikey pd_weber", "Bearer pd_weber.hunter2.x", "Weber hunter2"} {
			var log bytes.Buffer
			mux := http.NewServeMux()
			mux.Handle(route, Guard(new(reads), &institution.Institution{}).Protect(auth.Access{Right: auth.UsersRead}, answer))
			r := httptest.NewRequest("POST", "/almaws/v1/users/4711-barcode?q=last_name~Weber&apikey=pd_demo&password=hunter2",
				strings.NewReader(`{"email":"thomas@example.org","title":"Moby Dick"}`))
			r.Header.Set("Authorization", authorization)
			r.Header.Set("Exl-User-Pw", "hunter2")
			r.Header.Set("User-Agent", "Weber")
			r.RemoteAddr = "203.0.113.9:1"
			front := http.NewServeMux()
			front.Handle(route, apigw.Mount(route, func() string { return "req-1" }, invocation("user-update", &log, mux)))
			front.ServeHTTP(httptest.NewRecorder(), r)
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "req-1") || !strings.Contains(log.String(), `"route":"`+route) {
				t.Fatalf("%s, %s: got %q, want one line", name, authorization, log.String())
			}
			for _, p := range personal {
				if strings.Contains(strings.ToLower(log.String()), p) {
					t.Errorf("%s, %s: %q is in %s", name, authorization, p, log.String())
				}
			}
		}
	}
}
