package api

import (
	"testing"

	"patrondesk/internal/letter"
)

// TestPreviewOfARequest shows a request as it would be placed, which it is not, and what stands against one.
func TestPreviewOfARequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	d.must(200, "POST", "/users", person("bert"))
	d.must(200, "POST", "/users", person("off", `"status":{"value":"INACTIVE"}`))
	d.must(200, "POST", "/users/bert/requests?mms_id=99", holdAtMain)
	before := d.contents()
	for _, what := range []string{"mms_id=99", "item_pid=1"} {
		got := d.must(200, "POST", "/users/ada/requests?op=preview&"+what, holdAtMain).object(t)
		if got["title"] != "A title of 99" || got["place_in_queue"] != float64(2) || got["request_id"] != "" || got["request_status"] != "NOT_STARTED" {
			t.Errorf("%s: got %v", what, got)
		}
	}
	for _, op := range []string{"perview", "Preview", "place"} {
		if got := d.call("POST", "/users/ada/requests?mms_id=99&op="+op, holdAtMain); got.code() != "401666" {
			t.Errorf("op=%s: got %d %s", op, got.status, got.body)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("a preview changed the tables: %s", difference(before, after))
	}
	for path, code := range map[string]string{
		"/users/bert/requests?op=preview&mms_id=99": "401136", "/users/off/requests?op=preview&mms_id=99": "401129",
		"/users/ada/requests?op=preview&mms_id=98": "401129",
	} {
		if got := d.call("POST", path, holdAtMain); got.code() != code {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, code)
		}
	}
}

// TestPreviewOfALetterSaysWhyItWouldNotBeSent holds that a preview tells what sending the letter would be answered with.
func TestPreviewOfALetterSaysWhyItWouldNotBeSent(t *testing.T) {
	t.Parallel()
	d, box := letterDesk(t, nil)
	d.reader("thomas")
	d.reader("nomail", `"contact_info":{}`)
	d.reader("optedout", `"library_notice":[{"code":{"value":"`+letter.RequestsReportCode+`"},"value":false}]`)
	for who, want := range map[string]string{"thomas": "", "nomail": "LETTER_NO_EMAIL", "optedout": "LETTER_OPTED_OUT"} {
		refusal, _ := d.must(200, "POST", "/users/"+who+"/letters?op=preview", reportLetter).object(t)["refusal"].(map[string]any)
		if got, _ := refusal["value"].(string); got != want {
			t.Errorf("%s: the preview says %q, want %q", who, got, want)
		}
	}
	d.Institution.Letters.Disabled = map[string]bool{letter.RequestsReportCode: true}
	refusal, _ := d.must(200, "POST", "/users/thomas/letters?op=preview", reportLetter).object(t)["refusal"].(map[string]any)
	if refusal["value"] != "LETTER_DISABLED" || len(box.mails()) > 0 {
		t.Errorf("switched off: the preview says %v, and %d mails arrived", refusal, len(box.mails()))
	}
}
