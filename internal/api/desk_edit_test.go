package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/patron"
)

// deskOperator is the JSON of a member of staff who may edit users.
var deskOperator = person("desk", role("32", "MAIN", "ACTIVE", ""))

// external stores eve, whom the registrar owns, and returns her record as a client reads it.
func (d *desk) external() map[string]any {
	d.t.Helper()
	d.must(200, "POST", "/users", deskOperator)
	body := person("eve", `"external_id":"REGISTRAR"`, `"job_description":"Student"`, `"expiry_date":"2099-12-31Z"`, `"gender":{"value":"FEMALE"}`,
		`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"3100"}]`,
		`"contact_info":{"email":[{"preferred":true,"email_address":"eve@university.example","email_type":[{"value":"school"}]}],
			"address":[{"line1":"1 Old Street","city":"London","address_type":[{"value":"home"}]}],
			"phone":[{"phone_number":"+44 1","phone_type":[{"value":"home"}]}]}`)
	return d.must(200, "POST", "/users", strings.Replace(body, "INTERNAL", "EXTERNAL", 1)).object(d.t)
}

// asDesk sends the record as the member of staff.
func (d *desk) asDesk(record map[string]any) answer {
	d.t.Helper()
	body, err := json.Marshal(record)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.call("PUT", "/users/eve", string(body), "Authorization: "+d.issuer.Bearer("desk", nil))
}

// copyOf is a record that can be changed without changing this one.
func copyOf(t *testing.T, record map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return answer{body: string(text)}.object(t)
}

func code(value string) map[string]any { return map[string]any{"value": value} }

// part is the first part of that kind of the record's contact information.
func part(r map[string]any, kind string) map[string]any {
	return r["contact_info"].(map[string]any)[kind].([]any)[0].(map[string]any)
}

// TestDeskMayNotEditWhatTheSISOwns changes each field of the SIS by hand.
func TestDeskMayNotEditWhatTheSISOwns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	eve := d.external()
	before := d.contents()
	for _, tt := range []struct {
		field string
		edit  func(r map[string]any)
	}{
		{"first_name", func(r map[string]any) { r["first_name"] = "Eva" }},
		{"last_name", func(r map[string]any) { r["last_name"] = "King" }},
		{"middle_name", func(r map[string]any) { r["middle_name"] = "M" }},
		{"primary_id", func(r map[string]any) { r["primary_id"] = "eva" }},
		{"job_description", func(r map[string]any) { delete(r, "job_description") }},
		{"gender", func(r map[string]any) { r["gender"] = code("MALE") }},
		{"birth_date", func(r map[string]any) { r["birth_date"] = "1990-01-01Z" }},
		{"expiry_date", func(r map[string]any) { r["expiry_date"] = "2101-01-01Z" }},
		{"purge_date", func(r map[string]any) { r["purge_date"] = "2101-01-01Z" }},
		{"status", func(r map[string]any) { r["status"] = code("INACTIVE") }},
		{"record_type", func(r map[string]any) { r["record_type"] = code("STAFF") }},
		{"web_site_url", func(r map[string]any) { r["web_site_url"] = "https://eve.example" }},
		{"email", func(r map[string]any) { part(r, "email")["email_address"] = "eve@home.example" }},
		{"address", func(r map[string]any) { part(r, "address")["line1"] = "2 New Street" }},
		{"address", func(r map[string]any) { r["contact_info"].(map[string]any)["address"] = []any{} }},
		{"phone", func(r map[string]any) { part(r, "phone")["phone_number"] = "+44 2" }},
		{"user_identifier", func(r map[string]any) { r["user_identifier"].([]any)[0].(map[string]any)["value"] = "3101" }},
	} {
		edited := copyOf(t, eve)
		tt.edit(edited)
		got := d.asDesk(edited)
		if got.status != 400 || got.code() != "FIELD_OWNED_BY_SIS" || !strings.Contains(got.body, "Field "+tt.field+" ") || !strings.Contains(got.body, d.Institution.RegistrarText) {
			t.Errorf("%s: got %d %s", tt.field, got.status, got.body)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
}

// TestDeskEditsWhatIsTheLibrarys changes by hand what staff may change, and looks at who is said to have.
func TestDeskEditsWhatIsTheLibrarys(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	edited := d.external()
	edited["user_group"] = code("02")
	edited["pref_first_name"] = "Evi"
	contact := edited["contact_info"].(map[string]any)
	contact["email"] = append(contact["email"].([]any), map[string]any{"segment_type": "Internal", "email_address": "eve@home.example", "email_type": []any{code("personal")}})
	edited["user_note"] = []any{map[string]any{"segment_type": "Internal", "note_type": code("CIRCULATION"), "note_text": "asks for large print"}}
	edited["user_block"] = []any{map[string]any{"segment_type": "Internal", "block_type": code("GENERAL"), "block_description": code("02-GLOBAL"), "block_status": "ACTIVE"}}
	began := time.Now().Add(-time.Second)
	if got := d.asDesk(edited); got.status != 200 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	eve := d.patron("eve")
	for field, sis := range map[string]string{"user_group": eve.SIS.UserGroup.Value, "pref_first_name": eve.SIS.PrefFirstName} {
		change, there := eve.Manual[field]
		if !there || change.By != "desk" || change.At.Before(began) || change.At.After(time.Now()) {
			t.Errorf("%s: changed by %+v, want desk just now", field, change)
		}
		if want := map[string]string{"user_group": "01", "pref_first_name": ""}[field]; sis != want {
			t.Errorf("%s: the SIS value is %q, want %q", field, sis, want)
		}
	}
	if eve.UserGroup.Value != "02" || eve.PrefFirstName != "Evi" || len(eve.Manual) != 2 || len(eve.Emails) != 2 || len(eve.Notes) != 1 || len(eve.Blocks) != 1 {
		t.Errorf("stored %+v", eve)
	}
	if eve.Notes[0].CreatedBy != "desk" || eve.Blocks[0].CreatedBy != "desk" || eve.Updated.By != "desk" {
		t.Errorf("signed by %s, %s and %s, want desk", eve.Notes[0].CreatedBy, eve.Blocks[0].CreatedBy, eve.Updated.By)
	}
	back := d.must(200, "GET", "/users/eve", "").object(t)
	back["user_group"] = code("01")
	if got := d.asDesk(back); got.status != 200 {
		t.Fatalf("back to the SIS value: got %d %s", got.status, got.body)
	}
	if manual := d.patron("eve").Manual; len(manual) != 1 {
		t.Errorf("after going back to the SIS value %v are manual", manual)
	}
}

// patron is the stored record.
func (d *desk) patron(id string) patron.Patron {
	d.t.Helper()
	p, err := d.Store.Patron(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// TestAPIClientAndStickyFields puts a record with an API key: a field staff changed by hand stays, unless it is named.
func TestAPIClientAndStickyFields(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	eve := d.external()
	edited := copyOf(t, eve)
	edited["user_group"] = code("02")
	if got := d.asDesk(edited); got.status != 200 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	body, _ := json.Marshal(eve)
	for _, tt := range []struct{ query, group string }{{"", "02"}, {"?override=job_category", "02"}, {"?override=user_group,job_category", "01"}} {
		got := d.must(200, "PUT", "/users/eve"+tt.query, string(body)).object(t)
		if group := got["user_group"].(map[string]any)["value"]; group != tt.group {
			t.Errorf("PUT%s: the user group is %v, want %s", tt.query, group, tt.group)
		}
	}
}
