package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/infra/deployment"
)

// addBucket makes the bucket where files are dropped and reports are written. Old versions can be brought back for a
// while; the files hold patrons' data, so not for ever.
func (s *stack) addBucket() {
	s.bucket = awss3.NewBucket(s.Stack, jsii.String(deployment.BucketID), &awss3.BucketProps{
		Versioned:         jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("old-versions"),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(deployment.OldVersionDays)),
			ExpiredObjectDeleteMarker:           jsii.Bool(true),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(deployment.UnfinishedUploadDays)),
		}, {
			Id:         jsii.String("dropped"),
			Expiration: awscdk.Duration_Days(jsii.Number(deployment.DroppedDays)),
		}, {
			Id:         jsii.String("parts"),
			Prefix:     jsii.String(deployment.PartsPrefix),
			Expiration: awscdk.Duration_Days(jsii.Number(deployment.PartsDays)),
		}, {
			Id:         jsii.String("runs"),
			Prefix:     jsii.String(deployment.RunsPrefix),
			Expiration: awscdk.Duration_Days(jsii.Number(deployment.RunsDays)),
		}},
	})
	// The construct's own EventBridgeEnabled would add a function that may change the notifications of every bucket
	// of the account; CloudFormation can do it by itself.
	s.bucket.Node().DefaultChild().(awss3.CfnBucket).AddPropertyOverride(
		jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	named(s.bucket, deployment.BucketID)
	s.output("DropBucket", "Where SIS files (sis/<profile>/, or dry-run/<profile>/ to be told only what would happen) and item lists (items/) are dropped", s.bucket.BucketName())
}
