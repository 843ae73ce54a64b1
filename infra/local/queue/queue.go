// Package queue stands in for the bucket's event rule and the SQS FIFO queues: a new object becomes a message, and
// messages reach their function in order, at least once, and at most a few times. Messages are files, so that those
// not handled survive the end of the run, however it ends.
package queue

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"patrondesk/functions"
)

// Created is the body of a message: what the event rule's input transformer keeps of an Object Created event. The key
// is as it is, not URL-encoded.
type Created struct {
	Bucket    string    `json:"bucket"`
	Key       string    `json:"key"`
	VersionID string    `json:"versionId,omitempty"`
	ETag      string    `json:"etag"` // without quotes
	Sequencer string    `json:"sequencer"`
	Time      time.Time `json:"time"`
}

// Writer writes messages.
type Writer struct {
	dir  string
	last atomic.Int64
}

// NewWriter is a writer of the queues in dir, which need not exist.
func NewWriter(dir string) *Writer { return &Writer{dir: dir} }

// Send puts a message in the queue of each function that is started by such an object, before it returns. It fills in
// the sequencer and the time.
func (w *Writer) Send(c Created) error {
	for _, f := range functions.All {
		if len(f.Drops) == 0 || !slices.ContainsFunc(f.Drops, func(prefix string) bool { return strings.HasPrefix(c.Key, prefix) }) {
			continue
		}
		if err := w.write(f.Name, c); err != nil {
			return fmt.Errorf("queue a new object for %s: %w", f.Name, err)
		}
	}
	return nil
}

func (w *Writer) write(function string, c Created) error {
	at := w.tick()
	c.Time, c.Sequencer = at, fmt.Sprintf("%016X", at.UnixNano())
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	dir := filepath.Join(w.dir, function)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(dir, c.Sequencer+"-"+newID())
	if err := os.WriteFile(name+".part", body, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name+".json")
}

// tick is now, later than every tick before.
func (w *Writer) tick() time.Time {
	for {
		last, now := w.last.Load(), time.Now().UnixNano()
		if now <= last {
			now = last + 1
		}
		if w.last.CompareAndSwap(last, now) {
			return time.Unix(0, now).UTC()
		}
	}
}

func newID() string {
	id := make([]byte, 16)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// waiting lists the messages of a queue, first come first.
func waiting(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries { // ReadDir sorts by name, which begins with the sequencer
		if strings.HasSuffix(e.Name(), ".json") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	return names, nil
}
