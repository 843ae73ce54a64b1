// Command staff-desk is the Lambda function that serves the pages library staff work in.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/internal/api"
	"patrondesk/internal/boot"
	"patrondesk/internal/desk"
	"patrondesk/internal/directory"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
)

func main() {
	inst, cfg := boot.Institution(), boot.AWS()
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{
		Users: boot.Setting("USERS_TABLE"), Requests: boot.Setting("REQUESTS_TABLE"), Loans: boot.Setting("LOANS_TABLE"),
		Items: boot.Setting("ITEMS_TABLE"), Letters: boot.Setting("LETTERS_TABLE"), Jobs: boot.Setting("JOBS_TABLE"),
		Sessions: boot.Setting("SESSIONS_TABLE"),
	}, time.Now)
	sender := mail.New(sesv2.NewFromConfig(cfg), boot.Setting("MAIL_CONFIGURATION_SET"))
	bucket := drop.NewBucket(s3.NewFromConfig(cfg, drop.Options), boot.Setting("BUCKET"))
	people := boot.People(store, inst)
	a := &api.API{
		Store: store, Institution: inst, Guard: people, Directory: directory.New(store, dynamo.Shards),
		Outbox: outbox.New(store, sender, time.Now), Bucket: bucket, Now: time.Now,
	}
	d := &desk.Desk{
		API: a.Every(), People: people, Sessions: store, Provider: boot.Provider(), Institution: inst,
		Now: time.Now, Clock: time.Now, BucketOrigin: bucket.Origin(),
	}
	boot.Serve("staff-desk", d.Handler())
}
