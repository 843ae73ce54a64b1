package sis

import (
	"math/rand/v2"
	"strings"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

// TestWhatIsNotKept applies a night of which the survey keeps all candidates, some, and none: it comes to the same.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	var people, counts []string
	for _, kept := range []int{maxKept, 4 * learnt, 0} {
		n := newNight(t, 1, false)
		n.imp.window, n.imp.mostKept = 3, kept
		_, second := twoNights(rand.New(rand.NewPCG(1, 1)), n.profile, false)
		j, _ := n.drop("sis/"+n.profile+"/night.zip", zipped(t, strings.Split(second, "\x00")...))
		people, counts = append(people, text(t, n.everybody())), append(counts, text(t, j.Counts))
	}
	for i := range people {
		if counts[i] != counts[0] || strings.Count(people[i], "primary_id") != strings.Count(people[0], "primary_id") {
			t.Errorf("got %s, want %s", counts[i], counts[0])
		}
	}
}

// TestKeptIsNotReadAgain holds that the second pass reads nothing of what the survey matched and kept.
func TestKeptIsNotReadAgain(t *testing.T) {
	t.Parallel()
	reads := map[int]float64{}
	for _, kept := range []int{maxKept, 0} {
		tables, recorder := dynamotest.Tables(t), dynamotest.Record()
		store := dynamotest.Open(t, tables)
		l := openLibrary(t, store, dynamotest.Open(t, tables, recorder))
		l.imp.mostKept = kept
		l.synchronise("STUDENTS", users(user("a", ""), user("b", "")))
		recorder.Take()
		j, _ := l.synchronise("STUDENTS", users(user("a", "<first_name>Another</first_name>"), user("b", ""), user("c", "")))
		if j.Counts.Updated != 1 || j.Counts.Created != 1 {
			t.Fatalf("got %+v", j.Counts)
		}
		reads[kept] = recorder.Take().Reads
	}
	if reads[maxKept] > reads[0]-3 { // the identifiers of two, and a patron
		t.Errorf("read %v units with what was kept, and %v without", reads[maxKept], reads[0])
	}
}

// TestMatchedOnceMore gives a number that staff member has to somebody new in the same file: whom the second record
// matches shows when the first was applied, in the survey and after it.
func TestMatchedOnceMore(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openLibrary(t, store, store)
	l.synchronise("CARDS", users(user("a", numbers("N1", "N9"))))
	before := l.patron("a")
	after := before
	after.Roles = append(after.Roles, patron.Role{Type: patron.Code{Value: "50"}, Status: patron.Code{Value: "ACTIVE"}, Scope: patron.Code{Value: "01DEMO_INST"}})
	if _, err := store.ReplacePatron(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	j, report := l.synchronise("CARDS", users(user("a", identifier("INST_ID", "N1")), user("b", identifier("INST_ID", "N9"))))
	if j.Counts != *j.Forecast || j.Counts.Updated != 1 || j.Counts.Created != 1 {
		t.Errorf("got %+v, and foretold was %+v\n%s", j.Counts, *j.Forecast, report)
	}
}

// numbers are institution ids of one person.
func numbers(values ...string) string {
	var all strings.Builder
	for _, value := range values {
		all.WriteString("<user_identifier><id_type>INST_ID</id_type><value>" + value + "</value></user_identifier>")
	}
	return "<user_identifiers>" + all.String() + "</user_identifiers>"
}
