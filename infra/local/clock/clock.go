// Package clock is the library's clock in the local run, which can be put forward to see what becomes of loans. How far
// it is ahead is kept in a file, so that it survives a restart. The product itself knows nothing of it: it is given the
// time as it always is.
package clock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"patrondesk/internal/directory"
)

// Clock is a clock that is ahead of the machine's by a while, or agrees with it.
type Clock struct {
	file  string
	mu    sync.Mutex // one change at a time
	ahead atomic.Int64
}

// most is how far a clock can be put forward. Dates of four digits are enough for a library.
const most = 10 * 365 * 24 * time.Hour

// Open is the clock that is kept in the file, which need not be there.
func Open(file string) (*Clock, error) {
	c := &Clock{file: file}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the clock: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read the clock: %w; remove %s to set it right", err, file)
	}
	c.ahead.Store(int64(ahead))
	return c, nil
}

// Now is the time.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Ahead()) }

// Ahead is how far the clock is ahead of the machine's.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Advance puts the clock forward.
func (c *Clock) Advance(by time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by <= 0 || c.Ahead()+by > most {
		return errors.New("the clock goes forward only, by ten years at most")
	}
	return c.set(c.Ahead() + by)
}

// Reset sets the clock right again.
func (c *Clock) Reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set(0)
}

// set keeps how far the clock is ahead before it is.
func (c *Clock) set(ahead time.Duration) error {
	if err := os.WriteFile(c.file+".part", []byte(ahead.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	if err := os.Rename(c.file+".part", c.file); err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	c.ahead.Store(int64(ahead))
	return nil
}

// Source is a source of patrons for a directory that goes by this clock. A directory asks for what was written since the
// newest record it saw; when that is in the future, because the clock was set back, everything is told again.
type Source struct {
	directory.Source
	Clock *Clock
}

// Changes is as in [directory.Source].
func (s Source) Changes(ctx context.Context, shard int, since time.Time, page func([]directory.Entry) error) error {
	if since.After(s.Clock.Now()) {
		since = time.Time{}
	}
	return s.Source.Changes(ctx, shard, since, page)
}
