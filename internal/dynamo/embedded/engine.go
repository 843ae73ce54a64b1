package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// Settings say how the engine is started. The zero value is an engine in memory on a free port.
type Settings struct {
	Port int    // 0 for a free one
	File string // where the data is kept; "" for memory
}

// Engine is a running DynamoDB.
type Engine struct {
	// Endpoint is the engine's URL, as the SDK takes it.
	Endpoint string

	command *exec.Cmd
	life    io.Closer // the engine lives as long as this is open
	ended   chan struct{}
	output  *tail
}

// Start is the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names, or else a new engine on a loopback port, ready to answer.
// The engine ends with Stop and also when this process ends in any way, even when it is killed. Errors are
// [ErrNoEngine], a port that is taken, or an engine that does not come up.
func Start(ctx context.Context, s Settings) (*Engine, error) {
	if url := os.Getenv(EndpointSetting); url != "" {
		return &Engine{Endpoint: url}, nil
	}
	bin, err := Find()
	if err != nil {
		return nil, err
	}
	port, err := freePort(s.Port)
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
	if s.File != "" {
		args = append(args, "--db-path", s.File)
	}
	e := &Engine{
		Endpoint: "http://127.0.0.1:" + strconv.Itoa(port),
		ended:    make(chan struct{}),
		output:   new(tail),
	}
	if err := e.run(bin, args); err != nil {
		return nil, fmt.Errorf("start the DynamoDB engine: %w", err)
	}
	if err := e.waitUntilHealthy(ctx); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

// watched runs its arguments until they end or its input does. The input is a pipe whose other end only this process
// holds, so that the system closes it whatever way this process ends.
const watched = `exec 3<&0
"$@" 3<&- </dev/null &
engine=$!
(cat <&3 >/dev/null; kill $engine 2>/dev/null) &
exec 3<&-
wait $engine`

// run starts the engine under a shell that watches over it, or on its own where there is no shell.
func (e *Engine) run(bin string, args []string) error {
	e.command = exec.Command(bin, args...)
	if shell, err := exec.LookPath("sh"); err == nil {
		e.command = exec.Command(shell, append([]string{"-c", watched, "sh", bin}, args...)...)
	}
	e.command.Stdout, e.command.Stderr = e.output, e.output
	e.command.WaitDelay = time.Second
	life, err := e.command.StdinPipe()
	if err != nil {
		return err
	}
	e.life = life
	if err := e.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = e.command.Wait()
		close(e.ended)
	}()
	return nil
}

const (
	startLimit = 20 * time.Second
	stopLimit  = 5 * time.Second
)

func (e *Engine) waitUntilHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for !answers(ctx, e.Endpoint) {
		select {
		case <-e.ended:
			return fmt.Errorf("the DynamoDB engine ended at once: %s", e.output)
		case <-ctx.Done():
			return fmt.Errorf("the DynamoDB engine did not answer: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

func answers(ctx context.Context, endpoint string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// Ended is closed when the engine has ended, for whatever reason. It never is for one that was not started here.
func (e *Engine) Ended() <-chan struct{} { return e.ended }

// Stop ends the engine and waits until it has; what it keeps in a file is safe then. One that was not started here
// is left alone.
func (e *Engine) Stop() error {
	if e.command == nil {
		return nil
	}
	_ = e.life.Close()
	select {
	case <-e.ended:
		return nil
	case <-time.After(stopLimit):
		return e.command.Process.Kill()
	}
}

// freePort is the port itself, when it is free, or for 0 one that is.
func freePort(port int) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0, fmt.Errorf("port %d for DynamoDB is taken: %w", port, err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail keeps the last of what the engine says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
