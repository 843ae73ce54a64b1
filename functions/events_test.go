package functions_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"patrondesk/functions"
	"patrondesk/internal/drop"
	"patrondesk/internal/job"
)

// TestSampleEvents runs each function's sample event through its handler. The test prepares what the event is about,
// and looks for a part of the answer, or for the counts of the job.
func TestSampleEvents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before func(l *demo)
		want   string
	}{
		{"patron-lookup", nothing, `"primary_id":"thomas"`},
		{"patron-search", nothing, `"total_record_count":2`},
		{"user-update", nothing, `"primary_id":"m.birk"`},
		{"loan-desk", nothing, `"loan_status":"ACTIVE"`},
		{"fee-desk", nothing, `"balance":2.5`},
		{"request-listing", func(l *demo) { l.waiting() }, `"total_record_count":1`},
		{"request-update", nothing, `"place_in_queue":1`},
		{"report-sending", func(l *demo) { l.waiting() }, `"to":"thomas@readers.example"`},
		{"configuration", nothing, `"code":"01"`},
		{"staff-desk", func(l *demo) { l.signedIn("desk") }, `<title>Manage Patron Services`},
		{"sis-import", func(l *demo) { l.drop("sis/REGISTRAR/users.xml", "", fmt.Sprintf(sisUser, "eve", "Sund", "31000001")) }, "1 created"},
		{"item-import", func(l *demo) {
			l.drop("items/items.csv", "", "barcode,item_id,mms_id,title,library\nC1,2001,993,One,MAIN\n")
		}, "1 created"},
		{"activity-letters", func(l *demo) { l.borrowed() }, "1 created"},
		{"hold-shelf", func(l *demo) { l.shelved() }, "2 updated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newDemo(t)
			tt.before(l)
			text, err := os.ReadFile("../events/" + tt.name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			run := l.runHTTP
			if f, _ := functions.Named(tt.name); len(f.Drops) > 0 {
				run = l.runDrop
			}
			if got := run(tt.name, text); !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s in it", got, tt.want)
			}
		})
	}
}

func nothing(*demo) {}

// TestEveryFunctionHasASample holds the folder events against the list, and the samples against their functions.
func TestEveryFunctionHasASample(t *testing.T) {
	var want []string
	for _, f := range functions.All {
		want = append(want, "../events/"+f.Name+".json")
	}
	got, err := filepath.Glob("../events/*")
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the samples are %v, want %v", got, want)
	}
}

// runHTTP is the body of the answer, which must be good.
func (l *demo) runHTTP(name string, text []byte) string {
	l.t.Helper()
	var ev events.APIGatewayV2HTTPRequest
	l.decode(text, &ev)
	f, _ := functions.Named(name)
	if !slices.Contains(f.Routes, ev.RouteKey) || ev.RouteKey != ev.RequestContext.RouteKey {
		l.t.Errorf("the sample's route %q is none of the function's", ev.RouteKey)
	}
	res, err := l.invocation(name, l.client)(l.t.Context(), ev)
	kind := map[bool]string{false: "application/json", true: "text/html"}[f.Pages]
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(res.Headers["content-type"], kind) {
		l.t.Errorf("got %d %v, %v", res.StatusCode, res.Headers, err)
	}
	return res.Body
}

// runDrop tells what became of the file.
func (l *demo) runDrop(name string, text []byte) string {
	l.t.Helper()
	var ev events.SQSEvent
	l.decode(text, &ev)
	var o drop.Object
	l.decode([]byte(ev.Records[0].Body), &o)
	f, _ := functions.Named(name)
	if !strings.HasPrefix(o.Key, f.Drops[0]) || (o.VersionID == "") != (f.Round != nil) || o.ETag == "" || o.Sequencer == "" || o.Time.IsZero() {
		l.t.Errorf("the sample tells of %+v", o)
	}
	res, err := l.imports(name, l.client)(l.t.Context(), ev)
	if err != nil || len(res.BatchItemFailures) > 0 {
		l.t.Errorf("got %+v, %v", res, err)
	}
	j, err := l.store(l.client).Job(l.t.Context(), o.JobID())
	if err != nil || j.State != job.Completed {
		l.t.Errorf("the job is %+v, %v", j, err)
	}
	if _, err := os.Stat(filepath.Join(l.bucket, j.Report)); err != nil {
		l.t.Error(err)
	}
	return fmt.Sprintf("%d created, %d updated", j.Counts.Created, j.Counts.Updated)
}

// decode reads a sample, in which every member must be known.
func (l *demo) decode(text []byte, into any) {
	l.t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		l.t.Fatal(err)
	}
}
