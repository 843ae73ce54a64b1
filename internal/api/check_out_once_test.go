package api

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
)

// atOnce makes a call so many times at once and returns the answers.
func (d *desk) atOnce(times int, method, path, body string, headers ...string) []answer {
	d.t.Helper()
	answers := make([]answer, times)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = d.call(method, path, body, headers...) })
	}
	wg.Wait()
	return answers
}

// TestManyScansAreOneLoan scans the same item for the same patron many times at once, with a key and without: it is one
// loan. With the key everybody is told of it, and without one of them is.
func TestManyScansAreOneLoan(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	for i, a := range d.atOnce(20, "POST", "/users/ada/loans?item_barcode=b1", atMain, "Idempotency-Key: scan1") {
		if a.status != 200 || a.object(t)["item_barcode"] != "b1" {
			t.Errorf("scan %d: got %d %s", i, a.status, a.body)
		}
	}
	won := 0
	for i, a := range d.atOnce(20, "POST", "/users/ada/loans?item_barcode=b2", atMain) {
		if a.status == 200 {
			won++
		} else if a.code() != "401651" || !strings.Contains(a.body, "on loan to this patron already") {
			t.Errorf("scan %d: got %d %s", i, a.status, a.body)
		}
	}
	if won != 1 {
		t.Errorf("%d of the scans without a key were answered with a loan", won)
	}
	if b := checkLending(t, d); len(b.loans[d.uid("ada")]) != 2 {
		t.Errorf("the loans are %v", b.loans)
	}
}

// TestStackOfItems lends a stack of items to one patron at once, as a self-service station does that reads them by radio.
func TestStackOfItems(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	const items = 15
	for n := range items {
		d.item(fmt.Sprint("s", n), fmt.Sprint("s", n), fmt.Sprint("t", n))
	}
	var wg sync.WaitGroup
	for n := range items {
		wg.Go(func() {
			if got := d.call("POST", fmt.Sprintf("/users/ada/loans?item_barcode=s%d", n), atMain); got.status != 200 {
				t.Errorf("s%d: got %d %s", n, got.status, got.body)
			}
		})
	}
	wg.Wait()
	if b := checkLending(t, d); len(b.loans[d.uid("ada")]) != items {
		t.Errorf("%d loans", len(b.loans[d.uid("ada")]))
	}
}

// TestCheckOutKey repeats a check-out with its key, whatever happened in between, and uses the key for something else.
func TestCheckOutKey(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob"})
	const path, key = "/users/ada/loans?item_barcode=b1", "Idempotency-Key: k1"
	first := d.must(200, "POST", path, atMain, key)
	again := func(what string) answer {
		t.Helper()
		before := d.contents()
		for _, same := range []string{path, "/users/ada/loans?item_pid=1", path + "&override_blocks=true"} {
			if got := d.must(200, "POST", same, atMain, key); got.object(t)["loan_id"] != first.object(t)["loan_id"] {
				t.Errorf("%s, %s: got %s, want %s", what, same, got.body, first.body)
			}
		}
		if after := d.contents(); after != before {
			t.Errorf("%s: the tables changed: %s", what, difference(before, after))
		}
		return d.must(200, "POST", path, atMain, key)
	}
	if got := again("at once"); got.body != first.body || got.header.Get("ETag") != first.header.Get("ETag") {
		t.Errorf("got %s, want %s", got.body, first.body)
	}
	for _, other := range []string{"/users/ada/loans?item_barcode=b2", "/users/ada/loans?item_pid=3"} {
		if got := d.call("POST", other, atMain, key); got.code() != "401666" || !strings.Contains(got.body, "used for something else") {
			t.Errorf("%s with the same key: got %d %s", other, got.status, got.body)
		}
	}
	d.must(200, "POST", "/users/bob/loans?item_barcode=b2", atMain, key) // a key is one of a patron's
	if got := d.call("POST", "/users/ada/loans?item_barcode=b2", atMain, key); got.code() != "401666" {
		t.Errorf("what is refused anyway, with the same key: got %d %s", got.status, got.body)
	}
	if got := d.call("POST", "/users/ada/fees", feeBody("1"), key); got.code() != "401666" {
		t.Errorf("a fee with the same key: got %d %s", got.status, got.body)
	}
	c.move(1)
	d.must(200, "POST", fmt.Sprintf("/users/ada/loans/%v?op=renew", first.object(t)["loan_id"]), "")
	if got := again("renewed"); !strings.Contains(got.body, `"process_status":"RENEW"`) {
		t.Errorf("renewed: got %s", got.body)
	}
	d.scan("b1", scanAtMain)
	if got := again("returned"); !strings.Contains(got.body, `"loan_status":"COMPLETE"`) {
		t.Errorf("returned: got %s", got.body)
	}
	d.lend("bob", "b1")
	again("lent to another")
	c.move(31)
	d.scan("b1", scanAtMain)
	if got := d.must(200, "POST", path, atMain, key).object(t); got["loan_id"] == first.object(t)["loan_id"] {
		t.Errorf("after 30 days it is still the old loan: %v", got)
	}
	checkLending(t, d)
}

func TestCheckOutKeyIsNone(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	before := d.contents()
	for _, key := range []string{strings.Repeat("k", 256), "ü", "a\tb"} {
		if got := d.call("POST", "/users/ada/loans?item_barcode=b1", atMain, "Idempotency-Key: "+key); got.code() != "401666" {
			t.Errorf("%.20q: got %d %s", key, got.status, got.body)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	d.must(200, "POST", "/users/ada/loans?item_barcode=b1", atMain, "Idempotency-Key: "+strings.Repeat("k", 255))
}

// movings are all calls that move an item or change a loan, as of a desk on which ada has b1, bob waits for it, and for b3
// too, which is on the shelf for him; LOAN is ada's loan.
var movings = []change{
	{"check out", "POST", "/users/ada/loans?item_barcode=b4", atMain, 200},
	{"check out from the shelf", "POST", "/users/bob/loans?item_barcode=b3", atMain, 200},
	{"return for the next", "POST", "/items?item_barcode=b1&" + scanAtMain, "", 200},
	{"carry to another library", "POST", "/items?item_barcode=b3&" + scanAtScience, "", 200},
	{"renew", "POST", "/users/ada/loans/LOAN?op=renew&override_blocks=true", "", 200},
	{"renew all", "POST", "/users/ada/loans/all?op=renew&override_blocks=true", "", 200},
	{"change the due date", "PUT", "/users/ada/loans/LOAN", due("2027-01-04"), 200},
	{"lost", "POST", "/users/ada/loans/LOAN?op=lost", "", 200},
	{"claimed returned", "POST", "/users/ada/loans/LOAN?op=claimed_returned", "", 200},
}

// faultyLending is such a desk, whose store then meets the faults.
func faultyLending(t *testing.T, opts ...dynamotest.Option) (d *desk, loanID string) {
	t.Helper()
	good, c := lendingDesk(t, []string{"ada", "bob"})
	good.Institution.LoanPolicies = nil // which recall nothing
	path := good.lend("ada", "b1")
	good.hold("bob", "item_pid=1", holdAtMain)
	good.hold("bob", "item_pid=3", holdAtMain)
	good.scan("b3", scanAtMain)
	c.move(1)
	d = openDesk(t, good.tables, dynamotest.Open(t, good.tables, append(opts, dynamotest.Clock(c.now))...))
	d.Now, d.Institution.LoanPolicies = c.now, nil
	return d, idOf(path)
}

// TestMovingFaultsThatPass gives every write two faults of each kind: each movement is made once, and the answer says so,
// whether DynamoDB still remembers the transaction or not.
func TestMovingFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, fault := range []dynamotest.Fault{dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			t.Parallel()
			for _, c := range movings {
				for _, forgets := range [][]dynamotest.Option{nil, {dynamotest.WithoutTokens()}} {
					d, id := faultyLending(t, append(forgets, dynamotest.Sequence("TransactWriteItems", fault, fault))...)
					before := d.contents()
					if got := d.call(c.method, strings.Replace(c.path, "LOAN", id, 1), c.body); got.status != c.status || got.header.Get("ETag") == "" && strings.Contains(c.path, "LOAN") {
						t.Errorf("%s: got %d %s, want %d", c.name, got.status, got.body, c.status)
					}
					if d.contents() == before {
						t.Errorf("%s changed nothing", c.name)
					}
					checkLending(t, d)
				}
			}
		})
	}
}

// TestMovingWithoutStore lets every write fail for good: the answer says so, and nothing was changed.
func TestMovingWithoutStore(t *testing.T) {
	t.Parallel()
	for fault, want := range map[dynamotest.Fault]string{
		dynamotest.Throttled: "429 PER_SECOND_THRESHOLD", dynamotest.ServerError: "500 401652", dynamotest.LostRequest: "500 401652", dynamotest.Conflict: "429 PER_SECOND_THRESHOLD",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			for _, c := range movings {
				d, id := faultyLending(t, dynamotest.Sequence("TransactWriteItems", many(fault)...))
				before := d.contents()
				if got := d.call(c.method, strings.Replace(c.path, "LOAN", id, 1), c.body); fmt.Sprintf("%d %s", got.status, got.code()) != want {
					t.Errorf("%s: got %d %s, want %s", c.name, got.status, got.body, want)
				}
				if after := d.contents(); after != before {
					t.Errorf("%s: the tables changed: %s", c.name, difference(before, after))
				}
			}
		})
	}
}

// TestCheckOutAnswerIsLost lets the answer of every attempt get lost, so that the caller sees a failure of what was done.
// The same call with the same key is then answered with the loan, and it is one.
func TestCheckOutAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, barcode := range []string{"b4", "b3"} { // of which the second fulfils a request
		d, _ := faultyLending(t, dynamotest.Sequence("TransactWriteItems", many(dynamotest.LostAnswer)[:7]...))
		path := "/users/bob/loans?item_barcode=" + barcode
		if got := d.call("POST", path, atMain, "Idempotency-Key: k"); got.status != 500 {
			t.Errorf("%s: got %d %s, want 500", barcode, got.status, got.body)
		}
		for range 2 {
			if got := d.must(200, "POST", path, atMain, "Idempotency-Key: k").object(t); got["item_barcode"] != barcode {
				t.Errorf("%s: got %v", barcode, got)
			}
		}
		if got := d.call("POST", path, atMain); got.code() != "401651" {
			t.Errorf("%s without the key: got %d %s", barcode, got.status, got.body)
		}
		if b := checkLending(t, d); len(b.loans[d.uid("bob")]) != 1 {
			t.Errorf("%s: the loans are %v", barcode, b.loans)
		}
	}
}

// TestMovingReadsFail lets reads fail for good, or in parts: the answer says so, and nothing was changed.
func TestMovingReadsFail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		operation string
		fault     dynamotest.Fault
		want      string
	}{
		{"BatchGetItem", dynamotest.Throttled, "429 PER_SECOND_THRESHOLD"}, {"BatchGetItem", dynamotest.LostRequest, "500 401652"},
		{"BatchGetItem", dynamotest.Partial, "200 "}, {"Query", dynamotest.ServerError, "500 401652"},
	} {
		for _, c := range movings {
			d, id := faultyLending(t, dynamotest.Sequence(tt.operation, many(tt.fault)[:7]...))
			before := d.contents()
			got := d.call(c.method, strings.Replace(c.path, "LOAN", id, 1), c.body)
			if answered := fmt.Sprintf("%d %s", got.status, got.code()); answered != tt.want && answered != "200 " {
				t.Errorf("%s fails, %s: got %d %s, want %s", tt.operation, c.name, got.status, got.body, tt.want)
			}
			if after := d.contents(); got.status != 200 && after != before {
				t.Errorf("%s fails, %s: the tables changed: %s", tt.operation, c.name, difference(before, after))
			}
			checkLending(t, d)
		}
	}
}
