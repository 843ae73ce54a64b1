package api

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
)

// TestCheckOut lends an item by its barcode and another by its id, and finds the loans again.
func TestCheckOut(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, nil)
	d.must(200, "POST", "/users", person("ada", barcode))
	got := d.must(200, "POST", "/users/2100/loans?item_barcode=b1", atMain)
	loan := got.object(t)
	want := map[string]any{
		"user_id": "ada", "item_barcode": "b1", "item_id": "1", "mms_id": "98", "holding_id": "221", "title": "A title of 98", "author": "An author",
		"loan_status": "ACTIVE", "process_status": "NORMAL", "loan_date": "2026-11-23T12:00:00Z", "due_date": "2026-12-21T23:59:00Z", "renewable": nil,
		"description": nil, "patrondesk_renewals": 0.0,
	}
	for name, value := range want {
		if loan[name] != value {
			t.Errorf("%s is %v, want %v", name, loan[name], value)
		}
	}
	if valueOf(loan, "library") != "MAIN" || valueOf(loan, "circ_desk") != "DEFAULT_CIRC_DESK" {
		t.Errorf("lent at %v of %v", loan["circ_desk"], loan["library"])
	}
	path := fmt.Sprintf("/users/ada/loans/%v", loan["loan_id"])
	if found := d.must(200, "GET", path, ""); found.body != got.body || found.header.Get("ETag") != got.header.Get("ETag") {
		t.Errorf("got %s, want %s", found.body, got.body)
	}
	c.move(1)
	d.must(200, "POST", "/users/ada/loans?item_pid=3", atScience)
	if all := d.must(200, "GET", "/users/ada/loans", "").loans(t); len(all) != 2 || all[0]["item_barcode"] != "b1" || all[1]["item_barcode"] != "b3" {
		t.Errorf("the loans are %v", all)
	}
	if user := d.must(200, "GET", "/users/ada?expand=loans", "").object(t); valueOf(user, "loans") != "2" && valueOf(user, "loans") != 2.0 {
		t.Errorf("the user has loans %v", user["loans"])
	}
	checkLending(t, d)
}

func TestCheckOutInXML(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada"})
	got := d.must(200, "POST", "/users/ada/loans?item_barcode=b1",
		`<item_loan><circ_desk>DEFAULT_CIRC_DESK</circ_desk><library>MAIN</library></item_loan>`, "Accept: application/xml", "Content-Type: application/xml")
	var loan struct {
		XMLName xml.Name `xml:"item_loan"`
		ID      string   `xml:"loan_id"`
		Status  string   `xml:"loan_status"`
		Due     string   `xml:"due_date"`
		Desk    struct {
			Code string `xml:",chardata"`
			Desc string `xml:"desc,attr"`
		} `xml:"circ_desk"`
	}
	if err := xml.Unmarshal([]byte(got.body), &loan); err != nil {
		t.Fatal(err)
	}
	if loan.Status != "Active" || loan.Due != "2026-12-21T23:59:00.000Z" || loan.Desk.Code != "DEFAULT_CIRC_DESK" || loan.Desk.Desc != "Main Library - Circulation Desk" {
		t.Errorf("lent %s", got.body)
	}
	list := d.must(200, "GET", "/users/ada/loans", "", "Accept: application/xml").body
	if !strings.Contains(list, `<item_loans total_record_count="1"><item_loan><loan_id>`+loan.ID) {
		t.Errorf("the list is %s", list)
	}
	refused := d.call("POST", "/users/ada/loans?item_barcode=b1", atMain, "Accept: application/xml").body
	if !strings.Contains(refused, `<errorCode>401651</errorCode><errorMessage>Item is not loanable. The item is on loan to this patron already; renew the loan instead.</errorMessage>`) {
		t.Errorf("refused with %s", refused)
	}
}

// TestCheckOutIsRefused asks for loans that cannot be: the codes and words are told, and nothing is written.
func TestCheckOutIsRefused(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada", "bob", "cora"})
	d.borrowers()
	d.stock("5", "b5", "95", func(it *fulfillment.Item) { it.ItemPolicy.Value = "REFERENCE" })
	d.stock("6", "b6", "96", func(it *fulfillment.Item) { it.Status = fulfillment.ItemMissing })
	d.lend("cora", "b1")
	d.hold("cora", "item_pid=3", holdAtMain)
	d.scan("b3", scanAtMain)
	d.hold("cora", "item_pid=4", holdAtScience)
	d.scan("b4", scanAtMain)
	d.item("7", "b7", "97")
	d.hold("cora", "mms_id=97", holdAtMain)
	before := d.contents()
	const item = "401651 Item is not loanable."
	const patron = "401652 General Error: An error has occurred while processing the request."
	for _, tt := range []struct{ name, path, body, want string }{
		{"unknown user", "nobody/loans?item_barcode=b2", atMain, "401861 User with identifier nobody was not found."},
		{"unknown user of a type", "ada/loans?item_barcode=b2&user_id_type=BARCODE", atMain, "401890 User with identifier ada of type BARCODE was not found."},
		{"linked user", "ada/loans?item_barcode=b2&user_id_type=linking_id", atMain, "4019998"},
		{"a user linked elsewhere", "ada/loans?item_barcode=b2&generate_linked_user=true", atMain, "401859 Action currently not supported. The parameter generate_linked_user is not supported"},
		{"no item", "ada/loans", atMain, "401672 PID field is empty. Give item_barcode or item_pid."},
		{"unknown barcode", "ada/loans?item_barcode=b99", atMain, "401689 No items found for barcode b99."},
		{"barcode of another item", "ada/loans?item_barcode=b99&item_pid=2", atMain, "401666 item_barcode parameter is not valid. It is not that of the item item_pid names. Nothing was lent."},
		{"unknown item", "ada/loans?item_pid=99", atMain, item + " There is no such item."},
		{"endless barcode", "ada/loans?item_barcode=" + strings.Repeat("9", 3000), atMain, "401689 No items found for barcode 999"},
		{"endless item", "ada/loans?item_pid=" + strings.Repeat("9", 3000), atMain, item + " There is no such item."},
		{"no body", "ada/loans?item_barcode=b2", "", "401676 No valid XML was given."},
		{"bad body", "ada/loans?item_barcode=b2", "{", "401676 No valid XML was given."},
		{"no library", "ada/loans?item_barcode=b2", `{"circ_desk":{"value":"DEFAULT_CIRC_DESK"}}`, "401664 Mandatory field is missing: library"},
		{"no desk", "ada/loans?item_barcode=b2", `{"library":{"value":"MAIN"}}`, "401664 Mandatory field is missing: circ_desk"},
		{"unknown library", "ada/loans?item_barcode=b2", strings.Replace(atMain, "MAIN", "MOON", 1), "401153 Item cannot be loaned from this circulation desk. There is no such library."},
		{"desk of another library", "ada/loans?item_barcode=b2", strings.Replace(atMain, "MAIN", "SCIENCE", 1), "401153 Item cannot be loaned from this circulation desk. The library has no such circulation desk."},
		{"on loan to another", "ada/loans?item_barcode=b1", atMain, item + " The item is on loan to another patron; return it first."},
		{"on loan to the same", "cora/loans?item_barcode=b1", atMain, item + " The item is on loan to this patron already; renew the loan instead."},
		{"on the shelf for another", "ada/loans?item_barcode=b3", atMain, item + " The item waits on the hold shelf for another patron."},
		{"on its way to another", "ada/loans?item_barcode=b4", atMain, item + " The item is on its way to the hold shelf for another patron."},
		{"requested by another", "ada/loans?item_barcode=b7", atMain, item + " Another patron asked for the item, or for any copy of its title, before."},
		{"not lent by policy", "ada/loans?item_barcode=b5", atMain, item + ` The policy "REFERENCE" lends no such item to the patron's group.`},
		{"missing", "ada/loans?item_barcode=b6", atMain, item + " The catalogue says that the item is missing."},
		{"inactive", "off/loans?item_barcode=b2", atMain, patron + " The patron's record is inactive."},
		{"expired", "gone/loans?item_barcode=b2", atMain, "401168 Patron card has expired. The patron's record expired on 2001-01-01."},
		{"no role", "clerk/loans?item_barcode=b2", atMain, patron + " The patron has no active Patron role."},
		{"role expired", "former/loans?item_barcode=b2", atMain, "401168 Patron card has expired. The Patron role expired on 2001-01-01."},
		{"contact", "contact/loans?item_barcode=b2", atMain, patron + " A vendor's contact person is not a borrower."},
		{"blocked", "stop/loans?item_barcode=b2", atMain, patron + " The patron is blocked: Blocked by the library."},
		{"everything at once", "worst/loans?item_barcode=b1", atMain, strings.Join([]string{
			item + " The item is on loan to another patron; return it first.", patron + " The patron's record is inactive.",
			"401168 Patron card has expired. The patron's record expired on 2001-01-01.", patron + " The patron is blocked: Blocked by the library."}, "\n")},
		{"override", "ada/loans?item_barcode=b1&override_blocks=true", atMain, item + " The item is on loan to another patron; return it first."},
		{"override the shelf", "ada/loans?item_barcode=b3&override_blocks=true", atMain, item + " The item waits on the hold shelf for another patron."},
		{"override inactive", "off/loans?item_barcode=b2&override_blocks=true", atMain, patron + " The patron's record is inactive."},
	} {
		got := d.call("POST", "/users/"+tt.path, tt.body)
		if said := strings.Join(got.errors(), "\n"); got.status != 400 || !strings.HasPrefix(said, tt.want) {
			t.Errorf("%s: got %d %s, want %s", tt.name, got.status, said, tt.want)
		}
		if strings.Contains(got.body, "cora") && !strings.HasPrefix(tt.path, "cora") || strings.Contains(got.body, d.uid("cora")) {
			t.Errorf("%s: the answer says who: %s", tt.name, got.body)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	checkLending(t, d)
}

// borrowers stores patrons who may not borrow, each for another reason, and one for several.
func (d *desk) borrowers() {
	const past, inactive, block = `"expiry_date":"2001-01-01Z"`, `"status":{"value":"INACTIVE"}`, `"user_block":[{"block_description":{"value":"02-GLOBAL"}}]`
	for _, body := range []string{
		person("off", inactive), person("gone", past), person("stop", block), person("clerk", role("32", "MAIN", "ACTIVE", "")),
		person("former", role("200", "01DEMO_INST", "ACTIVE", past)), strings.Replace(person("contact"), "PUBLIC", "CONTACT", 1),
		person("worst", inactive, past, block),
	} {
		d.must(200, "POST", "/users", body)
	}
}

// TestLimits lends up to each limit and not beyond it.
func TestLimits(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada", "bob", "cora"})
	d.Institution.LoanLimits = []fulfillment.Limits{{Loans: 3, Overdue: 2, Fees: 500}}
	refused := func(id, barcode string, want ...string) {
		t.Helper()
		got := d.call("POST", "/users/"+id+"/loans?item_barcode="+barcode, atMain).errors()
		for i := range want {
			want[i] = "401652 General Error: An error has occurred while processing the request. " + want[i]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s borrows %s: got %q, want %q", id, barcode, got, want)
		}
	}
	for _, b := range []string{"b1", "b2", "b3"} {
		d.lend("ada", b)
	}
	refused("ada", "b4", "The patron has 3 loans; the limit is 3.")
	d.owe("bob", "5.00")
	d.lend("bob", "b4")
	d.owe("bob", "0.01")
	d.item("5", "b5", "95")
	refused("bob", "b5", "The patron owes 5.01 GBP; the limit is 5.00 GBP.")
	c.move(29)
	d.owe("ada", "6")
	refused("ada", "b5", "The patron has 3 loans; the limit is 3.", "The patron has 3 overdue loans; with 2 nothing more is lent.", "The patron owes 6.00 GBP; the limit is 5.00 GBP.")
	d.scan("b1", scanAtMain)
	refused("ada", "b5", "The patron has 2 overdue loans; with 2 nothing more is lent.", "The patron owes 6.20 GBP; the limit is 5.00 GBP.")
	d.scan("b2", scanAtMain)
	d.must(200, "POST", "/users/ada/fees/all?op=pay&amount=ALL&method=CASH", "")
	d.lend("ada", "b5")
	checkLending(t, d)
}

// TestOverrides lends in spite of what can be overridden, for those who may, and records that on the loan.
func TestOverrides(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"cora"})
	d.borrowers()
	d.must(200, "POST", "/users", person("boss", role("221", "MAIN", "ACTIVE", "")))
	d.must(200, "POST", "/users", person("sybil", role("32", "MAIN", "ACTIVE", "")))
	d.key("pd_reader", "fulfilment:read")
	d.hold("cora", "item_pid=1", holdAtMain)
	boss, sybil := "Authorization: "+d.issuer.Bearer("boss", nil), "Authorization: "+d.issuer.Bearer("sybil", nil)
	const lend = "/loans?override_blocks=true&item_barcode="
	if got := d.call("POST", "/users/stop"+lend+"b1", atMain, sybil); got.status != 403 || got.code() != "FORBIDDEN" || !strings.Contains(got.body, "Only managers of a circulation desk") {
		t.Errorf("an operator: got %d %s", got.status, got.body)
	}
	if got := d.call("POST", "/users/stop"+lend+"b1", atMain, "Authorization: apikey pd_reader"); got.code() != "UNAUTHORIZED" {
		t.Errorf("a reading key: got %d %s", got.status, got.body)
	}
	if got := d.call("POST", "/users/stop/loans?item_barcode=b1", atMain, boss); len(got.errors()) != 2 {
		t.Errorf("a manager who overrides nothing: got %d %s", got.status, got.body)
	}
	loan := d.must(200, "POST", "/users/stop"+lend+"b1", atMain, boss).object(t)
	var kinds []string
	overrides, _ := loan["patrondesk_override"].([]any)
	for _, one := range overrides {
		o := one.(map[string]any)
		kinds = append(kinds, fmt.Sprint(o["kind"], " by ", o["by"], " at ", o["at"]))
	}
	if want := []string{"ITEM_REQUESTED by boss at 2026-11-23T12:00:00.000Z", "BLOCKED by boss at 2026-11-23T12:00:00.000Z"}; !slices.Equal(kinds, want) {
		t.Errorf("the loan says %q, want %q", kinds, want)
	}
	for _, who := range []string{"ME", "stop"} {
		own := d.must(200, "GET", fmt.Sprintf("/users/%s/loans/%v", who, loan["loan_id"]), "", "Authorization: "+d.issuer.Bearer("stop", nil)).body
		if strings.Contains(own, "override") || strings.Contains(own, "boss") {
			t.Errorf("the patron sees %s", own)
		}
	}
	byKey := d.must(200, "POST", "/users/gone"+lend+"b3", atMain).object(t)
	if text := fmt.Sprint(byKey["patrondesk_override"]); !strings.Contains(text, "EXPIRED") || !strings.Contains(text, "by:test") {
		t.Errorf("a key: the loan says %s", text)
	}
	if got := d.must(200, "POST", "/users/cora"+lend+"b4", atMain, boss).object(t); got["patrondesk_override"] != nil {
		t.Errorf("nothing was overridden, and the loan says %v", got["patrondesk_override"])
	}
	checkLending(t, d)
}

// TestCheckOutForOthers holds who may lend, and to whom.
func TestCheckOutForOthers(t *testing.T) {
	t.Parallel()
	d, _ := lendingDesk(t, []string{"ada", "bob"})
	d.must(200, "POST", "/users", person("sybil", role("32", "MAIN", "ACTIVE", ""), barcode))
	ada, sybil := "Authorization: "+d.issuer.Bearer("ada", nil), "Authorization: "+d.issuer.Bearer("sybil", nil)
	for _, who := range []string{"ada", "bob", "ME"} {
		d.must(403, "POST", "/users/"+who+"/loans?item_barcode=b1", atMain, ada)
	}
	path := "/users/bob/loans/" + url.PathEscape(fmt.Sprint(d.must(200, "POST", "/users/bob/loans?item_barcode=b1", atMain, sybil).object(t)["loan_id"]))
	d.must(403, "GET", path, "", ada)
	d.must(403, "POST", path+"?op=renew", "", ada)
	if got := d.call("POST", "/users/ME/loans?item_barcode=b2", atMain, sybil); got.code() != "401652" || !strings.Contains(got.body, "no active Patron role") {
		t.Errorf("staff without the Patron role: got %d %s", got.status, got.body)
	}
	if got := d.call("POST", "/users/ME/loans?item_barcode=b2", atMain); got.code() != "60101" {
		t.Errorf("a key is no person: got %d %s", got.status, got.body)
	}
	checkLending(t, d)
}
