package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
)

// addDashboard draws the API, then every function in the order of the list, then the queues.
func (s *stack) addDashboard() {
	board := awscloudwatch.NewDashboard(s.Stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String("patrondesk-" + s.Stage),
	})
	named(board, "Dashboard")
	options := &awscloudwatch.MetricOptions{Period: fiveMinutes()}
	board.AddWidgets(
		graph("API: requests", s.api.MetricCount(options), s.api.MetricClientError(options), s.api.MetricServerError(options)),
		graph("API: milliseconds", s.api.MetricLatency(percentile("p50")), s.api.MetricLatency(percentile("p99"))),
	)
	for _, f := range functions.All {
		fn := s.functions[f.Name]
		board.AddWidgets(
			graph(f.Name+": runs", s.lambdaMetric(fn, "Invocations", "Sum"), s.lambdaMetric(fn, "Errors", "Sum"), s.lambdaMetric(fn, "Throttles", "Sum")),
			graph(f.Name+": milliseconds", s.lambdaMetric(fn, "Duration", "p50"), s.lambdaMetric(fn, "Duration", "p99")),
		)
	}
	var waiting []awscloudwatch.IMetric
	for _, f := range functions.All {
		if q, ok := s.queues[f.Name]; ok {
			waiting = append(waiting, q.MetricApproximateNumberOfMessagesVisible(options))
		}
	}
	board.AddWidgets(graph("Files waiting", waiting...), graph("Dead letters", s.deadLetterCounts()...))
}

func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Left: &metrics, Width: jsii.Number(12), Height: jsii.Number(5),
	})
}

func percentile(p string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String(p), Period: fiveMinutes()}
}
