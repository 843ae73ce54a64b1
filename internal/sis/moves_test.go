package sis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// TestCardsAnyOrder gives every card, and every number, to somebody else, in any way and order.
func TestCardsAnyOrder(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, withProfiles(t, nightly))
	l.imp.window = 3
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 3))
		const people = 12
		var first, second []string
		cards, numbers, order := random.Perm(people+2), random.Perm(people+2), random.Perm(people)
		id := func(kind string, n int) string { return fmt.Sprintf("%s%d-%d", kind, seed, n) }
		for i := range people {
			first = append(first, individual{primary: id("p", i), number: id("N", i), card: id("C", i), first: "One"}.String())
		}
		for _, i := range order {
			second = append(second, individual{primary: id("p", i), number: id("N", numbers[i]), card: id("C", cards[i]), first: "Two"}.String())
		}
		l.drop("sis/NIGHTLY/partial/a.xml", users(first...))
		j, report := l.drop("sis/NIGHTLY/partial/b.xml", users(second...))
		if want := (job.Counts{Processed: people, Updated: people}); j.Counts.Updated != people || counts(j.Counts) != want || *j.Forecast != j.Counts {
			t.Errorf("seed %d: got %+v, forecast %+v\n%s", seed, j.Counts, *j.Forecast, report)
		}
		for i := range people {
			p := l.patron(id("p", i))
			if len(p.Identifiers) != 2 || !p.HasIdentifier("BARCODE", id("C", cards[i])) || !p.HasIdentifier("INST_ID", id("N", numbers[i])) {
				t.Errorf("seed %d: got %+v", seed, p.Identifiers)
			}
		}
	}
}

// counts are those of what became of the records alone.
func counts(c job.Counts) job.Counts {
	c.Identifiers = 0
	return c
}

// unwilling refuses that anybody gives up an identifier, as if the desk changed the patron each time.
type unwilling struct{ *dynamo.Store }

func (u unwilling) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	if after.Synced.Effect == lost {
		return patron.Patron{}, patron.ErrChanged
	}
	return u.Store.ReplacePatron(ctx, before, after)
}

func TestExchangeThatKeepsFailing(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openLibrary(t, store, unwilling{store})
	l.synchronise("STUDENTS", users(user("a", identifier("BARCODE", "1")), user("b", identifier("BARCODE", "2"))))
	j, report := l.synchronise("STUDENTS", users(user("a", identifier("BARCODE", "2")), user("b", identifier("BARCODE", "1"))))
	if j.Counts.Rejected != 2 || !strings.Contains(report, "already taken AcrossInstitution, by the patron with primary id b") {
		t.Errorf("got %+v\n%s", j.Counts, report)
	}
	if l.patron("1").PrimaryID != "a" || l.patron("2").PrimaryID != "b" {
		t.Error("somebody lost their card")
	}
}
