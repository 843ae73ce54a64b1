package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// addRound makes the schedule of a function's round, by the library's clocks, and the role in which the scheduler sends
// the function its message. One that is switched off is there and disabled, so that staff can see it.
func (s *stack) addRound(f functions.Function) {
	when, made, err := deployment.RoundWhen(*f.Round, s.Rounds[f.Name])
	if err != nil {
		panic(err) // the settings were checked
	}
	state := "DISABLED"
	if made {
		state = "ENABLED"
	}
	schedule := awsscheduler.NewCfnSchedule(s.Stack, jsii.String(deployment.ScheduleID(f.Name)), &awsscheduler.CfnScheduleProps{
		Name:                       s.physical(f.Name),
		Description:                jsii.String(f.Does),
		State:                      jsii.String(state),
		ScheduleExpression:         jsii.String(when),
		ScheduleExpressionTimezone: jsii.String(s.Zone),
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              s.queues[f.Name].QueueArn(),
			RoleArn:          s.addRoundRole(f).RoleArn(),
			Input:            jsii.String(deployment.RoundMessage(*s.bucket.BucketName(), *f.Round)),
			SqsParameters:    &awsscheduler.CfnSchedule_SqsParametersProperty{MessageGroupId: jsii.String(f.Name)},
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: s.undelivered[f.Name].QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(deployment.RoundHours * 60 * 60),
				MaximumRetryAttempts:     jsii.Number(deployment.RoundTries),
			},
		},
	})
	schedule.OverrideLogicalId(jsii.String(deployment.ScheduleID(f.Name)))
}

// addRoundRole makes a role that schedules of this account alone can take.
func (s *stack) addRoundRole(f functions.Function) awsiam.Role {
	role := awsiam.NewRole(s.Stack, jsii.String(deployment.ScheduleRoleID(f.Name)), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": s.Account()}},
		}),
		Description:    jsii.String("Begins the round of the function " + f.Name + " of patrondesk"),
		InlinePolicies: s.grants(f, deployment.RoundStatements(f)),
	})
	named(role, deployment.ScheduleRoleID(f.Name))
	return role
}
