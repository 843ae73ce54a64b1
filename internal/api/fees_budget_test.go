package api

import (
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
)

// TestFeeBudgets holds what each operation on fees asks of DynamoDB: the patron, the fees with the account, and one
// transaction.
func TestFeeBudgets(t *testing.T) {
	t.Parallel()
	record := dynamotest.Record()
	d, paths := faultyFees(t, []string{"5", "5"}, record)
	d.must(200, "GET", "/users/ada/fees", "") // the API key
	for _, b := range []struct {
		name, method, path, body, key string
		calls                         string
		reads, writes                 float64
	}{
		{"list fees", "GET", "/users/ada/fees", "", "", "2 GetItem, 1 Query", 3, 0},
		{"get a fee", "GET", paths[0], "", "", "1 BatchGetItem, 2 GetItem", 4, 0},
		{"charge a fee", "POST", "/users/ada/fees", feeBody("4"), "", "3 GetItem, 1 TransactWriteItems", 3, 8},
		{"pay a part of a fee", "POST", paths[0] + "?op=pay&amount=2&method=CASH", "", "", "1 BatchGetItem, 3 GetItem, 1 TransactWriteItems", 5, 4},
		{"pay a part of a fee, with a key", "POST", paths[0] + "?op=pay&amount=1&method=CASH", "", "k", "1 BatchGetItem, 3 GetItem, 1 TransactWriteItems", 5, 6},
		{"pay it again with the key", "POST", paths[0] + "?op=pay&amount=1&method=CASH", "", "k", "2 BatchGetItem, 3 GetItem, 1 TransactWriteItems", 7, 0},
		{"pay the rest of a fee", "POST", paths[0] + "?op=pay&amount=2&method=CASH", "", "", "1 BatchGetItem, 3 GetItem, 1 TransactWriteItems", 5, 6},
		{"pay all fees, 2 of them", "POST", "/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "", "", "3 GetItem, 1 Query, 1 TransactWriteItems", 4, 12},
	} {
		record.Take()
		d.must(200, b.method, b.path, b.body, "Idempotency-Key: "+b.key)
		used := record.Take()
		if calls := callsOf(used); calls != b.calls || used.Reads > b.reads || used.Writes > b.writes {
			t.Errorf("%s: %s, %v read and %v write units; want %s, at most %v and %v", b.name, calls, used.Reads, used.Writes, b.calls, b.reads, b.writes)
		}
	}
}
