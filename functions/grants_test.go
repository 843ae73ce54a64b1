package functions_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/functions"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/job"
)

// uses collects what a client does with which table, as a policy would have to allow it: "users: GetItem", and
// "users: index changed".
type uses struct {
	mu    sync.Mutex
	names map[string]string // table to its name in functions.go
	seen  map[string]bool
}

func newUses(t dynamo.Tables) *uses {
	return &uses{seen: map[string]bool{}, names: map[string]string{
		t.Users: "users", t.Requests: "requests", t.Loans: "loans", t.Items: "items", t.Letters: "letters", t.Jobs: "jobs", t.APIKeys: "apikeys", t.Sessions: "sessions",
	}}
}

// on is client with its calls collected.
func (u *uses) on(client *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(slices.Clone(o.APIOptions), func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Uses", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				u.call(middleware.GetOperationName(ctx), in.Parameters)
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	})
}

func (u *uses) call(operation string, in any) {
	switch c := in.(type) {
	case *dynamodb.GetItemInput:
		u.add(c.TableName, operation)
	case *dynamodb.PutItemInput:
		u.add(c.TableName, operation)
	case *dynamodb.UpdateItemInput:
		u.add(c.TableName, operation)
	case *dynamodb.DeleteItemInput:
		u.add(c.TableName, operation)
	case *dynamodb.BatchGetItemInput:
		for table := range c.RequestItems {
			u.add(&table, operation)
		}
	case *dynamodb.QueryInput:
		u.add(c.TableName, operation)
		if c.IndexName != nil {
			u.add(c.TableName, "index "+*c.IndexName)
		}
	case *dynamodb.TransactWriteItemsInput:
		for _, part := range c.TransactItems {
			u.part(part)
		}
	default:
		u.add(&operation, "unknown")
	}
}

// part is a part of a transaction, which needs the right to do the same alone.
func (u *uses) part(part types.TransactWriteItem) {
	switch {
	case part.Put != nil:
		u.add(part.Put.TableName, "PutItem")
	case part.Update != nil:
		u.add(part.Update.TableName, "UpdateItem")
	case part.Delete != nil:
		u.add(part.Delete.TableName, "DeleteItem")
	case part.ConditionCheck != nil:
		u.add(part.ConditionCheck.TableName, "ConditionCheckItem")
	}
}

func (u *uses) add(table *string, action string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	name, ok := u.names[*table]
	if !ok {
		name = "unknown table " + *table
	}
	u.seen[name+": "+action] = true
}

// granted is what the list grants the function, in the same form.
func granted(f functions.Function) map[string]bool {
	all := map[string]bool{}
	for _, g := range f.Tables {
		for _, action := range g.Actions {
			all[g.Table+": "+action] = true
		}
		if g.Index != "" {
			all[g.Table+": index "+g.Index] = true
		}
	}
	return all
}

const hold = `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`

// refusals are the codes of those that are among the steps: no password, no such request any more, no such fee.
var refusals = []string{`"401866"`, `"401694"`, `"401665"`}

// rare are grants for what hardly ever happens, with when that is.
var rare = map[string]string{
	"user-update users: ConditionCheckItem": "a patron who is deleted has more history than one transaction takes",
	"user-update loans: ConditionCheckItem": "the same",
}

// TestGrantsAreWhatIsUsed does with every function all it can do, and compares what it did with what it may do, both
// ways: what is missing fails in AWS alone, what is granted and not used is more than least privilege.
func TestGrantsAreWhatIsUsed(t *testing.T) {
	t.Parallel()
	l := newDemo(t)
	for _, f := range functions.All {
		used := newUses(l.tables)
		switch {
		case f.Round != nil:
			l.runRounds(f, used.on(l.client))
		case len(f.Drops) > 0:
			l.runImports(f.Name, used.on(l.client))
		case f.Pages:
			fresh := newDemo(t)
			used = newUses(fresh.tables)
			fresh.runPages(used.on(fresh.client))
		default:
			l.runRoutes(f.Name, used.on(l.client))
		}
		got, want := used.seen, granted(f)
		for _, use := range slices.Sorted(maps.Keys(got)) {
			if !want[use] {
				t.Errorf("%s uses %s and is not granted it", f.Name, use)
			}
		}
		for _, grant := range slices.Sorted(maps.Keys(want)) {
			if !got[grant] && rare[f.Name+" "+grant] == "" {
				t.Errorf("%s is granted %s and does not use it", f.Name, grant)
			}
		}
	}
}

// step is a request of a function; who has a token, "" has the key. Loans, fees and requests in the path are those made
// last.
type step struct{ route, id, query, body, who string }

// steps are all a function of the HTTP API can do, a cancellation repeated and the double click among it.
var steps = map[string][]step{
	"patron-lookup": {{"GET /almaws/v1/users/{user_id}", "21000001", "expand=loans,requests,fees", "", ""}, {"GET /almaws/v1/users/{user_id}", "ME", "", "", "thomas"},
		{"GET /almaws/v1/users/{user_id}/provenance", "thomas", "", "", "desk"}},
	"patron-search": {{"GET /almaws/v1/users", "", "q=last_name~ahrendt", "", ""}, {"GET /almaws/v1/users", "", "", "", "desk"}},
	"user-update": {
		{"POST /almaws/v1/users", "", "", patronJSON("other", "21000003"), ""},
		{"PUT /almaws/v1/users/{user_id}", "other", "", strings.Replace(patronJSON("other", "21000003"), "Ahrendt", "Birk", 1), "desk"},
		{"PUT /almaws/v1/users/{user_id}", "other", "", patronJSON("other", "21000004"), ""},
		{"POST /almaws/v1/users/{user_id}", "other", "op=auth&password=wrong-password", "", ""},
		{"POST /almaws/v1/users/{user_id}", "other", "op=adopt&profile=REGISTRAR", "", ""},
		{"DELETE /almaws/v1/users/{user_id}", "other", "", "", ""}, {"DELETE /almaws/v1/users/{user_id}", "reader", "", "", ""},
	},
	"loan-desk": {
		{"GET /almaws/v1/items", "", "item_barcode=B1003", "", ""}, {strings.Replace(itemRoute, "POST", "GET", 1), "", "", "", "desk"},
		{loansRoute, "thomas", "item_pid=1003", atDesk, "desk"}, {strings.Replace(itemRoute, "POST", "GET", 1), "", "", "", ""},
		{"GET /almaws/v1/users/{user_id}/loans", "ME", "", "", "thomas"}, {"GET /almaws/v1/users/{user_id}/loans", "thomas", "expand=renewable&order_by=title", "", ""},
		{"PUT /almaws/v1/users/{user_id}/loans/{loan_id}", "thomas", "", tomorrow, ""},
		{"POST /almaws/v1/users/{user_id}/loans/{loan_id+}", "thomas", "op=renew", "", ""},
		{"POST /almaws/v1/users/{user_id}/loans/{loan_id+}", "thomas", "op=lost", "", ""}, {"POST /almaws/v1/items", "", scan + "&item_barcode=B1003", "", ""},
		{"GET /almaws/v1/users/{user_id}/loans/{loan_id}", "thomas", "", "", ""}, {loansRoute, "thomas", "item_barcode=B1001", atDesk, ""},
		{"POST /almaws/v1/items", "", scan + "&item_barcode=B1002", "", ""}, {"POST /almaws/v1/items", "", scan + "&item_barcode=B1001", "", ""},
	},
	"fee-desk": {
		{"POST /almaws/v1/users/{user_id}/fees", "21000001", "", `{"type":{"value":"OTHER"},"original_amount":5,"owner":{"value":"MAIN"},"barcode":{"value":"B1001"}}`, "desk"},
		{"GET /almaws/v1/users/{user_id}/fees", "ME", "", "", "thomas"}, {"GET /almaws/v1/users/{user_id}/fees/{fee_id}", "thomas", "", "", ""},
		{"POST /almaws/v1/users/{user_id}/fees/all", "thomas", "op=pay&amount=1&method=CASH", "", ""}, {"POST /almaws/v1/users/{user_id}/fees/all", "thomas", "op=pay&amount=ALL&method=CASH", "", ""},
	},
	"request-listing": {{"GET /almaws/v1/users/{user_id}/requests", "thomas", "", "", ""}, {"GET /almaws/v1/users/{user_id}/requests", "thomas", "status=history", "", ""},
		{"GET /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "", "", ""}},
	"request-update": {
		{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "reason=CannotBeFulfilled", "", ""}, {"POST /almaws/v1/users/{user_id}/requests", "desk", "item_pid=1003", hold, ""},
		{"POST /almaws/v1/users/{user_id}/requests", "desk", "mms_id=991", hold, ""}, {"POST /almaws/v1/users/{user_id}/requests", "thomas", "item_pid=1002", hold, ""},
		{"PUT /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "", hold, ""},
		{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "reason=CannotBeFulfilled", "", ""},
		{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "reason=CannotBeFulfilled", "", ""},
		{"POST /almaws/v1/users/{user_id}/requests", "thomas", "item_pid=1001", `{"request_type":"DIGITIZATION","partial_digitization":true,"chapter_or_article_title":"One"}`, ""},
		{"POST /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "op=next_step", "", ""}, {"POST /almaws/v1/users/{user_id}/requests/{request_id}", "thomas", "op=next_step", "", ""},
	},
	"report-sending": {{"POST /almaws/v1/users/{user_id}/letters", "thomas", "", `{"code":"FulUserBorrowingActivityLetter"}`, ""}, {"POST /almaws/v1/users/{user_id}/letters", "thomas", "", `{"code":"FulRequestsReportLetter"}`, ""},
		{"POST /almaws/v1/users/{user_id}/letters", "thomas", "", `{"code":"FulRequestsReportLetter"}`, ""}, {"GET /almaws/v1/users/{user_id}/letters", "thomas", "", "", ""}},
	"configuration": {{"GET /almaws/v1/conf/code-tables/{name}", "", "", "", ""}, {"GET /almaws/v1/conf/test", "", "", "", "desk"},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances", "", "", "", ""}, {"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "", "", "", ""},
		{"POST /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "", "op=release", "", ""},
		{"POST /almaws/v1/conf/jobs/{job_id}/instances", "", "op=upload&file_name=users.xml&dry_run=true", "", ""},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/rejected", "", "", "", ""}},
}

// runRoutes takes the steps. The patron has a request that waits, and a reader has a request of the
// past, a loan, a fee and a letter, made here past the function.
func (l *demo) runRoutes(name string, client *dynamodb.Client) {
	l.t.Helper()
	made, held := l.waiting(), l.held()
	l.reader()
	switch name {
	case "loan-desk":
		l.want("desk", "1002")
	case "request-update":
		l.borrowed()
		made = l.want("thomas", "1004")
		l.scan("B1004")
	case "report-sending":
		l.borrowed()
	}
	path := map[string]string{"request_id": made, "fee_id": "1", "loan_id": "1", "name": "UserGroups", "job_id": held.Profile, "instance_id": held.ID,
		"mms_id": "993", "holding_id": "1", "item_pid": "1003"}
	invoke := l.invocation(name, client)
	for _, s := range steps[name] {
		path["user_id"] = s.id
		body := strings.Replace(s.body, "TOMORROW", time.Now().AddDate(0, 0, 1).Format(time.DateOnly), 1)
		res, err := invoke(l.t.Context(), l.ask(s.route, path, s.query, body, s.who))
		if err != nil || res.StatusCode >= 500 {
			l.t.Fatalf("%s: %s: got %d %s, %v", name, s.route, res.StatusCode, res.Body, err)
		}
		if res.StatusCode >= 400 && !slices.ContainsFunc(refusals, func(code string) bool { return strings.Contains(res.Body, code) }) {
			l.t.Errorf("%s: %s: got %d %s", name, s.route, res.StatusCode, res.Body)
		}
		for _, member := range []string{"request_id", "loan_id"} {
			path[member] = cmp.Or(idIn(res.Body, member), path[member])
		}
	}
}

// waiting is a request of thomas that waits in a queue; it is made if there is none.
func (l *demo) waiting() string {
	l.t.Helper()
	thomas := map[string]string{"user_id": "thomas"}
	var list struct {
		Request []struct {
			ID string `json:"request_id"`
		} `json:"user_request"`
	}
	text := l.must(200, "request-listing", "GET /almaws/v1/users/{user_id}/requests", thomas, "", "")
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		l.t.Fatal(err)
	}
	if len(list.Request) > 0 {
		return list.Request[0].ID
	}
	return idIn(l.must(200, "request-update", "POST /almaws/v1/users/{user_id}/requests", thomas, "mms_id=991", hold), "request_id")
}

// reader makes the patron reader, if there is none, with a request that was cancelled and the letter about it, a loan that
// is over and a fee that is paid.
func (l *demo) reader() {
	l.t.Helper()
	reader := map[string]string{"user_id": "reader"}
	if _, err := l.store(l.client).Patron(l.t.Context(), "reader"); err == nil {
		return
	}
	l.must(200, "user-update", "POST /almaws/v1/users", nil, "", borrowerJSON("reader", "21000009"))
	reader["request_id"] = idIn(l.must(200, "request-update", "POST /almaws/v1/users/{user_id}/requests", reader, "mms_id=991", hold), "request_id")
	l.must(204, "request-update", "DELETE /almaws/v1/users/{user_id}/requests/{request_id}", reader, "reason=CannotBeFulfilled", "")
	l.past("reader")
}

// held is a job that waits for its release, and has rejected records.
func (l *demo) held() job.Job {
	l.t.Helper()
	j := job.Job{ID: strings.Repeat("0f", 16), Kind: "sis", Profile: "REGISTRAR", Key: "sis/REGISTRAR/full.xml", State: job.Held, Started: time.Now(),
		Again: "rejected/REGISTRAR/0f0f0f0f-full.xml"}
	l.drop(j.Again, "", "<users></users>")
	j, _, err := l.store(l.client).StartJob(l.t.Context(), j)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.store(l.client).EnterJob(l.t.Context(), j.List(), job.Summary{ID: j.ID, Key: j.Key, Started: j.Started}); err != nil {
		l.t.Fatal(err)
	}
	return j
}

// runRounds makes a round twice under one name, as when it was begun by hand and by the scheduler.
func (l *demo) runRounds(f functions.Function, client *dynamodb.Client) {
	l.t.Helper()
	l.borrowed()
	if f.Name == job.HoldShelf {
		l.shelved()
	}
	for _, version := range []string{"1", "2"} {
		res, err := l.imports(f.Name, client)(l.t.Context(), l.drop(f.Round.Folder+"2026-11-23T03:30:00Z", version, "{}"))
		if err != nil || len(res.BatchItemFailures) > 0 {
			l.t.Fatalf("%s: got %+v, %v", f.Name, res, err)
		}
	}
}

const sisUser = `<users><user><primary_id>%s</primary_id><last_name>%s</last_name><user_group>01</user_group>` +
	`<user_identifiers><user_identifier><id_type>BARCODE</id_type><value>%s</value></user_identifier></user_identifiers></user></users>`

// runImports creates, changes and gives new identifiers and barcodes to what a file brings, and delivers one again.
func (l *demo) runImports(name string, client *dynamodb.Client) {
	l.t.Helper()
	files := []string{
		fmt.Sprintf(sisUser, "eve", "Sund", "31000001"), fmt.Sprintf(sisUser, "eve", "Sund-Holm", "31000001"), fmt.Sprintf(sisUser, "eve", "Sund-Holm", "31000002"),
	}
	key := "sis/REGISTRAR/users.xml"
	if name == "item-import" {
		const header = "barcode,item_id,mms_id,title,library\n"
		key, files = "items/items.csv", []string{header + "C1,2001,992,One,MAIN\n", header + "C1,2001,992,Two,MAIN\n", header + "C2,2001,993,Two,MAIN\n"}
	}
	if name == "sis-import" {
		// the last record in another form, with somebody who wants its card
		both := strings.Replace(files[2], "</last_name>", "</last_name> ", 1)
		files[2] = strings.Replace(both, "<users>", "<users><user><primary_id>adam</primary_id><last_name>Sund</last_name><user_group>01</user_group>"+
			"<user_identifiers><user_identifier><id_type>BARCODE</id_type><value>31000002</value></user_identifier></user_identifiers></user>", 1)
		files = append(files[:2], fmt.Sprintf(sisUser, "eve", "Sund-Holm", "31000002"), files[2])
	}
	for i, text := range append(files, files[len(files)-1]) {
		version := fmt.Sprint(min(i, len(files)-1)) // the last comes twice
		res, err := l.imports(name, client)(l.t.Context(), l.drop(key, version, text))
		if err != nil || len(res.BatchItemFailures) > 0 {
			l.t.Fatalf("%s: file %d: got %+v, %v", name, i, res, err)
		}
	}
}
