package samtemplate

import (
	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// roundConditions tell from a round's parameter whether the round is made, and whether at the usual times.
func roundConditions(f functions.Function) Map {
	setting := deployment.RoundSetting(f.Name)
	off, on := equal(Ref(setting), "off"), equal(Ref(setting), "on")
	return Map{{setting + "Off", off}, {setting + "Usual", Map{{"Fn::Or", List{off, on}}}}}
}

// round is the schedule of a function's round, and the role in which the scheduler begins it.
func round(f functions.Function) Map {
	setting := deployment.RoundSetting(f.Name)
	scheduler := append(assume("scheduler.amazonaws.com"),
		Pair{"Condition", Map{{"StringEquals", Map{{"aws:SourceAccount", Ref("AWS::AccountId")}}}}})
	return Map{
		{deployment.ScheduleRoleID(f.Name), resource("AWS::IAM::Role", Map{
			{"Description", "Begins the round of the function " + f.Name + " of patrondesk"},
			{"AssumeRolePolicyDocument", document(List{scheduler})},
			{"Policies", grants(deployment.RoundStatements(f))},
		})},
		{deployment.ScheduleID(f.Name), resource("AWS::Scheduler::Schedule", Map{
			{"Name", physical(f.Name)},
			{"Description", f.Does},
			{"State", either(setting+"Off", "DISABLED", "ENABLED")},
			{"ScheduleExpression", either(setting+"Usual", f.Round.When, Ref(setting))},
			{"ScheduleExpressionTimezone", Ref("TimeZone")},
			{"FlexibleTimeWindow", Map{{"Mode", "OFF"}}},
			{"Target", Map{
				{"Arn", ARN(deployment.QueueID(f.Name))},
				{"RoleArn", ARN(deployment.ScheduleRoleID(f.Name))},
				{"Input", Sub(deployment.RoundMessage("${"+deployment.BucketID+"}", *f.Round))},
				{"SqsParameters", Map{{"MessageGroupId", f.Name}}},
				{"DeadLetterConfig", Map{{"Arn", ARN(deployment.UndeliveredID(f.Name))}}},
				{"RetryPolicy", Map{
					{"MaximumEventAgeInSeconds", deployment.RoundHours * 60 * 60}, {"MaximumRetryAttempts", deployment.RoundTries},
				}},
			}},
		})},
	}
}

// either is the one value under a condition, and the other without it.
func either(condition string, then, otherwise any) Map {
	return Map{{"Fn::If", List{condition, then, otherwise}}}
}
