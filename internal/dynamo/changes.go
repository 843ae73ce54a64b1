package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/directory"
)

// Changes gives page, in order of time, what became of the patrons of one shard (0 to Shards-1) written at since
// or later, to the millisecond; the zero time asks for all. Of one patron only the last write is told, and a deleted
// one for a week after. The index it reads follows writes within a second and not always in their order, so a caller
// asks again from some seconds before the last entry it saw; an entry's Version and Updated tell which of two is newer.
func (s *Store) Changes(ctx context.Context, shard int, since time.Time, page func([]directory.Entry) error) error {
	in := &dynamodb.QueryInput{
		TableName:                 &s.tables.Users,
		IndexName:                 aws.String(indexChanged),
		KeyConditionExpression:    aws.String("cb = :cb AND upd >= :upd"),
		ExpressionAttributeValues: item{":cb": text(shardName(shard)), ":upd": text(stamp(since))},
	}
	err := s.query(ctx, in, func(items []item) error {
		entries := make([]directory.Entry, len(items))
		for i, it := range items {
			var err error
			if entries[i], err = entryOf(it); err != nil {
				return err
			}
		}
		return page(entries)
	})
	if err != nil {
		return fmt.Errorf("read the changes of patrons: %w", err)
	}
	return nil
}

func entryOf(it item) (directory.Entry, error) {
	updated, err := time.Parse(updLayout, it.text(aUpdated))
	if err != nil {
		return directory.Entry{}, fmt.Errorf("decode a change: %w", err)
	}
	return directory.Entry{
		UID: uidOf(it), Version: it.number(aVersion), Updated: updated,
		Deleted: it.truth(aDeleted), Text: it.text(aSearch),
	}, nil
}
