package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// The desks at which items are lent and taken back, as the body of a check-out and as the query of a scan.
const (
	atMain    = `{"library":{"value":"MAIN"},"circ_desk":{"value":"DEFAULT_CIRC_DESK"}}`
	atScience = `{"library":{"value":"SCIENCE"},"circ_desk":{"value":"SCI_CIRC"}}`

	scanAtMain    = "op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK"
	scanAtScience = "op=scan&library=SCIENCE&circ_desk=SCI_CIRC"
)

// holdAtScience is a request whose item is fetched at the Science Library.
var holdAtScience = strings.Replace(holdAtMain, "MAIN", "SCIENCE", 1)

// monday is when the clocks of lending desks begin: both libraries are open, and in 28 days too.
var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(days int) { c.set(c.now().AddDate(0, 0, days)) }

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// lendingDesk is a desk on a Monday at noon, with those patrons of the user group 01, and items 1 to 4: two of the title
// 98 and two of the title 99, with the barcodes b1 to b4.
func lendingDesk(t testing.TB, people []string, opts ...dynamotest.Option) (*desk, *clock) {
	t.Helper()
	c := &clock{at: monday}
	d := newDesk(t, append(opts, dynamotest.Clock(c.now))...)
	d.Now = c.now
	for _, id := range people {
		d.must(200, "POST", "/users", person(id))
	}
	for n := range 4 {
		d.item(fmt.Sprint(n+1), fmt.Sprintf("b%d", n+1), fmt.Sprint(98+n/2))
	}
	return d, c
}

// stock stores an item as [desk.item] does, with changes.
func (d *desk) stock(id, barcode, mms string, change func(*fulfillment.Item)) {
	d.t.Helper()
	it := d.item(id, barcode, mms)
	change(&it)
	if _, _, err := dynamotest.Open(d.t, d.tables).SaveItem(d.t.Context(), it); err != nil {
		d.t.Fatal(err)
	}
}

// lend checks out an item at the main desk, and returns the path of the loan.
func (d *desk) lend(id, barcode string) string {
	d.t.Helper()
	loan := d.must(200, "POST", "/users/"+id+"/loans?item_barcode="+barcode, atMain).object(d.t)
	return fmt.Sprintf("/users/%s/loans/%v", id, loan["loan_id"])
}

// scan scans an item, and returns where the answer says that it goes.
func (d *desk) scan(barcode, desk string) string {
	d.t.Helper()
	return destination(d.must(200, "POST", "/items?item_barcode="+barcode+"&"+desk, "").object(d.t))
}

// destination is where a scanned item goes, or "" when the answer does not tell.
func destination(item map[string]any) string {
	info, _ := item["additional_info"].(string)
	_, to, _ := strings.Cut(info, "Item's destination is: ")
	to, _, _ = strings.Cut(to, ".")
	return to
}

// hold places a request for an item, by "item_pid=1", or for a title, by "mms_id=99", and returns its path.
func (d *desk) hold(id, of, body string) string {
	d.t.Helper()
	made := d.must(200, "POST", "/users/"+id+"/requests?"+of, body).object(d.t)
	return fmt.Sprintf("/users/%s/requests/%v", id, made["request_id"])
}

// loans are a patron's loans in the answer of a list.
func (a answer) loans(t testing.TB) []map[string]any { return a.list(t, "item_loan") }

// list are the objects of that name in the answer.
func (a answer) list(t testing.TB, name string) []map[string]any {
	t.Helper()
	var all []map[string]any
	list, _ := a.object(t)[name].([]any)
	for _, one := range list {
		all = append(all, one.(map[string]any))
	}
	return all
}

// errors are the codes and messages of Alma's envelope in order, as "401651 Item is not loanable."
func (a answer) errors() []string {
	var e envelope
	_ = json.Unmarshal([]byte(a.body), &e)
	var all []string
	for _, one := range e.ErrorList.Error {
		all = append(all, one.ErrorCode+" "+one.ErrorMessage)
	}
	return all
}

// uid is the UID of a patron.
func (d *desk) uid(id string) string {
	d.t.Helper()
	p, err := dynamotest.Open(d.t, d.tables).Patron(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return p.UID
}

// custody is where an item is.
func (d *desk) custody(itemID string) fulfillment.Custody {
	d.t.Helper()
	c, err := dynamotest.Open(d.t, d.tables).Custody(d.t.Context(), itemID)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// valueOf is the value of a code in an object.
func valueOf(object map[string]any, name string) any {
	c, _ := object[name].(map[string]any)
	return c["value"]
}
