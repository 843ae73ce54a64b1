package dynamo

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The index worklist has a list for each shard of accounts, and one of the items on hold shelves. It follows writes
// within a second.
const shelfList = "S"

func activityList(shard int) string { return fmt.Sprintf("A#%d", shard) }

// ActivePatrons are the UIDs of the first patrons of a shard (0 to Shards-1), after that UID, who have a loan or owe a
// fee, in order. more says that there may be others after them.
func (s *Store) ActivePatrons(ctx context.Context, shard int, after string, limit int) (uids []string, more bool, err error) {
	in := s.worklist("wl = :wl", item{":wl": text(activityList(shard))})
	if after != "" { // which a key is not compared with
		in = s.worklist("wl = :wl AND wk > :after", item{":wl": text(activityList(shard)), ":after": text(after)})
	}
	items, more, err := s.first(ctx, limit, in)
	if err != nil {
		return nil, false, fmt.Errorf("list patrons with activity: %w", err)
	}
	for _, it := range items {
		uids = append(uids, it.text(aPlace))
	}
	return uids, more, nil
}

// ExpiredShelf are the ids of the items whose last day on the hold shelf is before that day, YYYY-MM-DD, those that are
// there longest first.
func (s *Store) ExpiredShelf(ctx context.Context, before string) ([]string, error) {
	items, err := s.collect(ctx, s.worklist("wl = :wl AND wk < :before", item{":wl": text(shelfList), ":before": text(before)}))
	if err != nil {
		return nil, fmt.Errorf("list expired holds: %w", err)
	}
	var ids []string
	for _, it := range items {
		_, id, _ := strings.Cut(it.text(aPlace), "#")
		ids = append(ids, id)
	}
	return ids, nil
}

func (s *Store) worklist(keys string, values item) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &s.tables.Loans,
		IndexName:                 aws.String(indexWorklist),
		KeyConditionExpression:    &keys,
		ExpressionAttributeValues: values,
	}
}
