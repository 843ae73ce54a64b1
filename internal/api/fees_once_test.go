package api

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
)

// TestFeesOnce repeats calls with their key: the answer is the same to the letter, and nothing happens twice, whatever
// happened in between.
func TestFeesOnce(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	paths := d.owe("ada", "5", "5", "5")
	calls := []struct{ path, body string }{
		{paths[0] + "?op=pay&amount=2&method=CASH", ""},
		{paths[1] + "?op=pay&amount=ALL&method=CASH", ""},
		{paths[2] + "?op=waive&amount=1.5&reason=GOODWILL", ""},
		{paths[2] + "?op=dispute", ""},
		{paths[2] + "?op=restore", ""},
		{"/users/ada/fees", feeBody("4")},
		{"/users/ada/fees/all?op=pay&amount=3&method=CASH", ""},
		{"/users/ada/fees/all?op=pay&amount=ALL&method=CASH", ""},
	}
	var first []answer
	for i, c := range calls {
		first = append(first, d.must(200, "POST", c.path, c.body, fmt.Sprintf("Idempotency-Key: k%d", i)))
	}
	d.owe("ada", "6")
	before := d.contents()
	for i, c := range calls {
		key := fmt.Sprintf("Idempotency-Key: k%d", i)
		again := d.must(200, "POST", c.path, c.body, key)
		if again.body != first[i].body || again.header.Get("ETag") != first[i].header.Get("ETag") {
			t.Errorf("%s: got %s, want %s", c.path, again.body, first[i].body)
		}
		other := calls[(i+1)%len(calls)]
		if got := d.call("POST", other.path, other.body, key); got.code() != "401666" || !strings.Contains(got.body, "something else") {
			t.Errorf("%s with the key of another: got %d %s", other.path, got.status, got.body)
		}
	}
	if got := d.call("POST", strings.Replace(calls[0].path, "amount=2", "amount=2.5", 1), "", "Idempotency-Key: k0"); got.code() != "401666" {
		t.Errorf("another amount: got %d %s", got.status, got.body)
	}
	if got := d.must(200, "POST", strings.Replace(calls[0].path, "amount=2", "amount=2.00", 1), "", "Idempotency-Key: k0"); got.body != first[0].body {
		t.Errorf("the same amount: got %s", got.body)
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	d.checkAccounts("ada")
}

// TestFeeKeyOfAnotherPatron holds that a key is one of a patron's.
func TestFeeKeyOfAnotherPatron(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	for _, id := range []string{"ada", "grace"} {
		d.must(200, "POST", "/users/"+id+"/fees", feeBody("4"), "Idempotency-Key: k")
	}
	if got := d.call("POST", "/users/ada/fees", feeBody("4"), "Idempotency-Key: "+strings.Repeat("k", 256)); got.code() != "401666" {
		t.Errorf("a long key: got %d %s", got.status, got.body)
	}
}

// faultyFees is a desk on which ada owes two fees, and whose store then meets the faults.
func faultyFees(t *testing.T, amounts []string, opts ...dynamotest.Option) (d *desk, paths []string) {
	t.Helper()
	tables := dynamotest.Tables(t)
	good := openDesk(t, tables, dynamotest.Open(t, tables))
	good.key(allRights, auth.AllRights()...)
	good.must(200, "POST", "/users", person("ada"))
	paths = good.owe("ada", amounts...)
	return openDesk(t, tables, dynamotest.Open(t, tables, opts...)), paths
}

// TestFeeFaultsThatPass gives every write of a payment one fault of each kind, with a key and without: it is paid once,
// and the answer says so.
func TestFeeFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, fault := range []dynamotest.Fault{dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict} {
		for _, key := range []string{"", "k1"} {
			d, paths := faultyFees(t, []string{"5", "3"}, dynamotest.Sequence("TransactWriteItems", fault, dynamotest.None, fault, dynamotest.None, fault, dynamotest.None, fault))
			for i, step := range []struct{ path, body, want string }{
				{paths[0] + "?op=pay&amount=2&method=CASH", "", "ACTIVE 3 PAYMENT 2"},
				{paths[0] + "?op=waive&reason=OTHER", "", "CLOSED 0 PAYMENT 2 WAIVE 3"},
				{"/users/ada/fees", feeBody("4"), "ACTIVE 4"},
			} {
				header := "Idempotency-Key: " + key
				if key != "" {
					header += fmt.Sprint(i)
				}
				if got := d.must(200, "POST", step.path, step.body, header).object(t); state(got) != step.want {
					t.Errorf("fault %d, %s: got %s, want %s", fault, step.path, state(got), step.want)
				}
			}
			if got := states(d.must(200, "POST", "/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "")); got != "CLOSED 0 PAYMENT 3, CLOSED 0 PAYMENT 4" {
				t.Errorf("fault %d: all paid: %s", fault, got)
			}
			d.checkAccounts("ada")
		}
	}
}

// TestFeeAnswerIsLost lets the answer of every attempt get lost, so that the caller sees a failure of what was done. The
// same call again is answered as the first would have been, and nothing is taken twice.
func TestFeeAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, want string }{
		{"FEE?op=pay&amount=2&method=CASH", "ACTIVE 3 PAYMENT 2"},
		{"FEE?op=pay&amount=ALL&method=CASH", "CLOSED 0 PAYMENT 5"},
		{"FEE?op=waive&reason=OTHER", "CLOSED 0 WAIVE 5"},
		{"/users/ada/fees/all?op=pay&amount=6&method=CASH", "CLOSED 0 PAYMENT 5, ACTIVE 2 PAYMENT 1"},
		{"/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "CLOSED 0 PAYMENT 5, CLOSED 0 PAYMENT 3"},
	} {
		d, paths := faultyFees(t, []string{"5", "3"}, dynamotest.Sequence("TransactWriteItems", many(dynamotest.LostAnswer)[:7]...))
		path := strings.Replace(tt.path, "FEE", paths[0], 1)
		if got := d.call("POST", path, "", "Idempotency-Key: k"); got.status != 500 {
			t.Errorf("%s: got %d %s, want 500", path, got.status, got.body)
		}
		for range 2 {
			got := d.must(200, "POST", path, "", "Idempotency-Key: k")
			said := states(got)
			if said == "" {
				said = state(got.object(t))
			}
			if said != tt.want {
				t.Errorf("%s: got %s, want %s", path, said, tt.want)
			}
		}
		d.checkAccounts("ada")
	}
}

// TestFeeStoreIsOut lets every write fail for good: the answer says so, and nothing was changed.
func TestFeeStoreIsOut(t *testing.T) {
	t.Parallel()
	for fault, want := range map[dynamotest.Fault]string{dynamotest.Throttled: "429 PER_SECOND_THRESHOLD", dynamotest.ServerError: "500 401652", dynamotest.LostRequest: "500 401652"} {
		d, paths := faultyFees(t, []string{"5"}, dynamotest.Sequence("TransactWriteItems", many(fault)...))
		before := d.contents()
		for _, c := range []struct{ path, body string }{
			{paths[0] + "?op=pay&amount=2&method=CASH", ""}, {"/users/ada/fees", feeBody("4")}, {"/users/ada/fees/all?op=pay&amount=ALL&method=CASH", ""},
		} {
			if got := d.call("POST", c.path, c.body, "Idempotency-Key: k"); fmt.Sprintf("%d %s", got.status, got.code()) != want {
				t.Errorf("%s: got %d %s, want %s", c.path, got.status, got.body, want)
			}
		}
		if after := d.contents(); after != before {
			t.Errorf("the tables changed: %s", difference(before, after))
		}
	}
}

// TestManyPayOneFee lets 20 clients pay 1.00 on a fee of 5.50 at once: five payments are taken, and the sixth would be
// more than is owed.
func TestManyPayOneFee(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	path := d.owe("ada", "5.50")[0]
	var wg sync.WaitGroup
	answers := make([]answer, 20)
	for i := range answers {
		wg.Go(func() { answers[i] = d.call("POST", path+"?op=pay&amount=1&method=CASH", "") })
	}
	wg.Wait()
	taken := 0
	for _, a := range answers {
		if a.status == 200 {
			taken++
		} else if a.code() != "401666" || !strings.Contains(a.body, "0.50 GBP") {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	got := d.must(200, "GET", path, "").object(t)
	entries, _ := got["transaction"].([]any)
	if taken != 5 || len(entries) != 5 || got["balance"] != 0.5 {
		t.Errorf("%d payments were answered, and the fee is %s", taken, state(got))
	}
	d.checkAccounts("ada")
}

// TestManyClicksPayOnce presses the same button many times at once: one payment, and everybody is told of it.
func TestManyClicksPayOnce(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	paths := d.owe("ada", "5", "5")
	for i, path := range []string{paths[0] + "?op=pay&amount=5&method=CASH", "/users/ada/fees/all?op=pay&amount=3&method=CASH"} {
		var wg sync.WaitGroup
		answers := make([]answer, 10)
		for n := range answers {
			wg.Go(func() { answers[n] = d.call("POST", path, "", fmt.Sprintf("Idempotency-Key: click%d", i)) })
		}
		wg.Wait()
		for _, a := range answers {
			if a.status != 200 || a.body != answers[0].body {
				t.Errorf("got %d %s, want %s", a.status, a.body, answers[0].body)
			}
		}
		d.checkAccounts("ada")
	}
	if got := states(d.must(200, "GET", "/users/ada/fees", "")); got != "ACTIVE 2 PAYMENT 3" {
		t.Errorf("left are %s", got)
	}
}
