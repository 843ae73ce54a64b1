package samtemplate

import (
	"strings"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// mail is what letters are sent with.
func mail() Map {
	identity := resource("AWS::SES::EmailIdentity", Map{{"EmailIdentity", Ref("MailIdentity")}})
	identity = append(Map{{"Condition", "MakeMailIdentity"}}, identity...)
	return Map{
		{deployment.ConfigurationSetID, resource("AWS::SES::ConfigurationSet", Map{
			{"Name", physical("mail")},
			{"DeliveryOptions", Map{{"TlsPolicy", "REQUIRE"}}},
			{"ReputationOptions", Map{{"ReputationMetricsEnabled", true}}},
			{"SendingOptions", Map{{"SendingEnabled", true}}},
			{"SuppressionOptions", Map{{"SuppressedReasons", List{"BOUNCE", "COMPLAINT"}}}},
		})},
		{deployment.IdentityID, identity},
	}
}

func api() Map {
	return Map{
		{deployment.AccessLogID, logGroup("/aws/vendedlogs/patrondesk-${Stage}-api")},
		{deployment.APIID, resource("AWS::Serverless::HttpApi", Map{
			{"Description", "Patron services in the form of Alma's REST API"},
			{"StageName", "$default"},
			{"DefinitionBody", definition()},
			{"CorsConfiguration", when("Cors", cors())},
			{"AccessLogSettings", Map{
				{"DestinationArn", ARN(deployment.AccessLogID)}, {"Format", deployment.AccessLogFormat()},
			}},
			{"DefaultRouteSettings", Map{
				{"ThrottlingBurstLimit", deployment.Burst},
				{"ThrottlingRateLimit", deployment.RequestsPerSecond},
			}},
		})},
	}
}

// cors is what pages of the allowed origins may do. SAM puts a list's text where the list is referred to, so that the
// template has to split it.
func cors() Map {
	return Map{
		{"AllowOrigins", Map{{"Fn::Split", List{",", Ref("CorsOrigins")}}}},
		{"AllowMethods", list(deployment.CORSMethods())},
		{"AllowHeaders", list(deployment.CORSHeaders())},
		{"ExposeHeaders", list(deployment.CORSExposed())},
		{"MaxAge", int(deployment.CORSAge.Seconds())},
	}
}

// drop is the way of a dropped file to its function.
func drop(f functions.Function) Map {
	queue, dead, undelivered := deployment.QueueID(f.Name), deployment.DeadID(f.Name), deployment.UndeliveredID(f.Name)
	fifo := Map{
		{"FifoQueue", true},
		{"ContentBasedDeduplication", true},
		{"VisibilityTimeout", int(deployment.Visibility(f).Seconds())},
		{"RedrivePolicy", Map{{"deadLetterTargetArn", ARN(dead)}, {"maxReceiveCount", deployment.Deliveries}}},
	}
	from := deployment.RuleID(f.Name)
	return Map{
		{dead, newQueue(Map{{"FifoQueue", true}})},
		{dead + "Policy", queuePolicy(dead, "")},
		{queue, newQueue(fifo)},
		{queue + "Policy", queuePolicy(queue, from)},
		{undelivered, newQueue(nil)},
		{undelivered + "Policy", queuePolicy(undelivered, from)},
		{from, rule(f)},
	}
}

func newQueue(properties Map) Map {
	return resource("AWS::SQS::Queue", append(properties, Map{
		{"MessageRetentionPeriod", deployment.MessageDays * 24 * 60 * 60}, {"SqsManagedSseEnabled", true},
	}...))
}

// queuePolicy refuses requests without TLS, and lets the rule send when there is one.
func queuePolicy(queue, rule string) Map {
	statements := List{tlsOnly("sqs:*", ARN(queue))}
	if rule != "" {
		statements = append(statements, Map{
			{"Effect", "Allow"},
			{"Principal", Map{{"Service", "events.amazonaws.com"}}},
			{"Action", "sqs:SendMessage"},
			{"Resource", ARN(queue)},
			{"Condition", Map{{"ArnEquals", Map{{"aws:SourceArn", ARN(rule)}}}}},
		})
	}
	return resource("AWS::SQS::QueuePolicy", Map{{"Queues", List{Ref(queue)}}, {"PolicyDocument", document(statements)}})
}

func rule(f functions.Function) Map {
	paths, template := transformer()
	var prefixes List
	for _, prefix := range f.Drops {
		prefixes = append(prefixes, Map{{"prefix", prefix}})
	}
	return resource("AWS::Events::Rule", Map{
		{"Description", "New objects under " + strings.Join(f.Drops, " or ") + " start " + f.Name},
		{"EventPattern", Map{
			{"source", List{"aws.s3"}},
			{"detail-type", List{"Object Created"}},
			{"detail", Map{
				{"bucket", Map{{"name", List{Ref(deployment.BucketID)}}}},
				{"object", Map{{"key", prefixes}}},
			}},
		}},
		{"Targets", List{Map{
			{"Id", "Queue"},
			{"Arn", ARN(deployment.QueueID(f.Name))},
			{"SqsParameters", Map{{"MessageGroupId", f.Name}}},
			{"DeadLetterConfig", Map{{"Arn", ARN(deployment.UndeliveredID(f.Name))}}},
			{"InputTransformer", Map{{"InputPathsMap", paths}, {"InputTemplate", template}}},
		}}},
	})
}

// transformer makes an import's message from the event of a new object.
func transformer() (paths Map, template string) {
	var fields []string
	for _, f := range deployment.DropFields() {
		paths = append(paths, Pair{f.Name, f.Path})
		fields = append(fields, `"`+f.Name+`":<`+f.Name+`>`)
	}
	return paths, "{" + strings.Join(fields, ",") + "}"
}
