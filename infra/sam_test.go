package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"patrondesk/functions"
	"patrondesk/infra/samtemplate"
)

// long is a value of template.yaml as JSON has it: without YAML's short forms, and with the parameters and conditions
// of the template set to what the CDK stack of the tests has.
func long(v any) any {
	switch v := v.(type) {
	case samtemplate.Map:
		m := map[string]any{}
		for _, p := range v {
			if value := chosen(p.Value); value != samtemplate.Ref("AWS::NoValue") {
				m[p.Key] = long(value)
			}
		}
		return m
	case samtemplate.List:
		all := []any{}
		for _, item := range v {
			all = append(all, long(item))
		}
		return all
	case samtemplate.Ref:
		if value, ok := parameters[string(v)]; ok {
			return value
		}
		return map[string]any{"Ref": string(v)}
	case samtemplate.ARN:
		return map[string]any{"Fn::GetAtt": []any{string(v), "Arn"}}
	case samtemplate.Sub:
		s := string(v)
		for name, value := range parameters {
			s = strings.ReplaceAll(s, "${"+name+"}", value)
		}
		return map[string]any{"Fn::Sub": s}
	}
	return v
}

var (
	parameters = map[string]string{
		"Stage": "test", "MailFrom": "library@test.example", "MailIdentity": "test.example",
		"OidcIssuer": "", "OidcAudience": "", "OidcClaim": "", "OidcLogout": "", "TimeZone": "UTC",
	}
	conditions = map[string]bool{
		"MakeMailIdentity": true, "Reserve": false, "Cors": false,
		"HoldShelfRoundOff": false, "HoldShelfRoundUsual": true, "ActivityLettersRoundOff": true, "ActivityLettersRoundUsual": true,
	}
)

// chosen is the value, or that of its two sides which the condition chooses.
func chosen(v any) any {
	m, ok := v.(samtemplate.Map)
	if !ok || len(m) != 1 || m[0].Key != "Fn::If" {
		return v
	}
	sides := m[0].Value.(samtemplate.List)
	holds, known := conditions[sides[0].(string)]
	switch {
	case !known:
		return v
	case holds:
		return sides[1]
	}
	return sides[2]
}

// sam is template.yaml in the form of the CDK's template.
func sam(t *testing.T) template {
	t.Helper()
	file, err := json.Marshal(long(samtemplate.Template(samtemplate.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	var all template
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// canonical is a value with what means the same made the same: intrinsic functions as text, lists of one as the one.
func canonical(v any) any {
	switch at := v.(type) {
	case map[string]any:
		if s := text(v); len(at) == 1 && s != fmt.Sprint(v) {
			return s
		}
		m := map[string]any{}
		for key, value := range at {
			m[key] = canonical(value)
		}
		return m
	case []any:
		if len(at) == 1 {
			return canonical(at[0])
		}
		var all []any
		for _, value := range at {
			all = append(all, canonical(value))
		}
		return all
	}
	return v
}

// TestSAMResources compares what both templates write in the same form.
func TestSAMResources(t *testing.T) {
	other := sam(t)
	for _, kind := range []string{
		"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Logs::LogGroup",
		"AWS::SES::ConfigurationSet", "AWS::SES::EmailIdentity", "AWS::Scheduler::Schedule",
	} {
		if got, want := other.of(kind), synthesised.of(kind); !slices.Equal(got, want) {
			t.Errorf("%s: template.yaml has %v, CDK %v", kind, got, want)
		}
		for _, name := range synthesised.of(kind) {
			got, want := canonical(other.Resources[name].Properties), canonical(synthesised.Resources[name].Properties)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\ntemplate.yaml %v\nCDK           %v", name, got, want)
			}
			if got, want := keep(other.Resources[name]), keep(synthesised.Resources[name]); got != want {
				t.Errorf("%s: kept in template.yaml %t, in CDK %t", name, got, want)
			}
		}
	}
}

func keep(r resource) bool { return r.DeletionPolicy == "Retain" }

func TestSAMFunctions(t *testing.T) {
	other := sam(t)
	for _, f := range functions.All {
		got, want := other.Resources[camel(f.Name)].Properties, synthesised.Resources[camel(f.Name)].Properties
		for _, property := range []string{
			"FunctionName", "Description", "MemorySize", "Timeout", "Role", "LoggingConfig", "Environment",
			"ReservedConcurrentExecutions",
		} {
			if g, w := canonical(got[property]), canonical(want[property]); !reflect.DeepEqual(g, w) {
				t.Errorf("%s: %s: template.yaml %v, CDK %v", f.Name, property, g, w)
			}
		}
		if got["CodeUri"] != "dist/"+f.Name {
			t.Errorf("%s: CodeUri = %v", f.Name, got["CodeUri"])
		}
		checkStarts(t, f, other)
	}
	if got, want := len(other.of("AWS::Serverless::Function")), len(functions.All); got != want {
		t.Errorf("%d functions, want %d", got, want)
	}
}

// checkStarts compares what starts a function in template.yaml with the list.
func checkStarts(t *testing.T, f functions.Function, made template) {
	t.Helper()
	var got []string
	paths, _ := get(made.Resources["Api"].Properties, "DefinitionBody.paths").(map[string]any)
	for path, all := range paths {
		for method, operation := range all.(map[string]any) {
			integration, _ := operation.(map[string]any)["x-amazon-apigateway-integration"].(map[string]any)
			if strings.Contains(text(integration["uri"]), ":lambda:path/2015-03-31/functions/${"+camel(f.Name)+".Arn}/invocations") {
				got = append(got, strings.ToUpper(method)+" "+path)
			}
		}
	}
	want := slices.Clone(f.Routes)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: routes %v, want %v", f.Name, got, want)
	}
	events, _ := made.Resources[camel(f.Name)].Properties["Events"].(map[string]any)
	if queue := len(events) == 1 && get(events, "Source.Type") == "SQS"; queue != (len(f.Drops) > 0) || !queue && len(events) > 0 {
		t.Errorf("%s: the events %v for the drop %q", f.Name, events, f.Drops)
	}
}

// TestSAMRules compares the rules but for the names inside their transformers.
func TestSAMRules(t *testing.T) {
	other := sam(t)
	for _, f := range drops() {
		got, want := other.Resources[camel(f.Name)+"Rule"].Properties, synthesised.Resources[camel(f.Name)+"Rule"].Properties
		for _, path := range []string{"EventPattern", "Targets.0.Arn", "Targets.0.SqsParameters", "Targets.0.DeadLetterConfig"} {
			if g, w := canonical(get(got, path)), canonical(get(want, path)); !reflect.DeepEqual(g, w) {
				t.Errorf("%s: %s: template.yaml %v, CDK %v", f.Name, path, g, w)
			}
		}
	}
}
