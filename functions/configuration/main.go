// Command configuration is the Lambda function that serves the institution's code tables.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/api"
	"patrondesk/internal/boot"
	"patrondesk/internal/dynamo"
)

func main() {
	inst := boot.Institution()
	store := dynamo.New(dynamodb.NewFromConfig(boot.AWS(), dynamo.Options), dynamo.Tables{
		Users: boot.Setting("USERS_TABLE"), APIKeys: boot.Setting("APIKEYS_TABLE"),
	}, time.Now)
	a := api.API{Store: store, Institution: inst, Guard: boot.Guard(store, inst), Now: time.Now}
	boot.Serve("configuration", a.Configuration())
}
