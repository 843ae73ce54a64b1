package embedded

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/functions"
	"patrondesk/internal/dynamo"
)

// Region is the region clients of a local engine name.
const Region = "eu-central-1"

// Client is a client of the engine, set as in production but for the endpoint and credentials, which no engine here
// checks (DynamoDB Local takes letters and digits only).
func (e *Engine) Client(more ...func(*dynamodb.Options)) *dynamodb.Client {
	config := aws.Config{
		Region:       Region,
		Credentials:  credentials.NewStaticCredentialsProvider("patrondesk", "patrondesk", ""),
		BaseEndpoint: &e.Endpoint,
	}
	return dynamodb.NewFromConfig(config, append([]func(*dynamodb.Options){dynamo.Options}, more...)...)
}

// Names are the names of the tables CreateTables creates with that prefix.
func Names(prefix string) dynamo.Tables {
	named := func(table string) string {
		for _, t := range functions.Tables {
			if t.Name == table {
				return prefix + t.Name
			}
		}
		return ""
	}
	return dynamo.Tables{
		Users: named("users"), Requests: named("requests"), Loans: named("loans"), Items: named("items"),
		Letters: named("letters"), Jobs: named("jobs"), APIKeys: named("apikeys"), Sessions: named("sessions"),
	}
}
