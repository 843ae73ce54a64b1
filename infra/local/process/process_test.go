//go:build unix

package process

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLockIsForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("locked twice: %v", err)
	}
	unlock()
	again, err := Lock(path)
	if err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	again()
}

// alive reports whether the process whose id the file holds is there and not merely waiting to be buried.
func alive(t *testing.T, pidFile string) bool {
	t.Helper()
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	state, _ := exec.Command("ps", "-o", "stat=", "-p", strings.TrimSpace(string(pid))).Output() // fails when there is none
	return len(state) > 0 && state[0] != 'Z'
}

func TestStopEndsTheProgramAndWhatWatchesIt(t *testing.T) {
	for name, script := range map[string]string{
		"willing": `echo $$ >"$0"; exec sleep 60`,
		"deaf":    `trap "" TERM; echo $$ >"$0"; while :; do sleep 0.1; done`,
	} {
		dir := t.TempDir()
		pidFile := filepath.Join(dir, "pid")
		child, err := Start(name, filepath.Join(dir, "log"), "/bin/sh", "-c", script, pidFile)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			if text, err := os.ReadFile(pidFile); err == nil && len(text) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		child.Stop(300 * time.Millisecond)
		child.Stop(0)
		time.Sleep(50 * time.Millisecond)
		if alive(t, pidFile) {
			t.Errorf("%s: the program is still there", name)
		}
	}
}

func TestAProgramThatEndsNeverGetsReady(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	log := filepath.Join(t.TempDir(), "log")
	child, err := Start("thing", log, "/bin/sh", "-c", "echo no such luck; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	err = child.Ready(url, 10*time.Second)
	if err == nil || !strings.Contains(err.Error(), log) {
		t.Errorf("%v; want an error that names the log", err)
	}
	if said, err := os.ReadFile(log); err != nil || !strings.Contains(string(said), "no such luck") {
		t.Errorf("the log holds %q, %v", said, err)
	}
}
