package dynamo

import (
	"context"
	"fmt"
	"maps"
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

// first reads as many pages of a query as give n items, without expired ones; more says that there may be more.
func (s *Store) first(ctx context.Context, n int, in *dynamodb.QueryInput) (all []item, more bool, err error) {
	now := s.now()
	for len(all) < n {
		in.Limit = aws.Int32(int32(n - len(all)))
		out, err := s.db.Query(ctx, in)
		if err != nil {
			return nil, false, err
		}
		for _, it := range itemsOf(out.Items) {
			if !it.expired(now) {
				all = append(all, it)
			}
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
			return all, false, nil
		}
	}
	return all, true, nil
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

// byTable are items, or keys of items, by the name of their table.
type byTable map[string][]item

// one is the item of that key; it is empty when there is none.
func (b byTable) one(table string, key item) item {
	for _, it := range b[table] {
		if sameKey(it, key) {
			return it
		}
	}
	return nil
}

// batches are the keys in lists that one BatchGetItem takes.
func (b byTable) batches() []map[string]types.KeysAndAttributes {
	var all []map[string]types.KeysAndAttributes
	room := 0
	for table, keys := range b {
		for _, key := range keys {
			if room == 0 {
				all, room = append(all, map[string]types.KeysAndAttributes{}), batchSize
			}
			of := all[len(all)-1][table]
			all[len(all)-1][table] = types.KeysAndAttributes{Keys: append(of.Keys, key), ConsistentRead: aws.Bool(true)}
			room--
		}
	}
	return all
}

// batchGet reads the items of keys, which must all differ, strongly consistent and in no order; missing ones are left
// out. Each item is as it was at some moment of the call. What DynamoDB left unprocessed is asked for again.
func (s *Store) batchGet(ctx context.Context, keys byTable) (byTable, error) {
	found := byTable{}
	for _, batch := range keys.batches() {
		if err := s.batch(ctx, batch, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// batch reads one batch until nothing of it is left.
func (s *Store) batch(ctx context.Context, asked map[string]types.KeysAndAttributes, found byTable) error {
	for attempt := 1; ; attempt++ {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: asked})
		if err != nil {
			return err
		}
		for table, items := range out.Responses {
			found[table] = append(found[table], itemsOf(items)...)
		}
		left := out.UnprocessedKeys
		maps.DeleteFunc(left, func(_ string, of types.KeysAndAttributes) bool { return len(of.Keys) == 0 })
		if len(left) == 0 {
			return nil
		}
		if countKeys(left) < countKeys(asked) {
			attempt = 1
		} else if attempt >= fruitless {
			return fmt.Errorf("read a batch: %d items left unprocessed %d times", countKeys(left), attempt)
		}
		asked = left
		if err := pause(ctx, backoff(attempt)); err != nil {
			return err
		}
	}
}

func countKeys(asked map[string]types.KeysAndAttributes) int {
	n := 0
	for _, of := range asked {
		n += len(of.Keys)
	}
	return n
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
