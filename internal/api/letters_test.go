package api

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
)

// reader stores a patron who has an e-mail address, ID@readers.example, and one request; more are as in person.
func (d *desk) reader(id string, more ...string) {
	d.t.Helper()
	if !strings.Contains(strings.Join(more, ""), "contact_info") {
		more = append(more, email(id+"@readers.example"))
	}
	d.must(200, "POST", "/users", person(id, more...))
	d.must(200, "POST", "/users/"+id+"/requests?mms_id=99", holdAtMain)
}

// email is the JSON of contact information with one preferred address.
func email(address string) string {
	return fmt.Sprintf(`"contact_info":{"email":[{"preferred":true,"email_address":%q,"email_type":[{"value":"work"}]}]}`, address)
}

// letterDesk is a desk with a mailbox, a title to request and a letter that is switched off.
func letterDesk(t *testing.T, around around) (*desk, *mailbox) {
	t.Helper()
	box, d := newMailbox(t), newDesk(t)
	d.mailTo(box, around)
	d.item("1", "b1", "99")
	return d, box
}

// TestLetters sends letters to patrons of every kind and looks at what arrived.
func TestLetters(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	d.reader("thomas")
	d.reader("nomail", `"contact_info":{}`)
	d.reader("twomails", `"contact_info":{"email":[{"email_address":"a@readers.example","email_type":[{"value":"work"}]},{"email_address":"b@readers.example","email_type":[{"value":"work"}]}]}`)
	d.reader("optedout", `"library_notice":[{"code":{"value":"FulRequestsReportLetter"},"value":false}]`)
	d.must(200, "POST", "/users", person("idle", email("idle@readers.example")))
	for _, tt := range []struct {
		who, query, body, code string
		status, mails          int
	}{
		{"thomas", "?op=preview", reportLetter, "", 200, 0},
		{"nomail", "?op=preview", reportLetter, "", 200, 0},
		{"thomas", "", reportLetter, "", 200, 1},
		{"thomas", "", reportLetter, "", 200, 1}, // a double click
		{"nomail", "", reportLetter, "LETTER_NO_EMAIL", 400, 0},
		{"twomails", "", reportLetter, "LETTER_NO_EMAIL", 400, 0}, // none of them is preferred
		{"optedout", "", reportLetter, "LETTER_OPTED_OUT", 400, 0},
		{"idle", "", reportLetter, "LETTER_NOTHING_TO_REPORT", 400, 0},
		{"thomas", "", `{"code":"OverdueNoticeLetter"}`, "LETTER_UNKNOWN_CODE", 400, 1},
		{"thomas", "?op=burn", reportLetter, "401666", 400, 1},
		{"nobody", "", reportLetter, "401861", 400, 0},
	} {
		got := d.call("POST", "/users/"+tt.who+"/letters"+tt.query, tt.body)
		if mails := len(box.to(tt.who + "@readers.example")); got.status != tt.status || got.code() != tt.code || mails != tt.mails {
			t.Errorf("%s%s %s: got %d %s and %d mails, want %d %s and %d", tt.who, tt.query, tt.body, got.status, got.body, mails, tt.status, tt.code, tt.mails)
		}
	}
	if all := len(box.mails()); all != 1 {
		t.Errorf("%d mails arrived in all, want 1", all)
	}
	d.Institution.Letters.Disabled = map[string]bool{"FulRequestsReportLetter": true}
	if got := d.call("POST", "/users/thomas/letters", reportLetter, "Idempotency-Key: later"); got.code() != "LETTER_DISABLED" || len(box.mails()) != 1 {
		t.Errorf("switched off: got %d %s and %d mails", got.status, got.body, len(box.mails()))
	}
}

// TestLetterArrives holds what a letter says, and what is told of it.
func TestLetterArrives(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	d.reader("thomas", `"pref_first_name":"Tommy"`, `"preferred_language":{"value":"de"}`)
	got := d.must(200, "POST", "/users/thomas/letters", reportLetter).object(t)
	if got["status"] != "SENT" || got["code"] != "FulRequestsReportLetter" || got["language"] != "de" || got["message_id"] == nil {
		t.Errorf("got %v", got)
	}
	mails := box.to("thomas@readers.example")
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(mails))
	}
	m := mails[0]
	if m.Subject != got["subject"] || !strings.Contains(m.From, "library@demo.example") || fmt.Sprint(m.ReplyTo) != "[desk@library.demo.example]" || len(m.Destination.CC)+len(m.Destination.BCC) > 0 {
		t.Errorf("the mail is %+v", m)
	}
	for _, text := range []string{m.Body.Text, m.Body.HTML} {
		if !strings.Contains(text, "Tommy Byron") || strings.Contains(text, "Ada") || !strings.Contains(text, "A title of 99") || !strings.Contains(text, "Guten Tag") {
			t.Errorf("the letter says\n%s", text)
		}
	}
	list := d.must(200, "GET", "/users/thomas/letters", "").object(t)
	if listed := list["letter"].([]any)[0].(map[string]any); list["total_record_count"] != float64(1) || listed["status"] != "SENT" || listed["id"] != got["id"] {
		t.Errorf("listed %v", list)
	}
}

func TestLanguageOfALetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	for language, want := range map[string]string{"en": "en", "de": "de", "fr": "fr", "it": "en", "": "en"} {
		id := "reader-" + language
		d.reader(id, fmt.Sprintf(`"preferred_language":{"value":%q}`, language))
		if got := d.must(200, "POST", "/users/"+id+"/letters?op=preview", reportLetter).object(t)["language"]; got != want {
			t.Errorf("preferred language %q: the letter is in %v, want %s", language, got, want)
		}
	}
}

// TestIdempotency sends the same letter several times, with keys and without.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	for _, tt := range []struct {
		name  string
		keys  []string
		mails int
	}{
		{"same-key", []string{"k1", "k1", "k1"}, 1},
		{"other-key", []string{"k1", "k2"}, 2},
		{"without", []string{"", "", ""}, 1},
		{"mixed", []string{"", "k1", "", "k1"}, 2},
	} {
		d.reader(tt.name)
		ids := map[any]bool{}
		for _, key := range tt.keys {
			ids[d.must(200, "POST", "/users/"+tt.name+"/letters", reportLetter, "Idempotency-Key: "+key).object(t)["id"]] = true
		}
		if mails := len(box.to(tt.name + "@readers.example")); mails != tt.mails || len(ids) != tt.mails {
			t.Errorf("%s: %d mails of %d letters, want %d", tt.name, mails, len(ids), tt.mails)
		}
	}
}

func TestManyClicksAtOnceSendOneLetter(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	for _, key := range []string{"", "k1"} {
		id := "clicks" + key
		d.reader(id)
		var wg sync.WaitGroup
		statuses := make([]int, 10)
		for i := range statuses {
			wg.Go(func() {
				statuses[i] = d.call("POST", "/users/"+id+"/letters", reportLetter, "Idempotency-Key: "+key).status
			})
		}
		wg.Wait()
		if mails := len(box.to(id + "@readers.example")); mails != 1 || fmt.Sprint(statuses) != "[200 200 200 200 200 200 200 200 200 200]" {
			t.Errorf("with the key %q: %d mails, answers %v", key, mails, statuses)
		}
	}
}

// TestMailFaults lets SES fail in every way that matters, and repeats the call when it works: what may have been sent
// is not sent again, what certainly was not is.
func TestMailFaults(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var fault func(call func() error) error
	d, box := letterDesk(t, func(call func() error) error {
		mu.Lock()
		defer mu.Unlock()
		return fault(call)
	})
	throttledFirst := 0
	for _, tt := range []struct {
		name, first, again string // codes
		states             string // in the end, the newest first
		fault              func(call func() error) error
		mails              int
	}{
		{"applied", "LETTER_UNKNOWN", "LETTER_UNKNOWN", "[UNKNOWN]", func(call func() error) error { _ = call(); return context.DeadlineExceeded }, 1},
		{"timeout", "LETTER_UNKNOWN", "LETTER_UNKNOWN", "[UNKNOWN]", func(func() error) error { return context.DeadlineExceeded }, 0},
		{"throttled", "LETTER_FAILED", "", "[SENT]", func(func() error) error { return &types.TooManyRequestsException{} }, 1},
		{"rejected", "LETTER_FAILED", "", "[SENT]", func(func() error) error { return &types.MessageRejected{} }, 1},
		{"throttled-once", "", "", "[SENT]", func(call func() error) error {
			if throttledFirst++; throttledFirst == 1 {
				return &types.TooManyRequestsException{}
			}
			return call()
		}, 1},
	} {
		d.reader(tt.name)
		fault = tt.fault
		first := d.call("POST", "/users/"+tt.name+"/letters", reportLetter)
		fault = func(call func() error) error { return call() }
		again := d.call("POST", "/users/"+tt.name+"/letters", reportLetter)
		if mails := len(box.to(tt.name + "@readers.example")); first.code() != tt.first || again.code() != tt.again || mails != tt.mails {
			t.Errorf("%s: got %s, then %s, and %d mails; want %s, %s and %d", tt.name, first.body, again.body, mails, tt.first, tt.again, tt.mails)
		}
		var states []any
		for _, l := range d.must(200, "GET", "/users/"+tt.name+"/letters", "").object(t)["letter"].([]any) {
			states = append(states, l.(map[string]any)["status"])
		}
		if fmt.Sprint(states) != tt.states {
			t.Errorf("%s: the letters are %v, want %s", tt.name, states, tt.states)
		}
	}
}

// TestCancellationIsTold cancels requests of patrons of every kind, with and without telling them.
func TestCancellationIsTold(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	for _, tt := range []struct {
		who, more, query, header string
		mails                    int
	}{
		{"told", "", "", "SENT", 1},
		{"told-too", "", "&notify_user=true", "SENT", 1},
		{"untold", "", "&notify_user=false", "", 0},
		{"nomail", `"contact_info":{}`, "", "LETTER_NO_EMAIL", 0},
		{"optedout", `"library_notice":[{"code":{"value":"` + letter.RequestCancelledCode + `"},"value":false}]`, "", "LETTER_OPTED_OUT", 0},
	} {
		d.reader(tt.who, strings.Fields(tt.more)...)
		list := d.must(200, "GET", "/users/"+tt.who+"/requests", "").object(t)["user_request"].([]any)
		path := fmt.Sprintf("/users/%s/requests/%v?reason=CannotBeFulfilled", tt.who, list[0].(map[string]any)["request_id"])
		got := d.must(204, "DELETE", path+tt.query, "")
		if mails := len(box.to(tt.who + "@readers.example")); got.header.Get("X-Patrondesk-Letter") != tt.header || mails != tt.mails {
			t.Errorf("%s: the header says %q, %d mails; want %q and %d", tt.who, got.header.Get("X-Patrondesk-Letter"), mails, tt.header, tt.mails)
		}
		if again := d.call("DELETE", path+tt.query, ""); again.code() != "401694" {
			t.Errorf("%s: cancelled again: %d %s", tt.who, again.status, again.body)
		}
	}
}

// TestHeaderInjection tries to get headers and recipients of its own into a letter, by everything a letter repeats.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	inject := "x\r\nBcc: thief@evil.example\r\n\r\nbody"
	quoted := `"x\r\nBcc: thief@evil.example\r\n\r\nbody"`
	it := fulfillment.Item{ID: "7", Barcode: "b7", MMSID: "97", Title: inject, Author: inject, Library: fulfillment.Code{Value: "MAIN", Desc: inject}}
	if _, _, err := d.Store.SaveItem(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	d.Institution.Libraries[0].Name = inject
	for id, more := range map[string][]string{
		"title":    nil,
		"names":    {`"pref_first_name":` + quoted, `"pref_last_name":` + quoted},
		"language": {`"preferred_language":{"value":` + quoted + `}`},
		"address":  {`"contact_info":{"email":[{"preferred":true,"email_address":"a@readers.example\r\nBcc: thief@evil.example","email_type":[{"value":"work"}]}]}`},
		"several":  {email("a@readers.example, thief@evil.example")},
		"angled":   {email("<thief@evil.example> a@readers.example")},
		"semi":     {email("a@readers.example;thief@evil.example")},
	} {
		if len(more) == 0 || !strings.Contains(more[0], "contact_info") {
			more = append(more, email(id+"@readers.example"))
		}
		created := d.call("POST", "/users", person(id, more...))
		if created.status != 200 {
			if created.code() != "401864" && created.code() != "401676" {
				t.Errorf("%s: got %d %s", id, created.status, created.body)
			}
			continue
		}
		d.must(200, "POST", "/users/"+id+"/requests?item_pid=7", holdAtMain)
		d.must(200, "POST", "/users/"+id+"/letters", reportLetter)
	}
	arrived := map[string]bool{}
	for _, m := range box.mails() {
		arrived[strings.Join(m.Destination.To, ",")] = true
		if len(m.Destination.CC)+len(m.Destination.BCC) > 0 || strings.ContainsAny(m.Subject+m.From, "\r\n") || !strings.Contains(m.From, "<library@demo.example>") {
			t.Errorf("a mail arrived as %+v", m)
		}
	}
	if want := map[string]bool{"title@readers.example": true, "names@readers.example": true}; !maps.Equal(arrived, want) {
		t.Errorf("mails went to %v, want %v", arrived, want)
	}
}
