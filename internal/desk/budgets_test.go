package desk

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

// budget is what somebody does at the desk, with the calls of DynamoDB it takes, and at most the read and write units. What a
// form leads to is a page of its own.
type budget struct {
	name          string
	path          string
	form          url.Values // of a form that is sent, else nil
	calls         string
	reads, writes float64
	wait          time.Duration // before it, for the directory to grow old
}

// budgets are measured one after the other on the same tables. The patron has a barcode, two loans, a request and a fee. Each
// page takes two reads to know who asks for it.
var budgets = []budget{
	{name: "the desk", path: "/desk", calls: "2 GetItem", reads: 2},
	{name: "find by a barcode", path: "/desk/find?q=21001", calls: "4 GetItem, 1 PutItem", reads: 4, writes: 1},
	{name: "find by a name", path: "/desk/find?q=byron", calls: "1 BatchGetItem, 3 GetItem, 4 Query", reads: 7, wait: time.Second},
	{name: "suggestions", path: "/desk/suggestions?q=byr", calls: "1 BatchGetItem, 2 GetItem, 4 Query", reads: 6, wait: time.Second},
	{name: "a patron's page", path: "/desk/patrons/ada", calls: "1 BatchGetItem, 8 GetItem, 2 Query", reads: 11},
	{name: "all loans", path: "/desk/patrons/ada/loans?show=all", calls: "2 BatchGetItem, 11 GetItem, 3 Query", reads: 17},
	{name: "check out", path: "/desk/patrons/ada/loans", form: url.Values{"barcode": {"b3"}, "once": {"k1"}}, calls: "2 BatchGetItem, 3 GetItem, 1 TransactWriteItems", reads: 9, writes: 10},
	{name: "the page after it", path: "/desk/patrons/ada", calls: "2 BatchGetItem, 11 GetItem, 3 Query", reads: 18},
	{name: "returns", path: "/desk/patrons/ada/returns", calls: "1 BatchGetItem, 8 GetItem, 2 Query", reads: 11},
	{name: "return", path: "/desk/patrons/ada/returns", form: url.Values{"barcode": {"b3"}}, calls: "2 BatchGetItem, 4 GetItem, 1 PutItem, 1 TransactWriteItems", reads: 9, writes: 9},
	{name: "requests", path: "/desk/patrons/ada/requests", calls: "1 BatchGetItem, 8 GetItem, 2 Query", reads: 11},
	{name: "fees", path: "/desk/patrons/ada/fees", calls: "1 BatchGetItem, 12 GetItem, 4 Query", reads: 17},
	{name: "letters", path: "/desk/patrons/ada/letters", calls: "1 BatchGetItem, 10 GetItem, 3 Query", reads: 14},
	{name: "history", path: "/desk/patrons/ada/history", calls: "1 BatchGetItem, 11 GetItem, 4 Query", reads: 16},
	{name: "edit", path: "/desk/patrons/ada/edit", calls: "1 BatchGetItem, 8 GetItem, 2 Query", reads: 11},
	{name: "update", path: "/desk/patrons/ada/edit", form: url.Values{"job_description": {"Reader"}}, calls: "6 GetItem, 1 PutItem", reads: 6, writes: 3},
	{name: "record", path: "/desk/patrons/ada/record", calls: "1 BatchGetItem, 10 GetItem, 2 Query", reads: 13},
}

// TestBudgets holds what each page asks of DynamoDB.
func TestBudgets(t *testing.T) {
	t.Parallel()
	record := dynamotest.Record()
	lib := newLibrary(t, record)
	b := lib.ofUsualSize()
	for _, todo := range budgets {
		time.Sleep(todo.wait)
		record.Take()
		page := b.get
		if todo.form != nil {
			page = func(path string) shown { return b.post(path, todo.form) }
		}
		if got := page(todo.path); got.status >= 400 {
			t.Errorf("%s: got %d %s", todo.name, got.status, got.body)
		}
		used := record.Take()
		if got := callsOf(used); got != todo.calls || used.Reads > todo.reads || used.Writes > todo.writes {
			t.Errorf("%s: got %s, %v read and %v write units; want %s, at most %v and %v",
				todo.name, got, used.Reads, used.Writes, todo.calls, todo.reads, todo.writes)
		}
	}
}

// ofUsualSize is a browser in which staff are signed in, in a library with a patron who has a barcode, two loans, a request and
// a fee.
func (lib *library) ofUsualSize() *browser {
	lib.t.Helper()
	lib.patron("ada", barcode("21001"), func(p *patron.Patron) { p.FirstName = "Augusta" })
	lib.patron("bob")
	for i := range 4 {
		lib.item(fmt.Sprint(i), fmt.Sprintf("b%d", i), fmt.Sprintf("9%d", i))
	}
	b := lib.staff("32")
	b.get("/desk/suggestions?q=byron") // the directory is in memory
	for _, barcode := range []string{"b0", "b1"} {
		b.post("/desk/patrons/ada/loans", url.Values{"barcode": {barcode}})
	}
	b.post("/desk/patrons/ada/requests/new", url.Values{"item": {"b2"}, "mms_id": {"92"}, "type": {"HOLD"}, "pickup": {"MAIN"}})
	b.post("/desk/patrons/ada/fees/new", url.Values{"type": {"OTHER"}, "amount": {"1"}, "library": {"MAIN"}})
	return b
}

func callsOf(used dynamotest.Usage) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(used.Calls)) {
		parts = append(parts, fmt.Sprintf("%d %s", used.Calls[name], name))
	}
	return strings.Join(parts, ", ")
}
