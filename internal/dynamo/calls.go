package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// get reads one item, strongly consistent; it is empty when there is none.
func (s *Store) get(ctx context.Context, table string, key item) (item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &table,
		Key:            key,
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// query reads every page of a query.
func (s *Store) query(ctx context.Context, in *dynamodb.QueryInput, page func([]item) error) error {
	for pages := dynamodb.NewQueryPaginator(s.db, in); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := page(itemsOf(out.Items)); err != nil {
			return err
		}
	}
	return nil
}

// underPrefix asks, strongly consistent, for the items of a partition whose sort keys begin with prefix, or for all of
// them ("").
func underPrefix(table string, key item, prefix string) *dynamodb.QueryInput {
	if prefix == "" { // which begins_with does not take
		return &dynamodb.QueryInput{
			TableName:                 &table,
			KeyConditionExpression:    aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": key[aPK]},
			ConsistentRead:            aws.Bool(true),
		}
	}
	return &dynamodb.QueryInput{
		TableName:                 &table,
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": key[aPK], ":prefix": text(prefix)},
		ConsistentRead:            aws.Bool(true),
	}
}

// collect reads every page of a query into one list, without expired items.
func (s *Store) collect(ctx context.Context, in *dynamodb.QueryInput) ([]item, error) {
	var all []item
	now := s.now()
	err := s.query(ctx, in, func(page []item) error {
		for _, it := range page {
			if !it.expired(now) {
				all = append(all, it)
			}
		}
		return nil
	})
	return all, err
}

// count is the number of items of a query.
func (s *Store) count(ctx context.Context, in *dynamodb.QueryInput) (int, error) {
	in.Select = types.SelectCount
	total := 0
	for pages := dynamodb.NewQueryPaginator(s.db, in); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		total += int(out.Count)
	}
	return total, nil
}

const (
	// batchSize is how many keys one BatchGetItem takes.
	batchSize = 100
	// fruitless is how often in a row a batch may come back without a single item read.
	fruitless = 8
)

// batchGet reads the items of keys, which must all differ, strongly consistent and in no order; missing ones are left
// out. What DynamoDB left unprocessed is asked for again.
func (s *Store) batchGet(ctx context.Context, table string, keys []item) ([]item, error) {
	var all []item
	for len(keys) > 0 {
		n := min(batchSize, len(keys))
		found, err := s.batch(ctx, table, keysOf(keys[:n]))
		if err != nil {
			return nil, err
		}
		all, keys = append(all, found...), keys[n:]
	}
	return all, nil
}

// batch reads one batch until nothing of it is left.
func (s *Store) batch(ctx context.Context, table string, keys []map[string]types.AttributeValue) ([]item, error) {
	var all []item
	for attempt := 1; ; attempt++ {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{table: {Keys: keys, ConsistentRead: aws.Bool(true)}},
		})
		if err != nil {
			return nil, err
		}
		all = append(all, itemsOf(out.Responses[table])...)
		left := out.UnprocessedKeys[table].Keys
		if len(left) == 0 {
			return all, nil
		}
		if len(left) < len(keys) {
			attempt = 1
		} else if attempt >= fruitless {
			return nil, fmt.Errorf("read a batch: %d items left unprocessed %d times", len(left), attempt)
		}
		keys = left
		if err := pause(ctx, backoff(attempt)); err != nil {
			return nil, err
		}
	}
}

// pause waits, or fails when ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func itemsOf(maps []map[string]types.AttributeValue) []item {
	all := make([]item, len(maps))
	for i, m := range maps {
		all[i] = m
	}
	return all
}

func keysOf(items []item) []map[string]types.AttributeValue {
	all := make([]map[string]types.AttributeValue, len(items))
	for i, it := range items {
		all[i] = it
	}
	return all
}
