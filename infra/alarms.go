package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/internal/obs"
)

// alarm is one alarm. Its page is alarms/<Name>.md: what it means, what to look at, what to do.
type alarm struct {
	Name, Says string
	Metric     awscloudwatch.IMetric
	Above      float64
	// Bad of Of periods must be above; one of one when both are zero.
	Bad, Of int
}

// addAlarms makes the alarms and the topic they are told to.
func (s *stack) addAlarms() {
	action := awscloudwatchactions.NewSnsAction(s.addTopic())
	for _, a := range s.alarms() {
		made := awscloudwatch.NewAlarm(s.Stack, jsii.String("Alarm-"+a.Name), &awscloudwatch.AlarmProps{
			AlarmName:          s.physical(a.Name),
			AlarmDescription:   jsii.String(a.Says + " See infra/alarms/" + a.Name + ".md."),
			Metric:             a.Metric,
			Threshold:          jsii.Number(a.Above),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
			EvaluationPeriods:  jsii.Number(max(a.Of, 1)),
			DatapointsToAlarm:  jsii.Number(max(a.Bad, 1)),
		})
		made.AddAlarmAction(action)
		made.AddOkAction(action)
	}
}

// alarms are all alarms: few, and each one a reason to do something.
func (s *stack) alarms() []alarm {
	return []alarm{
		{Name: "api-5xx", Says: "More than 1 in 100 requests failed with a server error.", Metric: s.serverErrorRate(), Above: 1, Bad: 2, Of: 3},
		{Name: "function-errors", Says: "An API function ended without an answer.", Metric: s.sum("function errors", s.ofFunctions(isAPI, "Errors"))},
		{Name: "function-throttles", Says: "AWS refused to run an API function for want of concurrency.", Metric: s.sum("function throttles", s.ofFunctions(isAPI, "Throttles")), Above: 5},
		{Name: "import-errors", Says: "A function of dropped files or of a round ended without an answer.", Metric: s.sum("import errors", s.ofFunctions(isImport, "Errors"))},
		{Name: "import-failed", Says: "A dropped file as a whole could not be imported, or a round not be made.", Metric: s.sum("failed imports", s.failedImports())},
		{Name: "dead-letters", Says: "A dropped file or a round was given up, or never reached its function.", Metric: s.sum("dead letters", s.deadLetterCounts())},
		{Name: "letters-not-sent", Says: "A letter was not sent, or nobody knows whether it was.", Metric: s.sum("letters not sent", s.lettersNotSent())},
		{Name: "mail-bounces", Says: "Too many letters bounce; SES may stop sending at 10 in 100.", Metric: s.reputation("BounceRate"), Above: 0.04},
		{Name: "mail-complaints", Says: "Too many letters are marked as spam; SES may stop sending at 5 in 1,000.", Metric: s.reputation("ComplaintRate"), Above: 0.0008},
	}
}

// addTopic makes the topic of the alarms. CloudWatch cannot write to one that is encrypted with AWS's own key, and
// what alarms say is about no patron.
func (s *stack) addTopic() awssns.Topic {
	topic := awssns.NewTopic(s.Stack, jsii.String("Alarms"), &awssns.TopicProps{
		DisplayName: jsii.String("patrondesk " + s.Stage), EnforceSSL: jsii.Bool(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Alarms"),
		Actions:    jsii.Strings("sns:Publish"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": s.Account()}},
	}))
	named(topic, "Alarms")
	if s.AlarmEmail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(s.AlarmEmail), nil))
	}
	s.output("AlarmTopic", "Who is subscribed here is told of alarms", topic.TopicArn())
	return topic
}

func isAPI(f functions.Function) bool    { return len(f.Routes) > 0 }
func isImport(f functions.Function) bool { return len(f.Drops) > 0 }

// ofFunctions are a metric of each function that is meant.
func (s *stack) ofFunctions(is func(functions.Function) bool, name string) []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, f := range functions.All {
		if is(f) {
			metrics = append(metrics, s.lambdaMetric(s.functions[f.Name], name, "Sum"))
		}
	}
	return metrics
}

func (s *stack) lambdaMetric(f awslambda.Function, name, statistic string) awscloudwatch.IMetric {
	return f.Metric(jsii.String(name), &awscloudwatch.MetricOptions{
		Statistic: jsii.String(statistic), Period: fiveMinutes(),
	})
}

// failedImports count the log lines of import functions that tell of a job in the state FAILED.
func (s *stack) failedImports() []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, f := range functions.All {
		if !isImport(f) {
			continue
		}
		filter := awslogs.NewMetricFilter(s.Stack, jsii.String("Failed-"+f.Name), &awslogs.MetricFilterProps{
			LogGroup:        s.logs[f.Name],
			FilterPattern:   awslogs.FilterPattern_StringValue(jsii.String("$.state"), jsii.String("="), jsii.String("FAILED")),
			MetricNamespace: jsii.String(obs.Namespace),
			MetricName:      jsii.String("FailedImports-" + s.Stage + "-" + f.Name),
			MetricValue:     jsii.String("1"),
		})
		metrics = append(metrics, filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: fiveMinutes()}))
	}
	return metrics
}

// lettersNotSent are what the API functions that send letters write in their log lines.
func (s *stack) lettersNotSent() []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, f := range functions.All {
		if !isAPI(f) || !f.Email {
			continue
		}
		metrics = append(metrics, awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace:     jsii.String(obs.Namespace),
			MetricName:    jsii.String(obs.LettersNotSent),
			DimensionsMap: &map[string]*string{"function": s.functions[f.Name].FunctionName()},
			Statistic:     jsii.String("Sum"),
			Period:        fiveMinutes(),
		}))
	}
	return metrics
}

func (s *stack) deadLetterCounts() []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, q := range s.deadLetters {
		metrics = append(metrics, q.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Statistic: jsii.String("Maximum"), Period: fiveMinutes(),
		}))
	}
	return metrics
}

// serverErrorRate is how many of 100 requests failed.
func (s *stack) serverErrorRate() awscloudwatch.IMetric {
	options := &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: fiveMinutes()}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("IF(requests > 0, 100 * errors / requests, 0)"),
		Label:      jsii.String("server errors in 100 requests"),
		Period:     fiveMinutes(),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"requests": s.api.MetricCount(options), "errors": s.api.MetricServerError(options),
		},
	})
}

func (s *stack) reputation(name string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/SES"),
		MetricName:    jsii.String("Reputation." + name),
		DimensionsMap: &map[string]*string{"ses:configuration-set": s.mail.ConfigurationSetName()},
		Statistic:     jsii.String("Maximum"),
		Period:        awscdk.Duration_Hours(jsii.Number(1)), // SES tells it no more often
	})
}

// sum adds metrics up, silent ones as 0. An alarm takes ten at most.
func (s *stack) sum(label string, metrics []awscloudwatch.IMetric) awscloudwatch.IMetric {
	if len(metrics) > 10 {
		panic(fmt.Sprintf("the alarm on %s needs %d metrics, CloudWatch allows 10; split it", label, len(metrics)))
	}
	using := map[string]awscloudwatch.IMetric{}
	var terms []string
	for n, m := range metrics {
		id := fmt.Sprintf("m%d", n)
		using[id] = m
		terms = append(terms, "FILL("+id+",0)")
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(strings.Join(terms, "+")),
		Label:        jsii.String(label),
		Period:       fiveMinutes(),
		UsingMetrics: &using,
	})
}

func fiveMinutes() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(5)) }
