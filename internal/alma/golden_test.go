package alma

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\ngot  %s\nwant %s", name, got, want)
	}
}

// goldenObject compares an object in both formats.
func goldenObject(t *testing.T, name string, object any) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(mustEncode(t, object, true)), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, name+".json", pretty.String()+"\n")
	text, err := xml.MarshalIndent(object, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, name+".xml", xmlDeclaration+string(text)+"\n")
}

func TestObjects(t *testing.T) {
	full := NewUser(everything(), known, "de")
	full.Loans = &Total{Value: "14", Link: "https://lib.example/almaws/v1/users/Quill.77/loans"}
	full.Fees = &Total{Value: "0.5"}
	bare := NewUser(patron.Patron{RecordType: patron.Staff, AccountType: patron.Internal, Status: patron.Inactive,
		PrimaryID: "b", LastName: "Bare"}, nil, "")
	rows := []institution.Row{
		{Code: "01", Description: "Student", Translations: map[string]string{"de": "Studierende"}, Default: true},
		{Code: "02", Description: "Guest & friend", Disabled: true}}
	tests := map[string]any{
		"user":          full,
		"user_bare":     bare,
		"user_brief":    full.Brief(),
		"users":         Users{User: []User{BriefUser(everything(), known, "https://lib.example/almaws/v1/users/Quill.77"), bare}, Total: 12},
		"users_none":    Users{},
		"request":       NewRequest(hold(), "Quill.77", 0, known),
		"request_digi":  NewRequest(digitization(), "Quill.77", 3, known),
		"requests":      Requests{Request: []Request{NewRequest(fulfillment.Request{ID: "1", Type: fulfillment.Hold, Status: fulfillment.NotStarted}, "b", 1, nil)}, Total: 1},
		"letter":        NewLetter(sent(), known, ""),
		"letters":       Letters{Letter: []Letter{NewLetter(sent(), nil, "")}, Total: 1},
		"preview":       LetterPreview{Code: "C", Language: "en", Subject: "S", HTML: "<p>Hi &amp; bye</p>", Text: "Hi\n"},
		"preview_none":  LetterPreview{Code: "C", Language: "en", Subject: "S", HTML: "<p>Hi</p>", Text: "Hi\n", Refusal: &Code{"LETTER_NO_EMAIL", "The user has no preferred e-mail address."}},
		"provenance":    NewProvenances(provenance(), known, "de"),
		"no_provenance": NewProvenances(patron.Patron{AccountType: patron.Internal}, nil, ""),
		"test":          NewTest("GET", "01DEMO_INST"),
		"jobs":          Jobs{Job: []Job{registrarJob(), NewItemsJob("https://lib.example/almaws/v1/conf/jobs/items")}, Total: 2},
		"job_held":      instanceOf(heldJob()),
		"job_running":   instanceOf(runningJob()),
		"job_done":      JobInstances{JobInstance: []JobInstance{instanceOf(doneJob())}, Total: 7},
		"job_none":      JobInstances{},
		"upload":        NewUpload("https://drop.s3.example", map[string]string{"policy": "e30=", "key": "items/a.csv", "success_action_redirect": "https://lib.example/?a=1&b=2"}, "items/a.csv", noon),
		"code_table":    NewCodeTable("UserGroups", "User Groups", rows, Code{"de", "German"}),
	}
	for name, object := range tests {
		t.Run(name, func(t *testing.T) { goldenObject(t, name, object) })
	}
}

func TestWriteError(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		accept string
		status int
	}{
		{"error.json", UserNotFound("a<b>&\"c"), "application/json", 400},
		{"error.xml", UserNotFound("a<b>&\"c"), "", 400},
		{"error_reason.json", errors.Join(errors.New("x"), UserNotUpdated("The title is too long.")), "application/json", 400},
		{"error_internal.json", errors.New("put item: secret host unreachable"), "application/json", 500},
		{"error_internal.xml", errors.New("put item: secret host unreachable"), "application/xml", 500},
		{"error_key.xml", Unauthorized(), "application/json", 400},
		{"error_key_unknown.xml", InvalidRequest(), "application/json", 403},
		{"error_threshold.json", PerSecondThreshold(), "application/json", 429},
		{"error_stale.json", PreconditionFailed(), "application/json", 412},
		{"error_sis.json", FieldOwnedBySIS("last_name", "Ask the registrar."), "application/json", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept", test.accept)
			w := httptest.NewRecorder()
			WriteError(w, r, test.err, "track-1")
			golden(t, test.name, w.Body.String()+"\n")
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if got, want := w.Header().Get("Content-Type"), map[bool]string{true: jsonType, false: xmlType}[strings.HasSuffix(test.name, "json")]; got != want {
				t.Errorf("Content-Type %s, want %s", got, want)
			}
		})
	}
}

// TestBothFormats reads the full record in one format, writes it in the other, and reads that.
func TestBothFormats(t *testing.T) {
	var fromJSON, fromXML User
	body := mustEncode(t, NewUser(everything(), known, ""), true)
	if err := read(t, "application/json", body, &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := read(t, "application/xml", mustEncode(t, fromJSON, false), &fromXML); err != nil {
		t.Fatal(err)
	}
	if got, want := mustEncode(t, fromXML, true), mustEncode(t, fromJSON, true); got != want {
		t.Errorf("JSON to XML to JSON:\ngot  %s\nwant %s", got, want)
	}
	got, _, err := fromXML.Patron()
	if err != nil {
		t.Fatal(err)
	}
	want := everything()
	dropOutput(&want)
	if got = bare(got); !reflect.DeepEqual(got, bare(want)) {
		t.Errorf("domain:\ngot  %+v\nwant %+v", got, bare(want))
	}
}

// dropOutput empties what clients cannot set.
func dropOutput(p *patron.Patron) {
	p.UID, p.Version, p.Synced = "", 0, patron.Synced{}
	p.StatusDate, p.LastActivityDate, p.Researcher, p.LinkingID = "", "", false, ""
	if len(p.Roles) == 0 {
		p.Roles = nil
	}
}

// bare takes the descriptions away, which do not decide.
func bare(p patron.Patron) patron.Patron {
	v := reflect.ValueOf(&p).Elem()
	dropDescriptions(v)
	return p
}

func dropDescriptions(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if c, ok := v.Addr().Interface().(*patron.Code); ok {
			c.Desc = ""
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				dropDescriptions(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			dropDescriptions(v.Index(i))
		}
	}
}
