package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// noon is the time the fixtures were written at.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// uid is the nth of a row of UIDs.
func uid(n int) string { return fmt.Sprintf("01JD0000000000000000%06d", n) }

// person is the nth invented patron, of usual size, with three identifiers.
func person(n int) patron.Patron {
	p := patron.Patron{
		UID: uid(n), RecordType: patron.Public, AccountType: patron.Internal, Status: patron.Active,
		PrimaryID: fmt.Sprintf("reader%04d", n), FirstName: "Ada", LastName: fmt.Sprintf("Reader-%d", n),
		ExpiryDate: "2027-09-30", PurgeDate: "2028-09-30",
		Identifiers: []patron.Identifier{
			identifier("BARCODE", fmt.Sprintf("B%08d", n)),
			identifier("INST_ID", fmt.Sprintf("S-%06d", n)),
		},
		Addresses: []patron.Address{{
			Preferred: true, Lines: []string{"Lime Street 4", "Flat 2"}, City: "Weststadt", PostalCode: "12345",
			Country: patron.Code{Value: "DEU", Desc: "Germany"}, Types: []patron.Code{{Value: "home", Desc: "Home"}},
		}},
		Emails:  []patron.Email{{Preferred: true, Address: fmt.Sprintf("reader%d@example.org", n), Types: []patron.Code{{Value: "personal", Desc: "Personal"}}}},
		Phones:  []patron.Phone{{Preferred: true, Number: "+49 30 5550100", Types: []patron.Code{{Value: "mobile", Desc: "Mobile"}}}},
		Notes:   []patron.Note{{Type: patron.Code{Value: "OTHER", Desc: "Other"}, Text: strings.Repeat("prefers the quiet room. ", 50), Created: noon}},
		Created: patron.Change{By: "test", At: noon}, Updated: patron.Change{By: "test", At: noon},
	}
	p.UserGroup = patron.Code{Value: "STUDENT", Desc: "Student"}
	p.PreferredLanguage = patron.Code{Value: "de", Desc: "German"}
	return p
}

func identifier(kind, value string) patron.Identifier {
	return patron.Identifier{Type: patron.Code{Value: kind}, Value: value, Status: patron.Active}
}

// hold is the nth hold request, on a title.
func hold(n int, mms string) fulfillment.Request {
	return fulfillment.Request{
		ID: fmt.Sprintf("%016d", n), Type: fulfillment.Hold, Status: fulfillment.NotStarted,
		SubType: fulfillment.Code{Value: "PATRON_PHYSICAL"}, MMSID: mms, Title: "The quiet room", Author: "Bell, C.",
		PickupType: "LIBRARY", PickupLibrary: fulfillment.Code{Value: "MAIN"}, Requested: noon.Add(time.Duration(n) * time.Second),
	}
}

// queue is a title's queue in which requests of the first patron wait.
func queue(mms string, version int64, waiting ...fulfillment.Request) fulfillment.Queue {
	q := fulfillment.Queue{MMSID: mms, Version: version}
	for _, r := range waiting {
		q = q.With(fulfillment.NewWaiting(uid(1), "", r))
	}
	return q
}

// ending is the movement that makes an active request history.
func ending(uid string, ended fulfillment.Request, q fulfillment.Queue) fulfillment.Movement {
	before := ended
	before.Ended = time.Time{}
	m := fulfillment.Movement{Requests: []fulfillment.RequestChange{{UID: uid, Before: before, After: ended}}}
	if q.MMSID != "" {
		m.Queues = []fulfillment.Queue{q}
	}
	return m
}

// volume is the nth item, of a title.
func volume(n int, mms string) fulfillment.Item {
	return fulfillment.Item{
		ID: fmt.Sprintf("23%06d", n), Barcode: fmt.Sprintf("K%06d", n), MMSID: mms, Title: "The quiet room",
		Library: fulfillment.Code{Value: "MAIN", Desc: "Main Library"},
	}
}

// report is a letter to be reserved.
func report(at time.Time) letter.Sent {
	return letter.Sent{
		ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Code: "FulRequestsReportLetter",
		Language: "de", Subject: "Ihre Bestellungen", State: letter.Pending, By: "key:desk", Created: at,
	}
}

func create(t testing.TB, s *dynamo.Store, p patron.Patron) patron.Patron {
	t.Helper()
	p, err := s.CreatePatron(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// place puts a request at the end of its title's queue, again when somebody else was faster.
func place(t testing.TB, s *dynamo.Store, uid string, r fulfillment.Request) (fulfillment.Request, error) {
	t.Helper()
	for {
		q, err := s.Queue(t.Context(), r.MMSID)
		if err != nil {
			return r, err
		}
		placed, err := placeRequest(t.Context(), s, uid, r, q.With(fulfillment.NewWaiting(uid, "", r)))
		if !errors.Is(err, fulfillment.ErrChanged) {
			return placed, err
		}
	}
}

func wantErr(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// moveRequest writes one request with its title's queue, and is it as it was written.
func moveRequest(ctx context.Context, s *dynamo.Store, m fulfillment.Movement) (fulfillment.Request, error) {
	written, err := s.Move(ctx, m)
	if err != nil {
		return fulfillment.Request{}, err
	}
	return written.Requests[0].After, nil
}

func placeRequest(ctx context.Context, s *dynamo.Store, uid string, r fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	m := fulfillment.MoveRequest(uid, fulfillment.Request{}, r, q)
	m.Stays = []string{uid}
	return moveRequest(ctx, s, m)
}

func advanceRequest(ctx context.Context, s *dynamo.Store, uid string, before, after fulfillment.Request, q fulfillment.Queue) (fulfillment.Request, error) {
	return moveRequest(ctx, s, fulfillment.MoveRequest(uid, before, after, q))
}

func replaceRequest(ctx context.Context, s *dynamo.Store, uid string, before, after fulfillment.Request) (fulfillment.Request, error) {
	return advanceRequest(ctx, s, uid, before, after, fulfillment.Queue{})
}

func endRequest(ctx context.Context, s *dynamo.Store, uid string, ended fulfillment.Request, q fulfillment.Queue) error {
	before := ended
	before.Ended = time.Time{}
	_, err := advanceRequest(ctx, s, uid, before, ended, q)
	return err
}
