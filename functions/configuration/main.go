// Command configuration is the Lambda function that serves the institution's code tables, and tells of the jobs of
// dropped files.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/api"
	"patrondesk/internal/boot"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
)

func main() {
	inst, cfg := boot.Institution(), boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Users: boot.Setting("USERS_TABLE"), Jobs: boot.Setting("JOBS_TABLE"), APIKeys: boot.Setting("APIKEYS_TABLE"),
	}, time.Now)
	bucket := drop.NewBucket(s3.NewFromConfig(cfg, drop.Options), boot.Setting("BUCKET"))
	a := api.API{Store: store, Institution: inst, Guard: boot.Guard(store, inst), Bucket: bucket, Now: time.Now}
	boot.Serve("configuration", a.Configuration())
}
