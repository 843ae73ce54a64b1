package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"patrondesk/functions"
	"patrondesk/infra/local/clock"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
)

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name, addr string
		env        map[string]string
		api        string // empty: refused
	}{
		{"usual", "", nil, "127.0.0.1:8080"},
		{"port", "", map[string]string{"API_PORT": "9090"}, "127.0.0.1:9090"},
		{"address", "localhost:7070", map[string]string{"API_PORT": "9090"}, "localhost:7070"},
		{"IPv6", "[::1]:7070", nil, "[::1]:7070"},
		{"open to others", "0.0.0.0:8080", nil, ""},
		{"open to others, unsaid", ":8080", nil, ""},
		{"a name", "library.example:8080", nil, ""},
		{"no port", "127.0.0.1", nil, ""},
		{"no number", "", map[string]string{"S3_PORT": "nine"}, ""},
		{"too large", "", map[string]string{"SIGNIN_PORT": "70000"}, ""},
		{"zero", "", map[string]string{"MAILBOX_PORT": "0"}, ""},
		{"pages of others", "", map[string]string{"CORS_ORIGINS": "http://localhost:5173, https://desk.example"}, "127.0.0.1:8080"},
		{"pages of nowhere", "", map[string]string{"CORS_ORIGINS": "desk.example"}, ""},
	} {
		s, err := readSettings(func(name string) string { return c.env[name] }, c.addr, "")
		if (err != nil) != (c.api == "") || err == nil && s.API != c.api {
			t.Errorf("%s: %q, %v; want %q", c.name, s.API, err, c.api)
		}
	}
}

func TestTheEnvironmentCanNameOtherEngines(t *testing.T) {
	for _, c := range []struct {
		setting               string
		dynamodb, s3, mailbox bool // our own
	}{
		{"", true, true, true},
		{"AWS_ENDPOINT_URL_DYNAMODB", false, true, true},
		{"AWS_ENDPOINT_URL_S3", true, false, true},
		{"AWS_ENDPOINT_URL_SESV2", true, true, false},
		{"AWS_ENDPOINT_URL", false, false, false},
	} {
		s, err := readSettings(func(name string) string {
			if name == c.setting && name != "" {
				return "http://127.0.0.1:4566"
			}
			return ""
		}, "", "")
		if err != nil || s.OwnDynamoDB != c.dynamodb || s.OwnS3 != c.s3 || s.OwnMailbox != c.mailbox {
			t.Errorf("%s: %+v, %v", c.setting, s, err)
		}
	}
}

func TestEveryFunctionIsMounted(t *testing.T) {
	inst, err := institution.Read("../institution.json")
	if err != nil {
		t.Fatal(err)
	}
	var c clients
	c.dynamodb, c.s3, c.ses = ownConfig("http://127.0.0.1:1"), ownConfig("http://127.0.0.1:1"), ownConfig("http://127.0.0.1:1")
	var verifier *auth.Verifier
	l := library{institution: inst, clock: new(clock.Clock), clients: c}
	m, err := l.mount(settings{Dir: t.TempDir()}, verifier, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	routes, drops := 0, 0
	for _, f := range functions.All {
		routes += len(f.Routes)
		if len(f.Drops) > 0 {
			drops++
		}
	}
	if len(m.routes) != routes || len(m.consumers) != drops {
		t.Errorf("%d routes and %d drops are mounted, want %d and %d", len(m.routes), len(m.consumers), routes, drops)
	}
}

func TestEnvironmentIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.env")
	if err := writeEnvironment(path, []entry{{"A", "1"}, {"B", "x=y"}, {"C", ""}}); err != nil {
		t.Fatal(err)
	}
	got, err := readEnvironment(path)
	if err != nil || len(got) != 3 || got["A"] != "1" || got["B"] != "x=y" || got["C"] != "" {
		t.Errorf("%v, %v", got, err)
	}
	if empty, err := readEnvironment(path + ".none"); err != nil || len(empty) != 0 {
		t.Errorf("a file that is not there: %v, %v", empty, err)
	}
}
