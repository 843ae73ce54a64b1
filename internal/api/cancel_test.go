package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/letter"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
)

// firstRequest is the path of a patron's first active request, or "".
func (d *desk) firstRequest(id string) string {
	d.t.Helper()
	list, _ := d.must(200, "GET", "/users/"+id+"/requests", "").object(d.t)["user_request"].([]any)
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("/users/%s/requests/%v", id, list[0].(map[string]any)["request_id"])
}

// readerOf is reader with a request for a title of their own, in whose queue nobody else is.
func (d *desk) readerOf(id, title string) {
	d.t.Helper()
	d.item(title, "barcode-"+title, title)
	d.must(200, "POST", "/users", person(id, email(id+"@readers.example")))
	d.must(200, "POST", "/users/"+id+"/requests?mms_id="+title, holdAtMain)
}

// letters are the letters of a patron as they are listed.
func (d *desk) letters(id string) []map[string]any {
	d.t.Helper()
	var all []map[string]any
	list, _ := d.must(200, "GET", "/users/"+id+"/letters", "").object(d.t)["letter"].([]any)
	for _, l := range list {
		all = append(all, l.(map[string]any))
	}
	return all
}

// dyingWith lets calls to SES meet what the process that dies meets.
func dyingWith(life *dynamotest.Life) around {
	return func(call func() error) error {
		switch life.Step() {
		case dynamotest.None:
			return call()
		case dynamotest.LostAnswer:
			_ = call()
		}
		return context.DeadlineExceeded
	}
}

// later is a desk on the same tables two minutes on.
func (d *desk) later(box *mailbox) *desk {
	d.t.Helper()
	later := openDesk(d.t, d.tables, dynamotest.Open(d.t, d.tables))
	later.Outbox = outbox.New(later.Store, mail.New(sesClient(box.url, nil), ""), func() time.Time { return time.Now().Add(2 * time.Minute) })
	return later
}

// TestCancellationThatDies ends the function at each call of a cancellation, be it DynamoDB's or SES's. Then the
// letters are listed, or the client repeats its call, or both. The letter is sent once or shown as what it is; it is
// never lost.
func TestCancellationThatDies(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	const steps = 9 // of them the API key, patron, request and queue are read in 5
	for at := 4; at <= steps+1; at++ {
		for _, how := range []dynamotest.Fault{dynamotest.LostRequest, dynamotest.LostAnswer} {
			for _, then := range []string{"list", "repeat list", "list repeat list"} {
				t.Run(fmt.Sprint(at, "/", how, "/", then), func(t *testing.T) {
					t.Parallel()
					d := openDesk(t, d.tables, dynamotest.Open(t, d.tables))
					d.mailTo(box, nil)
					who := fmt.Sprintf("reader-%d-%d-%d", at, how, len(then))
					d.readerOf(who, "title-"+who)
					path := d.firstRequest(who) + "?reason=CannotBeFulfilled&note=sorry"
					life := dynamotest.Dies(at, how)
					dying := openDesk(t, d.tables, dynamotest.Open(t, d.tables, life))
					dying.mailTo(box, dyingWith(life))
					first := dying.call("DELETE", path, "")
					if sent := at >= steps; sent != (first.header.Get(letterHeader) == "SENT") { // the last step records it
						t.Errorf("the first answer is %d with the letter %s", first.status, first.header.Get(letterHeader))
					}
					afterDeath(t, d, box, who, path, then)
				})
			}
		}
	}
}

// afterDeath does what then says, and holds what is listed against what arrived.
func afterDeath(t *testing.T, d *desk, box *mailbox, who, path, then string) {
	repeated := false
	for _, step := range strings.Fields(then) {
		if step == "repeat" {
			owed := d.firstRequest(who) != "" || unsent(d, who)
			got := d.call("DELETE", path, "")
			if owed && (got.status != 204 || got.header.Get(letterHeader) != "SENT") || !owed && got.code() != "401694" {
				t.Errorf("repeated: got %d %s with the letter %s; owed is %v", got.status, got.body, got.header.Get(letterHeader), owed)
			}
			repeated = true
			continue
		}
		open, letters := d.firstRequest(who) != "", d.later(box).letters(who)
		mails := len(box.to(who + "@readers.example"))
		if open {
			if repeated || len(letters) != 0 || mails != 0 {
				t.Errorf("the request is active, and there are %v and %d mails", letters, mails)
			}
			continue
		}
		if len(letters) != 1 {
			t.Fatalf("the request is cancelled, and there are the letters %v", letters)
		}
		status, reason := letters[0]["status"], fmt.Sprint(letters[0]["reason"])
		switch {
		case status == "SENT" && mails == 1:
		case status == "UNKNOWN" && mails <= 1:
		case status == "FAILED" && mails == 0 && !repeated && strings.Contains(reason, "it was not sent"):
		default:
			t.Errorf("the letter is shown as %v, %s, and %d mails arrived", status, reason, mails)
		}
	}
}

// unsent reports whether a letter of the patron was never handed to SES.
func unsent(d *desk, who string) bool {
	d.t.Helper()
	p, err := d.Store.Patron(d.t.Context(), who)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := d.Store.Letters(d.t.Context(), p.UID)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(all) == 1 && all[0].Unsent()
}

// TestOnlyTheSameCancellationIsResumed cancels with a function that dies before it sends, and then in other words.
func TestOnlyTheSameCancellationIsResumed(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	d.reader("thomas")
	path := d.firstRequest("thomas")
	tag := "If-Match: " + d.must(200, "GET", path, "").header.Get("ETag")
	life := dynamotest.Dies(7, dynamotest.LostRequest)
	dying := openDesk(t, d.tables, dynamotest.Open(t, d.tables, life))
	dying.mailTo(box, dyingWith(life))
	dying.call("DELETE", path+"?reason=CannotBeFulfilled&note=sorry", "", tag)
	for _, query := range []string{
		"reason=CannotBeFulfilled", "reason=CancelledAtPatronRequest&note=sorry", "reason=CannotBeFulfilled&note=sorry&notify_user=false",
	} {
		if got := d.call("DELETE", path+"?"+query, ""); got.code() != "401694" {
			t.Errorf("%s: got %d %s", query, got.status, got.body)
		}
	}
	if got := d.call("DELETE", path+"?reason=CannotBeFulfilled&note=sorry", "", `If-Match: "another"`); got.code() != "401694" || len(box.mails()) != 0 {
		t.Errorf("another version: got %d %s and %d mails", got.status, got.body, len(box.mails()))
	}
	got := d.must(204, "DELETE", path+"?reason=CannotBeFulfilled&note=sorry", "", tag)
	mails := box.to("thomas@readers.example")
	if got.header.Get(letterHeader) != "SENT" || len(mails) != 1 || !strings.Contains(mails[0].Body.Text, "sorry") {
		t.Errorf("got %v and %d mails", got.header, len(mails))
	}
	if l := d.letters("thomas"); len(l) != 1 || l[0]["status"] != "SENT" || l[0]["code"] != letter.RequestCancelledCode {
		t.Errorf("the letters are %v", l)
	}
}

// TestCancellationResumedWithoutAnAddress repeats a cancellation whose letter has nowhere to go any more.
func TestCancellationResumedWithoutAnAddress(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	d.reader("thomas")
	path := d.firstRequest("thomas") + "?reason=CannotBeFulfilled"
	dying := openDesk(t, d.tables, dynamotest.Open(t, d.tables, dynamotest.Dies(7, dynamotest.LostRequest)))
	dying.call("DELETE", path, "")
	d.must(200, "PUT", "/users/thomas", person("thomas"))
	got := d.must(204, "DELETE", path, "")
	if got.header.Get(letterHeader) != "LETTER_NO_EMAIL" || len(box.mails()) != 0 {
		t.Errorf("got %v and %d mails", got.header, len(box.mails()))
	}
	if l := d.later(box).letters("thomas"); len(l) != 1 || l[0]["status"] != "FAILED" {
		t.Errorf("the letters are %v", l)
	}
}

// TestLetterThatDies ends the function at each call of a letter sent with a key, and repeats the call.
func TestLetterThatDies(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	const steps = 9 // of them the API key, patron, requests and queues are read in 5
	for at := 5; at <= steps+1; at++ {
		for _, how := range []dynamotest.Fault{dynamotest.LostRequest, dynamotest.LostAnswer} {
			for _, listed := range []bool{false, true} {
				t.Run(fmt.Sprint(at, "/", how, "/", listed), func(t *testing.T) {
					t.Parallel()
					d := openDesk(t, d.tables, dynamotest.Open(t, d.tables))
					d.mailTo(box, nil)
					who := fmt.Sprintf("reader-%d-%d-%v", at, how, listed)
					d.readerOf(who, "title-"+who)
					life := dynamotest.Dies(at, how)
					dying := openDesk(t, d.tables, dynamotest.Open(t, d.tables, life))
					dying.mailTo(box, dyingWith(life))
					dying.call("POST", "/users/"+who+"/letters", reportLetter, "Idempotency-Key: k")
					if listed {
						d.later(box).letters(who)
					}
					d.later(box).call("POST", "/users/"+who+"/letters", reportLetter, "Idempotency-Key: k")
					mails, letters := len(box.to(who+"@readers.example")), d.letters(who)
					if len(letters) != 1 {
						t.Fatalf("the letters are %v", letters)
					}
					if status := letters[0]["status"]; !(status == "SENT" && mails == 1 || status == "UNKNOWN" && mails <= 1) {
						t.Errorf("the letter is shown as %v, and %d mails arrived", status, mails)
					}
				})
			}
		}
	}
}

// TestPastGoesWithTheUser deletes a patron, of whom no request and no letter is left.
func TestPastGoesWithTheUser(t *testing.T) {
	t.Parallel()
	d, _ := letterDesk(t, nil)
	d.reader("thomas")
	d.must(200, "POST", "/users/thomas/letters", reportLetter)
	d.must(204, "DELETE", d.firstRequest("thomas")+"?reason=CannotBeFulfilled", "")
	p, err := d.Store.Patron(t.Context(), "thomas")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(d.contents(), "U#"+p.UID); n < 6 {
		t.Errorf("%d items before, want the patron, a request and two letters with their keys", n)
	}
	d.must(204, "DELETE", "/users/thomas", "")
	if left := d.contents(); strings.Contains(left, "U#"+p.UID) {
		t.Errorf("what is left is %s", left)
	}
}
