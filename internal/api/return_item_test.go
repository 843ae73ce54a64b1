package api

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
)

// itemPath is the path of an item as [desk.item] stores it.
func itemPath(id, mms string) string { return "/bibs/" + mms + "/holdings/22" + id + "/items/" + id }

// TestReturn takes items back, by the item's own call and by its barcode.
func TestReturn(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	first, second := d.lend("ada", "b1"), d.lend("ada", "b2")
	c.move(1)
	got := d.must(200, "POST", itemPath("1", "98")+"?"+scanAtMain, "").object(t)
	data := got["item_data"].(map[string]any)
	if destination(got) != "Reshelve to Main Library" || valueOf(data, "base_status") != "1" || data["requested"] != false || data["barcode"] != "b1" || data["due_date"] != nil {
		t.Errorf("got %v", got)
	}
	if to := d.scan("b2", scanAtScience); to != "Main Library" {
		t.Errorf("at another library the item goes to %q", to)
	}
	for path, desk := range map[string]string{first: "DEFAULT_CIRC_DESK", second: "SCI_CIRC"} {
		loan := d.must(200, "GET", path, "").object(t)
		if loan["loan_status"] != "COMPLETE" || loan["return_date"] != "2026-11-24T12:00:00Z" || valueOf(loan, "return_circ_desk") != desk || valueOf(loan, "returned_by") != "test" {
			t.Errorf("the loan is %v", loan)
		}
	}
	checkLending(t, d)
	if at := d.custody("2"); at.State != fulfillment.InTransit || at.To.Library.Value != "MAIN" {
		t.Errorf("the item of the other library is %+v", at)
	}
	d.scan("b2", scanAtMain)
	if at := d.custody("2"); at.State != fulfillment.AtPlace {
		t.Errorf("at home the item is %+v", at)
	}
	before := d.contents()
	for range 2 { // a scan of what is in its place changes nothing
		if to := d.scan("b2", scanAtMain); to != "Reshelve to Main Library" {
			t.Errorf("again the item goes to %q", to)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	inXML := d.must(200, "POST", itemPath("1", "98")+"?"+scanAtMain, "", "Accept: application/xml").body
	if !strings.Contains(inXML, "<additional_info>Item&#39;s destination is: Reshelve to Main Library. Request/Process Type: . Requester: . Requester ID: . Place in Queue: 0</additional_info>") {
		t.Errorf("in XML: got %s", inXML)
	}
	d.lend("ada", "b1")
	checkLending(t, d)
}

// TestReturnIsRefused asks for scans that cannot be: the codes are told, and nothing is written.
func TestReturnIsRefused(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	d.lend("ada", "b1")
	c.set(monday.Add(time.Hour))
	before := d.contents()
	item := itemPath("1", "98")
	for _, tt := range []struct{ path, want string }{
		{"/items", "401664 Mandatory field is missing: item_barcode"}, {"/items?" + scanAtMain, "401664 Mandatory field is missing: item_barcode"},
		{"/items?item_barcode=b99&" + scanAtMain, "401689 No items found for barcode b99."},
		{"/items?item_barcode=" + strings.Repeat("9", 3000) + "&" + scanAtMain, "401689"},
		{"/items?item_barcode=b1", "401666 op parameter is not valid. It takes scan. Nothing was changed."}, {item, "401666"}, {item + "?op=burn", "401666"},
		{item + "?op=scan", "40166415 Must send at least one of the following parameters: [circ_desk,department] Give library and circ_desk. Nothing was changed."},
		{item + "?op=scan&library=MAIN", "40166415"}, {item + "?op=scan&circ_desk=DEFAULT_CIRC_DESK", "40166415"},
		{item + "?op=scan&library=MOON&circ_desk=DEFAULT_CIRC_DESK", "402502 Scan in of item failed. There is no such library."},
		{item + "?op=scan&library=SCIENCE&circ_desk=DEFAULT_CIRC_DESK", "402502 Scan in of item failed. The library has no such circulation desk."},
		{item + "?return_date=tomorrow&" + scanAtMain, "401666"}, {item + "?return_date=2026-11-23T13:00:01Z&" + scanAtMain, "401666"},
		{item + "?return_date=2026-11-23T11:59:59Z&" + scanAtMain, "401666"}, {item + "?return_date=2026-11-23&" + scanAtMain, "401666"},
		{itemPath("1", "97") + "?" + scanAtMain, "402504 Scan in has failed due to item retrieve issue."}, {itemPath("9", "98") + "?" + scanAtMain, "402504"},
		{itemPath(strings.Repeat("9", 3000), "98") + "?" + scanAtMain, "402504"},
	} {
		got := d.call("POST", tt.path, "")
		if said := strings.Join(got.errors(), "\n"); got.status != 400 || !strings.HasPrefix(said, tt.want) {
			t.Errorf("%.80s: got %d %s, want %s", tt.path, got.status, got.body, tt.want)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
}

// TestFindItem follows the way from a barcode to the item as clients do, with the key in the header and in the query, in
// JSON and in XML.
func TestFindItem(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	d.lend("ada", "b1")
	client := *d.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Get(d.server.URL + "/almaws/v1/items?item_barcode=b1&apikey=" + allRights + "&format=json")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	address := d.server.URL + "/almaws/v1" + itemPath("1", "98")
	if want := address + "?apikey=" + allRights + "&format=json"; res.StatusCode != 302 || res.Header.Get("Location") != want {
		t.Errorf("got %d to %s, want %s", res.StatusCode, res.Header.Get("Location"), want)
	}
	for _, headers := range [][]string{nil, {"Authorization: "}} {
		query := "/items?item_barcode=b1"
		if headers != nil {
			query += "&apikey=" + allRights
		}
		got := d.must(200, "GET", query, "", headers...).object(t)
		data := got["item_data"].(map[string]any)
		if got["link"] != address || valueOf(data, "base_status") != "0" || valueOf(data, "process_type") != "LOAN" || data["due_date"] != "2026-12-21T23:59:00Z" {
			t.Errorf("got %v", got)
		}
	}
	var item struct {
		XMLName xml.Name `xml:"item"`
		Link    string   `xml:"link,attr"`
		Barcode string   `xml:"item_data>barcode"`
		Status  struct {
			Desc string `xml:"desc,attr"`
		} `xml:"item_data>base_status"`
	}
	body := d.must(200, "GET", "/items?item_barcode=b2", "", "Accept: application/xml").body
	if err := xml.Unmarshal([]byte(body), &item); err != nil || item.Barcode != "b2" || item.Status.Desc != "Item in place" || !strings.HasSuffix(item.Link, itemPath("2", "98")) {
		t.Errorf("in XML: got %s, %v", body, err)
	}
	for path, want := range map[string]string{
		"/items": "401664", "/items?item_barcode=b99": "401689", itemPath("9", "98"): "401652", itemPath("1", "99"): "401652",
	} {
		if got := d.call("GET", path, ""); got.status != 400 || got.code() != want {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, want)
		}
	}
	if body := d.must(200, "GET", "/items?item_barcode=b1", "").body; strings.Contains(body, "ada") || strings.Contains(body, d.uid("ada")) {
		t.Errorf("the item says who has it: %s", body)
	}
}

// TestItemStates shows an item as its custody says, and whether anybody waits for it.
func TestItemStates(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada", "bob"})
	state := func(want string) {
		t.Helper()
		data := d.must(200, "GET", itemPath("1", "98"), "").object(t)["item_data"].(map[string]any)
		got := valueOf(data, "process_type")
		if data["requested"] == true {
			got = got.(string) + " requested"
		}
		if got != want {
			t.Errorf("the item is %q, want %q", got, want)
		}
	}
	state("")
	d.hold("bob", "item_pid=1", holdAtScience)
	state(" requested")
	d.scan("b1", scanAtMain)
	state("TRANSIT requested")
	d.scan("b1", scanAtScience)
	state("HOLDSHELF requested")
	d.lend("bob", "b1")
	state("LOAN")
	d.hold("ada", "mms_id=98", holdAtMain)
	state("LOAN requested")
	d.scan("b1", scanAtScience)
	state("TRANSIT requested")
}
