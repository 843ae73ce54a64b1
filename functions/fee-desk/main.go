// Command fee-desk is the Lambda function that lists, charges and settles patrons' fines and fees.
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
		Users: boot.Setting("USERS_TABLE"), Loans: boot.Setting("LOANS_TABLE"), Items: boot.Setting("ITEMS_TABLE"),
		APIKeys: boot.Setting("APIKEYS_TABLE"),
	}, time.Now)
	a := api.API{Store: store, Institution: inst, Guard: boot.Guard(store, inst), Now: time.Now}
	boot.Serve("fee-desk", a.FeeDesk())
}
