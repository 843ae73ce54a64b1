package alma

import (
	"errors"
	"reflect"
	"testing"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

func FuzzReadUserJSON(f *testing.F) {
	f.Add(mustEncode(f, NewUser(everything(), known, ""), true))
	f.Add(`{"user_block":[{"created_date":"0000-01-01T00:00:00+14:00"}],"user_group":{"desc":"x"}}`)
	f.Add(`{"first_name":" \r\n\u00a0 ","user_role":[{}],"rs_library":[{}]}`)
	f.Fuzz(func(t *testing.T, body string) { rereadUser(t, asJSON, body) })
}

func FuzzReadUserXML(f *testing.F) {
	f.Add(mustEncode(f, NewUser(everything(), known, ""), false))
	f.Add(`<user><contact_info><addresses><address preferred=""><line3>a&#xD;b</line3></address></addresses></contact_info></user>`)
	f.Add(`<?xml version="1.0" encoding="US-ASCII"?><!DOCTYPE a [<!ENTITY b "c">]><user>&b;</user>`)
	f.Fuzz(func(t *testing.T, body string) { rereadUser(t, asXML, body) })
}

// rereadUser proves that what is accepted comes back the same from both formats, and that a refusal is Alma's.
func rereadUser(t *testing.T, contentType, body string) {
	p, ok := readPatron(t, contentType, body)
	if !ok {
		return
	}
	p.DefaultSegments()
	shown := NewUser(p, nil, "")
	for _, format := range []string{asJSON, asXML} {
		again, ok := readPatron(t, format, mustEncode(t, shown, format == asJSON))
		if !ok {
			t.Fatalf("what was accepted is refused as %s: %s", format, mustEncode(t, shown, format == asJSON))
		}
		if dropOutput(&again); !reflect.DeepEqual(again, p) {
			t.Fatalf("%s:\ngot  %#v\nwant %#v", format, again, p)
		}
	}
}

func readPatron(t *testing.T, contentType, body string) (patron.Patron, bool) {
	var u User
	err := read(t, contentType, body, &u)
	if err == nil {
		var p patron.Patron
		if p, _, err = u.Patron(); err == nil {
			dropOutput(&p)
			return p, true
		}
	}
	refused(t, err)
	return patron.Patron{}, false
}

func refused(t *testing.T, err error) {
	var e *Error
	if !errors.As(err, &e) || e.Status != 400 {
		t.Fatalf("not a refusal of Alma's: %v", err)
	}
}

func FuzzReadRequest(f *testing.F) {
	for _, asJSON := range []bool{true, false} {
		f.Add(mustEncode(f, NewRequest(hold(), "a", 0, known), asJSON))
		f.Add(mustEncode(f, NewRequest(digitization(), "a", 1, known), asJSON))
	}
	f.Add(`{"pickup_location":"X - A - ","pickup_location_circulation_desk":"d","request_type":" DIGITIZATION "}`)
	f.Fuzz(func(t *testing.T, body string) {
		request, ok := readRequest(t, "", body)
		if !ok {
			return
		}
		for _, format := range []string{asJSON, asXML} {
			shown := mustEncode(t, NewRequest(request, "u", 0, nil), format == asJSON)
			if again, ok := readRequest(t, format, shown); !ok || !reflect.DeepEqual(again, request) {
				t.Fatalf("%s:\ngot  %#v\nwant %#v", shown, again, request)
			}
		}
	})
}

func readRequest(t *testing.T, contentType, body string) (fulfillment.Request, bool) {
	var q Request
	err := read(t, contentType, body, &q)
	if err == nil {
		var request fulfillment.Request
		if request, err = q.Request(); err == nil {
			return request, true
		}
	}
	refused(t, err)
	return fulfillment.Request{}, false
}
