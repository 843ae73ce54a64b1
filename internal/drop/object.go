package drop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Get reads the object at key, unless it is larger than most bytes: then body is nil. The error is [fs.ErrNotExist]
// when there is no such object.
func (b *Bucket) Get(ctx context.Context, key string, most int64) (body []byte, size int64, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return nil, 0, missing(sourceError(err))
	}
	defer out.Body.Close()
	return upToSize(out.Body, aws.ToInt64(out.ContentLength), most)
}

// Get reads the file at key, as [Bucket.Get] does.
func (d *Dir) Get(_ context.Context, key string, most int64) (body []byte, size int64, err error) {
	file, err := d.root.Open(key)
	if err != nil {
		return nil, 0, fmt.Errorf("get from the drop directory: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("get from the drop directory: %w", err)
	}
	return upToSize(file, info.Size(), most)
}

// missing says of an object that is gone what callers who do not know this package can ask for.
func missing(err error) error {
	if errors.Is(err, ErrGone) {
		return fmt.Errorf("get from the bucket: %w", fs.ErrNotExist)
	}
	return fmt.Errorf("get from the bucket: %w", err)
}

// upToSize reads a source of that size, or nothing of it when it is larger than most.
func upToSize(from io.Reader, size, most int64) ([]byte, int64, error) {
	if size > most {
		return nil, size, nil
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(from, body); err != nil {
		return nil, size, fmt.Errorf("get from the bucket: %w", err)
	}
	return body, size, nil
}
