package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/functions"
)

// CreateTables creates the tables of functions.Tables, each name with the prefix before it, with their indexes and
// TTL attributes. Those that are there already are left as they are.
func CreateTables(ctx context.Context, client *dynamodb.Client, prefix string) error {
	for _, t := range functions.Tables {
		if err := createTable(ctx, client, prefix+t.Name, t); err != nil {
			return fmt.Errorf("create table %s: %w", t.Name, err)
		}
	}
	return nil
}

// DeleteTables deletes what CreateTables created.
func DeleteTables(ctx context.Context, client *dynamodb.Client, prefix string) error {
	for _, t := range functions.Tables {
		_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(prefix + t.Name)})
		var gone *types.ResourceNotFoundException
		if err != nil && !errors.As(err, &gone) {
			return fmt.Errorf("delete table %s: %w", t.Name, err)
		}
	}
	return nil
}

const tableLimit = 30 * time.Second

func createTable(ctx context.Context, client *dynamodb.Client, name string, t functions.Table) error {
	out, err := client.CreateTable(ctx, definition(name, t))
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return err
	}
	if out.TableDescription.TableStatus != types.TableStatusActive {
		ready := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 10 * time.Millisecond })
		if err := ready.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, tableLimit); err != nil {
			return err
		}
	}
	if t.TTL == "" {
		return nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &t.TTL, Enabled: aws.Bool(true)},
	})
	return err
}

func definition(name string, t functions.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema("pk", ""),
	}
	attributes := []string{"pk"}
	if t.Sort {
		in.KeySchema = keySchema("pk", "sk")
		attributes = append(attributes, "sk")
	}
	if i := t.Index; i != nil {
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: &i.Name, KeySchema: keySchema(i.Partition, i.Sort), Projection: projection(i.Project),
		}}
		attributes = append(attributes, i.Partition, i.Sort)
	}
	for _, a := range distinct(attributes) {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(a), AttributeType: types.ScalarAttributeTypeS})
	}
	return in
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	keys := []types.KeySchemaElement{{AttributeName: &partition, KeyType: types.KeyTypeHash}}
	if sort != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: &sort, KeyType: types.KeyTypeRange})
	}
	return keys
}

func projection(attributes []string) *types.Projection {
	if len(attributes) == 0 {
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: attributes}
}

// distinct leaves out "" and what came before.
func distinct(names []string) []string {
	seen := map[string]bool{"": true}
	var once []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			once = append(once, n)
		}
	}
	return once
}
