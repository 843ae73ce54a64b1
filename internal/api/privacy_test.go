package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// secrets are what must not be in a log: everything by which somebody, what they read or where they live can be known.
// Each is of a word that nothing else contains.
var secrets = strings.Fields("zquill zbarcode zfirst zlast zpreferred zmail zstreet zcity zphone znote ztitle zauthor zpassword zkey zsearch zreason zdescription ztag")

// quill is the JSON of a patron made of secrets.
var quill = person("zquill", `"pref_first_name":"zpreferred"`, `"pref_last_name":"zlast"`, `"password":"zpassword1234"`, `"job_description":"zdescription"`,
	`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"zbarcode"}]`,
	`"contact_info":{"email":[{"preferred":true,"email_address":"zmail@zmail.example","email_type":[{"value":"work"}]}],
		"address":[{"line1":"zstreet","city":"zcity","address_type":[{"value":"home"}]}],"phone":[{"phone_number":"zphone","phone_type":[{"value":"home"}]}]}`,
	`"user_note":[{"note_type":{"value":"CIRCULATION"},"note_text":"znote"}]`)

// batch is a bit of everything that is done with the patron, good and bad. REQUEST is a request of theirs.
func batch(requestID string) []sent {
	g := user("zquill")
	bar, none := user("zbarcode"), user("zquill-nobody")
	r := request("zquill", requestID)
	return []sent{
		{route: "POST " + usersRoute, body: quill}, {route: "POST " + usersRoute, body: strings.Replace(quill, "01", "zdescription", 1)},
		{route: "POST " + usersRoute, body: quill[:len(quill)-1]}, {route: "PUT " + userRoute, params: bar, body: quill},
		{route: "PUT " + userRoute, params: bar, body: quill, headers: map[string]string{"if-match": `"ztag"`}},
		{route: "GET " + userRoute, params: bar, query: "expand=loans,requests,fees"}, {route: "GET " + userRoute, params: none},
		{route: "POST " + userRoute, params: g, query: "op=auth&password=zpassword1234"}, {route: "POST " + userRoute, params: g, query: "op=auth&password=zpassword"},
		{route: "GET " + usersRoute, query: "q=last_name~zsearch"}, {route: "GET " + usersRoute, query: "q=zsearch"},
		{route: "POST " + requestsRoute, params: bar, query: "mms_id=ztitle", body: holdAtMain},
		{route: "POST " + requestsRoute, params: bar, query: "mms_id=ztitle", body: strings.Replace(holdAtMain, "{", `{"comment":"znote",`, 1)},
		{route: "GET " + requestsRoute, params: g}, {route: "GET " + requestRoute, params: r}, {route: "GET " + requestRoute, params: request("zquill", "zbarcode")},
		{route: "PUT " + requestRoute, params: r, body: strings.Replace(holdAtMain, "MAIN", "zcity", 1)},
		{route: "POST " + lettersRoute, params: g, body: reportLetter, headers: map[string]string{"idempotency-key": "zkey"}},
		{route: "POST " + lettersRoute, params: g, query: "op=preview", body: reportLetter}, {route: "GET " + lettersRoute, params: bar},
		{route: "DELETE " + userRoute, params: g}, {route: "DELETE " + requestRoute, params: r, query: "reason=zreason"},
		{route: "DELETE " + requestRoute, params: r, query: "reason=CannotBeFulfilled&note=znote"},
		{route: "GET " + instanceRoute, params: map[string]string{"job_id": "REGISTRAR", "instance_id": "zbarcode"}},
		{route: "POST " + instancesRoute, params: map[string]string{"job_id": "REGISTRAR"}, query: "op=upload&file_name=zsearch.xml&done=https://ztag.example/"},
		{route: "POST " + instancesRoute, params: map[string]string{"job_id": "REGISTRAR"}, query: "op=upload&file_name=zsearch"},
		{route: "GET " + tableRoute, params: map[string]string{"name": "zdescription"}}, {route: "GET " + userRoute, params: bar, headers: map[string]string{"authorization": "apikey zkey"}},
		{route: "GET " + userRoute, params: bar, query: "apikey=zkey"}, {route: "GET " + userRoute, params: bar, headers: map[string]string{"authorization": "Bearer zkey"}},
	}
}

// TestLogsTellNothing runs the batch on a good store and on failing ones, with a mail service that fails, and reads
// the log: one line a request, which names nobody and nothing.
func TestLogsTellNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []dynamotest.Option
	}{
		{"good", nil},
		{"throttled", []dynamotest.Option{dynamotest.Chance("", 0.8, 1, dynamotest.Throttled)}},
		{"failing", []dynamotest.Option{dynamotest.Chance("", 0.8, 2, dynamotest.ServerError, dynamotest.LostAnswer, dynamotest.Conflict)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, id := secretDesk(t, tt.opts)
			gateway, statuses := d.gateway(), map[int]int{}
			all := batch(id)
			for i, s := range all {
				if s.headers == nil {
					s.headers = map[string]string{}
				}
				if s.headers["authorization"] == "" && !strings.Contains(s.query, "apikey") {
					s.headers["authorization"] = "apikey " + allRights
				}
				statuses[gateway.send(t.Context(), s).status]++
				if lines := strings.Count(gateway.log.String(), "\n"); lines != i+1 {
					t.Fatalf("%d lines after %d requests", lines, i+1)
				}
			}
			t.Logf("answers: %v", statuses)
			checkLog(t, gateway.log.String(), id)
		})
	}
}

// secretDesk is a desk on which the patron and the title are stored already, and whose store then meets the faults.
func secretDesk(t *testing.T, opts []dynamotest.Option) (d *desk, requestID string) {
	t.Helper()
	good := newDesk(t)
	it := fulfillment.Item{ID: "zbarcode1", Barcode: "zbarcode2", MMSID: "ztitle", Title: "ztitle", Author: "zauthor", Library: fulfillment.Code{Value: "MAIN"}}
	if _, _, err := good.Store.SaveItem(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	good.must(200, "POST", "/users", strings.Replace(quill, "Ada", "zfirst", 1))
	id := fmt.Sprint(good.must(200, "POST", "/users/zquill/requests?item_pid=zbarcode1", holdAtMain).object(t)["request_id"])
	return openDesk(t, good.tables, dynamotest.Open(t, good.tables, opts...)), id
}

func checkLog(t *testing.T, log, requestID string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line that is no JSON: %s", line)
		}
		for _, secret := range append(secrets, requestID, allRights, "pd_", "@") {
			if strings.Contains(strings.ToLower(line), secret) {
				t.Errorf("%q is in the log: %s", secret, line)
			}
		}
	}
}
