// Package deployment is what the CDK app and template.yaml agree on: the names of resources, the statements of each
// function's role, its environment, and the few fixed figures. It is made from the functions list alone and knows
// neither CDK nor YAML, so that both can be compared with it and with each other.
package deployment

import (
	"strconv"
	"strings"
	"time"

	"patrondesk/functions"
)

// The fixed figures of a deployment.
const (
	// RequestsPerSecond and Burst are the gateway's outer fence for the whole API.
	RequestsPerSecond = 100
	Burst             = 200
	// LogDays is how long logs are kept.
	LogDays = 90
	// OldVersionDays is how long replaced and deleted objects of the bucket can be brought back.
	OldVersionDays = 90
	// DroppedDays is how long dropped files and their reports are kept: they hold the data of patrons.
	DroppedDays = 365
	// PartsPrefix is where the parts of a report lie while its job runs or is held, and PartsDays how long.
	PartsPrefix = "parts/"
	PartsDays   = 30
	// UnfinishedUploadDays is when the parts of an upload nobody finished are removed.
	UnfinishedUploadDays = 7
	// Deliveries is how often a dropped file is tried before it goes to the dead-letter queue: far more often than a file
	// that takes many runs needs. A job that comes no further gives itself up long before, with a report.
	Deliveries = 100
	// MessageDays is how long queues keep what nobody has taken; SQS allows no more.
	MessageDays = 14
	// DeskPath is where the desk's pages begin, and the next two are those an issuer sends people back to.
	DeskPath      = "/desk"
	SignedInPath  = "/desk/signed-in"
	SignedOutPath = "/desk/signed-out"
	// Settings is where a function finds the institution's settings beside its binary.
	Settings = "/var/task/institution.json"
)

// Visibility is how long a taken message stays hidden, and so how long after a run began the next one does that goes on
// where it was: a minute more than the function's time-out. SQS event sources ask for six times where batches wait for
// each other; here there is one message at a time, and a file that takes several runs should not wait between them.
func Visibility(f functions.Function) time.Duration { return f.Timeout + time.Minute }

// AccessLog is what the API's access log says of a request. It has the route and not the path, because paths hold
// identifiers, no query string, because API keys may be in it, and no address of the caller.
func AccessLog() []LogField {
	return []LogField{
		{"requestId", "$context.requestId"},
		{"time", "$context.requestTimeEpoch"},
		{"route", "$context.routeKey"},
		{"status", "$context.status"},
		{"milliseconds", "$context.responseLatency"},
		{"bytes", "$context.responseLength"},
		{"functionStatus", "$context.integration.status"},
		{"functionMilliseconds", "$context.integration.latency"},
		{"error", "$context.error.message"},
	}
}

// LogField is one field of the access log and the gateway's variable it is filled from.
type LogField struct{ Name, Variable string }

// AccessLogFormat is AccessLog as the one JSON line the gateway is given.
func AccessLogFormat() string {
	var fields []string
	for _, f := range AccessLog() {
		fields = append(fields, `"`+f.Name+`":"`+f.Variable+`"`)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// DropFields are the fields of the message an import function gets, with the place of each in the event of a new
// object. The same event makes the same message, so that the FIFO queue drops its second delivery.
func DropFields() []DropField {
	return []DropField{
		{"bucket", "$.detail.bucket.name"},
		{"key", "$.detail.object.key"},
		{"versionId", "$.detail.object.version-id"},
		{"etag", "$.detail.object.etag"},
		{"sequencer", "$.detail.object.sequencer"},
		{"time", "$.time"},
	}
}

// DropField is one field of an import's message and its path in the event.
type DropField struct{ Name, Path string }

// Environment is the function's environment with the values that want filling in told by name: "table:users",
// "bucket", "configuration-set", "issuer", "audience", "claim", "logout", "settings", "memory-limit".
func Environment(f functions.Function) map[string]string {
	values := map[string]string{
		"BUCKET": "bucket", "MAIL_CONFIGURATION_SET": "configuration-set",
		"OIDC_ISSUER": "issuer", "OIDC_AUDIENCE": "audience", "OIDC_CLAIM": "claim", "OIDC_LOGOUT": "logout",
	}
	for _, t := range functions.Tables {
		values[functions.TableSetting(t.Name)] = "table:" + t.Name
	}
	env := map[string]string{"INSTITUTION": "settings", "GOMEMLIMIT": "memory-limit"}
	for _, name := range f.Settings() {
		env[name] = values[name]
	}
	return env
}

// MemoryLimit is what Go's collector keeps the function's memory below, as GOMEMLIMIT takes it: 85 of 100 parts of what
// Lambda gives it, the rest being for the sandbox and the stacks.
func MemoryLimit(f functions.Function) string { return strconv.Itoa(f.Memory*85/100) + "MiB" }

// Route is one route of the API.
type Route struct{ Method, Path string }

// Key is the route as the gateway writes it.
func (r Route) Key() string { return r.Method + " " + r.Path }

// Routes are the function's routes.
func Routes(f functions.Function) []Route {
	var routes []Route
	for _, r := range f.Routes {
		method, path, _ := strings.Cut(r, " ")
		routes = append(routes, Route{method, path})
	}
	return routes
}
