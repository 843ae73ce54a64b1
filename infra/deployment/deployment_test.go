package deployment

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"patrondesk/functions"
)

func TestStatements(t *testing.T) {
	f := functions.Function{
		Name: "some-import", Drops: []string{"some/"}, Email: true,
		Tables: []functions.Grant{{Table: "users", Actions: []string{"Query"}, Index: "changed"}},
		Bucket: []functions.Access{{Objects: []string{"some/*"}, Actions: []string{"GetObject"}}, {Actions: []string{"ListBucket"}}},
	}
	want := []Statement{
		{Sid: "Logs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, On: []Resource{{ID: "SomeImportLog"}}},
		{Sid: "UsersTable", Actions: []string{"dynamodb:Query"},
			On: []Resource{{ID: "UsersTable"}, {ID: "UsersTable", Suffix: "/index/changed"}}},
		{Sid: "BucketGetObject", Actions: []string{"s3:GetObject"}, On: []Resource{{ID: "Bucket", Suffix: "/some/*"}}},
		{Sid: "BucketListBucket", Actions: []string{"s3:ListBucket"}, On: []Resource{{ID: "Bucket"}}},
		{Sid: "Queue", Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			"sqs:ChangeMessageVisibility"}, On: []Resource{{ID: "SomeImportQueue"}}},
		{Sid: "Mail", Actions: []string{"ses:SendEmail"}, FromInstitution: true,
			On: []Resource{{Kind: MailIdentity}, {Kind: ConfigurationSet, ID: "MailSettings"}}},
	}
	if got := Statements(f, false); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := Statements(f, true); len(got) != len(want)+1 || got[1].Sid != "Traces" {
		t.Errorf("with traces: %+v", got)
	}
}

// TestNamesDiffer: two resources of one name would be one.
func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	names := []string{BucketID, APIID, StageID, AccessLogID, ConfigurationSetID, IdentityID, PoolID, ClientID, DomainID, BrandingID}
	for _, t := range functions.Tables {
		names = append(names, TableID(t.Name))
	}
	for _, f := range functions.All {
		for _, id := range []func(string) string{FunctionID, RoleID, LogID, QueueID, DeadID, RuleID, UndeliveredID, SourceID, ScheduleID, ScheduleRoleID} {
			names = append(names, id(f.Name))
		}
	}
	for _, name := range names {
		if seen[name] {
			t.Errorf("two resources are named %s", name)
		}
		seen[name] = true
	}
}

func TestEnvironment(t *testing.T) {
	for _, f := range functions.All {
		env := Environment(f)
		for name, value := range env {
			if value == "" {
				t.Errorf("%s: nothing fills %s", f.Name, name)
			}
		}
		if got, want := len(env), len(f.Settings())+2; got != want {
			t.Errorf("%s: %d settings, want %d", f.Name, got, want)
		}
	}
}

// TestDeskPaths: the addresses an issuer is told are pages of the desk.
func TestDeskPaths(t *testing.T) {
	for _, path := range []string{DeskPath, SignedInPath, SignedOutPath} {
		if !slices.ContainsFunc(functions.All, func(f functions.Function) bool { return f.Pages && slices.Contains(f.Routes, "GET "+path) }) {
			t.Errorf("nothing answers at %s", path)
		}
	}
}

func TestRoutes(t *testing.T) {
	f := functions.Function{Routes: []string{"GET /a/{b}"}}
	got := Routes(f)
	if len(got) != 1 || got[0] != (Route{"GET", "/a/{b}"}) || got[0].Key() != f.Routes[0] {
		t.Errorf("Routes = %+v", got)
	}
}

func TestVisibility(t *testing.T) {
	if got := Visibility(functions.Function{Timeout: 15 * time.Minute}); got != 16*time.Minute {
		t.Errorf("Visibility = %v", got)
	}
}

func TestAccessLogFormat(t *testing.T) {
	var got map[string]string
	if err := json.Unmarshal([]byte(AccessLogFormat()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(AccessLog()) {
		t.Errorf("%d fields, want %d", len(got), len(AccessLog()))
	}
}
