package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// addQueue makes the way of a dropped file to its function: a rule on the bucket's events, and a FIFO queue with one
// message group, so that files are worked on one after the other, in the order they came. What cannot be delivered
// or worked on ends in a queue of its own, which an alarm watches.
func (s *stack) addQueue(f functions.Function) {
	dead := s.newQueue(deployment.DeadID(f.Name), &awssqs.QueueProps{Fifo: jsii.Bool(true)})
	queue := s.newQueue(deployment.QueueID(f.Name), &awssqs.QueueProps{
		Fifo:                      jsii.Bool(true),
		ContentBasedDeduplication: jsii.Bool(true),
		VisibilityTimeout:         awscdk.Duration_Seconds(jsii.Number(deployment.Visibility(f).Seconds())),
		DeadLetterQueue:           &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(deployment.Deliveries)},
	})
	undelivered := s.newQueue(deployment.UndeliveredID(f.Name), &awssqs.QueueProps{})
	s.queues[f.Name], s.undelivered[f.Name] = queue, undelivered
	s.deadLetters = append(s.deadLetters, dead, undelivered)

	id := deployment.RuleID(f.Name)
	rule := awsevents.NewRule(s.Stack, jsii.String(id), &awsevents.RuleProps{
		Description:  jsii.String("New objects under " + strings.Join(f.Drops, " or ") + " start " + f.Name),
		EventPattern: dropPattern(s.bucket.BucketName(), f.Drops),
	})
	rule.AddTarget(awseventstargets.NewSqsQueue(queue, &awseventstargets.SqsQueueProps{
		Message:         dropMessage(),
		MessageGroupId:  jsii.String(f.Name),
		DeadLetterQueue: undelivered,
	}))
	named(rule, id)
}

// newQueue makes a queue that is encrypted and refuses requests without TLS.
func (s *stack) newQueue(id string, props *awssqs.QueueProps) awssqs.Queue {
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	props.EnforceSSL = jsii.Bool(true)
	props.RetentionPeriod = awscdk.Duration_Days(jsii.Number(deployment.MessageDays))
	queue := awssqs.NewQueue(s.Stack, jsii.String(id), props)
	named(queue, id)
	return queue
}

func dropPattern(bucket *string, prefixes []string) *awsevents.EventPattern {
	var keys []any
	for _, prefix := range prefixes {
		keys = append(keys, map[string]any{"prefix": prefix})
	}
	return &awsevents.EventPattern{
		Source:     jsii.Strings("aws.s3"),
		DetailType: jsii.Strings("Object Created"),
		Detail: &map[string]any{
			"bucket": map[string]any{"name": []any{bucket}},
			"object": map[string]any{"key": keys},
		},
	}
}

func dropMessage() awsevents.RuleTargetInput {
	message := map[string]any{}
	for _, field := range deployment.DropFields() {
		message[field.Name] = awsevents.EventField_FromPath(jsii.String(field.Path))
	}
	return awsevents.RuleTargetInput_FromObject(message)
}

// addSource lets Lambda take one message after the other from the function's queue.
func (s *stack) addSource(f functions.Function) {
	id := deployment.SourceID(f.Name)
	source := awslambda.NewEventSourceMapping(s.functions[f.Name], jsii.String(id), &awslambda.EventSourceMappingProps{
		Target:                  s.functions[f.Name],
		EventSourceArn:          s.queues[f.Name].QueueArn(),
		BatchSize:               jsii.Number(1),
		ReportBatchItemFailures: jsii.Bool(true),
	})
	named(source, id)
}
