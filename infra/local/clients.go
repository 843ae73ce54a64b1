package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/functions"
	"patrondesk/infra/local/grants"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/embedded"
)

// clients makes clients of the engines: those started here, or those the environment names.
type clients struct {
	dynamodb, s3, ses aws.Config
	embedded          bool // the database is the engine started here
}

func newClients(ctx context.Context, s settings) (clients, error) {
	var foreign aws.Config
	if !s.OwnDynamoDB || !s.OwnS3 || !s.OwnMailbox {
		var err error
		if foreign, err = config.LoadDefaultConfig(ctx); err != nil {
			return clients{}, fmt.Errorf("read the SDK's settings: %w", err)
		}
	}
	of := func(own bool, endpoint string) aws.Config {
		if own {
			return ownConfig(endpoint)
		}
		return foreign
	}
	return clients{
		embedded: s.OwnDynamoDB, dynamodb: of(s.OwnDynamoDB, s.dynamodbURL()), s3: of(s.OwnS3, s.s3URL()), ses: of(s.OwnMailbox, s.mailboxURL()),
	}, nil
}

// ownConfig is how an engine started here is reached.
func ownConfig(endpoint string) aws.Config {
	return aws.Config{
		Region: embedded.Region, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	}
}

// guarded are the same clients, which refuse what the function may not do.
func (c clients) guarded(f functions.Function) clients {
	options := []func(*middleware.Stack) error{grants.Guard(f, nil)}
	c.dynamodb.APIOptions, c.s3.APIOptions, c.ses.APIOptions = options, options, options
	return c
}

func (c clients) database() *dynamodb.Client {
	return dynamodb.NewFromConfig(c.dynamodb, dynamo.Options, func(o *dynamodb.Options) {
		if c.embedded {
			o.APIOptions = append(o.APIOptions, embedded.WithoutTokens)
		}
	})
}

func (c clients) bucket() *s3.Client {
	return s3.NewFromConfig(c.s3, drop.Options)
}

func (c clients) mail() *sesv2.Client { return sesv2.NewFromConfig(c.ses) }
