package deployment

import "strings"

// The names of the resources there is one of, the same in both templates; those of the sign-in are in CDK's alone.
const (
	BucketID           = "Bucket"
	APIID              = "Api"
	StageID            = "ApiStage"
	AccessLogID        = "ApiLog"
	ConfigurationSetID = "MailSettings"
	IdentityID         = "Sender"
	PoolID             = "SignInPool"
	ClientID           = "SignInClient"
	DomainID           = "SignInDomain"
	BrandingID         = "SignInPages"
)

// TableID names a table's resource: "users" is UsersTable.
func TableID(table string) string { return camel(table) + "Table" }

// FunctionID names a function's resource: "patron-lookup" is PatronLookup.
func FunctionID(function string) string { return camel(function) }

// RoleID names the role of a function.
func RoleID(function string) string { return camel(function) + "Role" }

// LogID names the log group of a function.
func LogID(function string) string { return camel(function) + "Log" }

// QueueID names the FIFO queue in front of an import function.
func QueueID(function string) string { return camel(function) + "Queue" }

// DeadID names the FIFO queue of the messages an import function could not work on.
func DeadID(function string) string { return camel(function) + "Dead" }

// RuleID names the rule that turns new objects into messages.
func RuleID(function string) string { return camel(function) + "Rule" }

// UndeliveredID names the queue of the events the rule could not deliver.
func UndeliveredID(function string) string { return camel(function) + "Undelivered" }

// ScheduleID names the schedule of a function's round.
func ScheduleID(function string) string { return camel(function) + "Schedule" }

// ScheduleRoleID names the role in which the scheduler begins a function's round.
func ScheduleRoleID(function string) string { return camel(function) + "ScheduleRole" }

// SourceID names the event source mapping between an import function and its queue.
func SourceID(function string) string { return camel(function) + "Source" }

func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
