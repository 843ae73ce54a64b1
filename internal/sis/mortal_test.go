package sis

import (
	"context"
	"errors"
	"io"
	"sync"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

var errDead = errors.New("the process is dead")

// mortal is a process as the importer sees its surroundings: it dies at one of its calls, before or after that is carried
// out, and every later one fails. It counts the calls.
type mortal struct {
	store  *dynamo.Store
	source drop.Source
	sink   drop.Sink
	cancel context.CancelFunc // of the process, at its death; nil where it is left to find out by itself

	mu    sync.Mutex
	calls int
	dies  int  // at which call; 0 for never
	after bool // that call was carried out
	dead  bool
}

// step counts a call. late says that the process dies behind it.
func (m *mortal) step() (late bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return false, errDead
	}
	if m.calls++; m.calls != m.dies {
		return false, nil
	}
	m.dead = true
	if m.cancel != nil {
		m.cancel()
	}
	if m.after {
		return true, nil
	}
	return false, errDead
}

// call is one call that answers a value. Its context is not that of the process: what is on its way is carried out.
func call[T any](ctx context.Context, m *mortal, do func(context.Context) (T, error)) (T, error) {
	var none T
	late, err := m.step()
	if err != nil {
		return none, err
	}
	answer, err := do(context.WithoutCancel(ctx))
	if late {
		return none, errDead
	}
	return answer, err
}

// tell is one call that answers nothing.
func tell(ctx context.Context, m *mortal, do func(context.Context) error) error {
	_, err := call(ctx, m, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

func (m *mortal) SyncedPatrons(ctx context.Context, profile string, page func([]patron.SyncedPatron) error) error {
	return tell(ctx, m, func(ctx context.Context) error { return m.store.SyncedPatrons(ctx, profile, page) })
}

func (m *mortal) Patron(ctx context.Context, identifier string) (patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) (patron.Patron, error) { return m.store.Patron(ctx, identifier) })
}

func (m *mortal) PatronByUID(ctx context.Context, uid string) (patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) (patron.Patron, error) { return m.store.PatronByUID(ctx, uid) })
}

func (m *mortal) Patrons(ctx context.Context, uids []string) ([]patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) ([]patron.Patron, error) { return m.store.Patrons(ctx, uids) })
}

func (m *mortal) PatronsByIdentifier(ctx context.Context, identifiers []string) (map[string]patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) (map[string]patron.Patron, error) {
		return m.store.PatronsByIdentifier(ctx, identifiers)
	})
}

func (m *mortal) Owners(ctx context.Context, identifiers []string) (map[string]string, error) {
	return call(ctx, m, func(ctx context.Context) (map[string]string, error) { return m.store.Owners(ctx, identifiers) })
}

func (m *mortal) CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) (patron.Patron, error) { return m.store.CreatePatron(ctx, p) })
}

func (m *mortal) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	return call(ctx, m, func(ctx context.Context) (patron.Patron, error) { return m.store.ReplacePatron(ctx, before, after) })
}

func (m *mortal) StampPatron(ctx context.Context, p patron.Patron, stamp patron.Synced) error {
	return tell(ctx, m, func(ctx context.Context) error { return m.store.StampPatron(ctx, p, stamp) })
}

func (m *mortal) Job(ctx context.Context, id string) (job.Job, error) {
	return call(ctx, m, func(ctx context.Context) (job.Job, error) { return m.store.Job(ctx, id) })
}

func (m *mortal) Latest(ctx context.Context, profile string) (job.Latest, error) {
	return call(ctx, m, func(ctx context.Context) (job.Latest, error) { return m.store.Latest(ctx, profile) })
}

func (m *mortal) SaveLatest(ctx context.Context, profile string, latest job.Latest) (job.Latest, error) {
	return call(ctx, m, func(ctx context.Context) (job.Latest, error) { return m.store.SaveLatest(ctx, profile, latest) })
}

func (m *mortal) StartJob(ctx context.Context, j job.Job) (job.Job, bool, error) {
	var fresh bool
	started, err := call(ctx, m, func(ctx context.Context) (started job.Job, err error) {
		started, fresh, err = m.store.StartJob(ctx, j)
		return started, err
	})
	return started, fresh, err
}

func (m *mortal) SaveJob(ctx context.Context, j job.Job) (job.Job, error) {
	return call(ctx, m, func(ctx context.Context) (job.Job, error) { return m.store.SaveJob(ctx, j) })
}

func (m *mortal) EnterJob(ctx context.Context, code string, s job.Summary) error {
	return tell(ctx, m, func(ctx context.Context) error { return m.store.EnterJob(ctx, code, s) })
}

func (m *mortal) Put(ctx context.Context, key, contentType string, body []byte) error {
	return tell(ctx, m, func(ctx context.Context) error { return m.sink.Put(ctx, key, contentType, body) })
}

func (m *mortal) Open(ctx context.Context, o drop.Object) (drop.File, error) {
	f, err := call(ctx, m, func(ctx context.Context) (drop.File, error) { return m.source.Open(ctx, o) })
	return &mortalFile{File: f, m: m}, asSource(err)
}

type mortalFile struct {
	drop.File
	m *mortal
}

func (f *mortalFile) Range(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	body, err := call(ctx, f.m, func(ctx context.Context) (io.ReadCloser, error) { return f.File.Range(ctx, offset, length) })
	if err != nil {
		return nil, asSource(err)
	}
	return &mortalBody{ReadCloser: body, m: f.m}, nil
}

// mortalBody breaks off when the process dies; its reads are no calls of their own.
type mortalBody struct {
	io.ReadCloser
	m *mortal
}

func (b *mortalBody) Read(p []byte) (int, error) {
	b.m.mu.Lock()
	dead := b.m.dead
	b.m.mu.Unlock()
	if dead {
		return 0, asSource(errDead)
	}
	return b.ReadCloser.Read(p)
}

func asSource(err error) error {
	if errors.Is(err, errDead) {
		return &drop.SourceError{Err: err}
	}
	return err
}
