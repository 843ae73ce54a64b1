package obs

import "time"

// directive is the member _aws of a line in the embedded metric format: it says which of the line's other members are
// metrics and which are their dimensions (docs.aws.amazon.com, CloudWatch Embedded Metric Format Specification).
type directive struct {
	Timestamp int64       // ms since 1970
	Metrics   []metricSet `json:"CloudWatchMetrics"`
}

type metricSet struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct {
	Name, Unit string
}

// newDirective names the metrics of an invocation that began at start. Their one dimension is the function: CloudWatch
// bills each combination of metric and dimensions, and the route is in the line for whoever asks.
func newDirective(start time.Time) directive {
	return directive{Timestamp: start.UnixMilli(), Metrics: []metricSet{{
		Namespace:  Namespace,
		Dimensions: [][]string{{"function"}},
		Metrics: []metric{
			{Name: "Latency", Unit: "Milliseconds"},
			{Name: "ClientErrors", Unit: "Count"},
			{Name: "ServerErrors", Unit: "Count"},
		},
	}}}
}
