package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"patrondesk/infra/local/demo"
)

const (
	thomasPath = "/users/" + demo.ThomasBarcode
	mainDesk   = `{"library":{"value":"MAIN"},"circ_desk":{"value":"` + demo.MainDesk + `"}}`
)

// answers of loans and fees, as far as the story looks at them.
type (
	lentItem struct {
		ID      string    `json:"loan_id"`
		Barcode string    `json:"item_barcode"`
		Due     time.Time `json:"due_date"`
		Process string    `json:"process_status"`
		Fine    float64   `json:"loan_fine"`
	}
	owed struct {
		Fees []struct {
			ID      string  `json:"id"`
			Balance float64 `json:"balance"`
			Barcode struct {
				Value string `json:"value"`
			} `json:"barcode"`
		} `json:"fee"`
		Sum float64 `json:"total_sum"`
	}
)

// read is the answer as an object.
func read[T any](t *testing.T, r reply) T {
	t.Helper()
	var into T
	if err := json.Unmarshal([]byte(r.body), &into); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return into
}

// lending is the part of the story in which Thomas borrows, renews, is late, and pays. What he did to the library is
// undone at its end, so that it can be played again.
func (d stage) lending() {
	d.t.Helper()
	d.giveBack()
	d.t.Cleanup(d.giveBack)
	run := fmt.Sprint(time.Now().UnixNano())

	d.t.Log("two items are lent, each once however often it is scanned")
	first := d.checkOut(demo.Almanac, "story 1 "+run)
	again := d.checkOut(demo.Almanac, "story 1 "+run)
	late := d.checkOut(demo.Rooms, "story 2 "+run)
	list := d.must(200, "GET", thomasPath+"/loans", "").body
	if first.ID != again.ID || strings.Count(list, `"`+first.ID+`"`) != 1 || strings.Count(list, `"`+late.ID+`"`) != 1 {
		d.t.Fatalf("got %+v and %+v; the list is %s", first, again, list)
	}

	d.t.Log("a third is refused, because somebody waits for it")
	refused := d.call("POST", thomasPath+"/loans?item_barcode="+demo.Middlemarch, mainDesk)
	if refused.status != 400 || !strings.Contains(refused.body, `"401651"`) || !strings.Contains(refused.body, "Another patron asked for the item") {
		d.t.Errorf("got %d %s", refused.status, refused.body)
	}
	if strings.Contains(strings.ToLower(refused.body), "khan") {
		d.t.Errorf("the refusal tells who waits: %s", refused.body)
	}
	if d.env["CLOCK_URL"] == "" {
		d.t.Log("there is no clock to put forward, so nothing becomes late")
		return
	}
	d.late(first, late, run)
}

// late goes on six weeks later: the first item was renewed, and the other is brought back late.
func (d stage) late(kept, late lentItem, run string) {
	d.t.Helper()
	d.t.Log("three weeks later one is renewed")
	d.advance("22d")
	renewed := read[lentItem](d.t, d.must(200, "POST", thomasPath+"/loans/"+kept.ID+"?op=renew", ""))
	if renewed.Process != "RENEW" || !renewed.Due.After(kept.Due) {
		d.t.Errorf("renewed until %v, %s; before it was %v", renewed.Due, renewed.Process, kept.Due)
	}

	d.t.Log("another three weeks later the other is brought back, late")
	d.advance("20d")
	fine := read[lentItem](d.t, d.must(200, "GET", thomasPath+"/loans/"+late.ID, "")).Fine
	d.must(200, "POST", "/items?op=scan&item_barcode="+demo.Rooms+"&library=MAIN&circ_desk="+demo.MainDesk, "")
	debt := read[owed](d.t, d.must(200, "GET", thomasPath+"/fees", ""))
	if len(debt.Fees) != 1 || debt.Sum != fine || fine < 1 || debt.Fees[0].Barcode.Value != demo.Rooms {
		d.t.Fatalf("a fine of %.2f was to be expected, and %+v is owed", fine, debt)
	}

	d.t.Log("half a pound of the fine is paid, once")
	for range 2 {
		d.must(200, "POST", thomasPath+"/fees/"+debt.Fees[0].ID+"?op=pay&amount=0.50&method=CASH", "", "Idempotency-Key: story pay "+run)
	}
	left := fmt.Sprintf("%.2f", fine-0.5)
	if got := read[owed](d.t, d.must(200, "GET", thomasPath+"/fees", "")).Sum; fmt.Sprintf("%.2f", got) != left {
		d.t.Errorf("%.2f is owed, want %s", got, left)
	}

	d.t.Log("the Borrowing Activity Letter says so")
	sent := d.must(200, "POST", thomasPath+"/letters", `{"code":"FulUserBorrowingActivityLetter"}`, "Idempotency-Key: story letter "+run).object(d.t)
	if sent["status"] != "SENT" {
		d.t.Errorf("got %v", sent)
	}
	d.letterSays(fmt.Sprint(sent["message_id"]), []string{
		"The Tide Clerk's Almanac", renewed.Due.In(zone(d.t)).Format("2 January 2006"), left + " GBP",
	}, "Rooms Without Corners")
}

func zone(t *testing.T) *time.Location {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return london
}

func (d stage) checkOut(barcode, key string) lentItem {
	d.t.Helper()
	return read[lentItem](d.t, d.must(200, "POST", thomasPath+"/loans?item_barcode="+barcode, mainDesk, "Idempotency-Key: "+key))
}

// advance puts the library's clock forward.
func (d stage) advance(by string) {
	d.t.Helper()
	if _, err := callClock(d.t.Context(), d.env["CLOCK_URL"], by, false); err != nil {
		d.t.Fatal(err)
	}
}

// giveBack returns both items, pays what is owed and sets the clock right, as far as there is any of it to do.
func (d stage) giveBack() {
	d.t.Helper()
	for _, barcode := range []string{demo.Almanac, demo.Rooms} {
		d.must(200, "POST", "/items?op=scan&item_barcode="+barcode+"&library=MAIN&circ_desk="+demo.MainDesk, "")
	}
	if read[owed](d.t, d.must(200, "GET", thomasPath+"/fees", "")).Sum > 0 {
		d.must(200, "POST", thomasPath+"/fees/all?op=pay&amount=ALL&method=CASH", "")
	}
	if at := d.env["CLOCK_URL"]; at != "" {
		if _, err := callClock(context.Background(), at, "", true); err != nil { // the test's own context may be over
			d.t.Fatal(err)
		}
	}
}

// letterSays looks into a letter in the mailbox, where there is one.
func (d stage) letterSays(messageID string, has []string, hasNot string) {
	d.t.Helper()
	if d.env["MAILBOX_URL"] == "" {
		return
	}
	res, err := http.Get(d.env["MAILBOX_URL"] + "/store")
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	box := read[struct {
		Emails []struct {
			ID   string `json:"messageId"`
			Body struct{ Text string }
		}
	}](d.t, reply{body: string(text)})
	for _, mail := range box.Emails {
		if mail.ID != messageID {
			continue
		}
		said := strings.ReplaceAll(mail.Body.Text, "\u00a0", " ") // dates and amounts do not break
		for _, want := range has {
			if !strings.Contains(said, want) {
				d.t.Errorf("the letter does not say %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, hasNot) {
			d.t.Errorf("the letter says %q:\n%s", hasNot, said)
		}
		return
	}
	d.t.Errorf("the letter %s is not in the mailbox", messageID)
}
