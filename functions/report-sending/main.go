// Command report-sending is the Lambda function that sends activity letters to patrons and lists those sent.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/internal/api"
	"patrondesk/internal/boot"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
)

func main() {
	inst := boot.Institution()
	cfg := boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Users: boot.Setting("USERS_TABLE"), Requests: boot.Setting("REQUESTS_TABLE"),
		Loans: boot.Setting("LOANS_TABLE"), Letters: boot.Setting("LETTERS_TABLE"), APIKeys: boot.Setting("APIKEYS_TABLE"),
	}, time.Now)
	sender := mail.New(sesv2.NewFromConfig(cfg), boot.Setting("MAIL_CONFIGURATION_SET"))
	a := api.API{Store: store, Institution: inst, Guard: boot.Guard(store, inst), Outbox: outbox.New(store, sender, time.Now), Now: time.Now}
	boot.Serve("report-sending", a.ReportSending())
}
