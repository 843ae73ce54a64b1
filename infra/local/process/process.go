//go:build unix

// Package process starts the programs the local run needs and sees to it that none of them outlives the run, however
// it ends: a stopped, a crashed and a killed run leave nothing behind.
package process

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Child is a running program.
type Child struct {
	name string
	cmd  *exec.Cmd
	life io.Closer // the program lives as long as this is open
	log  *os.File
	done chan struct{}
	err  error // of the program's end; read after done
}

// watched runs its arguments until they end or its input does. The input is a pipe whose other end only the run holds,
// so that the system closes it whatever way the run ends.
const watched = `exec 3<&0
"$@" 3<&- </dev/null &
child=$!
(cat <&3 >/dev/null; kill $child 2>/dev/null) &
exec 3<&-
wait $child`

// Start starts a program and writes what it says to the file at logPath, which it begins anew. A shell watches over the
// program, and ends it when this process is gone.
func Start(name, logPath string, program ...string) (*Child, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", watched, "sh"}, program...)...)
	return start(name, logPath, cmd)
}

// StartSelf starts this program again with other arguments and settings. It has to call [OnOrphaned].
func StartSelf(name, logPath string, env []string, args ...string) (*Child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w", name, err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	return start(name, logPath, cmd)
}

func start(name, logPath string, cmd *exec.Cmd) (*Child, error) {
	log, err := os.Create(logPath)
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w", name, err)
	}
	c := &Child{name: name, cmd: cmd, done: make(chan struct{}), log: log}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C in the terminal is for the run alone
	if c.life, err = cmd.StdinPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		log.Close()
		return nil, fmt.Errorf("start the %s: %w", name, err)
	}
	go func() {
		c.err = cmd.Wait()
		log.Close()
		close(c.done)
	}()
	return c, nil
}

// Done is closed when the program has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Stop asks the program to end, and ends it after the grace period. It is safe to call more than once.
func (c *Child) Stop(grace time.Duration) {
	c.life.Close()
	select {
	case <-c.done:
	case <-time.After(grace):
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // with all it started
		<-c.done
	}
}

// Ready waits until the URL answers 200. It fails when the program ends before, or after the time given; then the error
// names the program's log.
func (c *Child) Ready(url string, within time.Duration) error {
	deadline := time.Now().Add(within)
	client := &http.Client{Timeout: time.Second}
	for {
		if answers(client, url) {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("the %s ended before it was ready (%v); what it said is in %s", c.name, c.err, c.log.Name())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the %s was not ready within %v; what it said is in %s", c.name, within, c.log.Name())
		}
	}
}

func answers(client *http.Client, url string) bool {
	resp, err := client.Get(url)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// OnOrphaned calls then once when the process that started this one with [Start] is gone.
func OnOrphaned(then func()) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		then()
	}()
}
