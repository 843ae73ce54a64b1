package api

import (
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
)

// change is a call that writes something, told by what it is about.
type change struct {
	name, method, path, body string
	status                   int
}

// changes are all calls that change something; REQUEST is a request of grace's.
var changes = []change{
	{"create a user", "POST", "/users", person("new", barcode), 200},
	{"replace a user", "PUT", "/users/ada", person("ada", `"job_description":"writer"`), 200},
	{"replace an identifier", "PUT", "/users/ada", person("ada", barcode), 200},
	{"delete a user", "DELETE", "/users/ada", "", 204},
	{"create a request", "POST", "/users/ada/requests?mms_id=99", holdAtMain, 200},
	{"change a request", "PUT", "/users/grace/requests/REQUEST", strings.Replace(holdAtMain, "MAIN", "SCIENCE", 1), 200},
	{"cancel a request", "DELETE", "/users/grace/requests/REQUEST?reason=CannotBeFulfilled&notify_user=false", "", 204},
}

// writes are the store's operations that write.
var writes = []string{"PutItem", "UpdateItem", "TransactWriteItems"}

func many(f dynamotest.Fault) []dynamotest.Fault {
	faults := make([]dynamotest.Fault, 200)
	for i := range faults {
		faults[i] = f
	}
	return faults
}

// faultyDesk is a desk with two patrons and a request, whose store then meets the faults.
func faultyDesk(t *testing.T, opts ...dynamotest.Option) (d *desk, requestID string) {
	tables := dynamotest.Tables(t)
	good := openDesk(t, tables, dynamotest.Open(t, tables))
	good.key(allRights, auth.AllRights()...)
	good.item("1", "b1", "99")
	good.must(200, "POST", "/users", person("ada"))
	good.must(200, "POST", "/users", person("grace"))
	id := good.must(200, "POST", "/users/grace/requests?mms_id=99", holdAtMain).object(t)["request_id"]
	return openDesk(t, tables, dynamotest.Open(t, tables, opts...)), fmt.Sprint(id)
}

// TestStoreIsOut lets every write fail for good. The answer says so in Alma's envelope, and nothing was changed.
func TestStoreIsOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		status     int
		fault      dynamotest.Fault
	}{
		{"throttled", "PER_SECOND_THRESHOLD", 429, dynamotest.Throttled},
		{"failing", "401652", 500, dynamotest.ServerError},
		{"silent", "401652", 500, dynamotest.LostRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range changes {
				var opts []dynamotest.Option
				for _, operation := range writes {
					opts = append(opts, dynamotest.Sequence(operation, many(tt.fault)...))
				}
				d, id := faultyDesk(t, opts...)
				before := d.contents()
				got := d.call(c.method, strings.Replace(c.path, "REQUEST", id, 1), c.body)
				if got.status != tt.status || got.code() != tt.code {
					t.Errorf("%s: got %d %s, want %d %s", c.name, got.status, got.body, tt.status, tt.code)
				}
				if retry := got.header.Get("Retry-After"); (retry != "") != (tt.status == 429) {
					t.Errorf("%s: Retry-After is %q", c.name, retry)
				}
				if after := d.contents(); after != before {
					t.Errorf("%s: the tables changed: %s", c.name, difference(before, after))
				}
			}
		})
	}
}

// TestReadsFail lets reads fail for good, and then not any more.
func TestReadsFail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		operation, path string
		fault           dynamotest.Fault
		status          int
		code            string
	}{
		{"GetItem", "/users/ada", dynamotest.Throttled, 429, "PER_SECOND_THRESHOLD"},
		{"GetItem", "/users/ada", dynamotest.LostRequest, 500, "401652"},
		{"Query", "/users/ada?expand=requests", dynamotest.Throttled, 429, "PER_SECOND_THRESHOLD"},
		{"Query", "/users/grace/requests", dynamotest.ServerError, 500, "401652"},
		{"BatchGetItem", "/users/grace/requests", dynamotest.Throttled, 429, "PER_SECOND_THRESHOLD"},
		{"BatchGetItem", "/users?q=primary_id~ada", dynamotest.ServerError, 500, "401652"},
	} {
		faults := []dynamotest.Fault{}
		if tt.operation == "GetItem" {
			faults = append(faults, dynamotest.None) // the API key
		}
		d, _ := faultyDesk(t, dynamotest.Sequence(tt.operation, append(faults, many(tt.fault)[:7]...)...))
		if got := d.call("GET", tt.path, ""); got.status != tt.status || got.code() != tt.code {
			t.Errorf("%s of %s: got %d %s, want %d %s", tt.operation, tt.path, got.status, got.body, tt.status, tt.code)
		}
		d.must(200, "GET", tt.path, "")
	}
}

// TestFaultsThatPass gives every write one fault of each kind. The change is made, once, and the answer says so.
func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, fault := range []dynamotest.Fault{dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			t.Parallel()
			for _, c := range changes {
				var opts []dynamotest.Option
				for _, operation := range writes {
					opts = append(opts, dynamotest.Sequence(operation, fault, fault))
				}
				d, id := faultyDesk(t, opts...)
				path := strings.Replace(c.path, "REQUEST", id, 1)
				got := d.call(c.method, path, c.body)
				if got.status != c.status {
					t.Errorf("%s: got %d %s, want %d", c.name, got.status, got.body, c.status)
				}
				checkWhole(t, d, c.name)
			}
		})
	}
}

// checkWhole looks for what is half done: a queue that does not fit the requests.
func checkWhole(t *testing.T, d *desk, name string) {
	t.Helper()
	for _, id := range []string{"ada", "grace"} {
		got := d.call("GET", "/users/"+id+"/requests", "")
		if got.status != 200 {
			continue // deleted
		}
		list, _ := got.object(t)["user_request"].([]any)
		for _, one := range list {
			if one.(map[string]any)["place_in_queue"] == nil {
				t.Errorf("%s: a request that waits has no place: %v", name, one)
			}
		}
	}
	q, err := d.Store.Queue(t.Context(), "99")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Count(d.contents(), `"A#`); len(q.Waiting) != want {
		t.Errorf("%s: %d wait in the queue and %d are active", name, len(q.Waiting), want)
	}
}
