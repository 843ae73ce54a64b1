package dynamo_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
)

func TestReserveLetter(t *testing.T) {
	t.Parallel()
	const month = 31 * 24 * time.Hour
	other := func(l letter.Sent) letter.Sent { l.Code = "FulRequestCancelled"; return l }
	same := func(l letter.Sent) letter.Sent { return l }
	for name, test := range map[string]struct {
		first, second string // keys
		later         time.Duration
		change        func(letter.Sent) letter.Sent
		fresh         bool
	}{
		"same key":                       {"k1", "k1", time.Hour, same, false},
		"same key, other letter":         {"k1", "k1", time.Hour, other, false},
		"other key":                      {"k1", "k2", 0, same, true},
		"same key after its time":        {"k1", "k1", month, same, true},
		"double click":                   {"", "", 59 * time.Second, same, false},
		"no double click":                {"", "", time.Minute, same, true},
		"another letter at once":         {"", "", 0, other, true},
		"key after none":                 {"", "k1", 0, same, true},
		"key that looks like the recent": {"", "recent#FulRequestsReportLetter", 0, same, true},
		"long key":                       {strings.Repeat("k", 5000), strings.Repeat("k", 5000), 0, same, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{at: noon}
			s := dynamotest.Store(t, dynamotest.Clock(c.now))
			create(t, s, person(1))
			create(t, s, person(2))
			first, fresh, err := s.ReserveLetter(t.Context(), uid(1), test.first, report(noon))
			if err != nil || !fresh || first.Version != 1 {
				t.Fatalf("got %+v, %v, %v; want a fresh letter", first, fresh, err)
			}
			c.move(test.later)
			asked := test.change(report(c.now()))
			second, fresh, err := s.ReserveLetter(t.Context(), uid(1), test.second, asked)
			want := first
			if test.fresh {
				want = asked
				want.Version = 1
			}
			if err != nil || fresh != test.fresh || !reflect.DeepEqual(second, want) {
				t.Errorf("got %+v, %v, %v; want %+v, %v", second, fresh, err, want, test.fresh)
			}
			if _, fresh, err := s.ReserveLetter(t.Context(), uid(2), test.second, report(c.now())); err != nil || !fresh {
				t.Errorf("another patron: got fresh %v, %v; want true", fresh, err)
			}
		})
	}
}

func TestOneOfManyReservesTheLetter(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "k1"} {
		s := dynamotest.Store(t)
		create(t, s, person(1))
		var fresh atomic.Int32
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				_, first, err := s.ReserveLetter(t.Context(), uid(1), key, report(time.Now()))
				if err != nil {
					t.Error(err)
				}
				if first {
					fresh.Add(1)
				}
			})
		}
		done.Wait()
		all, err := s.Letters(t.Context(), uid(1))
		if err != nil || fresh.Load() != 1 || len(all) != 1 {
			t.Errorf("key %q: got %d fresh and %d letters, %v; want one", key, fresh.Load(), len(all), err)
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	create(t, s, person(1))
	var want []letter.Sent
	for n := range 3 {
		l, _, err := s.ReserveLetter(t.Context(), uid(1), fmt.Sprint(n), report(noon.Add(time.Duration(n)*time.Minute)))
		must(t, err)
		want = append([]letter.Sent{l}, want...)
	}
	sent := want[1]
	sent.State, sent.MessageID = letter.Mailed, "0102"
	sent, err := s.UpdateLetter(t.Context(), uid(1), sent)
	must(t, err)
	_, err = s.UpdateLetter(t.Context(), uid(1), want[1])
	wantErr(t, err, letter.ErrChanged)
	if _, err := s.UpdateLetter(t.Context(), uid(1), report(noon)); err == nil {
		t.Error("a letter that was never read was updated")
	}
	want[1] = sent
	if got, err := s.Letters(t.Context(), uid(1)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.Letter(t.Context(), uid(1), sent.ID); err != nil || !reflect.DeepEqual(got, sent) {
		t.Errorf("got %+v, %v; want %+v", got, err, sent)
	}
	_, err = s.Letter(t.Context(), uid(2), sent.ID)
	wantErr(t, err, letter.ErrNotFound)
	c.move(367 * 24 * time.Hour)
	if got, err := s.Letters(t.Context(), uid(1)); err != nil || len(got) != 0 {
		t.Errorf("a year later: got %+v, %v; want none", got, err)
	}
	_, err = s.Letter(t.Context(), uid(1), sent.ID)
	wantErr(t, err, letter.ErrNotFound)
}

func TestJobs(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	j := job.Job{ID: "0f", Kind: "sis", Profile: "CAMPUS", Key: "sis/CAMPUS/users.xml", State: job.Running, Started: noon}
	started, fresh, err := s.StartJob(t.Context(), j)
	if err != nil || !fresh || started.Version != 1 {
		t.Fatalf("got %+v, %v, %v; want a fresh job", started, fresh, err)
	}
	done := started
	done.State, done.Counts.Processed, done.Finished = job.Completed, 200, noon.Add(time.Minute)
	done, err = s.SaveJob(t.Context(), done)
	must(t, err)
	_, err = s.SaveJob(t.Context(), started)
	wantErr(t, err, job.ErrChanged)
	again, fresh, err := s.StartJob(t.Context(), j)
	if err != nil || fresh || !reflect.DeepEqual(again, done) || done.Version != 2 {
		t.Errorf("got %+v, %v, %v; want %+v, not fresh", again, fresh, err, done)
	}
	if got, err := s.Job(t.Context(), "0f"); err != nil || !reflect.DeepEqual(got, done) {
		t.Errorf("got %+v, %v; want %+v", got, err, done)
	}
	_, err = s.Job(t.Context(), "00")
	wantErr(t, err, job.ErrNotFound)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	k := auth.Key{Hash: strings.Repeat("ab", 32), Name: "kiosk", Rights: []auth.Right{auth.UsersRead}, Created: noon}
	must(t, s.SaveAPIKey(t.Context(), k))
	if err := s.SaveAPIKey(t.Context(), k); err == nil {
		t.Error("a key was stored over another")
	}
	desk := auth.Key{Hash: strings.Repeat("cd", 32), Name: "desk", Rights: []auth.Right{auth.UsersWrite}, Created: noon}
	must(t, s.SaveAPIKey(t.Context(), desk))
	must(t, s.RevokeAPIKey(t.Context(), k.Hash, noon.Add(time.Hour)))
	must(t, s.RevokeAPIKey(t.Context(), k.Hash, noon.Add(2*time.Hour)))
	k.Revoked = noon.Add(time.Hour)
	if got, err := s.APIKey(t.Context(), k.Hash); err != nil || !reflect.DeepEqual(got, k) {
		t.Errorf("got %+v, %v; want %+v", got, err, k)
	}
	if got, err := s.APIKeys(t.Context()); err != nil || !reflect.DeepEqual(got, []auth.Key{desk, k}) {
		t.Errorf("got %+v, %v; want desk and kiosk", got, err)
	}
	for _, hash := range []string{"", "00", strings.Repeat("0", 5000)} {
		_, err := s.APIKey(t.Context(), hash)
		wantErr(t, err, auth.ErrNoKey)
		wantErr(t, s.RevokeAPIKey(t.Context(), hash, noon), auth.ErrNoKey)
	}
}
