// Package directory searches patrons: words in fields, order, exact totals and pages, as Alma's GET /users offers
// them. DynamoDB has neither word search nor counts nor offsets, so the directory holds a compact text of every
// patron in memory (see [Document]) and asks a [Source] for what changed before each search.
//
// # Freshness
//
// A search sees every write its source could show 200 ms before the search was asked for, or anything newer; with
// an index that follows its table within some hundred milliseconds, that is within a second of the write. A search
// whose refresh fails is answered with the error, never from an old state.
//
// # Size
//
// A patron takes the length of its text plus some 120 bytes. A million usual patrons stay under 512 MB for the whole
// process when it runs with a memory limit (GOMEMLIMIT) of 450 MiB, and a usual search among them takes under 150 ms
// of one core; BenchmarkSearch1M measures both. Many one-letter beginnings in one query take longer.
package directory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Entry is what the directory knows of one patron.
type Entry struct {
	UID     string    // a ULID
	Version int64     // of the patron's record; of two entries of a patron the higher one holds, whatever comes first
	Updated time.Time // when the record was last written
	Deleted bool      // the patron is gone; Text is ignored
	Text    string    // made by Document
}

// Source is where the directory reads patrons from.
type Source interface {
	// Changes calls page with every entry of the shard updated at or after since, tombstones of deleted patrons
	// included, in ascending order of Updated; a zero since means all. It shows a write within some hundred
	// milliseconds, and at most [Overlap] after its Updated. It stops at the first error, also one of page's, and
	// returns it. The directory calls it for several shards at once.
	Changes(ctx context.Context, shard int, since time.Time, page func([]Entry) error) error
}

// Overlap is how far behind the newest entry seen a refresh starts: writes near each other may become visible in
// another order than that of their times, and clocks differ. Once that entry is twice as old, everything beside it has
// been seen, and a refresh starts at it; else each search after an import would read its end again.
//
// It binds who writes too: a write that a source shows later than this after its Updated may never be found.
const Overlap = time.Minute

const (
	// maxAge is the age up to which a refresh, counted from its start, serves another search.
	maxAge = 200 * time.Millisecond
	// maxStaged is how many changes a refresh holds back to show them at once. After an import that changed more,
	// they are shown in parts of this size, so that memory stays bounded.
	maxStaged = 50_000
)

// Directory answers searches. It is safe for use by several goroutines at once.
type Directory struct {
	source Source
	turn   chan struct{} // holds one token; its holder may refresh and owns the next five fields
	marks  []time.Time   // per shard: the newest Updated seen
	loaded bool          // every shard was read to its end once
	began  time.Time     // start of the last refresh whose outcome may be shared
	failed error         // outcome of that refresh
	read   time.Time     // start of the last refresh that succeeded

	mu     sync.RWMutex // guards index
	index  *index
	orders orders
}

// New makes a directory over the shards 0 to shards-1 of the source. Nothing is read before the first search.
func New(source Source, shards int) *Directory {
	d := &Directory{source: source, turn: make(chan struct{}, 1), marks: make([]time.Time, shards), index: newIndex()}
	d.turn <- struct{}{}
	return d
}

// Search refreshes the directory and returns the UIDs of the patrons q finds, in order o, beginning with the one at
// offset and at most limit of them, and how many q finds in all. A limit of 0 asks for the total alone. The order is
// total, so that pages of a directory that does not change hold every patron exactly once. The first search reads
// the whole source; when that fails, a later one goes on where it stopped.
func (d *Directory) Search(ctx context.Context, q Query, o Order, limit, offset int) ([]string, int, error) {
	if err := d.refresh(ctx); err != nil {
		return nil, 0, fmt.Errorf("refresh the directory: %w", err)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	hits, total := d.index.find(q)
	if limit <= 0 || offset >= total {
		return nil, total, nil
	}
	order := d.orders.get(o, d.index)
	return d.index.page(order, hits, limit, max(offset, 0)), total, nil
}

// refresh brings the directory up to the state the source shows. Searches that wait meanwhile share its outcome
// when it began late enough for them.
func (d *Directory) refresh(ctx context.Context) error {
	asked := time.Now()
	select {
	case <-d.turn:
		defer func() { d.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if !d.began.IsZero() && d.began.After(asked.Add(-maxAge)) {
		return d.failed
	}
	began := time.Now()
	err := d.readChanges(ctx)
	if err == nil {
		d.read = began
	}
	if ctx.Err() != nil {
		return err // this caller gave up; that says nothing to the others
	}
	d.began, d.failed = began, err
	return err
}

// readChanges asks every shard for its changes and takes them over.
func (d *Directory) readChanges(ctx context.Context) error {
	staged := stage{directory: d, limit: maxStaged}
	if !d.loaded {
		staged.limit = 0 // nobody sees the index yet
	}
	group, ctx := errgroup.WithContext(ctx)
	marks := make([]time.Time, len(d.marks))
	for shard := range d.marks {
		group.Go(func() error {
			var err error
			marks[shard], err = d.readShard(ctx, shard, &staged)
			return err
		})
	}
	err := group.Wait()
	if commitErr := staged.commit(); err == nil {
		err = commitErr
	}
	if err != nil && d.loaded {
		return err // the next refresh reads the same changes again
	}
	copy(d.marks, marks)
	d.loaded = err == nil
	return err
}

// readShard stages the changes of one shard and returns its new mark, which is right also beside an error.
func (d *Directory) readShard(ctx context.Context, shard int, staged *stage) (time.Time, error) {
	mark := d.marks[shard]
	since := mark
	if !mark.IsZero() && !d.read.After(mark.Add(2*Overlap)) {
		since = mark.Add(-Overlap)
	}
	err := d.source.Changes(ctx, shard, since, func(entries []Entry) error {
		if err := staged.add(entries); err != nil {
			return err
		}
		for _, e := range entries {
			if e.Updated.After(mark) {
				mark = e.Updated
			}
		}
		return nil
	})
	if err != nil {
		return mark, fmt.Errorf("read changes of shard %d: %w", shard, err)
	}
	return mark, nil
}

// stage holds changes back until they are shown at once.
type stage struct {
	directory *Directory
	limit     int
	mu        sync.Mutex
	entries   []Entry
}

// add stages the entries, and shows what is staged when that is more than the limit.
func (s *stage) add(entries []Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if s.directory.index.news(e) {
			s.entries = append(s.entries, e)
		}
	}
	if len(s.entries) <= s.limit {
		return nil
	}
	return s.show()
}

// commit shows what is staged.
func (s *stage) commit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.show()
}

func (s *stage) show() error {
	if len(s.entries) == 0 {
		return nil
	}
	d := s.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	changed, err := d.index.apply(s.entries)
	d.orders.update(changed, d.index)
	clear(s.entries)
	s.entries = s.entries[:0]
	return err
}
