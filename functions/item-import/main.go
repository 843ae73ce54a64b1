// Command item-import is the Lambda function that loads the library's item list.
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
	"patrondesk/internal/itemlist"
	"patrondesk/internal/obs"
)

func main() {
	cfg := boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Items: boot.Setting("ITEMS_TABLE"), Requests: boot.Setting("REQUESTS_TABLE"), Jobs: boot.Setting("JOBS_TABLE"),
	}, time.Now)
	bucket := drop.NewBucket(s3.NewFromConfig(cfg, drop.Options), boot.Setting("BUCKET"))
	log := obs.NewLog(os.Stdout)
	inbox := drop.Inbox{Source: bucket, Sink: bucket, Jobs: store, Log: log, Now: time.Now}
	lambda.Start(drop.Handler(log, itemlist.New(inbox, store, boot.Institution()).Process))
}
