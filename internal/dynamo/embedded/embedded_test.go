package embedded

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/functions"
)

// engine starts an engine of the test's own, whatever the environment says, and stops it after the test.
func engine(t *testing.T, s Settings) *Engine {
	t.Helper()
	t.Setenv(EndpointSetting, "")
	if _, err := Find(); errors.Is(err, ErrNoEngine) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	e, err := Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestTablesAreThoseOfTheFunctions(t *testing.T) {
	client := engine(t, Settings{}).Client()
	for range 2 { // the second time there is nothing to do
		if err := CreateTables(t.Context(), client, "here-"); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range functions.Tables {
		name := "here-" + want.Name
		out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(out.Table.KeySchema); got != map[bool]int{false: 1, true: 2}[want.Sort] {
			t.Errorf("%s: got %d keys", name, got)
		}
		if got := len(out.Table.GlobalSecondaryIndexes); (got == 1) != (want.Index != nil) {
			t.Errorf("%s: got %d indexes", name, got)
		}
		ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if got := ttl.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled; got != (want.TTL != "") {
			t.Errorf("%s: got TTL %v, want %q", name, got, want.TTL)
		}
	}
	names := Names("here-")
	for _, name := range []string{names.Users, names.Requests, names.Loans, names.Items, names.Letters, names.Jobs, names.APIKeys} {
		if !strings.HasPrefix(name, "here-") {
			t.Errorf("got table name %q", name)
		}
	}
	for range 2 {
		if err := DeleteTables(t.Context(), client, "here-"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFileSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dynamo.db")
	first := engine(t, Settings{File: file})
	if err := CreateTables(t.Context(), first.Client(), ""); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if answers(t.Context(), first.Endpoint) {
		t.Error("the engine answers after it was stopped")
	}
	second := engine(t, Settings{File: file})
	out, err := second.Client().ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil || len(out.TableNames) != len(functions.Tables) {
		t.Errorf("got tables %v, %v; want %d", out, err, len(functions.Tables))
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv(EndpointSetting, "")
	t.Setenv(BinarySetting, os.Args[0])
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := Start(t.Context(), Settings{Port: l.Addr().(*net.TCPAddr).Port}); err == nil || !strings.Contains(err.Error(), port) {
		t.Errorf("got %v, want an error that names port %s", err, port)
	}
}

func TestEndpointOfTheEnvironmentIsUsed(t *testing.T) {
	t.Setenv(EndpointSetting, "http://127.0.0.1:1")
	e, err := Start(t.Context(), Settings{})
	if err != nil || e.Endpoint != "http://127.0.0.1:1" {
		t.Fatalf("got %+v, %v", e, err)
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
}

func TestMissingEngine(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(EndpointSetting, "")
	t.Setenv(BinarySetting, "")
	t.Setenv("PATH", "")
	if _, err := Start(t.Context(), Settings{}); !errors.Is(err, ErrNoEngine) {
		t.Errorf("got %v, want ErrNoEngine", err)
	}
	t.Setenv(BinarySetting, "/nowhere/dynoxide")
	if _, err := Start(t.Context(), Settings{}); err == nil || !strings.Contains(err.Error(), BinarySetting) {
		t.Errorf("got %v, want an error that names %s", err, BinarySetting)
	}
}

func TestEngineThatDoesNotComeUp(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	t.Setenv(EndpointSetting, "")
	t.Setenv(BinarySetting, sh) // "sh serve ..." ends at once
	begin := time.Now()
	if _, err := Start(t.Context(), Settings{}); err == nil || time.Since(begin) > startLimit/2 {
		t.Errorf("got %v after %v, want an error at once", err, time.Since(begin))
	}
}

// TestEngineEndsWithItsProcess kills a process that started an engine.
func TestEngineEndsWithItsProcess(t *testing.T) {
	if os.Getenv("EMBEDDED_TEST_CHILD") != "" {
		e, err := Start(t.Context(), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(os.Getenv("EMBEDDED_TEST_CHILD"), []byte(e.Endpoint), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		return
	}
	engine(t, Settings{})
	file := filepath.Join(t.TempDir(), "endpoint")
	child := exec.Command(os.Args[0], "-test.run=^TestEngineEndsWithItsProcess$")
	child.Env = append(os.Environ(), "EMBEDDED_TEST_CHILD="+file)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var endpoint []byte
	within(t, "the child starts an engine", func() bool {
		endpoint, _ = os.ReadFile(file)
		return len(endpoint) > 0 && answers(t.Context(), string(endpoint))
	})
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	within(t, "the engine ends", func() bool {
		resp, err := http.Get(string(endpoint))
		if err == nil {
			resp.Body.Close()
		}
		return err != nil
	})
}

func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}
