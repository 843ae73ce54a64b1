package alma

import (
	"errors"
	"strings"
	"testing"
)

const (
	asJSON = "application/json"
	asXML  = "application/xml"
)

// TestReadRefuses has every kind of bad body: what it is told, and that it is 401676.
func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat(`{"contact_info":`, 20) + "1" + strings.Repeat("}", 20)
	tests := []struct{ name, contentType, body, want string }{
		{"empty", asJSON, "  ", "The body is empty."},
		{"json cut off", asJSON, `{"primary_id":"a"`, "The JSON ends too early."},
		{"json malformed", asJSON, `{"primary_id":a}`, "The JSON is not well formed near byte"},
		{"json trailing comma", asJSON, `{"primary_id":"a",}`, "The JSON is not well formed near byte"},
		{"json missing comma", asJSON, `{"first_name":"a" "last_name":"b"}`, "The JSON is not well formed near byte"},
		{"json trailing", asJSON, `{"primary_id":"a"}{}`, "There is something after the JSON value."},
		{"json trailing text", asJSON, `{"primary_id":"a"} x`, "There is something after the JSON value."},
		{"json list", asJSON, `[]`, "The body must be one JSON object."},
		{"json null", asJSON, `null`, "The body must be one JSON object."},
		{"json text", asJSON, `"<user/>"`, "The body must be one JSON object."},
		{"json unknown", asJSON, `{"colour":"a"}`, `There is no field "colour" in this object.`},
		{"json unknown inside", asJSON, `{"user_group":{"value":"1","hue":2}}`, `There is no field "user_group.hue" in this object.`},
		{"json key in another case", asJSON, `{"Primary_ID":"a"}`, `There is no field "Primary_ID" in this object.`},
		{"json duplicate", asJSON, `{"primary_id":"a","primary_id":"b"}`, `Field "primary_id" is given twice.`},
		{"json number for text", asJSON, `{"primary_id":1e400}`, `Field "primary_id" must be a text.`},
		{"json true for text", asJSON, `{"last_name":true}`, `Field "last_name" must be a text.`},
		{"json object for text", asJSON, `{"last_name":{}}`, `Field "last_name" must be a text.`},
		{"json text for object", asJSON, `{"user_group":"08"}`, `Field "user_group" must be an object.`},
		{"json list for object", asJSON, `{"contact_info":[]}`, `Field "contact_info" must be an object.`},
		{"json object for list", asJSON, `{"user_note":{}}`, `Field "user_note" must be a list.`},
		{"json null in list", asJSON, `{"user_note":[null]}`, `Field "user_note" has a null in its list.`},
		{"json text for bool", asJSON, `{"contact_info":{"email":[{"preferred":"yes"}]}}`, `Field "contact_info.email.preferred" must be true or false.`},
		{"json number for bool", asJSON, `{"contact_info":{"email":[{"preferred":1}]}}`, `Field "contact_info.email.preferred" must be true or false.`},
		{"json deep", asJSON, deep, "The body is nested deeper than 16 levels."},
		{"json deep lists", asJSON, strings.Repeat("[", 100000), "The body is nested deeper than 16 levels."},
		{"json control character", asJSON, `{"last_name":"a\u0007"}`, `Field "last_name" contains the character U+0007, which is not allowed.`},
		{"json U+FFFF", asJSON, `{"last_name":"a\uffff"}`, `Field "last_name" contains the character U+FFFF, which is not allowed.`},
		{"json half surrogate", asJSON, `{"last_name":"\ud800"}`, "A text contains half of a surrogate pair."},
		{"json other half", asJSON, `{"last_name":"\udc00"}`, "A text contains half of a surrogate pair."},
		{"json long list", asJSON, `{"user_note":[` + strings.Repeat("{},", 1000) + `{}]}`, `Field "user_note" has more than 1000 entries.`},
		{"not utf-8", asJSON, "{\"last_name\":\"M\xfcller\"}", "The body is not valid UTF-8."},
		{"too large", asJSON, `{"last_name":"` + strings.Repeat("a", MaxBody) + `"}`, "The body is larger than 1 MB."},
		{"xml as json", asJSON, `<user/>`, "The JSON is not well formed"},
		{"json as xml", asXML, `{"primary_id":"a"}`, "There is text outside the root element."},
		{"form", "application/x-www-form-urlencoded", `a=b`, "The Content-Type must be application/json or application/xml."},
		{"bad content type", "a/b/c;;=", `{}`, "The Content-Type is not well formed"},
		{"other charset", "application/json; charset=iso-8859-1", `{}`, "The Content-Type names another character set"},
		{"xml root", asXML, `<users><user/></users>`, `The root element must be user, and is "users".`},
		{"xml cut off", asXML, `<user><last_name>`, "The XML is not well formed near line 1."},
		{"xml crossed", asXML, "<user>\n<a></b></user>", "The XML is not well formed near line 2."},
		{"xml only a comment", asXML, `<!-- a -->`, "The XML has no element."},
		{"xml two roots", asXML, `<user/><user/>`, "The XML has more than one root element."},
		{"xml text after", asXML, `<user/>x`, "There is text outside the root element."},
		{"xml unknown", asXML, `<user><colour/></user>`, `There is no element "colour" in this object.`},
		{"xml unknown inside", asXML, `<user><user_notes><note/></user_notes></user>`, `There is no element "user_notes.note" in this object.`},
		{"xml child in text", asXML, `<user><last_name><b>x</b></last_name></user>`, `There is no element "last_name.b" in this object.`},
		{"xml child in code", asXML, `<user><user_group><value>1</value></user_group></user>`, `There is no element "user_group.value" in this object.`},
		{"xml unknown attribute", asXML, `<user><user_group hue="1">1</user_group></user>`, `There is no attribute "user_group.hue" in this object.`},
		{"xml duplicate", asXML, `<user><last_name>a</last_name><last_name>b</last_name></user>`, `Element "last_name" is given twice.`},
		{"xml duplicate wrapper", asXML, `<user><user_notes/><user_notes/></user>`, `Element "user_notes" is given twice.`},
		{"xml duplicate attribute", asXML, `<user><user_group desc="a" desc="b">1</user_group></user>`, `Attribute "desc" is given twice.`},
		{"xml many attributes", asXML, `<user ` + strings.Repeat(`a="" `, 30) + `/>`, `Element "user" has more than 20 attributes.`},
		{"xml text between", asXML, `<user>hello<last_name/></user>`, "contains text between its elements."},
		{"xml text in wrapper", asXML, `<user><user_notes>hello</user_notes></user>`, `Element "user_notes" contains text between its elements.`},
		{"xml bool", asXML, `<user><contact_info><emails><email preferred="ja"/></emails></contact_info></user>`, `must be true or false.`},
		{"xml doctype", asXML, `<!DOCTYPE user SYSTEM "http://a.example/x.dtd"><user/>`, "a document type or another directive"},
		{"xml entity", asXML, `<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]><user><last_name>&a;</last_name></user>`, "a document type or another directive"},
		{"xml unknown entity", asXML, `<user><last_name>&nbsp;</last_name></user>`, "an entity that is not defined in line 1."},
		{"xml encoding", asXML, `<?xml version="1.0" encoding="ISO-8859-1"?><user/>`, "declares another encoding than UTF-8"},
		{"xml version", asXML, `<?xml version="1.1"?><user/>`, "not well formed"},
		{"xml control character", asXML, `<user><last_name>&#7;</last_name></user>`, "a character that is not allowed in line 1."},
		{"xml deep", asXML, strings.Repeat("<user>", 17), "The body is nested deeper than 16 levels."},
		{"xml namespace end", asXML, `<a:user></b:user>`, "The XML is not well formed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var u User
			err := read(t, test.contentType, test.body, &u)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Code != "401676" || e.Status != 400 || !strings.HasPrefix(e.Message, "No valid XML was given. ") {
				t.Errorf("got %d %s %q", e.Status, e.Code, e.Message)
			}
			if !strings.Contains(e.Message, test.want) {
				t.Errorf("got %q, want %q", e.Message, test.want)
			}
		})
	}
}

// TestReadAccepts has what clients send and must be understood; each is the user with last name "Ä b".
func TestReadAccepts(t *testing.T) {
	tests := []struct{ name, contentType, body string }{
		{"json", asJSON, `{"last_name":"Ä b"}`},
		{"json with charset", "application/json; charset=UTF-8", `{"last_name":"\u00c4 b"}`},
		{"json sniffed", "", " \n{\"last_name\":\"Ä b\"}"},
		{"xml sniffed", "", " \n<user><last_name>Ä b</last_name></user>"},
		{"json with a mark", asJSON, "\uFEFF{\"last_name\":\"Ä b\"}"},
		{"xml with a mark", asXML, "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><user><last_name>Ä b</last_name></user>"},
		{"text/xml", "text/xml", `<user><last_name>Ä b</last_name></user>`},
		{"us-ascii", asXML, `<?xml version="1.0" encoding="US-ASCII"?><user><last_name>&#196; b</last_name></user>`},
		{"prefix", asXML, `<x:user xmlns:x="http://a.example/"><x:last_name>Ä b</x:last_name></x:user>`},
		{"namespace", asXML, `<user xmlns="http://a.example/" xmlns:xsi="http://b.example" xsi:schemaLocation="x"><last_name>Ä b</last_name></user>`},
		{"comment and cdata", asXML, `<user><!-- a --><last_name>Ä<!-- b --><![CDATA[ b]]></last_name><?x y?></user><!-- c -->`},
		{"any order", asXML, `<user><status desc="Active">ACTIVE</status><last_name>Ä b</last_name><record_type/></user>`},
		{"nulls", asJSON, `{"user_group":null,"contact_info":null,"user_role":null,"first_name":null,"last_name":"Ä b"}`},
		{"null in an object", asJSON, `{"last_name":"Ä b","contact_info":{"address":[{"line2":null,"preferred":null,"country":{"value":null}}]}}`},
		{"text for a boolean", asJSON, `{"last_name":"Ä b","contact_info":{"email":[{"preferred":"true"},{"preferred":""}]}}`},
		{"output only", asJSON, `{"last_name":"Ä b","full_name":"x","status_date":"nonsense","link":"x","loans":{"value":"14","link":"y"},
			"requests":3,"fees":null,"is_researcher":"?","researcher":{"a":[1]},"linking_id":null,"last_patron_activity_date":[],"pref_full_name":"z"}`},
		{"output only in xml", asXML, `<user><loans link="x">14</loans><researcher><a/></researcher><full_name/><last_name>Ä b</last_name><pref_full_name>x</pref_full_name></user>`},
		{"surrogate pair", asJSON, `{"first_name":"\ud83d\ude00 \\ud800","last_name":"Ä b"}`},
		{"pretty printed", asXML, "<user>\n  <user_group>\n 08 \n</user_group>\n  <first_name>\n</first_name>\n <last_name>Ä b</last_name>\n</user>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var u User
			if err := read(t, test.contentType, test.body, &u); err != nil {
				t.Fatalf("%v: %v", err, message(err))
			}
			if u.LastName != "Ä b" {
				t.Errorf("last name %q", u.LastName)
			}
			if strings.TrimSpace(u.UserGroup.Value) != u.UserGroup.Value {
				t.Errorf("user group %q", u.UserGroup.Value)
			}
		})
	}
}

func message(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return ""
}

func TestReadOtherRoots(t *testing.T) {
	var q Request
	if err := read(t, asXML, `<user_request><request_type>HOLD</request_type><request_status>On Hold Shelf</request_status></user_request>`, &q); err != nil {
		t.Fatal(message(err))
	}
	if q.Type != "HOLD" || q.Status != "ON_HOLD_SHELF" {
		t.Errorf("got %+v", q)
	}
	var l Letter
	if err := read(t, asXML, `<letter><code>FulRequestsReportLetter</code><status>SENT</status></letter>`, &l); err != nil {
		t.Fatal(message(err))
	}
	if l.Code != "FulRequestsReportLetter" || l.Status != "" {
		t.Errorf("got %+v", l)
	}
	if err := read(t, asXML, `<user/>`, &l); message(err) == "" {
		t.Error("a user was read as a letter")
	}
}

// TestReadStartsAfresh proves that nothing of an object's former content stays.
func TestReadStartsAfresh(t *testing.T) {
	u := User{LastName: "old"}
	if err := read(t, asJSON, `{"first_name":"new"}`, &u); err != nil || u.LastName != "" {
		t.Errorf("got %q, %v", u.LastName, err)
	}
}

func TestPatronRefuses(t *testing.T) {
	tests := []struct{ body, want string }{
		{`{"birth_date":"2025-02-30Z"}`, "Given birth_date type (2025-02-30Z) is invalid."},
		{`{"expiry_date":"soon"}`, "Given expiry_date type (soon) is invalid."},
		{`{"purge_date":"31.12.2025"}`, "Given purge_date type (31.12.2025) is invalid."},
		{`{"contact_info":{"address":[{"end_date":"2025-13-01"}]}}`, "Given address end_date type (2025-13-01) is invalid."},
		{`{"user_role":[{"expiry_date":"x"}]}`, "Given user_role expiry_date type (x) is invalid."},
		{`{"user_block":[{"created_date":"2025-01-01T25:00:00Z"}]}`, "Given user_block created_date type (2025-01-01T25:00:00Z) is invalid."},
		{`{"user_note":[{"created_date":"x"}]}`, "Given user_note created_date type (x) is invalid."},
	}
	for _, test := range tests {
		var u User
		if err := read(t, asJSON, test.body, &u); err != nil {
			t.Fatal(message(err))
		}
		_, _, err := u.Patron()
		if got := message(err); got != test.want {
			t.Errorf("%s: got %q, want %q", test.body, got, test.want)
		}
	}
}

// TestPatronDefaults has what Alma puts where nothing, or nothing legal, is given.
func TestPatronDefaults(t *testing.T) {
	body := `{"account_type":{"value":"%"},"password":"p","pin_number":"1234","birth_date":"1990-03-01",
		"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"1","segment_type":"Sideways"}],
		"user_role":[{"role_type":{"value":"200"}},{"role_type":{"value":"201"},"status":{"value":"MAYBE","desc":"Maybe"}}],
		"user_block":[{"block_description":{"value":"X"},"created_date":"2020-10-30Z","expiry_date":"2020-10-30T16:47:54+02:00"}]}`
	for _, account := range []string{"INTERNAL", "EXTERNAL"} {
		var u User
		if err := read(t, asJSON, strings.Replace(body, "%", account, 1), &u); err != nil {
			t.Fatal(message(err))
		}
		p, secrets, err := u.Patron()
		if err != nil {
			t.Fatal(err)
		}
		got := []string{string(p.Status), string(p.Identifiers[0].Segment), string(p.Identifiers[0].Status), p.Roles[0].Status.Value,
			p.Roles[1].Status.Value, p.Blocks[0].Type.Value, string(p.Blocks[0].Status), timestamp(p.Blocks[0].Created),
			timestamp(p.Blocks[0].Expiry), secrets.Password, secrets.PIN, string(p.BirthDate)}
		want := []string{"ACTIVE", "", "ACTIVE", "ACTIVE", "INACTIVE", "GENERAL", "ACTIVE", "2020-10-30T00:00:00.000Z",
			"2020-10-30T14:47:54.000Z", "p", "1234", "1990-03-01"}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s:\ngot  %q\nwant %q", account, got, want)
		}
		if shown := mustEncode(t, NewUser(p, nil, ""), true); strings.Contains(shown, "1234") {
			t.Error("the PIN is shown")
		}
	}
}

// TestRolesGiven keeps "no roles given" apart from "an empty list of roles given".
func TestRolesGiven(t *testing.T) {
	for body, given := range map[string]bool{`{"last_name":"x"}`: false, `{"user_role":null}`: false, `{"user_role":[]}`: true,
		`<user/>`: false, `<user><user_roles/></user>`: true} {
		var u User
		if err := read(t, "", body, &u); err != nil {
			t.Fatal(message(err))
		}
		p, _, err := u.Patron()
		if err != nil || (p.Roles != nil) != given {
			t.Errorf("%s: roles %#v, %v", body, p.Roles, err)
		}
	}
}

func TestDecodeUser(t *testing.T) {
	record := `<user><last_name>A</last_name><shoe_size unit="eu">43<a/></shoe_size><user_group colour="red">08</user_group>
		<user_notes><other/></user_notes></user>`
	u, unknown, err := DecodeUser([]byte(record))
	if err != nil || unknown != 3 || u.LastName != "A" || u.UserGroup.Value != "08" {
		t.Errorf("got %q %q, %d unknown, %v", u.LastName, u.UserGroup.Value, unknown, err)
	}
	for _, bad := range []string{"", "<users/>", "<user>", "<user><last_name>a</last_name><last_name>a</last_name></user>", "<user>\xff</user>"} {
		if _, _, err := DecodeUser([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestRequestRefuses(t *testing.T) {
	for _, field := range []string{"last_interest_date", "expiry_date", "request_date", "request_time", "booking_start_date", "booking_end_date"} {
		var q Request
		if err := read(t, asJSON, `{"`+field+`":"2025-02-30"}`, &q); err != nil {
			t.Fatal(message(err))
		}
		_, err := q.Request()
		if got, want := message(err), "Given "+field+" type (2025-02-30) is invalid."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
