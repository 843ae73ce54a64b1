package objects

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/functions"
	"patrondesk/infra/local/queue"
)

// Watcher tells the queues of new objects in an S3 that does not tell them itself, by looking every so often.
type Watcher struct {
	Client *s3.Client
	Bucket string
	Queues string
	Every  time.Duration
	Log    *slog.Logger
}

// Run looks until the context ends. Everything that lies in the bucket at first is announced too: a function knows
// what it has done already.
func (w Watcher) Run(ctx context.Context) {
	seen, to := map[string]bool{}, queue.NewWriter(w.Queues)
	for ctx.Err() == nil {
		if err := w.look(ctx, seen, to); err != nil && ctx.Err() == nil {
			w.Log.Warn("look for new objects", "error", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(w.Every):
		}
	}
}

// look announces the newest versions that were not seen before.
func (w Watcher) look(ctx context.Context, seen map[string]bool, to *queue.Writer) error {
	for _, f := range functions.All {
		for _, prefix := range f.Drops {
			if err := w.lookUnder(ctx, prefix, seen, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w Watcher) lookUnder(ctx context.Context, prefix string, seen map[string]bool, to *queue.Writer) error {
	pages := s3.NewListObjectVersionsPaginator(w.Client, &s3.ListObjectVersionsInput{Bucket: &w.Bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the bucket: %w", err)
		}
		for _, v := range page.Versions {
			c := queue.Created{Bucket: w.Bucket, Key: value(v.Key), VersionID: version(v.VersionId), ETag: strings.Trim(value(v.ETag), `"`)}
			id := c.Key + "\x00" + c.VersionID + "\x00" + c.ETag
			if !aws.ToBool(v.IsLatest) || seen[id] {
				continue
			}
			if err := to.Send(c); err != nil {
				return err
			}
			seen[id] = true
		}
	}
	return nil
}

// version is the id of a version; a bucket without versions calls its one "null".
func version(id *string) string {
	if value(id) == "null" {
		return ""
	}
	return value(id)
}
