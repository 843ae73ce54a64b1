package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patrondesk/functions"
	"patrondesk/infra/local/demo"
)

// everyRoute is a call of each route that goes through all of its function, in an order in which they succeed. LOAN and
// FEE in a path are the last ones made.
var everyRoute = []struct {
	route, path, body string
	status            int
}{
	{"GET /almaws/v1/users/operation/test", "/almaws/v1/users/operation/test", "", 200},
	{"POST /almaws/v1/users/operation/test", "/almaws/v1/users/operation/test", "", 200},
	{"GET /almaws/v1/conf/test", "/almaws/v1/conf/test", "", 200},
	{"POST /almaws/v1/conf/test", "/almaws/v1/conf/test", "", 200},
	{"GET /almaws/v1/conf/code-tables/{name}", "/almaws/v1/conf/code-tables/UserGroups", "", 200},
	{"GET /almaws/v1/conf/jobs", "/almaws/v1/conf/jobs", "", 200},
	{"GET /almaws/v1/conf/jobs/{job_id}", "/almaws/v1/conf/jobs/REGISTRAR", "", 200},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances", "/almaws/v1/conf/jobs/REGISTRAR/instances", "", 200},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "/almaws/v1/conf/jobs/REGISTRAR/instances/" + heldID, "", 200},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/report", "/almaws/v1/conf/jobs/REGISTRAR/instances/" + doneID + "/report", "", 200},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", "/almaws/v1/conf/jobs/REGISTRAR/instances/" + heldID + "?op=release", "", 200},
	{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/rejected", "/almaws/v1/conf/jobs/REGISTRAR/instances/" + doneID + "/rejected", "", 200},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances", "/almaws/v1/conf/jobs/REGISTRAR/instances?op=upload&file_name=users.xml", "", 200},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances", "/almaws/v1/conf/jobs/REGISTRAR/instances?op=upload&file_name=users.xml&dry_run=true", "", 200},
	{"POST /almaws/v1/conf/jobs/{job_id}/instances", "/almaws/v1/conf/jobs/items/instances?op=upload&file_name=items.csv", "", 200},
	{"GET /almaws/v1/users", "/almaws/v1/users?q=last_name~reed&expand=full", "", 200},
	{"POST /almaws/v1/users", "/almaws/v1/users", newUser, 200},
	{"GET /almaws/v1/users/{user_id}", "/almaws/v1/users/2199999999?expand=loans,requests,fees", "", 200},
	{"GET /almaws/v1/users/{user_id}/provenance", "/almaws/v1/users/2199999999/provenance", "", 200},
	{"PUT /almaws/v1/users/{user_id}", "/almaws/v1/users/grant.tester", strings.Replace(newUser, "2199999999", "2199999998", 1), 200},
	{"POST /almaws/v1/users/{user_id}", "/almaws/v1/users/grant.tester?op=auth&password=Quiet-Harbour-9", "", 204},
	{"POST /almaws/v1/users/{user_id}/requests", "/almaws/v1/users/grant.tester/requests?mms_id=99010003710105416", newRequest, 200},
	{"GET /almaws/v1/users/{user_id}/requests", "/almaws/v1/users/grant.tester/requests", "", 200},
	{"GET /almaws/v1/users/{user_id}/requests/{request_id}", "/almaws/v1/users/thomas.reed/requests/28000010180005416", "", 200},
	{"PUT /almaws/v1/users/{user_id}/requests/{request_id}", "/almaws/v1/users/thomas.reed/requests/28000010180005416", newRequest, 200},
	{"POST /almaws/v1/users/{user_id}/requests/{request_id}", "/almaws/v1/users/aisha.khan/requests/28000012730005416?op=next_step", "", 200},
	{"DELETE /almaws/v1/users/{user_id}/requests/{request_id}", "/almaws/v1/users/thomas.reed/requests/28000010180005416?reason=CancelledAtPatronRequest&notify_user=true", "", 204},
	{"POST /almaws/v1/users/{user_id}/letters", "/almaws/v1/users/thomas.reed/letters", `{"code":"FulRequestsReportLetter"}`, 200},
	{"POST /almaws/v1/users/{user_id}/loans", thomass + "/loans?item_barcode=" + demo.Almanac, atMainDesk, 200},
	{"POST /almaws/v1/users/{user_id}/letters", thomass + "/letters", `{"code":"FulUserBorrowingActivityLetter"}`, 200},
	{"GET /almaws/v1/users/{user_id}/loans", thomass + "/loans?expand=renewable", "", 200},
	{"PUT /almaws/v1/users/{user_id}/loans/{loan_id}", thomass + "/loans/LOAN", `{"due_date":"2099-12-31"}`, 200},
	{"POST /almaws/v1/users/{user_id}/loans/{loan_id+}", thomass + "/loans/LOAN?op=lost", "", 200},
	{"POST /almaws/v1/items", "/almaws/v1/items?op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK&item_barcode=" + demo.Almanac, "", 200},
	{"GET /almaws/v1/users/{user_id}/loans/{loan_id}", thomass + "/loans/LOAN", "", 200},
	{"GET /almaws/v1/items", "/almaws/v1/items?item_barcode=" + demo.Middlemarch, "", 200},
	{"GET /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", aMiddlemarch, "", 200},
	{"POST /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", aMiddlemarch + "?op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK", "", 200},
	{"POST /almaws/v1/users/{user_id}/fees", thomass + "/fees", `{"type":{"value":"OTHER"},"original_amount":5,"owner":{"value":"MAIN"},"barcode":{"value":"` + demo.Rooms + `"}}`, 200},
	{"GET /almaws/v1/users/{user_id}/fees", thomass + "/fees", "", 200},
	{"GET /almaws/v1/users/{user_id}/fees/{fee_id}", thomass + "/fees/FEE", "", 200},
	{"POST /almaws/v1/users/{user_id}/fees/{fee_id}", thomass + "/fees/FEE?op=dispute", "", 200},
	{"POST /almaws/v1/users/{user_id}/fees/{fee_id}", thomass + "/fees/FEE?op=restore", "", 200},
	{"POST /almaws/v1/users/{user_id}/fees/all", thomass + "/fees/all?op=pay&amount=ALL&method=CASH", "", 200},
	{"GET /almaws/v1/users/{user_id}/letters", "/almaws/v1/users/thomas.reed/letters", "", 200},
	{"DELETE /almaws/v1/users/{user_id}", "/almaws/v1/users/noor.aziz", "", 204},
}

const (
	thomass      = "/almaws/v1/users/" + demo.Thomas
	aMiddlemarch = "/almaws/v1/bibs/99010003710105416/holdings/22010005710005416/items/23010009240005416"
	atMainDesk   = `{"library":{"value":"MAIN"},"circ_desk":{"value":"DEFAULT_CIRC_DESK"}}`
)

const newUser = `{"record_type":{"value":"PUBLIC"},"account_type":{"value":"INTERNAL"},"primary_id":"grant.tester","first_name":"Grant",
"last_name":"Tester","user_group":{"value":"01"},"status":{"value":"ACTIVE"},"password":"Quiet-Harbour-9",
"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"2199999999","status":"ACTIVE"}]}`

const newRequest = `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`

// TestEveryFunctionStaysWithinItsGrants calls every route of the product on this machine, where a call that goes beyond
// functions.go is refused.
func TestEveryFunctionStaysWithinItsGrants(t *testing.T) {
	called := map[string]bool{}
	for _, c := range everyRoute {
		called[c.route] = true
	}
	for _, f := range functions.All {
		if f.Pages {
			continue // the tests in a browser go through them
		}
		for _, route := range f.Routes {
			if !called[route] {
				t.Errorf("no call of %s is tried", route)
			}
		}
	}
	i := newInstance(t)
	i.start(t)
	i.jobs(t)
	made := map[string]string{}
	for _, c := range everyRoute {
		method, _, _ := strings.Cut(c.route, " ")
		path := strings.NewReplacer("LOAN", made["loan_id"], "FEE", made["id"]).Replace(c.path)
		status, text := i.call(t, method, path, c.body)
		if status != c.status {
			t.Errorf("%s %s: %d %.400s, want %d", method, path, status, text, c.status)
		}
		if method == "POST" {
			note(made, text)
		}
	}
	for _, name := range roundNames() {
		if out, err := i.command("round", "-dir", i.dir, "-name", name).CombinedOutput(); err != nil {
			t.Errorf("the round of %s: %v: %s", name, err, out)
		}
	}
	i.stop(t)
	log, err := os.ReadFile(filepath.Join(i.dir, "functions.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "not authorized") || strings.Contains(string(log), "AccessDenied") {
		t.Errorf("a function went beyond its grants: %s", log)
	}
}

// note notes the ids in an answer.
func note(made map[string]string, text string) {
	var answer map[string]any
	if json.Unmarshal([]byte(text), &answer) != nil {
		return // an answer that is no object
	}
	for _, member := range []string{"loan_id", "id"} {
		if id, ok := answer[member].(string); ok {
			made[member] = id
		}
	}
}
