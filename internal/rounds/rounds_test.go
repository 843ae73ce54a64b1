package rounds

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// monday is when the clocks of tests begin.
var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// library is a directory as the bucket, a store, a post office, and a clock.
type library struct {
	t     *testing.T
	dir   string
	files *drop.Dir
	store *dynamo.Store
	inst  *institution.Institution
	mail  *postOffice

	mu sync.Mutex
	at time.Time
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	inst, err := institution.Read("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	inst.Letters.PerSecond = 1000
	lib := &library{t: t, dir: t.TempDir(), inst: inst, mail: &postOffice{sent: map[string]int{}}, at: monday}
	if lib.files, err = drop.NewDir(lib.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lib.files.Close() })
	lib.store = dynamotest.Store(t, dynamotest.Clock(lib.now))
	return lib
}

func (lib *library) now() time.Time {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	return lib.at
}

func (lib *library) move(d time.Duration) {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	lib.at = lib.at.Add(d)
}

// inbox is where rounds are begun, as a process sees it.
func (lib *library) inbox(p *process) drop.Inbox {
	return drop.Inbox{Source: lib.files, Sink: sink{lib.files, p}, Jobs: p, Log: slog.New(slog.DiscardHandler), Now: lib.now}
}

// activity is the round of letters in a process.
func (lib *library) activity(p *process) *Activity {
	a := NewActivity(lib.inbox(p), p, dynamo.Shards, outbox.New(p, lib.mail.in(p), lib.now), lib.inst)
	a.patience = time.Millisecond
	return a
}

// begin puts the object that begins a round into the bucket.
func (lib *library) begin(kind, name string) drop.Object {
	lib.t.Helper()
	o := drop.Object{Bucket: "demo", Key: "runs/" + kind + "/" + name, VersionID: "1", Time: lib.now()}
	if err := lib.files.Put(lib.t.Context(), o.Key, "", nil); err != nil {
		lib.t.Fatal(err)
	}
	return o
}

// report is the report of a round that ended.
func (lib *library) report(o drop.Object) (r report) {
	lib.t.Helper()
	body, err := os.ReadFile(filepath.Join(lib.dir, o.Key+"."+o.JobID()[:8]+".report.json"))
	if err != nil {
		lib.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &r); err != nil {
		lib.t.Fatal(err)
	}
	return r
}

// report is what tests read of a report.
type report struct {
	State    job.State
	Kind     string
	Counts   job.Counts
	Rejected []struct{ ID, Reason string }
}

// person stores a patron with an e-mail address, changed as wanted.
func (lib *library) person(id string, change func(*patron.Patron)) patron.Patron {
	lib.t.Helper()
	p := patron.Patron{
		UID: "01JD00000000000000" + fmt.Sprintf("%08s", id), RecordType: patron.Public, AccountType: patron.Internal, Status: patron.Active,
		PrimaryID: id, FirstName: "Ada", LastName: id,
		Emails: []patron.Email{{Preferred: true, Address: id + "@readers.example", Types: []patron.Code{{Value: "work"}}}},
	}
	if change != nil {
		change(&p)
	}
	p, err := lib.store.CreatePatron(lib.t.Context(), p)
	if err != nil {
		lib.t.Fatal(err)
	}
	return p
}

// lend lends an item of its own to the patron, and returns the item's id.
func (lib *library) lend(p patron.Patron) string {
	lib.t.Helper()
	it := lib.item("of-" + p.PrimaryID)
	at, err := lib.store.ForCheckOut(lib.t.Context(), p.PrimaryID, dynamo.ItemKey{ID: it.ID})
	if err != nil {
		lib.t.Fatal(err)
	}
	at.Borrower, at.Rules, at.By, at.Now = fulfillment.Borrower{UID: p.UID, UserGroup: "01"}, lib.inst, "test", lib.now()
	_, m, err := at.Do()
	if err != nil {
		lib.t.Fatal(err)
	}
	lib.moved(m)
	return it.ID
}

// charge charges the patron a fee.
func (lib *library) charge(p patron.Patron) {
	lib.t.Helper()
	account, err := lib.store.Account(lib.t.Context(), p.UID)
	if err != nil {
		lib.t.Fatal(err)
	}
	fee, err := fulfillment.Fee{Type: "OTHER", Original: 250, Owner: fulfillment.Code{Value: "MAIN"}}.Charge(lib.now(), "test")
	if err != nil {
		lib.t.Fatal(err)
	}
	lib.moved(fulfillment.MoveFees(p.UID, account, []fulfillment.Fee{{}}, []fulfillment.Fee{fee}))
}

// scan scans an item at the main desk.
func (lib *library) scan(itemID string) fulfillment.Outcome {
	lib.t.Helper()
	item, err := lib.store.ForReturn(lib.t.Context(), dynamo.ItemKey{ID: itemID}, nil)
	if err != nil {
		lib.t.Fatal(err)
	}
	item.Desk, item.Rules, item.By, item.Now, item.Returned = atMain, lib.inst, "test", lib.now(), lib.now()
	out, m := item.Do()
	lib.moved(m)
	return out
}

var (
	atMain    = fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN"}, Desk: fulfillment.Code{Value: "DEFAULT_CIRC_DESK"}}
	atScience = fulfillment.Desk{Library: fulfillment.Code{Value: "SCIENCE"}}
)

func (lib *library) moved(m fulfillment.Movement) {
	lib.t.Helper()
	if m.Empty() {
		return
	}
	if _, err := lib.store.Move(lib.t.Context(), m); err != nil {
		lib.t.Fatal(err)
	}
}

// item stores an item of a title of its own.
func (lib *library) item(id string) fulfillment.Item {
	lib.t.Helper()
	it := fulfillment.Item{ID: id, Barcode: "b" + id, MMSID: "99" + id, Title: "A title", Library: fulfillment.Code{Value: "MAIN", Desc: "Main Library"}}
	if _, _, err := lib.store.SaveItem(lib.t.Context(), it); err != nil {
		lib.t.Fatal(err)
	}
	return it
}

// postOffice is a mail service that counts what was given to it for each address.
type postOffice struct {
	mu    sync.Mutex
	sent  map[string]int
	times []time.Time
	fails error // instead of sending
}

// in is the mail service as a process sees it.
func (o *postOffice) in(p *process) sender {
	return func(ctx context.Context, m letter.Mail) (string, error) {
		return call(ctx, p, func(context.Context) (string, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.fails != nil {
				return "", o.fails
			}
			o.sent[m.To]++
			o.times = append(o.times, time.Now())
			return "message-" + m.LetterID, nil
		})
	}
}

// twice are the addresses that got more than one letter, and how many got one or more.
func (o *postOffice) twice() (twice []string, all int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for to, n := range o.sent {
		if n > 1 {
			twice = append(twice, to)
		}
	}
	return twice, len(o.sent)
}

// sender is a function as a mail service.
type sender func(ctx context.Context, m letter.Mail) (string, error)

// Send sends a letter.
func (s sender) Send(ctx context.Context, m letter.Mail) (string, error) { return s(ctx, m) }
