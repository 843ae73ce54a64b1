package samtemplate

import "patrondesk/functions"

// local puts the names the local run gives its tables and bucket.
func local(values map[string]any) {
	for _, t := range functions.Tables {
		values["table:"+t.Name] = t.Name
	}
	values["bucket"] = "patrondesk-demo"
	values["configuration-set"] = "local"
}

// endpoints put the SDK's own variables for the stand-ins.
func endpoints(env map[string]any, o Options) {
	env["AWS_ENDPOINT_URL_DYNAMODB"] = o.DynamoDB
	env["AWS_ENDPOINT_URL_S3"] = o.S3
	env["AWS_ENDPOINT_URL_SESV2"] = o.SES
}
