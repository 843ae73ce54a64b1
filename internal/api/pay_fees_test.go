package api

import (
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
)

func TestPayFees(t *testing.T) {
	t.Parallel()
	d := feeDesk(t)
	paths := d.owe("ada", "5", "3", "2", "0.01")
	d.must(200, "POST", paths[1]+"?op=dispute", "")
	for _, tt := range []struct{ amount, want, sum string }{
		{"5.5", "CLOSED 0 PAYMENT 5, ACTIVE 1.5 PAYMENT 0.5", "1.5"},
		{"0.50", "ACTIVE 1 PAYMENT 0.5 PAYMENT 0.5", "1"},
		{"ALL", "CLOSED 0 PAYMENT 0.5 PAYMENT 0.5 PAYMENT 1, CLOSED 0 PAYMENT 0.01", "0"},
	} {
		got := d.must(200, "POST", "/users/ada/fees/all?op=pay&method=CASH&amount="+tt.amount, "")
		if o := got.object(t); states(got) != tt.want || fmt.Sprint(o["total_sum"]) != tt.sum || o["currency"] != "GBP" {
			t.Errorf("%s: got %s, the sum is %v; want %s and %s", tt.amount, states(got), o["total_sum"], tt.want, tt.sum)
		}
		d.checkAccounts("ada")
	}
	if got := states(d.must(200, "GET", "/users/ada/fees?status=INDISPUTE", "")); got != "INDISPUTE 3 DISPUTE 0" {
		t.Errorf("in dispute: %s", got)
	}
}

// manyFees are the amounts of so many fees: 1, 2, 3 and so on.
func manyFees(n int) []string {
	var amounts []string
	for i := range n {
		amounts = append(amounts, fmt.Sprint(i+1))
	}
	return amounts
}

// TestPayManyFees pays more fees than one transaction takes.
func TestPayManyFees(t *testing.T) {
	t.Parallel()
	const n = 2*feesAtOnce + 5
	record := dynamotest.Record()
	d, _ := faultyFees(t, manyFees(n), record)
	record.Take()
	got := d.must(200, "POST", "/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "", "Idempotency-Key: k")
	if o := got.object(t); fmt.Sprint(o["total_record_count"]) != fmt.Sprint(n) || strings.Count(states(got), "CLOSED 0") != n {
		t.Errorf("paid %v: %s", o["total_record_count"], states(got))
	}
	if used := record.Take().Calls["TransactWriteItems"]; used != 3 {
		t.Errorf("it took %d transactions, want 3", used)
	}
	d.owe("ada", "1")
	if again := d.must(200, "POST", "/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "", "Idempotency-Key: k"); again.body != got.body {
		t.Errorf("again: %s", states(again))
	}
	d.checkAccounts("ada")
}

// TestPayManyFeesInParts lets a later transaction fail: the answer tells what was paid and is none that clients repeat by
// themselves. With the key the same call goes on, and in the end the amount was taken once.
func TestPayManyFeesInParts(t *testing.T) {
	t.Parallel()
	const n = 2*feesAtOnce + 5 // the first 40 are 820.00, the next 2420.00, and the rest 415.00
	for _, tt := range []struct {
		name, amount, first, want string
		faults                    []dynamotest.Fault
	}{
		{"all, refused", "ALL", "820.00 GBP", "0", append([]dynamotest.Fault{dynamotest.None}, many(dynamotest.Throttled)[:7]...)},
		{"all, done and not answered", "ALL", "820.00 GBP", "0", append([]dynamotest.Fault{dynamotest.None}, many(dynamotest.LostAnswer)[:7]...)},
		{"a part, at its end", "3600", "3240.00 GBP", "55", append([]dynamotest.Fault{dynamotest.None, dynamotest.None}, many(dynamotest.ServerError)[:7]...)},
	} {
		d, _ := faultyFees(t, manyFees(n), dynamotest.Sequence("TransactWriteItems", tt.faults...))
		path := "/users/ada/fees/all?op=pay&method=CASH&amount=" + tt.amount
		first := d.call("POST", path, "", "Idempotency-Key: k")
		if first.status != 400 || first.code() != "402119" || !strings.Contains(first.body, "Only "+tt.first) {
			t.Errorf("%s: got %d %s", tt.name, first.status, first.body)
		}
		d.checkAccounts("ada")
		again := d.must(200, "POST", path, "", "Idempotency-Key: k")
		if o := again.object(t); fmt.Sprint(o["total_sum"]) != tt.want {
			t.Errorf("%s: %v are left, want %s", tt.name, o["total_sum"], tt.want)
		}
		if list := d.must(200, "GET", "/users/ada/fees", "").object(t); fmt.Sprint(list["total_sum"]) != tt.want {
			t.Errorf("%s: %v are owed, want %s", tt.name, list["total_sum"], tt.want)
		}
		d.checkAccounts("ada")
	}
}
