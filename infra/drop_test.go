package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"patrondesk/functions"
)

func drops() []functions.Function {
	var all []functions.Function
	for _, f := range functions.All {
		if len(f.Drops) > 0 {
			all = append(all, f)
		}
	}
	return all
}

func TestDropQueues(t *testing.T) {
	for _, f := range drops() {
		id := camel(f.Name)
		check(t, id+"Queue", map[string]any{
			"FifoQueue": true, "ContentBasedDeduplication": true,
			"VisibilityTimeout":             (f.Timeout + time.Minute).Seconds(),
			"RedrivePolicy.maxReceiveCount": 100,
		})
		if got := text(get(synthesised.Resources[id+"Queue"].Properties, "RedrivePolicy.deadLetterTargetArn")); got != "${"+id+"Dead.Arn}" {
			t.Errorf("%s: dead letters go to %s", f.Name, got)
		}
		check(t, id+"Dead", map[string]any{"FifoQueue": true})
		check(t, id+"Undelivered", map[string]any{"FifoQueue": nil})
		check(t, id+"Source", map[string]any{"BatchSize": 1, "FunctionResponseTypes": []string{"ReportBatchItemFailures"}})
	}
	for _, name := range synthesised.of("AWS::SQS::Queue") {
		check(t, name, map[string]any{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": 1209600.0})
	}
	if got, want := len(synthesised.of("AWS::SQS::Queue")), 3*len(drops()); got != want {
		t.Errorf("%d queues, want %d", got, want)
	}
}

func TestDropRules(t *testing.T) {
	for _, f := range drops() {
		rule := camel(f.Name) + "Rule"
		check(t, rule, map[string]any{
			"EventPattern.source":                     []string{"aws.s3"},
			"EventPattern.detail-type":                []string{"Object Created"},
			"EventPattern.detail.object.key.0.prefix": f.Drops[0],
			"Targets.0.SqsParameters.MessageGroupId":  f.Name,
			"Targets.1":                               nil,
		})
		p := synthesised.Resources[rule].Properties
		for path, want := range map[string]string{
			"EventPattern.detail.bucket.name.0": "${Bucket}",
			"Targets.0.Arn":                     "${" + camel(f.Name) + "Queue.Arn}",
			"Targets.0.DeadLetterConfig.Arn":    "${" + camel(f.Name) + "Undelivered.Arn}",
		} {
			if got := text(get(p, path)); got != want {
				t.Errorf("%s: %s = %s, want %s", rule, path, got, want)
			}
		}
	}
}

// placeholder is a place in an input template.
var placeholder = regexp.MustCompile(`<([^>]+)>`)

// TestDropMessage fills the input transformer with the event S3 sends, as EventBridge does.
func TestDropMessage(t *testing.T) {
	const event = `{"time": "2026-11-23T04:00:00Z", "detail": {"bucket": {"name": "b"}, "object": {
		"key": "sis/REGISTRAR/users.xml", "version-id": "v1", "etag": "e", "sequencer": "00"}}}`
	var from any
	if err := json.Unmarshal([]byte(event), &from); err != nil {
		t.Fatal(err)
	}
	p := synthesised.Resources["SisImportRule"].Properties
	paths, _ := get(p, "Targets.0.InputTransformer.InputPathsMap").(map[string]any)
	message := placeholder.ReplaceAllStringFunc(fmt.Sprint(get(p, "Targets.0.InputTransformer.InputTemplate")), func(m string) string {
		path := fmt.Sprint(paths[m[1:len(m)-1]])
		value, err := json.Marshal(get(from, path[len("$."):]))
		if err != nil {
			t.Fatal(err)
		}
		return string(value)
	})
	var got map[string]string
	if err := json.Unmarshal([]byte(message), &got); err != nil {
		t.Fatalf("%s: %v", message, err)
	}
	want := map[string]string{"bucket": "b", "key": "sis/REGISTRAR/users.xml", "versionId": "v1", "etag": "e",
		"sequencer": "00", "time": "2026-11-23T04:00:00Z"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("message = %v, want %v", got, want)
	}
}
