package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// A writing prepares something on a healthy store and gives the write to be made on a faulty one, and what tells how
// often it was made.
type writing func(t *testing.T, healthy *dynamo.Store) (write func(ctx context.Context, s *dynamo.Store) error, made func() int64)

// writings are all writes of the store.
var writings = func() map[string]writing {
	all := maps.Clone(writes)
	maps.Copy(all, movings)
	return all
}()

// writes are all but those of movements.
var writes = map[string]writing{
	"CreatePatron": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.CreatePatron(ctx, person(1)); return err },
			func() int64 { return versionOf(t, s) }
	},
	"ReplacePatron": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.ReplacePatron(ctx, p, p); return err },
			func() int64 { return versionOf(t, s) - 1 }
	},
	"ReplacePatron with identifiers": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		next := p
		next.Identifiers = []patron.Identifier{identifier("BARCODE", "B11111111"), identifier("OTHER", "S-000001")}
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.ReplacePatron(ctx, p, next); return err },
			func() int64 { return versionOf(t, s) - 1 }
	},
	"MarkDeleting": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.MarkDeleting(ctx, p); return err },
			func() int64 { return versionOf(t, s) - 1 }
	},
	"Unmark": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p, err := s.MarkDeleting(t.Context(), create(t, s, person(1)))
		must(t, err)
		return func(ctx context.Context, f *dynamo.Store) error { return f.Unmark(ctx, p) },
			func() int64 {
				if _, err := s.ReplacePatron(t.Context(), p, p); err != nil {
					return 0
				}
				return 1
			}
	},
	"DeletePatron": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p, err := s.MarkDeleting(t.Context(), create(t, s, person(1)))
		must(t, err)
		return func(ctx context.Context, f *dynamo.Store) error { return f.DeletePatron(ctx, p) },
			func() int64 { return 1 - min(1, versionOf(t, s)) }
	},
	"PlaceRequest": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		q := queue("991", 0, hold(1, "991"))
		return func(ctx context.Context, f *dynamo.Store) error {
				_, err := placeRequest(ctx, f, p.UID, hold(1, "991"), q)
				return err
			}, func() int64 {
				q, err := s.Queue(t.Context(), "991")
				must(t, err)
				n, err := s.CountRequests(t.Context(), p.UID)
				if err != nil || int64(n) != q.Version || n != len(q.Waiting) {
					t.Errorf("got %d requests and queue %+v, %v", n, q, err)
				}
				return q.Version
			}
	},
	"ReplaceRequest": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		r, err := place(t, s, p.UID, hold(1, "991"))
		must(t, err)
		return func(ctx context.Context, f *dynamo.Store) error {
				_, err := replaceRequest(ctx, f, p.UID, r, r)
				return err
			},
			func() int64 { r, err := s.Request(t.Context(), p.UID, r.ID); must(t, err); return r.Version - 1 }
	},
	"EndRequest": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		r, err := place(t, s, p.UID, hold(1, "991"))
		must(t, err)
		r.Ended = time.Now()
		return func(ctx context.Context, f *dynamo.Store) error {
				return endRequest(ctx, f, p.UID, r, fulfillment.Queue{MMSID: "991", Version: 1})
			}, func() int64 {
				over, err := s.PastRequests(t.Context(), p.UID)
				must(t, err)
				q, err := s.Queue(t.Context(), "991")
				if err != nil || q.Version != int64(1+len(over)) {
					t.Errorf("got queue %+v, %v and %d past requests", q, err, len(over))
				}
				return int64(len(over))
			}
	},
	"SaveItem new": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		return func(ctx context.Context, f *dynamo.Store) error {
				_, _, err := f.SaveItem(ctx, volume(1, "991"))
				return err
			},
			func() int64 { return boolean(t, s, "K000001") }
	},
	"SaveItem with another barcode": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		_, _, err := s.SaveItem(t.Context(), volume(1, "991"))
		must(t, err)
		it := volume(1, "991")
		it.Barcode = "K777"
		return func(ctx context.Context, f *dynamo.Store) error { _, _, err := f.SaveItem(ctx, it); return err },
			func() int64 { return boolean(t, s, "K777") }
	},
	"CancelRequest": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		p := create(t, s, person(1))
		r, err := place(t, s, p.UID, hold(1, "991"))
		must(t, err)
		r.Ended = time.Now()
		return func(ctx context.Context, f *dynamo.Store) error {
				_, err := f.CancelRequest(ctx, p.UID, ending(p.UID, r, fulfillment.Queue{MMSID: "991", Version: 1}), "k", report(time.Now()))
				return err
			}, func() int64 {
				over, err := s.PastRequests(t.Context(), p.UID)
				must(t, err)
				letters, err := s.Letters(t.Context(), p.UID)
				if err != nil || len(letters) != len(over) {
					t.Errorf("got %d letters, %v and %d past requests", len(letters), err, len(over))
				}
				return int64(len(over))
			}
	},
	"ReserveLetter": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		create(t, s, person(1))
		return func(ctx context.Context, f *dynamo.Store) error {
				_, fresh, err := f.ReserveLetter(ctx, uid(1), "", report(time.Now()))
				if err == nil && !fresh {
					err = errors.New("the letter was said to be an old one")
				}
				return err
			}, func() int64 {
				all, err := s.Letters(t.Context(), uid(1))
				must(t, err)
				return int64(len(all))
			}
	},
	"UpdateLetter": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		create(t, s, person(1))
		l, _, err := s.ReserveLetter(t.Context(), uid(1), "", report(time.Now()))
		must(t, err)
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.UpdateLetter(ctx, uid(1), l); return err },
			func() int64 { l, err := s.Letter(t.Context(), uid(1), l.ID); must(t, err); return l.Version - 1 }
	},
	"StartJob": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		return func(ctx context.Context, f *dynamo.Store) error {
			_, fresh, err := f.StartJob(ctx, job.Job{ID: "0f"})
			if err == nil && !fresh {
				err = errors.New("the job was said to be an old one")
			}
			return err
		}, func() int64 { j, _ := s.Job(t.Context(), "0f"); return j.Version }
	},
	"SaveJob": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		j, _, err := s.StartJob(t.Context(), job.Job{ID: "0f"})
		must(t, err)
		return func(ctx context.Context, f *dynamo.Store) error { _, err := f.SaveJob(ctx, j); return err },
			func() int64 { j, err := s.Job(t.Context(), "0f"); must(t, err); return j.Version - 1 }
	},
	"EnterJob": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		must(t, s.EnterJob(t.Context(), "CAMPUS", entry(1)))
		return func(ctx context.Context, f *dynamo.Store) error { return f.EnterJob(ctx, "CAMPUS", entry(2)) },
			func() int64 {
				all, err := s.Jobs(t.Context(), "CAMPUS")
				must(t, err)
				return int64(len(all)) - 1
			}
	},
	"SaveAPIKey": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		return func(ctx context.Context, f *dynamo.Store) error { return f.SaveAPIKey(ctx, auth.Key{Hash: "ab"}) },
			func() int64 { all, err := s.APIKeys(t.Context()); must(t, err); return int64(len(all)) }
	},
	"RevokeAPIKey": func(t *testing.T, s *dynamo.Store) (func(context.Context, *dynamo.Store) error, func() int64) {
		must(t, s.SaveAPIKey(t.Context(), auth.Key{Hash: "ab"}))
		return func(ctx context.Context, f *dynamo.Store) error { return f.RevokeAPIKey(ctx, "ab", noon) },
			func() int64 {
				k, err := s.APIKey(t.Context(), "ab")
				must(t, err)
				if k.Revoked.IsZero() {
					return 0
				}
				return 1
			}
	},
}

// versionOf is the version of the first patron, and 0 when there is none.
func versionOf(t *testing.T, s *dynamo.Store) int64 {
	p, err := s.Patron(t.Context(), "reader0001")
	if err != nil && !errors.Is(err, patron.ErrNotFound) {
		t.Error(err)
	}
	return p.Version
}

// boolean is 1 when there is an item with the barcode.
func boolean(t *testing.T, s *dynamo.Store, barcode string) int64 {
	_, err := s.ItemByBarcode(t.Context(), barcode)
	if err != nil {
		return 0
	}
	return 1
}

// failing makes the writes of a store meet faults.
func failing(faults ...dynamotest.Fault) []dynamotest.Option {
	var all []dynamotest.Option
	for _, operation := range []string{"PutItem", "UpdateItem", "TransactWriteItems"} {
		all = append(all, dynamotest.Sequence(operation, slices.Clone(faults)...))
	}
	return all
}

func TestEveryWriteSurvivesFaults(t *testing.T) {
	t.Parallel()
	const lost, unanswered = dynamotest.LostRequest, dynamotest.LostAnswer
	for name, faults := range map[string][]dynamotest.Fault{
		"throttled":                 {dynamotest.Throttled, dynamotest.Throttled, dynamotest.Throttled},
		"server error":              {dynamotest.ServerError},
		"conflict":                  {dynamotest.Conflict, dynamotest.Conflict},
		"time-out before":           {lost},
		"time-out after":            {unanswered},
		"time-out after, and again": {unanswered, unanswered, lost},
		"everything":                {dynamotest.Throttled, lost, dynamotest.Conflict, unanswered, dynamotest.ServerError},
	} {
		for operation, prepare := range writings {
			t.Run(operation+"/"+name, func(t *testing.T) {
				t.Parallel()
				tables := dynamotest.Tables(t)
				write, made := prepare(t, dynamotest.Open(t, tables))
				must(t, write(t.Context(), dynamotest.Open(t, tables, failing(faults...)...)))
				if n := made(); n != 1 {
					t.Errorf("got %d writes, want 1", n)
				}
			})
		}
	}
}

// TestEveryWriteTellsTheTruth never answers. Then a caller may not be told that nothing was written.
func TestEveryWriteTellsTheTruth(t *testing.T) {
	t.Parallel()
	for fault, want := range map[dynamotest.Fault]int64{dynamotest.LostAnswer: 1, dynamotest.LostRequest: 0} {
		for operation, prepare := range writings {
			t.Run(fmt.Sprint(operation, "/", want), func(t *testing.T) {
				t.Parallel()
				tables := dynamotest.Tables(t)
				write, made := prepare(t, dynamotest.Open(t, tables))
				err := write(t.Context(), dynamotest.Open(t, tables, failing(slices.Repeat([]dynamotest.Fault{fault}, 100)...)...))
				if err == nil || says(err) {
					t.Errorf("got error %v, want one that leaves it open", err)
				}
				if n := made(); n != want {
					t.Errorf("got %d writes, want %d", n, want)
				}
			})
		}
	}
}

// says reports whether an error says that nothing was written.
func says(err error) bool {
	var taken *patron.TakenError
	var before *fulfillment.DoneBeforeError
	return errors.As(err, &taken) || errors.As(err, &before) || slices.ContainsFunc([]error{
		patron.ErrChanged, patron.ErrNotFound, fulfillment.ErrChanged, fulfillment.ErrPatronGone,
		fulfillment.ErrBarcodeTaken, letter.ErrChanged, letter.ErrPatronGone, job.ErrChanged,
	}, func(sentinel error) bool { return errors.Is(err, sentinel) })
}

func TestEveryReadSurvivesFaults(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	healthy := dynamotest.Open(t, tables)
	p := create(t, healthy, person(1))
	_, err := place(t, healthy, p.UID, hold(1, "991"))
	must(t, err)
	_, _, err = healthy.SaveItem(t.Context(), volume(1, "991"))
	must(t, err)
	faulty := dynamotest.Open(t, tables, dynamotest.Chance("", 0.2, 1, dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer))
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 3 {
				got, err := faulty.Patron(t.Context(), "B00000001")
				if err != nil || !reflect.DeepEqual(got, p) {
					t.Errorf("Patron = %+v, %v", got, err)
				}
				if all, err := faulty.ActiveRequests(t.Context(), p.UID); err != nil || len(all) != 1 {
					t.Errorf("ActiveRequests = %+v, %v", all, err)
				}
				if all, err := faulty.ItemsOfTitle(t.Context(), "991"); err != nil || len(all) != 1 {
					t.Errorf("ItemsOfTitle = %+v, %v", all, err)
				}
			}
		})
	}
	done.Wait()
}

func TestUnprocessedKeysAreAskedForAgain(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	healthy := dynamotest.Open(t, tables)
	var uids []string
	for n := range 105 {
		uids = append(uids, create(t, healthy, person(n)).UID)
	}
	partial := slices.Repeat([]dynamotest.Fault{dynamotest.Partial}, 6)
	s := dynamotest.Open(t, tables, dynamotest.Sequence("BatchGetItem", partial...))
	all, err := s.Patrons(t.Context(), uids)
	must(t, err)
	var got []string
	for _, p := range all {
		got = append(got, p.UID)
	}
	if !slices.Equal(got, uids) {
		t.Errorf("got %d patrons, want %d in order", len(got), len(uids))
	}
	never := dynamotest.Open(t, tables, dynamotest.Sequence("BatchGetItem", slices.Repeat(partial, 10)...))
	if _, err := never.Patrons(t.Context(), uids[:1]); err == nil || !strings.Contains(err.Error(), "unprocessed") {
		t.Errorf("got %v, want an error about unprocessed items", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	hurried := dynamotest.Open(t, tables, dynamotest.Sequence("BatchGetItem", slices.Repeat(partial, 10)...))
	_, err = hurried.Patrons(ctx, uids[:1])
	wantErr(t, err, context.DeadlineExceeded)
}

// TestBatchesLargerThanAnAnswer reads more than the 16 MB DynamoDB gives at once.
func TestBatchesLargerThanAnAnswer(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	var uids []string
	for n := range 46 {
		p := person(n)
		p.WebSiteURL = strings.Repeat("x", 380<<10)
		uids = append(uids, create(t, s, p).UID)
	}
	rec.Take()
	all, err := s.Patrons(t.Context(), uids)
	if err != nil || len(all) != len(uids) {
		t.Errorf("got %d patrons, %v; want %d", len(all), err, len(uids))
	}
	if calls := rec.Take().Calls["BatchGetItem"]; calls < 2 {
		t.Errorf("got %d calls, want a second one for what was left", calls)
	}
}
