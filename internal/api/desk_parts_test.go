package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// withoutSegments takes every segment_type out of a record.
func withoutSegments(t *testing.T, record map[string]any) map[string]any {
	t.Helper()
	var forget func(v any)
	forget = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "segment_type")
			for _, part := range v {
				forget(part)
			}
		case []any:
			for _, part := range v {
				forget(part)
			}
		}
	}
	bare := copyOf(t, record)
	forget(bare)
	return bare
}

// withMore adds a part of each kind to a record, none of which names a segment.
func withMore(t *testing.T, record map[string]any) map[string]any {
	t.Helper()
	more := copyOf(t, record)
	contact := more["contact_info"].(map[string]any)
	for _, add := range []struct {
		to   map[string]any
		kind string
		part map[string]any
	}{
		{contact, "address", map[string]any{"line1": "2 New Street", "city": "York", "address_type": []any{code("work")}}},
		{contact, "email", map[string]any{"email_address": "eve@home.example", "email_type": []any{code("personal")}}},
		{contact, "phone", map[string]any{"phone_number": "+44 2", "phone_type": []any{code("mobile")}}},
		{more, "user_identifier", map[string]any{"id_type": code("BARCODE"), "value": "3199"}},
		{more, "user_note", map[string]any{"note_type": code("CIRCULATION"), "note_text": "asks for large print"}},
		{more, "user_block", map[string]any{"block_type": code("GENERAL"), "block_description": code("02-GLOBAL")}},
		{more, "user_statistic", map[string]any{"statistic_category": code("DC")}},
	} {
		list, _ := add.to[add.kind].([]any)
		add.to[add.kind] = append(list, add.part)
	}
	return more
}

// lastSegments are the segments of the last parts of each kind that withMore adds to.
func lastSegments(p patron.Patron) []patron.Segment {
	return []patron.Segment{
		p.Addresses[len(p.Addresses)-1].Segment, p.Emails[len(p.Emails)-1].Segment, p.Phones[len(p.Phones)-1].Segment,
		p.Identifiers[len(p.Identifiers)-1].Segment, p.Notes[len(p.Notes)-1].Segment, p.Blocks[len(p.Blocks)-1].Segment,
		p.Statistics[len(p.Statistics)-1].Segment,
	}
}

// TestPartsWithoutASegment adds to an external record, by hand and as an API client.
func TestPartsWithoutASegment(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers []string
		want    patron.Segment
	}{"desk": {nil, patron.InternalSegment}, "client": {[]string{"Authorization: apikey " + allRights}, patron.ExternalSegment}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			edited := withMore(t, withoutSegments(t, d.external()))
			body, err := json.Marshal(edited)
			if err != nil {
				t.Fatal(err)
			}
			headers := append([]string{"Authorization: " + d.issuer.Bearer("desk", nil)}, tt.headers...)
			d.must(200, "PUT", "/users/eve", string(body), headers...)
			eve := d.patron("eve")
			if got := lastSegments(eve); slices.ContainsFunc(got, func(s patron.Segment) bool { return s != tt.want }) {
				t.Errorf("the new parts are %v, want %s", got, tt.want)
			}
			if eve.Addresses[0].Segment != patron.ExternalSegment || eve.Identifiers[0].Segment != patron.ExternalSegment {
				t.Errorf("the SIS's parts are %+v, %+v", eve.Addresses[0], eve.Identifiers[0])
			}
		})
	}
}

// TestStaffSignWhatTheyWrite sends somebody else's name and another time with new notes and blocks.
func TestStaffSignWhatTheyWrite(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", deskOperator)
	operator := "Authorization: " + d.issuer.Bearer("desk", nil)
	forged := func(id string) string {
		return person(id, `"user_note":[{"note_type":{"value":"GENERAL"},"note_text":"x","created_by":"director","created_date":"2001-02-03T04:05:06Z"}]`,
			`"user_block":[{"block_description":{"value":"02-GLOBAL"},"created_by":"director","created_date":"2001-02-03T04:05:06Z"}]`)
	}
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		id     string
		first  string // written with POST; the forged record where it is empty
		header string
		by     string
	}{
		{"staff create", "ada", "", operator, "desk"},
		{"staff change", "bert", person("bert"), operator, "desk"},
		{"a client creates", "carl", "", "Accept: application/json", "director"},
		{"a client changes", "dora", person("dora"), "Accept: application/json", "director"},
	} {
		began := time.Now().Add(-time.Second)
		if tt.first == "" {
			d.must(200, "POST", "/users", forged(tt.id), tt.header)
		} else {
			d.must(200, "POST", "/users", tt.first)
			d.must(200, "PUT", "/users/"+tt.id, forged(tt.id), tt.header)
		}
		p := d.patron(tt.id)
		for _, got := range []patron.Change{{By: p.Notes[0].CreatedBy, At: p.Notes[0].Created}, {By: p.Blocks[0].CreatedBy, At: p.Blocks[0].Created}} {
			honest := got.At.After(began)
			if got.By != tt.by || honest != (tt.by == "desk") || !honest && !got.At.Equal(then) {
				t.Errorf("%s: signed %+v, want by %s", tt.name, got, tt.by)
			}
		}
	}
	// Who edits later is not who created.
	d.must(200, "PUT", "/users/carl", strings.Replace(d.must(200, "GET", "/users/carl", "").body, "director", "nobody", 2), operator)
	if p := d.patron("carl"); p.Notes[0].CreatedBy != "director" || p.Blocks[0].CreatedBy != "director" {
		t.Errorf("after an edit created by %s and %s", p.Notes[0].CreatedBy, p.Blocks[0].CreatedBy)
	}
}

// TestWhoAskedForALetter is shown by the primary id, and not to the patron.
func TestWhoAskedForALetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(200, "POST", "/users", deskOperator)
	d.must(200, "POST", "/users", person("ada"))
	sent := letter.Sent{ID: ulid.Make().String(), Code: "FulRequestsReportLetter", State: letter.Mailed, By: "desk", Created: time.Now()}
	if _, _, err := d.Store.ReserveLetter(t.Context(), d.patron("ada").UID, "k", sent); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, header, want string }{
		{"client", "Accept: application/json", "desk"},
		{"staff", "Authorization: " + d.issuer.Bearer("desk", nil), "desk"},
		{"patron", "Authorization: " + d.issuer.Bearer("ada", nil), ""},
	} {
		list := d.must(200, "GET", "/users/ada/letters", "", tt.header).object(t)["letter"].([]any)
		if got := list[0].(map[string]any)["created_by"]; got != tt.want {
			t.Errorf("%s: created_by is %v, want %q", tt.name, got, tt.want)
		}
	}
}
