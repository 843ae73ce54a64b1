// Command loan-desk is the Lambda function that lends, renews and takes back items.
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
		Users: boot.Setting("USERS_TABLE"), Loans: boot.Setting("LOANS_TABLE"), Requests: boot.Setting("REQUESTS_TABLE"),
		Items: boot.Setting("ITEMS_TABLE"), APIKeys: boot.Setting("APIKEYS_TABLE"),
	}, time.Now)
	a := api.API{Store: store, Institution: inst, Guard: boot.Guard(store, inst), Now: time.Now}
	boot.Serve("loan-desk", a.LoanDesk())
}
