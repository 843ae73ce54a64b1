package obs

import "time"

// directive is the member _aws of a line in the embedded metric format: it says which of the line's other members are
// metrics and which are their dimensions (docs.aws.amazon.com, CloudWatch Embedded Metric Format Specification).
type directive struct {
	Timestamp int64       // ms since 1970
	Metrics   []metricSet `json:"CloudWatchMetrics"`
}

// LettersNotSent is the name of the metric that [LetterNotSent] counts. It is in a line only where it is not 0, since
// CloudWatch bills a metric in the hours it is written.
const LettersNotSent = "LettersNotSent"

type metricSet struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct {
	Name, Unit string
}

// newDirective names the metrics of an invocation that began at start; unsent is whether LettersNotSent is one of them.
// Their one dimension is the function: CloudWatch bills each combination of metric and dimensions, and the route is in
// the line for whoever asks.
func newDirective(start time.Time, unsent bool) directive {
	metrics := []metric{
		{Name: "Latency", Unit: "Milliseconds"},
		{Name: "ClientErrors", Unit: "Count"},
		{Name: "ServerErrors", Unit: "Count"},
	}
	if unsent {
		metrics = append(metrics, metric{Name: LettersNotSent, Unit: "Count"})
	}
	return directive{Timestamp: start.UnixMilli(), Metrics: []metricSet{{
		Namespace:  Namespace,
		Dimensions: [][]string{{"function"}},
		Metrics:    metrics,
	}}}
}
