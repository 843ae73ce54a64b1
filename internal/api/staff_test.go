package api

import (
	"strings"
	"testing"
)

// An operator edits patrons, and neither becomes an administrator nor shuts one out.
func TestOperatorCannotTakeOverAnAdministrator(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", deskOperator)
	d.must(200, "POST", "/users", person("boss", role("50", "01DEMO_INST", "ACTIVE", "")))
	d.must(200, "POST", "/users", person("reader", role("200", "01DEMO_INST", "ACTIVE", "")))
	operator := "Authorization: " + d.issuer.Bearer("desk", nil)
	boss := d.must(200, "GET", "/users/boss", "").body
	for _, tt := range []struct{ name, method, path, body string }{
		{"password", "PUT", "/users/boss", strings.Replace(boss, `"password":""`, `"password":"mallory was here"`, 1)},
		{"status", "PUT", "/users/boss", strings.Replace(boss, `"status":{"value":"ACTIVE"`, `"status":{"value":"INACTIVE"`, 1)},
		{"primary id", "PUT", "/users/boss", strings.Replace(boss, `"primary_id":"boss"`, `"primary_id":"mallory"`, 1)},
		{"expiry", "PUT", "/users/boss", strings.Replace(boss, `"first_name"`, `"expiry_date":"2001-01-01Z","first_name"`, 1)},
		{"deletion", "DELETE", "/users/boss", ""},
		{"own roles", "PUT", "/users/desk", person("desk", role("50", "01DEMO_INST", "ACTIVE", ""))},
		{"a new administrator", "POST", "/users", person("mallory", role("50", "01DEMO_INST", "ACTIVE", ""))},
	} {
		if got := d.call(tt.method, tt.path, tt.body, operator); got.status != 403 || got.code() != "FORBIDDEN" {
			t.Errorf("%s: got %d %s", tt.name, got.status, got.body)
		}
	}
	if after := d.must(200, "GET", "/users/boss", "").body; after != boss {
		t.Errorf("the administrator is %s, was %s", after, boss)
	}
	d.must(200, "PUT", "/users/boss", strings.Replace(boss, `"job_description":""`, `"job_description":"Administrator"`, 1), operator)
	d.must(200, "PUT", "/users/reader", person("reader", role("200", "01DEMO_INST", "ACTIVE", `"expiry_date":"2099-12-31Z"`)), operator)
	administrator := "Authorization: " + d.issuer.Bearer("boss", nil)
	d.must(200, "PUT", "/users/reader", person("reader", role("32", "MAIN", "ACTIVE", "")), administrator)
}

// What staff note for each other is not shown to the patron.
func TestPatronsDoNotSeeStaffNotes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada",
		`"user_note":[{"note_type":{"value":"GENERAL"},"note_text":"for staff alone"},{"note_type":{"value":"GENERAL"},"note_text":"for all","user_viewable":true}]`,
		`"user_block":[{"block_description":{"value":"02-GLOBAL"},"block_note":"said to whom"}]`))
	for _, path := range []string{"/users/ada", "/users/ME"} {
		got := d.must(200, "GET", path, "", "Authorization: "+d.issuer.Bearer("ada", nil)).body
		if strings.Contains(got, "for staff alone") || strings.Contains(got, "said to whom") || !strings.Contains(got, "for all") || !strings.Contains(got, "02-GLOBAL") {
			t.Errorf("%s: got %s", path, got)
		}
	}
	if got := d.must(200, "GET", "/users/ada", "").body; !strings.Contains(got, "for staff alone") || !strings.Contains(got, "said to whom") {
		t.Errorf("staff see %s", got)
	}
}

// An id longer than the store's keys is nobody's.
func TestEndlessIdsAreNotFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("ada"))
	long := strings.Repeat("x", 3000)
	for path, code := range map[string]string{"item_pid=" + long: "60328", "mms_id=" + long: "401129"} {
		if got := d.call("POST", "/users/ada/requests?"+path, holdAtMain); got.status != 400 || got.code() != code {
			t.Errorf("%.10s: got %d %s", path, got.status, got.body)
		}
	}
}

// What a client read and sends back unchanged is no change, whatever descriptions came with it.
func TestSendingBackWhatWasReadChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.external()
	operator := "Authorization: " + d.issuer.Bearer("desk", nil)
	for _, id := range []string{"eve", "desk"} {
		read := d.must(200, "GET", "/users/"+id, "")
		written := d.must(200, "PUT", "/users/"+id, read.body, operator)
		if written.header.Get("ETag") != read.header.Get("ETag") || written.body != read.body {
			t.Errorf("%s: got %s %s, want %s %s", id, written.header.Get("ETag"), written.body, read.header.Get("ETag"), read.body)
		}
	}
	if got := d.must(200, "GET", "/users?q=last_name~nobody;", "").object(t)["total_record_count"]; got != float64(0) {
		t.Errorf("a semicolon in q finds %v", got)
	}
	if got := d.call("GET", "/users?q=%zz", ""); got.code() != "401666" {
		t.Errorf("a broken query: got %d %s", got.status, got.body)
	}
}
