package sis

import (
	"context"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// leavers is a profile that makes missing people inactive.
const leavers = `{"code": "LEAVERS", "name": "Leavers", "default_user_group": "UNDERGRAD", "missing": "inactivate"}`

func newLeavers(t *testing.T, patrons func(*dynamo.Store) patronKeeper) *library {
	t.Helper()
	store := dynamotest.Store(t)
	if patrons == nil {
		return openWith(t, store, store, withProfiles(t, leavers))
	}
	return openWith(t, store, patrons(store), withProfiles(t, leavers))
}

func TestMissing(t *testing.T) {
	t.Parallel()
	stay, gone := user("stays", ""), user("gone", "")
	for _, tt := range []struct {
		name, key, second string
		want              job.Counts
		active            bool
	}{
		{"by default nothing", "sis/STUDENTS/a.xml", users(stay), job.Counts{Processed: 1, Unchanged: 1, Missing: 1}, true},
		{"inactive", "sis/LEAVERS/a.xml", users(stay), job.Counts{Processed: 1, Unchanged: 1, Missing: 1, Inactivated: 1}, false},
		{"partial file", "sis/LEAVERS/partial/a.xml", users(stay), job.Counts{Processed: 1, Unchanged: 1}, true},
		{"a rejected record", "sis/LEAVERS/a.xml", users(stay, "<user/>"), job.Counts{Processed: 2, Unchanged: 1, Rejected: 1, Missing: 1}, true},
		{"their own record rejected", "sis/LEAVERS/a.xml", users(stay, user("gone", "<user_group>NOSUCH</user_group>")), job.Counts{Processed: 2, Unchanged: 1, Rejected: 1, Missing: 1}, true},
		{"truncated", "sis/LEAVERS/a.xml", strings.TrimSuffix(users(stay), "</users>\n"), job.Counts{}, true},
		{"truncated within an archive", "sis/LEAVERS/a.zip", zipped(t, "a.xml", users(stay), "b.xml", "<users>"+user("new", "")), job.Counts{Processed: 1, Unchanged: 1, Missing: 1}, true},
		{"their record changed", "sis/LEAVERS/a.xml", users(stay, user("gone", "<first_name>New</first_name>")), job.Counts{Processed: 2, Unchanged: 1, Updated: 1}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLeavers(t, nil)
			l.synchronise(strings.Split(tt.key, "/")[1], users(stay, gone))
			j, report := l.drop(tt.key, tt.second)
			if j.Counts != tt.want || (l.patron("gone").Status == patron.Active) != tt.active || l.patron("stays").Status != patron.Active {
				t.Errorf("got %s %+v, %s\n%s", j.State, j.Counts, l.patron("gone").Status, report)
			}
			if told := strings.Contains(j.Reason, "nobody was made inactive"); told != (j.Counts.Missing > 0 && tt.active && tt.name[0] != 'b') {
				t.Errorf("got the reason %q", j.Reason)
			}
		})
	}
}

func TestMissingComesBack(t *testing.T) {
	t.Parallel()
	l := newLeavers(t, nil)
	both := users(user("stays", ""), user("gone", ""))
	l.synchronise("LEAVERS", both)
	l.synchronise("LEAVERS", users(user("stays", "")))
	if j, _ := l.synchronise("LEAVERS", users(user("stays", ""))); j.Counts != (job.Counts{Processed: 1, Unchanged: 1}) {
		t.Errorf("the night after: got %+v", j.Counts)
	}
	j, _ := l.synchronise("LEAVERS", both)
	if p := l.patron("gone"); j.Counts != (job.Counts{Processed: 2, Unchanged: 1, Updated: 1}) || p.Status != patron.Active {
		t.Errorf("back: got %+v, %s", j.Counts, p.Status)
	}
	if j, _ := l.synchronise("LEAVERS", both); j.Counts.Unchanged != 2 {
		t.Errorf("again: got %+v", j.Counts)
	}
}

// TestEditedLeaver has the desk change somebody who then is missing, and somebody whose record is the same as before.
func TestEditedLeaver(t *testing.T) {
	t.Parallel()
	l := newLeavers(t, nil)
	l.synchronise("LEAVERS", users(user("stays", ""), user("gone", "")))
	for _, id := range []string{"stays", "gone"} {
		l.edit(id, func(p *patron.Patron) {
			p.UserGroup.Value = "STAFFMEMBER"
			p.Notes = append(p.Notes, patron.Note{Type: patron.Code{Value: "GENERAL"}, Text: "kept", Segment: patron.InternalSegment})
		})
	}
	j, report := l.synchronise("LEAVERS", users(user("stays", "")))
	if j.Counts.Inactivated != 1 || j.Counts.Processed != 1 || l.patron("stays").Status != patron.Active {
		t.Errorf("got %+v\n%s", j.Counts, report)
	}
	p := l.patron("gone")
	if p.Status != patron.Inactive || p.UserGroup.Value != "STAFFMEMBER" || len(p.Notes) != 1 {
		t.Errorf("got %s %s %+v", p.Status, p.UserGroup.Value, p.Notes)
	}
}

// stopping fails at the first patron that is to be changed, after the desk changed another one.
type stopping struct {
	*dynamo.Store
	edit func()
}

func (s *stopping) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	if s.edit == nil {
		return s.Store.ReplacePatron(ctx, before, after)
	}
	s.edit()
	return patron.Patron{}, context.DeadlineExceeded
}

// TestNotMissingAfterACrash has the desk change a patron whose record was found unchanged by a run that then died: the
// run that goes on behind the record must not take them for missing.
func TestNotMissingAfterACrash(t *testing.T) {
	t.Parallel()
	var patrons *stopping
	l := newLeavers(t, func(s *dynamo.Store) patronKeeper { patrons = &stopping{Store: s}; return patrons })
	l.imp.window = 1
	l.synchronise("LEAVERS", users(user("a", ""), user("b", ""), user("c", "")))
	edited := false
	patrons.edit = func() {
		if !edited {
			edited = true
			p := l.patron("a")
			wanted := p
			wanted.JobDescription = "Overwritten"
			after, err := p.Replace(wanted, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.store.ReplacePatron(t.Context(), p, after); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := l.put("sis/LEAVERS/users.xml", users(user("a", ""), user("d", ""), user("b", "<first_name>New</first_name>"), user("c", "")))
	l.tick = 5 // so that the place is saved behind every record
	if err := l.process(o); err == nil || l.job(o).Place.Records < 2 {
		t.Fatalf("got %v at %+v", err, l.job(o).Place)
	}
	patrons.edit = nil
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	if j := l.job(o); j.Counts != (job.Counts{Processed: 4, Created: 1, Updated: 1, Unchanged: 2}) || l.patron("a").Status != patron.Active {
		t.Errorf("got %+v, %s", j.Counts, l.patron("a").Status)
	}
}

// TestMissingNotSurveyed has runs too short for a survey, and a file that lacks more people than the brake allows.
func TestMissingNotSurveyed(t *testing.T) {
	t.Parallel()
	l := newLeavers(t, nil)
	l.synchronise("LEAVERS", crowd(120, 0))
	l.imp.window = 4
	more := strings.ReplaceAll(crowd(20, 0), "One", "Two")
	o := l.put("sis/LEAVERS/users.xml", more)
	for tries := 0; ; tries++ {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		err := l.imp.Process(ctx, o)
		cancel()
		l.clock.Add(60)
		if err == nil {
			break
		}
		if tries > 20 {
			t.Fatal(err)
		}
	}
	const want = "100 people are not in the file, and nobody was made inactive, because that is more than the profile's limit of 5 %."
	if j := l.job(o); j.Counts.Missing != 100 || j.Counts.Inactivated != 0 || j.Reason != want || l.patron("p100").Status != patron.Active {
		t.Errorf("got %s %+v %q", j.State, j.Counts, j.Reason)
	}
}

func TestMissingHeld(t *testing.T) {
	t.Parallel()
	l := newLeavers(t, nil)
	l.synchronise("LEAVERS", crowd(120, 0))
	o := l.put("sis/LEAVERS/users.xml", crowd(20, 0))
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	if j := l.job(o); j.State != job.Held || len(j.Breaches) != 1 || j.Breaches[0].Count != 100 {
		t.Fatalf("got %s %+v", j.State, j.Breaches)
	}
	l.permit(o)
	l.release(l.job(o))
	if j := l.job(o); j.Counts.Inactivated != 100 || l.patron("p100").Status != patron.Inactive {
		t.Errorf("got %s %+v", j.State, j.Counts)
	}
}
