package sis

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

func TestSameEventTwice(t *testing.T) {
	t.Parallel()
	recorder := dynamotest.Record()
	l := newLibrary(t, recorder)
	o := l.put("sis/STUDENTS/a.xml", users(ada))
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	before := l.job(o)
	recorder.Take()
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	if used := recorder.Take(); used.Calls["TransactWriteItems"]+used.Calls["UpdateItem"] > 0 {
		t.Errorf("got %+v, want no write", used)
	}
	if after := l.job(o); after.Version != before.Version || after.Runs != 1 {
		t.Errorf("got version %d after %d runs, want %d after 1", after.Version, after.Runs, before.Version)
	}
}

// TestOlderFile has the events of two files in the wrong order.
func TestOlderFile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	older := l.put("sis/STUDENTS/monday.xml", users(user("a", "<first_name>Monday</first_name>")))
	l.clock.Add(60)
	newer := l.put("sis/STUDENTS/tuesday.xml", users(user("a", "<first_name>Tuesday</first_name>")))
	l.clock.Add(60)
	for _, o := range []drop.Object{newer, older} {
		if err := l.process(o); err != nil {
			t.Fatal(err)
		}
	}
	const want = "The file was dropped at 2026-11-23T09:00:00Z, and a later one of the profile, sis/STUDENTS/tuesday.xml of 2026-11-23T09:01:00Z, was applied already. " +
		"An older file would bring back what has changed since, so nothing of it was applied. If it is meant, drop it again."
	if j := l.job(older); j.State != job.Failed || j.Reason != want || j.Counts != (job.Counts{}) {
		t.Errorf("got %s %+v %q", j.State, j.Counts, j.Reason)
	}
	if got := l.table(l.job(older)); !strings.Contains(got, "was applied already") {
		t.Errorf("got the report\n%s", got)
	}
	if got := l.patron("a").FirstName; got != "Tuesday" {
		t.Errorf("got %s", got)
	}
}

func TestOlderFileAccepted(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, withProfiles(t, `{"code": "ANY", "name": "Any order", "default_user_group": "UNDERGRAD", "accept_older": true}`))
	older := l.put("sis/ANY/monday.xml", users(user("a", "<first_name>Monday</first_name>")))
	l.clock.Add(60)
	newer := l.put("sis/ANY/tuesday.xml", users(user("a", "<first_name>Tuesday</first_name>")))
	for _, o := range []drop.Object{newer, older} {
		if err := l.process(o); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.patron("a").FirstName; got != "Monday" {
		t.Errorf("got %s", got)
	}
}

// blocking stops at the first patron it is to create, until it is let go.
type blocking struct {
	*dynamo.Store
	once           sync.Once
	reached, letGo chan struct{}
}

func (b *blocking) CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	b.once.Do(func() {
		close(b.reached)
		<-b.letGo
	})
	return b.Store.CreatePatron(ctx, p)
}

// TestSecondWorker delivers an event while another worker is at it: first while that is alive, then when it has said
// nothing for longer than its lease. Both then do the whole file, and it is done once.
func TestSecondWorker(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	slow := &blocking{Store: store, reached: make(chan struct{}), letGo: make(chan struct{})}
	l := openLibrary(t, store, slow)
	o := l.put("sis/STUDENTS/a.xml", users(user("a", ""), user("b", ""), user("c", "")))
	first := make(chan error)
	go func() { first <- l.imp.Process(t.Context(), o) }()
	<-slow.reached
	second := New(l.inbox, store, store, nil, l.imp.inst)

	l.clock.Add(19)
	alive := make(chan error)
	go func() { alive <- second.Process(t.Context(), o) }()
	time.Sleep(300 * time.Millisecond)
	held := l.job(o)
	held.Progress.Records++
	if _, err := store.SaveJob(t.Context(), held); err != nil { // as the first worker's beat does
		t.Fatal(err)
	}
	if err := <-alive; err == nil {
		t.Error("a second worker began while the first was alive")
	}
	l.clock.Add(60)
	if err := second.Process(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	close(slow.letGo)
	if err := <-first; err == nil {
		t.Error("the worker that lost its lease ended the job")
	}
	if j := l.job(o); j.State != job.Completed || j.Counts != (job.Counts{Processed: 3, Created: 3}) {
		t.Errorf("got %s %+v", j.State, j.Counts)
	}
	for _, id := range []string{"a", "b", "c"} {
		if p := l.patron(id); p.Version != 1 {
			t.Errorf("%s was written %d times", id, p.Version)
		}
	}
}

// TestPutByAPIClearsTheHash has a library's system overwrite what the SIS owns. The file that is the same as before puts it
// right.
func TestPutByAPIClearsTheHash(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", users(ada))
	before := l.patron("10000004")
	wanted := before
	wanted.LastName = "Overwritten"
	after, err := before.Replace(wanted, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.ReplacePatron(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	if j, report := l.synchronise("STUDENTS", users(ada)); j.Counts.Updated != 1 || l.patron("10000004").LastName != "Byron" {
		t.Errorf("got %+v\n%s", j.Counts, report)
	}
}

func TestPatronOfAnotherProfile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", users(user("both", "")))
	for range 2 {
		j, got := l.synchronise("STAFF", users(user("both", "<user_group>STAFFMEMBER</user_group>")))
		if j.Counts.Rejected != 1 || !strings.Contains(got, "The patron belongs to the profile STUDENTS.") {
			t.Errorf("got %+v\n%s", j.Counts, got)
		}
	}
	if j, _ := l.synchronise("STUDENTS", users(user("both", ""))); j.Counts.Unchanged != 1 {
		t.Errorf("got %+v, want the patron as before", j.Counts)
	}
}

// deleting deletes a patron between the survey and the write.
type deleting struct {
	*dynamo.Store
	once sync.Once
}

func (d *deleting) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	var err error
	d.once.Do(func() {
		var marked patron.Patron
		if marked, err = d.Store.MarkDeleting(ctx, before); err == nil {
			err = d.Store.DeletePatron(ctx, marked)
		}
	})
	if err != nil {
		return patron.Patron{}, err
	}
	return d.Store.ReplacePatron(ctx, before, after)
}

func TestPatronDeletedDuringTheRun(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openLibrary(t, store, &deleting{Store: store})
	l.synchronise("STUDENTS", users(user("a", "")))
	uid := l.patron("a").UID
	j, report := l.synchronise("STUDENTS", users(user("a", "<first_name>New</first_name>")))
	if j.Counts != (job.Counts{Processed: 1, Created: 1}) || l.patron("a").UID == uid {
		t.Errorf("got %+v\n%s", j.Counts, report)
	}
}

// TestOutOfTime gives every run so little time that none surveys the file to its end.
func TestOutOfTime(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.imp.window = 4
	var records []string
	for i := range 30 {
		records = append(records, user("p"+strings.Repeat("x", i), ""))
	}
	o := l.put("sis/STUDENTS/a.xml", users(records...))
	runs := 0
	for ; ; runs++ {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		err := l.imp.Process(ctx, o)
		cancel()
		l.clock.Add(60)
		if err == nil {
			break
		}
		if runs > 20 {
			t.Fatal(err)
		}
	}
	if j := l.job(o); runs < 5 || j.Counts != (job.Counts{Processed: 30, Created: 30}) || j.State != job.Completed {
		t.Errorf("got %s %+v after %d runs", j.State, j.Counts, runs)
	}
}

// TestBrakeOfAPartOfAFile has a run too short to survey a file that blanks every e-mail address: what was seen of it
// holds the job.
func TestBrakeOfAPartOfAFile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", crowd(300, 0))
	o := l.put("sis/STUDENTS/users.xml", crowd(300, 300))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := l.imp.Process(ctx, o); err != nil {
		t.Fatal(err)
	}
	if j := l.job(o); j.State != job.Held || !strings.HasPrefix(j.Reason, "The survey saw only the first 256 records, for want of time. Nothing was written.") {
		t.Errorf("got %s %+v %q", j.State, j.Counts, j.Reason)
	}
}
