package deployment

import "patrondesk/functions"

// Statement is one Allow statement of a function's role.
type Statement struct {
	Sid     string
	Actions []string // with the service's prefix
	On      []Resource
	// FromInstitution allows the actions only with the institution's own From address.
	FromInstitution bool
}

// Resource is what a statement is about. ID is the resource's name in the template, empty for what AWS names itself.
type Resource struct {
	Kind   Kind
	ID     string
	Suffix string // what follows the ARN, such as "/index/changed" or "/sis/*"
}

// Kind is how a resource's ARN is had.
type Kind int

// The kinds of resources.
const (
	ARN              Kind = iota // the ARN attribute of the resource
	MailIdentity                 // the SES identity the institution sends from
	ConfigurationSet             // the SES configuration set, which has no ARN attribute
	Everything                   // "*", where AWS takes nothing else
)

// Statements are all statements of a function's role: those of the list, its own log group, its own queue, and X-Ray
// when traces are on.
func Statements(f functions.Function, tracing bool) []Statement {
	all := []Statement{{
		Sid:     "Logs",
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		On:      []Resource{{ID: LogID(f.Name)}},
	}}
	if tracing {
		all = append(all, Statement{
			Sid:     "Traces",
			Actions: []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
			On:      []Resource{{Kind: Everything}},
		})
	}
	for _, g := range f.Tables {
		all = append(all, tableStatement(g))
	}
	for _, a := range f.Bucket {
		all = append(all, bucketStatement(a))
	}
	if len(f.Drops) > 0 {
		all = append(all, queueStatement(f))
	}
	if f.Email {
		all = append(all, mailStatement())
	}
	return all
}

func tableStatement(g functions.Grant) Statement {
	id := TableID(g.Table)
	s := Statement{Sid: id, Actions: prefixed("dynamodb:", g.Actions), On: []Resource{{ID: id}}}
	if g.Index != "" {
		s.On = append(s.On, Resource{ID: id, Suffix: "/index/" + g.Index})
	}
	return s
}

func bucketStatement(a functions.Access) Statement {
	s := Statement{Sid: "Bucket" + a.Actions[0], Actions: prefixed("s3:", a.Actions)}
	for _, pattern := range a.Objects {
		s.On = append(s.On, Resource{ID: BucketID, Suffix: "/" + pattern})
	}
	if len(a.Objects) == 0 {
		s.On = []Resource{{ID: BucketID}}
	}
	return s
}

// queueStatement holds what Lambda's poller does with the queue in the function's name.
func queueStatement(f functions.Function) Statement {
	return Statement{
		Sid: "Queue",
		Actions: []string{
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
		},
		On: []Resource{{ID: QueueID(f.Name)}},
	}
}

func mailStatement() Statement {
	return Statement{
		Sid:             "Mail",
		Actions:         []string{"ses:SendEmail"},
		On:              []Resource{{Kind: MailIdentity}, {Kind: ConfigurationSet, ID: ConfigurationSetID}},
		FromInstitution: true,
	}
}

func prefixed(prefix string, actions []string) []string {
	var out []string
	for _, a := range actions {
		out = append(out, prefix+a)
	}
	return out
}
