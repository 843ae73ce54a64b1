// Key makes, lists and revokes the API keys of a patrondesk deployment.
//
//	go run ./key make -name VuFind -rights users:read,fulfilment:read -expires 2027-12-31
//	go run ./key list
//	go run ./key revoke -name VuFind
//
// It works with the AWS credentials and region of the environment, on the table that the environment
// variable APIKEYS_TABLE names. Only the SHA-256 of a key's secret is stored.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/dynamo"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	keys, err := table()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load the AWS configuration: %w", err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg, dynamo.Options), dynamo.Tables{APIKeys: keys}, time.Now)
	return c.run(ctx, store, time.Now().UTC(), os.Stdout)
}
