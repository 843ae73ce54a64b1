package main

import (
	"encoding/json"
	"reflect"
	"testing"

	"patrondesk/functions"
)

func rounds() []functions.Function {
	var all []functions.Function
	for _, f := range functions.All {
		if f.Round != nil {
			all = append(all, f)
		}
	}
	return all
}

func TestRounds(t *testing.T) {
	for _, f := range rounds() {
		id := camel(f.Name)
		state := map[bool]string{true: "DISABLED", false: "ENABLED"}[f.Round.Off]
		check(t, id+"Schedule", map[string]any{
			"Name": "patrondesk-test-" + f.Name, "State": state, "ScheduleExpression": f.Round.When, "ScheduleExpressionTimezone": "UTC",
			"FlexibleTimeWindow.Mode":                     "OFF",
			"Target.SqsParameters.MessageGroupId":         f.Name,
			"Target.RetryPolicy.MaximumEventAgeInSeconds": 6 * 60 * 60,
		})
		target := get(synthesised.Resources[id+"Schedule"].Properties, "Target")
		for path, want := range map[string]string{
			"Arn": "${" + id + "Queue.Arn}", "RoleArn": "${" + id + "ScheduleRole.Arn}", "DeadLetterConfig.Arn": "${" + id + "Undelivered.Arn}",
		} {
			if got := text(get(target, path)); got != want {
				t.Errorf("%s: %s = %s, want %s", f.Name, path, got, want)
			}
		}
		var message map[string]string
		if err := json.Unmarshal([]byte(text(get(target, "Input"))), &message); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if message["bucket"] != "${Bucket}" || message["key"] != f.Round.Folder+"<aws.scheduler.scheduled-time>" {
			t.Errorf("%s: the message is %v", f.Name, message)
		}
	}
	if got, want := len(synthesised.of("AWS::Scheduler::Schedule")), len(rounds()); got != want {
		t.Errorf("%d schedules, want %d", got, want)
	}
}

// TestOnlyTheSchedulerBegins: the role of a schedule is for schedules of this account, and reaches its own queues alone.
func TestOnlyTheSchedulerBegins(t *testing.T) {
	for _, f := range rounds() {
		id := camel(f.Name)
		role := id + "ScheduleRole"
		assume := get(synthesised.Resources[role].Properties, "AssumeRolePolicyDocument.Statement.0")
		if service := get(assume, "Principal.Service"); service != "scheduler.amazonaws.com" {
			t.Errorf("%s is assumed by %v", role, service)
		}
		if account := text(get(assume, "Condition.StringEquals.aws:SourceAccount")); account != "${AWS::AccountId}" {
			t.Errorf("%s is assumed on behalf of %s", role, account)
		}
		want := []statement{{Effect: "Allow", Actions: []string{"sqs:SendMessage"}, Resources: []string{"${" + id + "Queue.Arn}", "${" + id + "Undelivered.Arn}"}}}
		if got := synthesised.policies()[role]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s allows %+v, want %+v", role, got, want)
		}
	}
}
