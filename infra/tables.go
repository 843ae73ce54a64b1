package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// addTable makes a table that outlives the stack: it can be brought back to any second of the last 35 days, and
// neither a deployment nor a slip of the hand removes it. One of what is passing is none of this.
func (s *stack) addTable(t functions.Table) {
	props := &awsdynamodb.TableProps{
		PartitionKey:       key("pk"),
		BillingMode:        awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:         awsdynamodb.TableEncryption_AWS_MANAGED,
		DeletionProtection: jsii.Bool(!t.Passing),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(!t.Passing),
		},
	}
	if t.Passing {
		props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	}
	if t.Sort {
		props.SortKey = key("sk")
	}
	if t.TTL != "" {
		props.TimeToLiveAttribute = jsii.String(t.TTL)
	}
	id := deployment.TableID(t.Name)
	table := awsdynamodb.NewTable(s.Stack, jsii.String(id), props)
	if t.Index != nil {
		table.AddGlobalSecondaryIndex(index(*t.Index))
	}
	named(table, id)
	s.tables[t.Name] = table
	s.output(id+"Name", "The table "+t.Name, table.TableName())
}

func index(i functions.Index) *awsdynamodb.GlobalSecondaryIndexProps {
	props := &awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:      jsii.String(i.Name),
		PartitionKey:   key(i.Partition),
		SortKey:        key(i.Sort),
		ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	}
	if len(i.Project) > 0 {
		props.ProjectionType = awsdynamodb.ProjectionType_INCLUDE
		props.NonKeyAttributes = jsii.Strings(i.Project...)
	}
	return props
}

func key(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
}
