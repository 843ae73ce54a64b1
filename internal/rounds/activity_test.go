package rounds

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// readers stores everybody the round may meet, and tells how many there are and how many get a letter.
func (lib *library) readers() (all, letters int) {
	lib.lend(lib.person("loan", nil))
	lib.charge(lib.person("fee", nil))
	both := lib.person("both", nil)
	lib.lend(both)
	lib.charge(both)
	lib.person("idle", nil)
	back := lib.person("back", nil)
	lib.scan(lib.lend(back))
	for id, change := range map[string]func(*patron.Patron){
		"nomail": func(p *patron.Patron) { p.Emails = nil },
		"optedout": func(p *patron.Patron) {
			p.LibraryNotices = []patron.LibraryNotice{{Code: patron.Code{Value: letter.BorrowingActivityCode}}}
		},
	} {
		lib.lend(lib.person(id, change))
	}
	return 5, 3
}

// process is a process that lives.
func (lib *library) process() *process { return &process{Store: lib.store} }

func TestActivityLetters(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	all, letters := lib.readers()
	first := lib.begin(job.ActivityLetters, "2026-12-01T07:00:00Z")
	for range 2 { // the second time there is nothing to do
		if err := lib.activity(lib.process()).Process(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if twice, to := lib.mail.twice(); len(twice) > 0 || to != letters {
		t.Errorf("%d got letters, %v more than one", to, twice)
	}
	r := lib.report(first)
	if want := (job.Counts{Processed: all, Created: letters, Rejected: all - letters}); r.Counts != want || r.State != job.CompletedWithErrors || r.Kind != job.ActivityLetters {
		t.Errorf("got %s %s %+v, want %+v", r.Kind, r.State, r.Counts, want)
	}
	var reasons []string
	for _, row := range r.Rejected {
		reasons = append(reasons, row.ID+": "+row.Reason)
	}
	slices.Sort(reasons)
	if want := []string{"nomail: The patron has no preferred e-mail address.", "optedout: The patron does not want the letter."}; !slices.Equal(reasons, want) {
		t.Errorf("got %q, want %q", reasons, want)
	}
	lib.move(31 * 24 * time.Hour)
	next := lib.begin(job.ActivityLetters, "2027-01-01T07:00:00Z")
	if err := lib.activity(lib.process()).Process(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if twice, _ := lib.mail.twice(); len(twice) != letters || lib.report(next).Counts.Created != letters {
		t.Errorf("in the next month %v got another letter, and the report says %+v", twice, lib.report(next).Counts)
	}
}

func TestLetterSwitchedOff(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	all, _ := lib.readers()
	lib.inst.Letters.Disabled = map[string]bool{letter.BorrowingActivityCode: true}
	o := lib.begin(job.ActivityLetters, "off")
	if err := lib.activity(lib.process()).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	r := lib.report(o)
	if r.Counts != (job.Counts{Processed: all, Rejected: all}) || !strings.Contains(r.Rejected[0].Reason, "switched the letter off") {
		t.Errorf("got %+v", r)
	}
	if _, to := lib.mail.twice(); to != 0 {
		t.Errorf("%d got letters", to)
	}
}

// TestOldList has the index name who was deleted meanwhile, and who has nothing any more: they are neither told nor
// reported.
func TestOldList(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	all, letters := lib.readers()
	idle, err := lib.store.Patron(t.Context(), "idle")
	if err != nil {
		t.Fatal(err)
	}
	p := lib.process()
	p.active = func(shard int, uids []string) []string {
		if shard == 0 {
			uids = append(uids, idle.UID, "01JDNOSUCHPATRON0000000000")
		}
		return uids
	}
	o := lib.begin(job.ActivityLetters, "old")
	if err := lib.activity(p).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if r := lib.report(o); r.Counts != (job.Counts{Processed: all + 2, Created: letters, Unchanged: 2, Rejected: all - letters}) {
		t.Errorf("got %+v", r.Counts)
	}
}

// refused is an error of a mail service that knows what became of the letter.
type refused struct{ certain bool }

func (r refused) Error() string           { return "refused" }
func (r refused) Refusal() (string, bool) { return "the address is suppressed", r.certain }

// TestMailIsRefused has the mail service refuse every letter: the report says so, and why.
func TestMailIsRefused(t *testing.T) {
	t.Parallel()
	for certain, want := range map[bool]string{true: "The letter is FAILED: the address is suppressed.", false: "The letter is UNKNOWN: the address is suppressed."} {
		lib := newLibrary(t)
		lib.lend(lib.person("loan", nil))
		lib.mail.fails = refused{certain}
		o := lib.begin(job.ActivityLetters, "refused")
		if err := lib.activity(lib.process()).Process(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if r := lib.report(o); r.Counts != (job.Counts{Processed: 1, Rejected: 1}) || r.Rejected[0].Reason != want {
			t.Errorf("got %+v, want %s", r, want)
		}
	}
}

// crowd stores so many patrons with a loan, and tells how many calls their round takes.
func (lib *library) crowd(people int) {
	lib.t.Helper()
	for n := range people {
		lib.lend(lib.person(fmt.Sprintf("p%03d", n), nil))
	}
}

// TestKilledAndGoneOn ends the round at any of its calls, before or after that was carried out, with and without its
// context, as often as it takes. Nobody gets two letters, and the report counts everybody once.
func TestKilledAndGoneOn(t *testing.T) {
	t.Parallel()
	const people, trials = 20, 24
	for trial := range trials {
		t.Run(fmt.Sprint(trial), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(trial), 7))
			lib := newLibrary(t)
			lib.crowd(people)
			o := lib.begin(job.ActivityLetters, "killed")
			runs := 1
			for ; lib.runKilled(o, 1+random.IntN(60*runs), random.IntN(2) == 0, random.IntN(2) == 0) != nil; runs++ {
				if runs > 30 {
					t.Fatal("the round never ended")
				}
				lib.move(2 * time.Minute)
			}
			twice, to := lib.mail.twice()
			r := lib.report(o)
			if len(twice) > 0 || r.Counts.Processed != people || r.Counts.Created+r.Counts.Rejected != people || len(r.Rejected) != r.Counts.Rejected {
				t.Errorf("%d got letters, %v more than one, and the report says %+v with %d rejected", to, twice, r.Counts, len(r.Rejected))
			}
			for _, row := range r.Rejected {
				if !strings.Contains(row.Reason, string(letter.Unknown)) {
					t.Errorf("%s: %s", row.ID, row.Reason)
				}
			}
			if sent := lib.recorded(); sent[letter.Mailed] != r.Counts.Created || sent[letter.Unknown] != r.Counts.Rejected || to < r.Counts.Created {
				t.Errorf("the letters are %v, %d arrived, and the report says %+v", sent, to, r.Counts)
			}
			t.Logf("%d runs, %d letters, %d unknown", runs, to, r.Counts.Rejected)
		})
	}
}

// runKilled is one run of the round, in a process that dies at that call.
func (lib *library) runKilled(o drop.Object, dies int, after, cancelled bool) error {
	ctx, cancel := context.WithCancel(lib.t.Context())
	defer cancel()
	p := &process{Store: lib.store, dies: dies, after: after, page: 3}
	if cancelled {
		p.cancel = cancel
	}
	return lib.activity(p).Process(ctx, o)
}

// recorded are how many letters there are in each state.
func (lib *library) recorded() map[letter.State]int {
	lib.t.Helper()
	states := map[letter.State]int{}
	for shard := range dynamo.Shards {
		uids, _, err := lib.store.ActivePatrons(lib.t.Context(), shard, "", 1000)
		if err != nil {
			lib.t.Fatal(err)
		}
		for _, uid := range uids {
			all, err := lib.store.Letters(lib.t.Context(), uid)
			if err != nil {
				lib.t.Fatal(err)
			}
			for _, l := range all {
				states[l.State]++
			}
		}
	}
	return states
}

// TestFaultyStore makes the round on a store that fails often, each time in a new process, until it ends.
func TestFaultyStore(t *testing.T) {
	t.Parallel()
	const people = 30
	lib := newLibrary(t)
	tables := dynamotest.Tables(t)
	lib.store = dynamotest.Open(t, tables, dynamotest.Clock(lib.now))
	lib.crowd(people)
	o := lib.begin(job.ActivityLetters, "faulty")
	runs := 0
	for err := errDead; err != nil; runs++ {
		if runs == 60 {
			t.Fatal(err)
		}
		faults := dynamotest.Chance("", 0.45, uint64(runs), dynamotest.Throttled, dynamotest.LostAnswer, dynamotest.LostRequest, dynamotest.ServerError)
		err = lib.activity(&process{Store: dynamotest.Open(t, tables, dynamotest.Clock(lib.now), faults), page: 4}).Process(t.Context(), o)
		lib.move(2 * time.Minute)
	}
	twice, to := lib.mail.twice()
	if r := lib.report(o); len(twice) > 0 || r.Counts.Processed != people || r.Counts.Created+r.Counts.Rejected != people || to < r.Counts.Created {
		t.Errorf("after %d runs %d got letters, %v more than one, and the report says %+v", runs, to, twice, r.Counts)
	}
	t.Logf("%d runs", runs)
}

// TestLetterOnItsWay begins the round anew while nobody knows yet whether a letter of the run before was sent. It waits
// until that is known.
func TestLetterOnItsWay(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	p := lib.person("loan", nil)
	lib.lend(p)
	o := lib.begin(job.ActivityLetters, "slow")
	order := outbox.Order{UID: p.UID, Key: "\x00round " + o.Key, Code: letter.BorrowingActivityCode}
	out := outbox.New(lib.store, lib.mail.in(lib.process()), lib.now)
	left, _, err := lib.store.ReserveLetter(t.Context(), p.UID, order.Key, out.Draft(order))
	if err == nil {
		left.State, left.Began = letter.Sending, lib.now()
		_, err = lib.store.UpdateLetter(t.Context(), p.UID, left)
	}
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { lib.move(2 * time.Minute) })
	if err := lib.activity(lib.process()).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	r := lib.report(o)
	if _, to := lib.mail.twice(); to != 0 || r.Counts != (job.Counts{Processed: 1, Rejected: 1}) || !strings.HasPrefix(r.Rejected[0].Reason, "The letter is UNKNOWN: the function ended") {
		t.Errorf("%d letters were sent, and the report says %+v", to, r)
	}
}

// TestOutOfTime lets the time of a run end between two shards: the next one goes on with the other.
func TestOutOfTime(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.crowd(20)
	o := lib.begin(job.ActivityLetters, "late")
	var asked []int
	list := func(slow int) *process {
		p := lib.process()
		p.active = func(shard int, uids []string) []string {
			if asked = append(asked, shard); shard == slow {
				time.Sleep(400 * time.Millisecond)
			}
			return uids
		}
		return p
	}
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second+300*time.Millisecond)
	defer cancel()
	if err := lib.activity(list(1)).Process(ctx, o); !errors.Is(err, drop.ErrOutOfTime) {
		t.Fatalf("got %v", err)
	}
	_, before := lib.mail.twice()
	lib.move(time.Minute)
	if err := lib.activity(list(-1)).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	twice, after := lib.mail.twice()
	if fmt.Sprint(asked) != "[0 1 2 3]" || len(twice) > 0 || before == 0 || before >= after || after != 20 || lib.report(o).Counts != (job.Counts{Processed: 20, Created: 20}) {
		t.Errorf("the shards %v were read; %d and then %d letters, %v twice, and the report says %+v", asked, before, after, twice, lib.report(o).Counts)
	}
}

// TestPace holds that no more letters are sent in a second than the settings allow.
func TestPace(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.crowd(24)
	lib.inst.Letters.PerSecond = 40
	o := lib.begin(job.ActivityLetters, "slowly")
	start := time.Now()
	if err := lib.activity(lib.process()).Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(lib.mail.times, time.Time.Compare)
	for i, at := range lib.mail.times {
		if soonest := start.Add(time.Duration(i) * time.Second / 40); at.Before(soonest) {
			t.Errorf("the letter %d was sent %v too soon", i, soonest.Sub(at))
		}
	}
	if len(lib.mail.times) != 24 {
		t.Errorf("%d letters", len(lib.mail.times))
	}
}

// TestSlowPace holds that a rate below one letter a page is kept, too: between two pages it is waited.
func TestSlowPace(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.crowd(3)
	lib.inst.Letters.PerSecond = 0.05
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(700*time.Millisecond, cancel)
	err := lib.activity(lib.process()).Process(ctx, lib.begin(job.ActivityLetters, "slowly"))
	if _, to := lib.mail.twice(); !errors.Is(err, context.Canceled) || to > 1 {
		t.Errorf("%d letters in less than a second, %v", to, err)
	}
}
