// Command activity-letters is the Lambda function that sends everybody with activity the Borrowing Activity Letter.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/internal/boot"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/mail"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/rounds"
)

func main() {
	cfg := boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Users: boot.Setting("USERS_TABLE"), Loans: boot.Setting("LOANS_TABLE"),
		Letters: boot.Setting("LETTERS_TABLE"), Jobs: boot.Setting("JOBS_TABLE"),
	}, time.Now)
	bucket := drop.NewBucket(s3.NewFromConfig(cfg, drop.Options), boot.Setting("BUCKET"))
	log, sender := obs.NewLog(os.Stdout), mail.New(sesv2.NewFromConfig(cfg), boot.Setting("MAIL_CONFIGURATION_SET"))
	inbox := drop.Inbox{Source: bucket, Sink: bucket, Jobs: store, Log: log, Now: time.Now}
	out := outbox.New(store, sender, time.Now)
	lambda.Start(drop.Handler(log, rounds.NewActivity(inbox, store, dynamo.Shards, out, boot.Institution()).Process))
}
