package api

import (
	"cmp"
	settings "flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
)

var update = settings.Bool("update", false, "rewrite the files under testdata")

// budget is an operation with the calls it makes and at most the units it may cost.
type budget struct {
	name               string
	method, path, body string
	status             int
	calls              string
	reads, writes      float64
	headers            []string
	wait               time.Duration // before it, for the directory to grow old
}

// budgets are measured one after the other on the same tables, with the API key in the function's memory. The patron
// has three identifiers, an e-mail address and an address; the title has two items. FIRST is the first request made,
// and REQUEST the last.
var budgets = []budget{
	{name: "API key, once a minute", method: "GET", path: "/conf/test", status: 200, calls: "1 GetItem", reads: 1, headers: []string{"Authorization: apikey pd_second"}},
	{name: "get a user", method: "GET", path: "/users/2100", status: 200, calls: "2 GetItem", reads: 2},
	{name: "get a user nobody is", method: "GET", path: "/users/nobody", status: 400, calls: "1 GetItem", reads: 1},
	{name: "get a user, expand=loans,requests,fees", method: "GET", path: "/users/2100?expand=loans,requests,fees", status: 200, calls: "3 GetItem, 1 Query", reads: 4},
	{name: "get oneself with a token (plain patron)", method: "GET", path: "/users/ada", status: 200, calls: "4 GetItem", reads: 4, headers: []string{"Authorization: TOKEN"}},
	{name: "create a user with 3 identifiers", method: "POST", path: "/users", body: people("grace", "2200", "I2200"), status: 200, calls: "1 TransactWriteItems", writes: 14},
	{name: "create a user whose barcode is taken", method: "POST", path: "/users", body: people("eve", "2200", "I2300"), status: 400, calls: "1 TransactWriteItems"},
	{name: "replace a user, no identifier change", method: "PUT", path: "/users/ada", body: strings.Replace(people("ada", "2100", "I2100"), "London", "Oxford", 1), status: 200, calls: "2 GetItem, 1 PutItem", reads: 2, writes: 6},
	{name: "replace a user, nothing changed", method: "PUT", path: "/users/ada", body: strings.Replace(people("ada", "2100", "I2100"), "London", "Oxford", 1), status: 200, calls: "2 GetItem", reads: 2},
	{name: "replace a user, new barcode", method: "PUT", path: "/users/ada", body: people("ada", "2101", "I2100"), status: 200, calls: "2 GetItem, 1 TransactWriteItems", reads: 2, writes: 16},
	{name: "authenticate", method: "POST", path: "/users/ada?op=auth&password=analytical+engine", status: 204, calls: "2 GetItem", reads: 2},
	{name: "search, a page of 2 users (brief)", method: "GET", path: "/users?q=last_name~byron", status: 200, calls: "1 BatchGetItem, 4 Query", reads: 4, wait: time.Second},
	{name: "search, a page of 2 users (expand=full)", method: "GET", path: "/users?q=last_name~byron&expand=full", status: 200, calls: "1 BatchGetItem, 4 Query", reads: 4, wait: time.Second},
	{name: "create a request for an item", method: "POST", path: "/users/ada/requests?item_pid=1", body: holdAtMain, status: 200, calls: "2 BatchGetItem, 4 GetItem, 1 Query, 1 TransactWriteItems", reads: 8, writes: 12},
	{name: "create a request for a title of 2 items", method: "POST", path: "/users/grace/requests?mms_id=99", body: holdAtMain, status: 200, calls: "3 BatchGetItem, 3 GetItem, 2 Query, 1 TransactWriteItems", reads: 10, writes: 12},
	{name: "list requests", method: "GET", path: "/users/grace/requests", status: 200, calls: "1 BatchGetItem, 2 GetItem, 1 Query", reads: 4},
	{name: "list requests of the past", method: "GET", path: "/users/grace/requests?status=history", status: 200, calls: "2 GetItem, 1 Query", reads: 3},
	{name: "get a request", method: "GET", path: "/users/grace/requests/REQUEST", status: 200, calls: "1 BatchGetItem, 3 GetItem", reads: 4},
	{name: "change a request", method: "PUT", path: "/users/grace/requests/REQUEST", body: strings.Replace(holdAtMain, "MAIN", "SCIENCE", 1), status: 200, calls: "1 BatchGetItem, 3 GetItem, 1 PutItem", reads: 4, writes: 1},
	{name: "preview a letter", method: "POST", path: "/users/grace/letters?op=preview", body: reportLetter, status: 200, calls: "1 BatchGetItem, 2 GetItem, 1 Query", reads: 4},
	{name: "send a letter", method: "POST", path: "/users/grace/letters", body: reportLetter, status: 200, calls: "1 BatchGetItem, 2 GetItem, 2 PutItem, 1 Query, 1 TransactWriteItems", reads: 4, writes: 10},
	{name: "send a letter, double click", method: "POST", path: "/users/grace/letters", body: reportLetter, status: 200, calls: "1 BatchGetItem, 3 GetItem, 1 Query, 1 TransactWriteItems", reads: 5},
	{name: "list letters", method: "GET", path: "/users/grace/letters", status: 200, calls: "2 GetItem, 1 Query", reads: 3},
	{name: "delete a user with open requests (refused)", method: "DELETE", path: "/users/grace", status: 400, calls: "2 GetItem, 3 Query", reads: 5},
	{name: "cancel a request, no letter", method: "DELETE", path: "/users/grace/requests/REQUEST?reason=CancelledAtPatronRequest&notify_user=false", status: 204, calls: "4 GetItem, 1 TransactWriteItems", reads: 4, writes: 8},
	{name: "cancel a request, with its letter", method: "DELETE", path: "/users/ada/requests/FIRST?reason=CancelledAtPatronRequest", status: 204, calls: "4 GetItem, 2 PutItem, 1 TransactWriteItems", reads: 4, writes: 12},
	{name: "cancel a request again (refused)", method: "DELETE", path: "/users/ada/requests/FIRST?reason=CancelledAtPatronRequest", status: 400, calls: "5 GetItem", reads: 5},
	{name: "delete a user with 1 past request, 1 letter", method: "DELETE", path: "/users/grace", status: 204, calls: "3 GetItem, 9 Query, 1 TransactWriteItems, 1 UpdateItem", reads: 12, writes: 26},
	{name: "code table", method: "GET", path: "/conf/code-tables/UserGroups", status: 200, calls: ""},
	{name: "list job instances, 1 of them", method: "GET", path: registrar + "/instances", status: 200, calls: "1 BatchGetItem, 1 GetItem", reads: 2},
	{name: "get a job instance", method: "GET", path: registrar + "/instances/" + jobID(1), status: 200, calls: "1 GetItem", reads: 1},
	{name: "release a job", method: "POST", path: registrar + "/instances/" + jobID(1) + "?op=release", status: 200, calls: "1 GetItem, 1 PutItem", reads: 1, writes: 1},
	{name: "create a user, with a key", method: "POST", path: "/users", body: people("kay", "2400", "I2400"), headers: []string{"Idempotency-Key: k"}, status: 200, calls: "1 TransactWriteItems", writes: 16},
	{name: "create a user again with the key", method: "POST", path: "/users", body: people("kay", "2400", "I2400"), headers: []string{"Idempotency-Key: k"}, status: 200, calls: "1 GetItem, 1 TransactWriteItems", reads: 1},
}

const reportLetter = `{"code":"FulRequestsReportLetter"}`

// people is the JSON of a patron with three identifiers, an address and an e-mail address.
func people(primaryID, barcode, institution string) string {
	return person(primaryID, fmt.Sprintf(`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":%q},{"id_type":{"value":"INST_ID"},"value":%q}]`, barcode, institution),
		`"contact_info":{"address":[{"preferred":true,"line1":"1 Analytical Way","city":"London","address_type":[{"value":"home"}]}],
		"email":[{"preferred":true,"email_address":"`+primaryID+`@readers.example","email_type":[{"value":"work"}]}]}`)
}

// TestBudgets holds what each operation asks of DynamoDB against architecture.md, and the table in the README.
func TestBudgets(t *testing.T) {
	t.Parallel()
	box, record := newMailbox(t), dynamotest.Record()
	d := newDesk(t, record)
	d.mailTo(box, nil)
	d.key("pd_second", "configuration:read")
	d.item("1", "b1", "99")
	d.item("2", "b2", "99")
	d.must(200, "POST", "/users", strings.Replace(people("ada", "2100", "I2100"), "{", `{"password":"analytical engine",`, 1))
	d.must(200, "GET", "/users?limit=1", "")
	d.job(1, held)
	table, first, last := budgetHead, "", ""
	for _, b := range budgets {
		b.path = strings.NewReplacer("REQUEST", last, "FIRST", first).Replace(b.path)
		got, line := d.measured(record, b)
		table += line
		if id, ok := got.objectOrNil()["request_id"]; ok {
			last = fmt.Sprint(id)
			first = cmp.Or(first, last)
		}
	}
	if dynamotest.Embedded() {
		golden(t, "budgets.md", table)
	}
}

const budgetHead = "| operation | calls | read units | write units |\n|---|---|--:|--:|\n"

// measured carries out an operation, compares what it used with its budget, and is its answer and its line in the table.
func (d *desk) measured(record *dynamotest.Recorder, b budget) (got answer, line string) {
	d.t.Helper()
	time.Sleep(b.wait)
	record.Take()
	got = d.must(b.status, b.method, b.path, b.body, d.signed(b.headers)...)
	used := record.Take()
	if calls := callsOf(used); calls != b.calls {
		d.t.Errorf("%s: calls %s, want %s", b.name, calls, b.calls)
	}
	if used.Reads > b.reads || used.Writes > b.writes {
		d.t.Errorf("%s: %v read and %v write units, want at most %v and %v", b.name, used.Reads, used.Writes, b.reads, b.writes)
	}
	return got, fmt.Sprintf("| %s | %s | %v | %v |\n", b.name, none(callsOf(used)), used.Reads, used.Writes)
}

// signed puts the token of ada, a plain patron, in the place of TOKEN.
func (d *desk) signed(headers []string) []string {
	var out []string
	for _, h := range headers {
		out = append(out, strings.Replace(h, "TOKEN", d.issuer.Bearer("ada", nil), 1))
	}
	return out
}

func callsOf(used dynamotest.Usage) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(used.Calls)) {
		parts = append(parts, fmt.Sprintf("%d %s", used.Calls[name], name))
	}
	return strings.Join(parts, ", ")
}

func none(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// golden compares with a file under testdata, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nand was\n%s", path, got, want)
	}
}
