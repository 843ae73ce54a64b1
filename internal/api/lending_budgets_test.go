package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// lendingBudgets are measured one after the other on the same tables. ada, of the usual size, has nothing at first; few
// has 8 loans and many 1,000. LOAN is the loan that was answered last.
var lendingBudgets = []budget{
	{name: "check out by barcode", method: "POST", path: "/users/2100/loans?item_barcode=b1", body: atMain, status: 200, calls: "2 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 7, writes: 14},
	{name: "check out by item id and primary id", method: "POST", path: "/users/ada/loans?item_pid=2", body: atMain, status: 200, calls: "2 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 7, writes: 14},
	{name: "check out, with a key", method: "POST", path: "/users/ada/loans?item_barcode=b3", body: atMain, headers: []string{"Idempotency-Key: k"}, status: 200, calls: "2 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 7, writes: 16},
	{name: "check out again with the key", method: "POST", path: "/users/ada/loans?item_barcode=b3", body: atMain, headers: []string{"Idempotency-Key: k"}, status: 200, calls: "2 BatchGetItem, 3 GetItem", reads: 9},
	{name: "check out what is on loan (refused)", method: "POST", path: "/users/bob/loans?item_barcode=b1", body: atMain, status: 400, calls: "2 BatchGetItem, 1 GetItem", reads: 7},
	{name: "check out what one waits for", method: "POST", path: "/users/bob/loans?item_barcode=b4", body: atMain, status: 200, calls: "2 BatchGetItem, 2 GetItem, 1 TransactWriteItems", reads: 8, writes: 22},
	{name: "list loans, 8 of them", method: "GET", path: "/users/few/loans", status: 200, calls: "1 GetItem, 1 Query", reads: 4},
	{name: "list loans, 10 of 1,000", method: "GET", path: "/users/many/loans", status: 200, calls: "1 GetItem, 1 Query", reads: 6},
	{name: "list loans by a barcode", method: "GET", path: "/users/2100/loans", status: 200, calls: "3 GetItem, 1 Query", reads: 5},
	{name: "list loans, renewable", method: "GET", path: "/users/ada/loans?expand=renewable", status: 200, calls: "1 BatchGetItem, 3 GetItem, 1 Query", reads: 8},
	{name: "get a loan", method: "GET", path: "/users/ada/loans/LOAN", status: 200, calls: "2 GetItem", reads: 2},
	{name: "renew", method: "POST", path: "/users/ada/loans/LOAN?op=renew", status: 200, calls: "5 GetItem, 1 TransactWriteItems", reads: 5, writes: 6},
	{name: "change the due date", method: "PUT", path: "/users/ada/loans/LOAN", body: due("2027-01-11"), status: 200, calls: "4 GetItem, 1 TransactWriteItems", reads: 4, writes: 6},
	{name: "find an item by its barcode, and follow", method: "GET", path: "/items?item_barcode=b1", status: 200, calls: "6 GetItem", reads: 6},
	{name: "return by barcode", method: "POST", path: "/items?item_barcode=b1&" + scanAtMain, status: 200, calls: "2 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 6, writes: 12},
	{name: "return by the item's call", method: "POST", path: itemPath("2", "98") + "?" + scanAtMain, status: 200, calls: "2 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 6, writes: 12},
	{name: "return for the next who waits", method: "POST", path: "/items?item_barcode=b3&" + scanAtMain, status: 200, calls: "3 BatchGetItem, 1 GetItem, 1 TransactWriteItems", reads: 8, writes: 18},
	{name: "scan what is in its place", method: "POST", path: "/items?item_barcode=b1&" + scanAtMain, status: 200, calls: "2 BatchGetItem, 1 GetItem", reads: 4},
}

// TestLendingBudgets holds what each operation asks of DynamoDB against architecture.md, and the table in the README.
func TestLendingBudgets(t *testing.T) {
	t.Parallel()
	record := dynamotest.Record()
	d, c := lendingDesk(t, []string{"bob", "few", "many"}, record)
	d.must(200, "POST", "/users", people("ada", "2100", "I2100"))
	d.hold("bob", "item_pid=4", holdAtMain)
	d.lent("few", 8)
	d.lent("many", 1000)
	table, loan := budgetHead, ""
	for n, b := range lendingBudgets {
		if strings.HasPrefix(b.name, "return for the next") {
			d.hold("bob", "item_pid=3", holdAtMain)
		}
		b.path = strings.Replace(b.path, "LOAN", loan, 1)
		got, line := d.measured(record, b)
		table += line
		if id, ok := got.objectOrNil()["loan_id"]; ok && strings.Contains(b.path, "/ada/") {
			loan = fmt.Sprint(id)
		}
		c.set(monday.Add(time.Duration(24*(n+1)) * time.Hour))
	}
	if dynamotest.Embedded() {
		golden(t, "lending_budgets.md", table)
	}
	checkLending(t, d)
}

// lent makes loans of items of the patron's own, past the API.
func (d *desk) lent(id string, loans int) {
	d.t.Helper()
	store := dynamotest.Open(d.t, d.tables)
	at, err := store.ForCheckOut(context.Background(), id, dynamo.ItemKey{ID: "1"})
	if err != nil {
		d.t.Fatal(err)
	}
	at.Borrower = fulfillment.Borrower{UID: at.Patron.UID, UserGroup: "01"}
	at.Rules, at.By = d.Institution, "test"
	account := at.Account
	for first := 0; first < loans; first += 40 {
		var all fulfillment.Movement
		before := account
		for n := first; n < min(first+40, loans); n++ {
			at.Item.ID, at.Item.Barcode, at.Now = fmt.Sprintf("of-%s-%d", id, n), fmt.Sprintf("of-%s-%d", id, n), monday.Add(time.Duration(n)*time.Second)
			at.Custody, at.Account = fulfillment.Custody{ItemID: at.Item.ID}, fulfillment.Account{}
			loan, m, err := at.Do()
			if err != nil {
				d.t.Fatal(err)
			}
			account = account.Change(fulfillment.Loan{}, loan)
			all.Loans, all.Custody = append(all.Loans, m.Loans...), append(all.Custody, m.Custody...)
		}
		all.Accounts = []fulfillment.AccountChange{{UID: at.Borrower.UID, Before: before, After: account}}
		written, err := store.Move(context.Background(), all)
		if err != nil {
			d.t.Fatal(err)
		}
		account = written.Accounts[0].After
	}
}
