package main

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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"patrondesk/infra/local/demo"
	"patrondesk/internal/dynamo/embedded"
)

// asLocal makes the test binary behave as the command itself.
const asLocal = "PATRONDESK_TEST_AS_LOCAL"

func TestMain(m *testing.M) {
	if os.Getenv(asLocal) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// instance is a run of the command in a process of its own.
type instance struct {
	dir string
	env []string

	cmd *exec.Cmd
	out *output
}

// output collects what a process says while it is being read.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// newInstance prepares a run with data and ports of its own. Without the engines the test is skipped here, and fails
// where CI is set.
func newInstance(t *testing.T) *instance {
	t.Helper()
	_, engine := embedded.Find()
	_, node := exec.LookPath("node")
	_, mailbox := os.Stat("node_modules/aws-ses-v2-local")
	if engine != nil || node != nil || mailbox != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(`run "npm ci --prefix infra/local" first`)
		}
		t.Skip(`no engines: run "npm ci --prefix infra/local" first`)
	}
	i := &instance{dir: filepath.Join(t.TempDir(), "data"), env: append(os.Environ(), asLocal+"=1")}
	for _, variable := range []string{"API_PORT", "MAILBOX_PORT", "S3_PORT", "DYNAMODB_PORT", "SIGNIN_PORT"} {
		i.env = append(i.env, variable+"="+strconv.Itoa(freePort(t)))
	}
	return i
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// command is the command with the instance's settings.
func (i *instance) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = i.env
	return cmd
}

// start starts the run and waits until it is ready.
func (i *instance) start(t *testing.T, args ...string) {
	t.Helper()
	i.out = new(output)
	i.cmd = i.command(append(args, "-dir", i.dir)...)
	i.cmd.Stdout, i.cmd.Stderr = i.out, i.out
	if err := i.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.cmd.Process.Kill() })
	for range 600 {
		if strings.Contains(i.out.String(), "The demo library is open") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not ready: %s", i.out)
}

// stop stops the run as Ctrl-C does; it must end well and leave no port taken.
func (i *instance) stop(t *testing.T) {
	t.Helper()
	i.cmd.Process.Signal(os.Interrupt)
	if err := i.cmd.Wait(); err != nil {
		t.Fatalf("stopped with %v: %s", err, i.out)
	}
	i.gone(t)
}

// gone waits until all ports are free again.
func (i *instance) gone(t *testing.T) {
	t.Helper()
	var busy string
	for range 100 {
		busy = ""
		for _, setting := range i.env {
			name, port, _ := strings.Cut(setting, "=")
			if !strings.HasSuffix(name, "_PORT") {
				continue
			}
			l, err := net.Listen("tcp", "127.0.0.1:"+port)
			if err != nil {
				busy = name
				continue
			}
			l.Close()
		}
		if busy == "" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the port of %s is still taken", busy)
}

// call makes a request of the API with the key for everything.
func (i *instance) call(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	env := i.environment(t)
	req, err := http.NewRequest(method, env["API_URL"]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "apikey "+env["API_KEY"])
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (i *instance) environment(t *testing.T) map[string]string {
	t.Helper()
	env, err := readEnvironment(envFile(i.dir))
	if err != nil || env["API_URL"] == "" {
		t.Fatalf("demo.env: %v, %v", env, err)
	}
	return env
}

// wants fails the test unless the call answers so.
func (i *instance) wants(t *testing.T, method, path, body string, status int, holds string) {
	t.Helper()
	if got, text := i.call(t, method, path, body); got != status || !strings.Contains(text, holds) {
		t.Errorf("%s %s: %d %.600s, want %d with %q", method, path, got, text, status, holds)
	}
}

const users = "/almaws/v1/users/"

func TestTheStoryAndARestart(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	i.wants(t, "GET", users+demo.ThomasBarcode, "", 200, `"primary_id":"thomas.reed"`)
	i.wants(t, "GET", users+demo.Thomas+"/requests", "", 200, `"total_record_count":3`)
	i.wants(t, "GET", users+demo.Thomas+"/requests", "", 200, `"place_in_queue":2`)
	i.wants(t, "GET", "/almaws/v1/users?limit=0", "", 200, `"total_record_count":200`)
	i.wants(t, "GET", "/almaws/v1/conf/code-tables/UserGroups", "", 200, "Undergraduate Student")
	i.wants(t, "POST", users+demo.Thomas+"?op=auth&password="+demo.ThomasPassword, "", 204, "")
	i.wants(t, "POST", users+demo.Thomas+"/letters", `{"code":"FulRequestsReportLetter"}`, 200, `"SENT"`)
	i.mailed(t, "thomas.reed@post.example")

	imported := i.command("import", "-dir", i.dir, "-file", "demo/registrar.xml")
	if out, err := imported.CombinedOutput(); err != nil || !strings.Contains(string(out), "30 records: 5 created, 3 updated, 22 unchanged, 0 rejected") {
		t.Errorf("import: %v: %s", err, out)
	}
	i.wants(t, "GET", users+demo.Maria, "", 200, "3 Saint Clement's Walk")
	again := i.command("import", "-dir", i.dir, "-file", "demo/items.csv", "-items")
	if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "128 records: 0 created, 0 updated, 128 unchanged") {
		t.Errorf("import of items: %v: %s", err, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.xml")
	if err := os.WriteFile(bad, []byte("no xml"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := i.command("import", "-dir", i.dir, "-file", bad).CombinedOutput(); err == nil {
		t.Errorf("import of a bad file ends well: %s", out)
	}
	first := i.environment(t)
	i.stop(t)

	i.start(t)
	i.wants(t, "GET", users+demo.Maria, "", 200, "3 Saint Clement's Walk")
	i.wants(t, "GET", "/almaws/v1/users?limit=0", "", 200, `"total_record_count":205`)
	if second := i.environment(t); second["API_KEY"] != first["API_KEY"] {
		t.Error("after a restart the API key is another")
	}
	i.bearer(t, first["STAFF_TOKEN"], users+demo.Maria, 200)
	i.bearer(t, first["PATRON_TOKEN"], users+demo.Thomas, 200)
	i.bearer(t, first["PATRON_TOKEN"], users+demo.Maria, 403)
	i.wants(t, "DELETE", users+demo.Operator, "", 204, "")
	i.stop(t)

	i.start(t) // also without the person the token for scripts is of
	i.wants(t, "GET", users+demo.Operator, "", 400, "401861")
	i.stop(t)

	i.start(t, "-reset")
	i.wants(t, "GET", users+demo.Maria, "", 200, "27 Mill Road")
	i.stop(t)
	if out, err := i.command("reset", "-dir", i.dir).CombinedOutput(); err != nil {
		t.Errorf("reset: %v: %s", err, out)
	}
	if _, err := os.Stat(i.dir); !os.IsNotExist(err) {
		t.Errorf("after reset the data is there: %v", err)
	}
}

// mailed fails the test unless the mailbox holds a letter to the address.
func (i *instance) mailed(t *testing.T, to string) {
	t.Helper()
	resp, err := http.Get(i.environment(t)["MAILBOX_URL"] + "/store")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var box struct {
		Emails []struct {
			Destination struct{ To []string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&box); err != nil {
		t.Fatal(err)
	}
	if len(box.Emails) != 1 || fmt.Sprint(box.Emails[0].Destination.To) != "["+to+"]" {
		t.Errorf("the mailbox holds %+v, want one letter to %s", box.Emails, to)
	}
}

func (i *instance) bearer(t *testing.T, token, path string, status int) {
	t.Helper()
	req, err := http.NewRequest("GET", i.environment(t)["API_URL"]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != status {
		t.Errorf("%s with a token: %d, want %d", path, resp.StatusCode, status)
	}
}

func TestAKilledRunLeavesNothingBehindAndLosesNothing(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	status, text := i.call(t, "GET", users+"edith.penrose", "")
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	changed := strings.Replace(text, `"line1":"5 Harbour View"`, `"line1":"6 Harbour View"`, 1)
	i.wants(t, "PUT", users+"edith.penrose", changed, 200, "6 Harbour View")
	if out, err := i.command("-dir", i.dir).CombinedOutput(); err == nil || !strings.Contains(string(out), "another run uses the same data") {
		t.Errorf("a second run on the same data: %v: %s", err, out)
	}
	i.cmd.Process.Signal(syscall.SIGKILL)
	i.cmd.Wait()
	i.gone(t)
	i.start(t)
	i.wants(t, "GET", users+"edith.penrose", "", 200, "6 Harbour View")
	i.stop(t)
}

func TestARunEndsWithItsEngines(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	children, err := exec.Command("pgrep", "-P", strconv.Itoa(i.cmd.Process.Pid)).Output()
	if err != nil {
		t.Fatalf("list the engines: %v", err)
	}
	for pid := range strings.FieldsSeq(string(children)) {
		if id, err := strconv.Atoi(pid); err == nil {
			syscall.Kill(id, syscall.SIGKILL)
		}
	}
	if err := i.cmd.Wait(); err == nil || !strings.Contains(i.out.String(), "ended by itself") {
		t.Errorf("%v: %s", err, i.out)
	}
	i.gone(t)
}

func TestATakenPortIsNamed(t *testing.T) {
	i := newInstance(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	i.env = append(i.env, "S3_PORT="+port)
	out, err := i.command("-dir", i.dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "127.0.0.1:"+port) || !strings.Contains(string(out), "S3_PORT") {
		t.Errorf("%v: %s; want the port %s and S3_PORT named", err, out, port)
	}
}

func TestImportWithoutARunSaysSo(t *testing.T) {
	i := newInstance(t)
	out, err := i.command("import", "-dir", i.dir, "-file", "demo/registrar.xml").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "make run") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestStoppingWhileStartingIsNoError(t *testing.T) {
	i := newInstance(t)
	s, err := readSettings(func(name string) string {
		for _, setting := range i.env {
			if n, value, _ := strings.Cut(setting, "="); n == name && strings.HasSuffix(n, "_PORT") {
				return value
			}
		}
		return ""
	}, "", i.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asLocal, "1")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := run(ctx, s, io.Discard); err != nil && !strings.Contains(err.Error(), "deadline") {
		t.Error(err)
	}
	i.gone(t)
}
