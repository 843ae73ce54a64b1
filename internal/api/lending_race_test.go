package api

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// TestTwoDesks lets two desks lend the same item at the same moment, a hundred times: one of them does, and the other is
// told that somebody has it, and not who.
func TestTwoDesks(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"adalovelace", "gracehopper"})
	d.Institution.LoanLimits = nil
	other := openDesk(t, d.tables, dynamotest.Open(t, d.tables, dynamotest.Clock(c.now)))
	other.Now = c.now
	people := []string{"adalovelace", "gracehopper"}
	wins := map[string]int{}
	for n := range 100 {
		answers := make([]answer, 2)
		var ready, done sync.WaitGroup
		ready.Add(2)
		for i, at := range []*desk{d, other} {
			done.Go(func() {
				ready.Done()
				ready.Wait()
				answers[i] = at.call("POST", "/users/"+people[i]+"/loans?item_barcode=b1", atMain)
			})
		}
		done.Wait()
		winner := slices.IndexFunc(answers, func(a answer) bool { return a.status == 200 })
		if winner < 0 {
			t.Fatalf("nobody got it: %s and %s", answers[0].body, answers[1].body)
		}
		lost := answers[1-winner]
		if said := strings.Join(lost.errors(), "\n"); lost.status != 400 || said != "401651 Item is not loanable. The item is on loan to another patron; return it first." {
			t.Fatalf("%d: the other desk got %d %s", n, lost.status, lost.body)
		}
		if strings.Contains(lost.body, people[winner]) || strings.Contains(lost.body, d.uid(people[winner])) {
			t.Fatalf("the answer says who has it: %s", lost.body)
		}
		wins[people[winner]]++
		if n%10 == 0 {
			checkLending(t, d)
		}
		d.scan("b1", scanAtMain)
	}
	t.Logf("won: %v", wins)
	if b := checkLending(t, d); len(b.past) != 100 {
		t.Errorf("there were %d loans", len(b.past))
	}
}

// The size of the world in which actors work.
const (
	actors     = 8
	phases     = 4  // between which the tables are looked at
	steps      = 15 // of each actor in a phase
	worldItems = 8  // of four titles
)

var worldPeople = []string{"ada", "bob", "cora", mortal}

// mortal is who is deleted and stored anew time and again, and past loans and fees with her.
const mortal = "dora"

// TestLendingUnderFire lets several desks do all that is done with loans, requests and fees of few patrons, items and
// titles at once, while every kind of fault meets every kind of call. Whatever was answered, the tables agree, and what
// was told is true.
func TestLendingUnderFire(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, worldPeople)
	for n := 5; n <= worldItems; n++ {
		d.item(fmt.Sprint(n), fmt.Sprintf("b%d", n), fmt.Sprint(95+n/7))
	}
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d gives the actors the same intentions", n)
	said := &told{loans: map[string]string{}, placed: map[string]span{}, answers: map[string]int{}}
	var all []*actor
	for i := range actors {
		chance := 0.08
		if i%4 == 3 {
			chance = 0.6 // so that calls fail for good
		}
		faults := dynamotest.Chance("", chance, n+uint64(i), dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest,
			dynamotest.LostAnswer, dynamotest.LostAnswer, dynamotest.Conflict, dynamotest.Partial)
		opts := []dynamotest.Option{dynamotest.Clock(c.now), faults}
		if i%2 == 0 { // DynamoDB does not remember transactions for ever
			opts = append(opts, dynamotest.WithoutTokens())
		}
		at := openDesk(t, d.tables, dynamotest.Open(t, d.tables, opts...))
		at.Now, at.Institution.LoanLimits = c.now, nil
		all = append(all, &actor{desk: at, told: said, name: i, Rand: rand.New(rand.NewPCG(n, uint64(i)))})
	}
	for range phases {
		var done sync.WaitGroup
		for _, a := range all {
			done.Go(func() {
				for range steps {
					a.step()
				}
			})
		}
		done.Wait()
		said.check(t, checkLending(t, d))
		c.move(5 + int(n%11)) // so that holds expire, and loans become overdue
	}
	t.Logf("%d loans, %d requests, %d paid; answers: %v", len(said.loans), len(said.placed), said.paid, said.answers)
	if len(said.loans) < 10 || len(said.placed) < 10 || said.paid == 0 {
		t.Error("too little happened")
	}
}

// span is when something was begun, and when it was known to be done.
type span struct{ begun, done time.Time }

// told is what the actors were told.
type told struct {
	mu      sync.Mutex
	loans   map[string]string // who has or had it, by id
	placed  map[string]span   // requests by id
	paid    fulfillment.Money
	answers map[string]int
}

// check holds what was told against the tables.
func (s *told) check(t *testing.T, b *books) {
	t.Helper()
	stored := map[string]bool{}
	for id := range b.past {
		stored[id] = true
	}
	for _, loans := range b.loans {
		for id := range loans {
			stored[id] = true
		}
	}
	for id, who := range s.loans {
		if !stored[id] && who != mortal {
			t.Errorf("the loan %s was told and is not there", id)
		}
	}
	for id := range stored {
		if s.loans[id] == "" {
			t.Errorf("the loan %s is there and nobody was told", id)
		}
	}
	var paid fulfillment.Money
	for _, fees := range b.fees {
		for _, f := range fees {
			for _, entry := range f.Transactions {
				if entry.Type == fulfillment.Payment {
					paid += entry.Amount
				}
			}
		}
	}
	if paid != s.paid {
		t.Errorf("%d were told to be paid, and %d are", s.paid, paid)
	}
	for title, queue := range b.queues {
		for i, w := range queue {
			for _, later := range queue[i+1:] {
				one, other := s.placed[w.ID], s.placed[later.ID]
				if !one.begun.IsZero() && !other.done.IsZero() && other.done.Before(one.begun) {
					t.Errorf("in the queue of %s the request %s is before %s, which was placed earlier", title, w.ID, later.ID)
				}
			}
		}
	}
}
