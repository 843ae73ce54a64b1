package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patrondesk/functions"
)

// check compares properties of a resource, by path, with what they should be.
func check(t *testing.T, name string, want map[string]any) {
	t.Helper()
	r, ok := synthesised.Resources[name]
	if !ok {
		t.Errorf("there is no %s", name)
	}
	for path, value := range want {
		if got := get(r.Properties, path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s: %s = %v, want %v", name, path, got, value)
		}
	}
}

func TestTables(t *testing.T) {
	for _, table := range functions.Tables {
		name := camel(table.Name) + "Table"
		want := map[string]any{
			"BillingMode":                 "PAY_PER_REQUEST",
			"DeletionProtectionEnabled":   !table.Passing,
			"SSESpecification.SSEEnabled": true,
			"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": !table.Passing,
			"KeySchema.0.AttributeName":                                   "pk",
			"KeySchema.1.AttributeName":                                   nil,
			"GlobalSecondaryIndexes":                                      nil,
			"TableName":                                                   nil,
		}
		if table.Sort {
			want["KeySchema.1.AttributeName"] = "sk"
		}
		if table.TTL != "" {
			want["TimeToLiveSpecification.Enabled"] = true
			want["TimeToLiveSpecification.AttributeName"] = table.TTL
		}
		if i := table.Index; i != nil {
			delete(want, "GlobalSecondaryIndexes")
			want["GlobalSecondaryIndexes.0.IndexName"] = i.Name
			want["GlobalSecondaryIndexes.0.KeySchema.0.AttributeName"] = i.Partition
			want["GlobalSecondaryIndexes.0.KeySchema.1.AttributeName"] = i.Sort
			want["GlobalSecondaryIndexes.1"] = nil
			if len(i.Project) > 0 {
				want["GlobalSecondaryIndexes.0.Projection.NonKeyAttributes"] = i.Project
			}
		}
		check(t, name, want)
		if got := synthesised.Resources[name]; keep(got) == table.Passing {
			t.Errorf("%s: DeletionPolicy = %s", name, got.DeletionPolicy)
		}
	}
	if got, want := len(synthesised.of("AWS::DynamoDB::Table")), len(functions.Tables); got != want {
		t.Errorf("%d tables, want %d", got, want)
	}
}

func TestBucket(t *testing.T) {
	check(t, "Bucket", map[string]any{
		"VersioningConfiguration.Status":                                                                  "Enabled",
		"PublicAccessBlockConfiguration.BlockPublicAcls":                                                  true,
		"PublicAccessBlockConfiguration.BlockPublicPolicy":                                                true,
		"PublicAccessBlockConfiguration.IgnorePublicAcls":                                                 true,
		"PublicAccessBlockConfiguration.RestrictPublicBuckets":                                            true,
		"OwnershipControls.Rules.0.ObjectOwnership":                                                       "BucketOwnerEnforced",
		"BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm": "AES256",
		"NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled":                           true,
		"LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NoncurrentDays":                       90,
		"LifecycleConfiguration.Rules.3.Prefix":                                                           "runs/",
		"LifecycleConfiguration.Rules.3.ExpirationInDays":                                                 90,
	})
	if got := synthesised.Resources["Bucket"].DeletionPolicy; got != "Retain" {
		t.Errorf("DeletionPolicy = %s, want Retain", got)
	}
	if got := synthesised.of("AWS::S3::Bucket"); len(got) != 1 {
		t.Errorf("buckets %v, want one", got)
	}
}

func TestFunctions(t *testing.T) {
	for _, f := range functions.All {
		name := camel(f.Name)
		want := map[string]any{
			"Runtime":                      "provided.al2023",
			"Handler":                      "bootstrap",
			"Architectures":                []string{"arm64"},
			"MemorySize":                   f.Memory,
			"Timeout":                      f.Timeout.Seconds(),
			"Description":                  f.Does,
			"TracingConfig.Mode":           "Active",
			"LoggingConfig.LogFormat":      "JSON",
			"ReservedConcurrentExecutions": nil,
		}
		check(t, name, want)
		if got := text(get(synthesised.Resources[name].Properties, "LoggingConfig.LogGroup")); got != "${"+name+"Log}" {
			t.Errorf("%s logs to %s", f.Name, got)
		}
	}
	if got, want := len(synthesised.of("AWS::Lambda::Function")), len(functions.All); got != want {
		t.Errorf("%d functions, want %d", got, want)
	}
}

func TestEnvironment(t *testing.T) {
	for _, f := range functions.All {
		env, _ := get(synthesised.Resources[camel(f.Name)].Properties, "Environment.Variables").(map[string]any)
		want := append(f.Settings(), "INSTITUTION", "GOMEMLIMIT")
		for _, name := range want {
			if env[name] == nil {
				t.Errorf("%s has no %s", f.Name, name)
			}
		}
		if len(env) != len(want) {
			t.Errorf("%s has the settings %v, want %v", f.Name, env, want)
		}
		for _, g := range f.Tables {
			if got := text(env[functions.TableSetting(g.Table)]); got != "${"+camel(g.Table)+"Table}" {
				t.Errorf("%s takes %s for the table %s", f.Name, got, g.Table)
			}
		}
		if got := text(env["BUCKET"]); len(f.Bucket) > 0 && got != "${Bucket}" {
			t.Errorf("%s takes %s for the bucket", f.Name, got)
		}
	}
}

// TestFolders holds the list and the folders of the functions together.
func TestFolders(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join("..", "functions", "*", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(mains) == 0 {
		t.Fatal("no function has a main.go")
	}
	var got, want []string
	for _, main := range mains {
		got = append(got, filepath.Base(filepath.Dir(main)))
	}
	for _, f := range functions.All {
		want = append(want, f.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("folders %v, want %v", got, want)
	}
}

func TestRoutes(t *testing.T) {
	var got, want []string
	for _, name := range synthesised.of("AWS::ApiGatewayV2::Route") {
		p := synthesised.Resources[name].Properties
		got = append(got, fmt.Sprint(p["RouteKey"])+" "+target(p["Target"]))
		if p["AuthorizerId"] != nil {
			t.Errorf("%v has an authorizer", p["RouteKey"])
		}
	}
	for _, f := range functions.All {
		for _, route := range f.Routes {
			want = append(want, route+" ${"+camel(f.Name)+".Arn}")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// target is the function behind a route's integration.
func target(v any) string {
	id := strings.TrimSuffix(strings.TrimPrefix(text(v), "integrations/${"), "}")
	p := synthesised.Resources[id].Properties
	if p["PayloadFormatVersion"] != "2.0" {
		return "not payload 2.0"
	}
	return text(p["IntegrationUri"])
}

func TestStage(t *testing.T) {
	check(t, "ApiStage", map[string]any{
		"StageName": "$default",
		"DefaultRouteSettings.ThrottlingRateLimit":  100,
		"DefaultRouteSettings.ThrottlingBurstLimit": 200,
	})
	format, _ := get(synthesised.Resources["ApiStage"].Properties, "AccessLogSettings.Format").(string)
	var fields map[string]string
	if err := json.Unmarshal([]byte(format), &fields); err != nil {
		t.Errorf("the access log is no JSON: %v", err)
	}
	for _, private := range []string{"path", "query", "identity", "sourceIp", "userAgent", "header", "protocol"} {
		if strings.Contains(strings.ToLower(format), strings.ToLower(private)) {
			t.Errorf("the access log has %s: %s", private, format)
		}
	}
	if fields["route"] != "$context.routeKey" {
		t.Errorf("route = %s", fields["route"])
	}
}

// TestNoCORS: a deployment that names no origins lets no page of another one in.
func TestNoCORS(t *testing.T) {
	check(t, "Api", map[string]any{"CorsConfiguration": nil})
}

func TestLogsEnd(t *testing.T) {
	for _, name := range synthesised.of("AWS::Logs::LogGroup") {
		check(t, name, map[string]any{"RetentionInDays": 90})
	}
}

func TestMail(t *testing.T) {
	check(t, "MailSettings", map[string]any{
		"DeliveryOptions.TlsPolicy":                  "REQUIRE",
		"ReputationOptions.ReputationMetricsEnabled": true,
		"SuppressionOptions.SuppressedReasons":       []string{"BOUNCE", "COMPLAINT"},
	})
	check(t, "Sender", map[string]any{"EmailIdentity": "test.example"})
}

// TestAlarms: every alarm has its page and every page its alarm, and somebody is told.
func TestAlarms(t *testing.T) {
	var got, want []string
	for _, name := range synthesised.of("AWS::CloudWatch::Alarm") {
		p := synthesised.Resources[name].Properties
		got = append(got, strings.TrimPrefix(fmt.Sprint(p["AlarmName"]), "patrondesk-test-"))
		if actions := texts(p["AlarmActions"]); !slices.Equal(actions, []string{"${Alarms}"}) {
			t.Errorf("%v tells %v", p["AlarmName"], actions)
		}
	}
	pages, err := filepath.Glob(filepath.Join("alarms", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		want = append(want, strings.TrimSuffix(filepath.Base(page), ".md"))
		checkPage(t, page)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("alarms %v, pages %v", got, want)
	}
	if subscriptions := synthesised.of("AWS::SNS::Subscription"); len(subscriptions) != 1 {
		t.Errorf("subscriptions %v, want one", subscriptions)
	}
}

// TestAlarmOfLetters: it counts the letters of each function that posts them, as their log lines name them.
func TestAlarmOfLetters(t *testing.T) {
	var watched []string
	for _, name := range synthesised.of("AWS::CloudWatch::Alarm") {
		p := synthesised.Resources[name].Properties
		if p["AlarmName"] != "patrondesk-test-letters-not-sent" {
			continue
		}
		text, err := json.Marshal(p["Metrics"])
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range functions.All {
			if strings.Contains(string(text), `"Dimensions":[{"Name":"function","Value":{"Ref":"`+camel(f.Name)+`"}}],"MetricName":"LettersNotSent","Namespace":"patrondesk"`) {
				watched = append(watched, f.Name)
			}
		}
		if p["Threshold"] != 0.0 || p["TreatMissingData"] != "notBreaching" {
			t.Errorf("it is raised above %v, and silence is %v", p["Threshold"], p["TreatMissingData"])
		}
	}
	if want := []string{"request-update", "report-sending", "staff-desk"}; !slices.Equal(watched, want) {
		t.Errorf("it watches %v, want %v", watched, want)
	}
}

func checkPage(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"## What it means", "## What to look at", "## What to do"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s has no %q", page, part)
		}
	}
}
