package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

// provenanceOf is what the API tells of a field's provenance.
func (d *desk) provenanceOf(id, field string) map[string]any {
	d.t.Helper()
	for _, one := range d.must(200, "GET", "/users/"+id+"/provenance", "").object(d.t)["provenance"].([]any) {
		if from := one.(map[string]any); from["field"] == field {
			return from
		}
	}
	d.t.Fatalf("no provenance of %s", field)
	return nil
}

// edited is eve after staff changed her user group and her PIN.
func (d *desk) edited() {
	d.t.Helper()
	eve := d.external()
	eve["user_group"], eve["pin_number"] = code("02"), "1234"
	if got := d.asDesk(eve); got.status != 200 {
		d.t.Fatalf("got %d %s", got.status, got.body)
	}
}

func TestProvenanceAndBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.edited()
	from := d.provenanceOf("eve", "user_group")
	if from["manual"] != true || from["changed_by"] != "desk" || from["library_value"].(map[string]any)["value"] != "02" || from["sis_value"].(map[string]any)["value"] != "01" {
		t.Errorf("got %v", from)
	}
	whole := d.must(200, "GET", "/users/eve/provenance", "")
	if strings.Contains(whole.body, "$2") || strings.Contains(whole.body, "1234") || whole.object(t)["total_record_count"] != float64(12) || whole.header.Get("ETag") == "" {
		t.Errorf("got %s", whole.body)
	}
	if got := d.must(200, "GET", "/users/desk/provenance", "", "Accept: application/xml").body; !strings.Contains(got, `<provenances total_record_count="0">`) {
		t.Errorf("of an internal user: %s", got)
	}
	operator := "Authorization: " + d.issuer.Bearer("desk", nil)
	if got := d.call("POST", "/users/eve?op=use_sis_value&field=user_group", "", operator, `If-Match: "stale"`); got.status != 412 {
		t.Errorf("stale: got %d %s", got.status, got.body)
	}
	back := d.must(200, "POST", "/users/eve?op=use_sis_value&field=user_group", "", operator, "If-Match: "+whole.header.Get("ETag"))
	if group := back.object(t)["user_group"].(map[string]any)["value"]; group != "01" {
		t.Errorf("the user group is %v", group)
	}
	eve := d.patron("eve")
	if _, pin := eve.Manual["pin_number"]; len(eve.Manual) != 1 || !pin || eve.PINHash == "" || eve.Updated.By != "desk" {
		t.Errorf("stored %v, by %s", eve.Manual, eve.Updated.By)
	}
	all := d.must(200, "POST", "/users/eve?op=use_sis_value", "", operator)
	if eve = d.patron("eve"); len(eve.Manual) != 0 || eve.PINHash != "" {
		t.Errorf("stored %v", eve.Manual)
	}
	if again := d.must(200, "POST", "/users/eve?op=use_sis_value", "", operator); again.header.Get("ETag") != all.header.Get("ETag") {
		t.Error("nothing changed, and the record was written")
	}
}

func TestAdoptUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", person("manager", role("21", "01DEMO_INST", "ACTIVE", "")))
	d.must(200, "POST", "/users", person("ada", `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"3100"}]`, `"password":"analytical engine"`))
	manager := "Authorization: " + d.issuer.Bearer("manager", nil)
	before := d.must(200, "GET", "/users/ada", "")
	if got := d.call("POST", "/users/ada?op=adopt&profile=REGISTRAR", "", manager, `If-Match: "stale"`); got.status != 412 {
		t.Errorf("stale: got %d %s", got.status, got.body)
	}
	after := d.must(200, "POST", "/users/ada?op=adopt&profile=REGISTRAR", "", manager, "If-Match: "+before.header.Get("ETag"))
	ada := d.patron("ada")
	if ada.AccountType != patron.External || ada.ExternalID != "REGISTRAR" || ada.SIS != nil || ada.Identifiers[0].Segment != patron.InternalSegment || ada.Updated.By != "manager" ||
		ada.PasswordHash != "" || after.header.Get("ETag") == before.header.Get("ETag") || after.object(t)["external_id"] != "REGISTRAR" {
		t.Errorf("stored %+v, answered %s", ada, after.body)
	}
	if got := d.call("POST", "/users/ada?op=use_sis_value", "", manager); got.code() != "401859" || !strings.Contains(got.body, "said nothing") {
		t.Errorf("before the first file: got %d %s", got.status, got.body)
	}
}

// TestOwnerIsRefused asks what may not be, as who may not.
func TestOwnerIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.callers()
	d.eve()
	before := d.contents()
	const adopt, release = "?op=adopt&profile=REGISTRAR", "?op=use_sis_value&field=user_group"
	for _, tt := range []struct{ who, path, want string }{
		{"key pd_users:read", "/users/other" + adopt, "400 UNAUTHORIZED"}, {"key pd_users:read", "/users/eve" + release, "400 UNAUTHORIZED"},
		{"staff-51", "/users/other" + adopt, "403 FORBIDDEN"}, {"staff-51", "/users/eve" + release, "403 FORBIDDEN"},
		{"staff-32", "/users/other" + adopt, "403 FORBIDDEN"}, {"staff-221", "/users/other" + adopt, "403 FORBIDDEN"},
		{"plain", "/users/other" + adopt, "403 FORBIDDEN"}, {"plain", "/users/plain" + release, "403 FORBIDDEN"},
		{"plain", "/users/ME" + adopt, "403 FORBIDDEN"},
		{"staff-21", "/users/staff-50" + adopt, "403 FORBIDDEN"}, // a staff role
		{"staff-21", "/users/contact" + adopt, "400 401859"},
		{"staff-50", "/users/eve" + adopt, "400 401859"},
		{"staff-50", "/users/other?op=adopt", "400 401666"}, {"staff-50", "/users/other?op=adopt&profile=NOBODY", "400 401666"},
		{"staff-50", "/users/other" + release, "400 401859"}, {"staff-50", "/users/eve?op=use_sis_value&field=last_name", "400 401666"},
		{"staff-50", "/users/nobody" + adopt, "400 401861"}, {"staff-50", "/users/nobody" + release, "400 401861"},
	} {
		headers, query := d.credentials(tt.who, "", 0)
		got := d.call("POST", tt.path+query, "", headers...)
		status, answered, _ := strings.Cut(tt.want, " ")
		if text, _ := json.Marshal(got.status); string(text) != status || got.code() != answered {
			t.Errorf("%s asks %s: got %d %s, want %s", tt.who, tt.path, got.status, got.body, tt.want)
		}
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	for _, who := range []string{"staff-50", "key pd_users:write"} {
		headers, query := d.credentials(who, "", 0)
		target := map[string]string{"staff-50": "staff-32", "key pd_users:write": "staff-51"}[who]
		d.must(200, "POST", "/users/"+target+adopt+query, "", headers...)
	}
}

// eve stores eve, whom the registrar owns.
func (d *desk) eve() {
	d.t.Helper()
	body := strings.Replace(person("eve", `"external_id":"REGISTRAR"`), "INTERNAL", "EXTERNAL", 1)
	d.must(200, "POST", "/users", body)
}

// TestPutDoesNotAdoptByTheWay makes internal users external by a PUT, which is an adoption too.
func TestPutDoesNotAdoptByTheWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.callers()
	external := func(id string) string {
		return strings.Replace(person(id, `"external_id":"REGISTRAR"`), "INTERNAL", "EXTERNAL", 1)
	}
	for _, tt := range []struct{ who, want string }{{"staff-32", "403 FORBIDDEN"}, {"staff-50", "200 "}} {
		d.must(200, "POST", "/users", person("put-"+tt.who))
		headers, query := d.credentials(tt.who, "", 0)
		got := d.call("PUT", "/users/put-"+tt.who+query, external("put-"+tt.who), headers...)
		if said := fmt.Sprint(got.status, " ", got.code()); said != tt.want {
			t.Errorf("%s: got %d %s, want %s", tt.who, got.status, got.body, tt.want)
		}
	}
	contact := strings.Replace(external("contact"), "PUBLIC", "CONTACT", 1)
	if got := d.call("PUT", "/users/contact", contact); got.code() != "401859" {
		t.Errorf("a contact: got %d %s", got.status, got.body)
	}
}
