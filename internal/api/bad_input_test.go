package api

import (
	"encoding/json"
	settings "flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
)

// The size of the run: together more than the 10,000 requests that must be survived.
const (
	refusedRequests = 12000
	batchSize       = 300 // requests between two looks at the tables
	anyRequests     = 5000
)

var seed = settings.Uint64("seed", 0, "what generated requests begin with; 0 takes another one each time")

// newGenerator fills the desk with a few patrons, each with a request, and makes requests about them.
func newGenerator(d *desk) *generator {
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	d.t.Logf("-seed %d makes these requests again", n)
	g := &generator{Rand: rand.New(rand.NewPCG(n, 1))}
	d.item("1", "b1", "99")
	for i := range 4 {
		id := fmt.Sprintf("known%d", i)
		d.must(200, "POST", "/users", person(id))
		made := d.must(200, "POST", "/users/"+id+"/requests?mms_id=99", holdAtMain).object(d.t)
		g.users, g.requests = append(g.users, id), append(g.requests, fmt.Sprint(made["request_id"]))
		charged := d.must(200, "POST", "/users/"+id+"/fees", feeBody("5")).object(d.t)
		g.fees = append(g.fees, fmt.Sprint(charged["id"]), "all")
		d.item(fmt.Sprintf("9%d", i), fmt.Sprintf("l%d", i), "90")
		g.loans = append(g.loans, idOf(d.lend(id, fmt.Sprintf("l%d", i))))
	}
	d.must(200, "POST", "/users", person("taken"))
	text, err := os.ReadFile("testdata/user.json")
	if err != nil {
		d.t.Fatal(err)
	}
	d.must(200, "POST", "/users", string(text))
	g.userXML = d.must(200, "GET", "/users/PRIMARY", "", "Accept: application/xml").body
	whole := d.must(200, "GET", "/users/PRIMARY", "").object(d.t)
	d.must(204, "DELETE", "/users/PRIMARY", "")
	back, err := json.Marshal(whole)
	if err != nil {
		d.t.Fatal(err)
	}
	g.userJSON = string(back)
	return g
}

// TestBadInputChangesNothing sends requests that must be refused, to every route, and looks at the tables after each
// batch. A refusal is Alma's envelope with a known code, whatever was sent.
func TestBadInputChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	g, gateway := newGenerator(d), d.gateway()
	before := d.contents()
	seen := map[string]int{}
	for range refusedRequests / batchSize {
		batch := make([]sent, batchSize)
		for i := range batch {
			batch[i] = g.refused()
		}
		for i, got := range sendAll(d, gateway, batch) {
			seen[got.code()]++
			if wrong := flaw(got); wrong != "" || got.status < 400 {
				t.Errorf("%s in the answer %d %q to\n%s", wrong, got.status, got.body, batch[i])
			}
		}
		if after := d.contents(); after != before {
			t.Fatalf("the tables changed: %s", difference(before, after))
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("codes: %v", seen)
	if len(seen) < 24 {
		t.Errorf("only the codes %v were met; the generator does not reach what it should", slices.Sorted(maps.Keys(seen)))
	}
}

// sendAll sends the requests, some at once, and returns their answers.
func sendAll(d *desk, gateway *gateway, batch []sent) []answer {
	answers := make([]answer, len(batch))
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := worker; i < len(batch); i += 4 {
				answers[i] = gateway.send(d.t.Context(), batch[i])
			}
		})
	}
	wg.Wait()
	return answers
}

// difference is a line that is only in after, or only in before.
func difference(before, after string) string {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, l := range now {
		if !slices.Contains(old, l) {
			return "new: " + l
		}
	}
	for _, l := range old {
		if !slices.Contains(now, l) {
			return "gone: " + l
		}
	}
	return "nothing"
}

// TestAnyInputIsAnswered sends good and bad requests mixed, to every route. None is answered with a 5xx; one that is
// refused wrote nothing, but for the mark of a deletion that is refused and the record of a letter that could not be
// sent.
func TestAnyInputIsAnswered(t *testing.T) {
	t.Parallel()
	record := dynamotest.Record()
	d := newDesk(t, record)
	g, gateway := newGenerator(d), d.gateway()
	routes := slices.Sorted(maps.Keys(gateway.byRoute))
	good := 0
	for range anyRequests {
		s := g.anything(routes)
		record.Take()
		got := gateway.send(t.Context(), s)
		if wrong := flaw(got); wrong != "" {
			t.Fatalf("%s in the answer %d %q to\n%s", wrong, got.status, got.body, s)
		}
		if got.status < 400 {
			good++
			continue
		}
		writes := record.Take().Writes
		if writes > 0 && got.code() != "401850" && !strings.HasPrefix(got.code(), "LETTER_") {
			t.Fatalf("%v units were written for the answer %d %q to\n%s", writes, got.status, got.body, s)
		}
	}
	t.Logf("%d of %d were good", good, anyRequests)
	checkLending(t, d)
	if good < anyRequests/10 {
		t.Errorf("only %d of %d requests were good; the generator does not reach what it should", good, anyRequests)
	}
}
