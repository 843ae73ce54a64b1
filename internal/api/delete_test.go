package api

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

func TestDeletionIsRefusedInWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada", barcode))
	for n, want := range []string{"", "has 1 open request (", "has 2 open requests ("} {
		if n == 0 {
			continue
		}
		title := fmt.Sprint(n)
		d.item(title, "b"+title, "99"+title)
		d.must(200, "POST", "/users/ada/requests?item_pid="+title, holdAtMain)
		for query, id := range map[string]string{"": "identifier 2100.", "?user_id_type=BARCODE": "identifier 2100 of type BARCODE."} {
			got := d.call("DELETE", "/users/2100"+query, "")
			if got.code() != "401850" || !strings.Contains(got.body, want) || !strings.Contains(got.body, id) {
				t.Errorf("got %d %s, want %q and %q", got.status, got.body, id, want)
			}
		}
	}
}

// TestDeletionThatTakesTooLong lets the time for a deletion end after the first part of the history is gone. The answer
// says so, and repeating the call deletes the rest.
func TestDeletionThatTakesTooLong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada"))
	p, err := d.Store.Patron(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	const past = 120
	for n := range past {
		ended := fulfillment.Request{ID: fmt.Sprint(1000 + n), Type: fulfillment.Hold}
		ended.End(time.Now(), fulfillment.Code{}, "")
		_, err := d.Store.Move(t.Context(), fulfillment.MoveRequest(p.UID, fulfillment.Request{}, ended, fulfillment.Queue{}))
		if err != nil {
			t.Fatal(err)
		}
	}
	rec := dynamotest.Record()
	slow := openDesk(t, d.tables, dynamotest.Open(t, d.tables, rec, dynamotest.Clock(laterAfter(rec, 1))))
	got := slow.call("DELETE", "/users/ada", "")
	if got.code() != "401850" || !strings.Contains(got.body, "was not deleted, but some of what is past may be gone") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	d.must(200, "GET", "/users/ada", "")
	if left := strings.Count(d.contents(), `"H#`); left == 0 || left >= past {
		t.Errorf("%d past requests are left of %d", left, past)
	}
	d.must(204, "DELETE", "/users/ada", "")
	if left := d.contents(); strings.Contains(left, "U#"+p.UID) {
		t.Errorf("what is left is %s", left)
	}
}

// laterAfter is a clock that jumps by the time a mark of deletion lasts for, after that many transactions.
func laterAfter(rec *dynamotest.Recorder, transactions int) func() time.Time {
	var mu sync.Mutex
	seen := 0
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if seen += rec.Take().Calls["TransactWriteItems"]; seen >= transactions {
			return time.Now().Add(31 * time.Second)
		}
		return time.Now()
	}
}
