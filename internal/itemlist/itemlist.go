// Package itemlist loads the library's list of items, which loans and requests are tied to, from files its catalogue
// exports: CSV, or JSON lines. Items are stored under their ids; one that did not change costs no write, and one that
// is missing in a file stays.
package itemlist

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// itemKeeper keeps the items. SaveItem stores an item under its id and reports whether it is new and whether anything
// is different now; it answers [fulfillment.ErrBarcodeTaken] when another item has the barcode, and
// [fulfillment.ErrAskedFor] when it would leave its title though somebody waits for it there.
type itemKeeper interface {
	SaveItem(ctx context.Context, it fulfillment.Item) (created, changed bool, err error)
}

// Importer loads item lists.
type Importer struct {
	inbox drop.Inbox
	items itemKeeper
	inst  *institution.Institution
}

// New returns an importer of items that lie in the institution's libraries.
func New(inbox drop.Inbox, items itemKeeper, inst *institution.Institution) *Importer {
	return &Importer{inbox: inbox, items: items, inst: inst}
}

// Process loads the items in the object, writes the report beside it and finishes its job. An error says that the
// work is not done and the same object is to be processed again; it is never the fault of the file.
func (i *Importer) Process(ctx context.Context, o drop.Object) error {
	return i.inbox.Work(ctx, o, job.Items, &run{items: i.items, libraries: i.inst, ids: map[string]int{}, barcodes: map[string]int{}})
}

const (
	window  = 64
	workers = 8
)

// libraries describes code tables, Libraries among them.
type libraries interface {
	Describe(table, code, lang string) (desc string, known bool)
}

// run is the work on the files of one object.
type run struct {
	items     itemKeeper
	libraries libraries
	ids       map[string]int // to the line that came first with it
	barcodes  map[string]int
	head      []byte // of the first list; rows of lists with another one cannot be dropped again with its rows
	foreign   bool   // the list has another
}

// Ends is what a file of the rejected rows begins with.
func (r *run) Ends() (head, tail []byte) { return r.head, nil }

// entry is one row on its way into the store.
type entry struct {
	row
	counts job.Counts
	waits  bool // for another item to give up the barcode
	asRead row
}

// Member loads one file.
func (r *run) Member(ctx context.Context, file int, m drop.Member, to *drop.Run) error {
	f, err := m.Open(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	all, err := open(f)
	if err != nil {
		return err
	}
	if r.head == nil {
		r.head = all.head()
	}
	r.foreign = !bytes.Equal(r.head, all.head())
	var batch, waiting []*entry
	for {
		next, more, bad := all.next()
		if more {
			batch = append(batch, &entry{row: r.judge(next)})
		}
		if len(batch) == window || !more {
			if err := r.save(ctx, batch); err != nil {
				return err
			}
			waiting = append(waiting, r.tell(to, file, batch)...)
			batch = batch[:0]
			if err := to.Beat(ctx); err != nil {
				return err
			}
		}
		if !more {
			to.Tally.Ignore(file, all.ignored())
			return cmp.Or(r.again(ctx, to, file, waiting), bad, ctx.Err())
		}
	}
}

// again saves the rows once more whose barcode another item had, which may have got another one later in the file. It
// goes on while that frees others, one row at a time so that the outcome does not depend on chance.
func (r *run) again(ctx context.Context, to *drop.Run, file int, waiting []*entry) error {
	for freed := true; freed; {
		var still []*entry
		for _, e := range waiting {
			e.row, e.waits = e.asRead, false
			if err := r.saveOne(ctx, e); err != nil {
				return err
			}
			still = append(still, r.tell(to, file, []*entry{e})...)
		}
		freed = len(still) < len(waiting)
		waiting = still
		if err := to.Beat(ctx); err != nil {
			return err
		}
	}
	for _, e := range waiting {
		e.waits = false
	}
	r.tell(to, file, waiting)
	return nil
}

// judge refuses a row that repeats an earlier one, or whose library the institution does not have.
func (r *run) judge(w row) row {
	if w.reason != "" {
		return w
	}
	if _, known := r.libraries.Describe("Libraries", w.item.Library.Value, ""); !known {
		return w.refused("library", fmt.Sprintf("The institution has no library with the code %s.", w.item.Library.Value))
	}
	if line, ok := r.ids[w.item.ID]; ok {
		return w.refused("item_id", fmt.Sprintf("The item is already on line %d; the first one is taken.", line))
	}
	if line, ok := r.barcodes[w.item.Barcode]; ok {
		return w.refused("barcode", fmt.Sprintf("The barcode is already on line %d, which is of another item.", line))
	}
	r.ids[w.item.ID], r.barcodes[w.item.Barcode] = w.line, w.line
	return w
}

// save stores the rows that are not refused, several at once.
func (r *run) save(ctx context.Context, batch []*entry) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, e := range batch {
		if e.reason == "" {
			group.Go(func() error { return r.saveOne(ctx, e) })
		}
	}
	return group.Wait()
}

func (r *run) saveOne(ctx context.Context, e *entry) error {
	created, changed, err := r.items.SaveItem(ctx, e.item)
	switch {
	case errors.Is(err, fulfillment.ErrBarcodeTaken):
		e.asRead, e.waits = e.row, true
		e.row = e.refused("barcode", "Another item has the barcode.")
	case errors.Is(err, fulfillment.ErrAskedFor):
		e.row = e.refused("mms_id", "Somebody waits for the item under the title it has; cancel that request, or drop the row again when it is fulfilled.")
	case err != nil:
		return fmt.Errorf("save an item of the list: %w", err)
	case created:
		e.counts = job.Counts{Processed: 1, Created: 1}
	case changed:
		e.counts = job.Counts{Processed: 1, Updated: 1}
	default:
		e.counts = job.Counts{Processed: 1, Unchanged: 1}
	}
	return nil
}

// tell puts what became of the rows into the report, and hands back those that wait.
func (r *run) tell(to *drop.Run, file int, batch []*entry) (waiting []*entry) {
	for _, e := range batch {
		if e.waits {
			waiting = append(waiting, e)
			continue
		}
		if e.reason == "" {
			to.Tally.Add(file, e.counts)
			continue
		}
		rejected := drop.Rejected{Line: e.line, ID: e.item.ID, Field: e.field, Reason: e.reason}
		if e.item.Barcode != "" {
			rejected.Identifiers = []string{"BARCODE " + e.item.Barcode}
		}
		raw := e.raw
		if r.foreign {
			raw = nil
		}
		to.Reject(file, rejected, raw)
	}
	return waiting
}
