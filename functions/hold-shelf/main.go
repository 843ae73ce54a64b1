// Command hold-shelf is the Lambda function that clears the hold shelves of what nobody fetched.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/boot"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/obs"
	"patrondesk/internal/rounds"
)

func main() {
	cfg := boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Loans: boot.Setting("LOANS_TABLE"), Requests: boot.Setting("REQUESTS_TABLE"),
		Items: boot.Setting("ITEMS_TABLE"), Jobs: boot.Setting("JOBS_TABLE"),
	}, time.Now)
	bucket := drop.NewBucket(s3.NewFromConfig(cfg, drop.Options), boot.Setting("BUCKET"))
	log := obs.NewLog(os.Stdout)
	inbox := drop.Inbox{Source: bucket, Sink: bucket, Jobs: store, Log: log, Now: time.Now}
	lambda.Start(drop.Handler(log, rounds.NewHolds(inbox, store, boot.Institution()).Process))
}
