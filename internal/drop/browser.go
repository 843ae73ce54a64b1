package drop

import (
	"context"
	"fmt"
	"maps"
	"mime"
	"net/url"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// What a browser is let do with the bucket itself, past the functions, which take and answer only a few megabytes.
const (
	formHolds = 15 * time.Minute
	linkHolds = 5 * time.Minute
	// mostPosted is the largest file a form takes, in bytes, which is S3's own limit.
	mostPosted = 5 << 30
)

// The fields of a form that are looked at here.
const (
	redirectField = "success_action_redirect"
	dateField     = "X-Amz-Date"
	dateLayout    = "20060102T150405Z"
)

// Form signs an HTML form with which a browser posts a file of 1 byte to 5 GB as the object at key, and no other: the
// address it goes to, the fields that stand before the file, and when S3 takes it no longer. With done S3 sends the
// browser to that address afterwards. S3 is not asked, so the form is worth what the signing role may do when it comes.
func (b *Bucket) Form(ctx context.Context, key, done string) (address string, fields map[string]string, expires time.Time, err error) {
	conditions := []any{[]any{"content-length-range", 1, mostPosted}}
	if done != "" {
		conditions = append(conditions, map[string]string{redirectField: done})
	}
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key}
	post, err := s3.NewPresignClient(b.client).PresignPostObject(ctx, in, func(o *s3.PresignPostOptions) {
		o.Expires, o.Conditions = formHolds, conditions
	})
	if err != nil {
		return "", nil, time.Time{}, fmt.Errorf("sign a form: %w", err)
	}
	signed, err := time.Parse(dateLayout, post.Values[dateField])
	if err != nil {
		return "", nil, time.Time{}, fmt.Errorf("sign a form: %w", err)
	}
	return post.URL, withDone(post.Values, done), signed.Add(formHolds), nil
}

// Form is that of [Bucket.Form] without a signature. Nothing takes what is posted to a directory.
func (d *Dir) Form(_ context.Context, key, done string) (address string, fields map[string]string, expires time.Time, err error) {
	return d.address(""), withDone(map[string]string{"key": key}, done), time.Now().Add(formHolds), nil
}

// withDone are the fields with that of where the browser goes afterwards, if it is to go anywhere.
func withDone(fields map[string]string, done string) map[string]string {
	fields = maps.Clone(fields)
	if done != "" {
		fields[redirectField] = done
	}
	return fields
}

// Link signs an address under which a browser saves the object at key in a file of that name, for five minutes. S3 is
// not asked, as with [Bucket.Form].
func (b *Bucket) Link(ctx context.Context, key, name string) (address string, err error) {
	saved := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &key, ResponseContentDisposition: aws.String(saved)}
	get, err := s3.NewPresignClient(b.client).PresignGetObject(ctx, in, s3.WithPresignExpires(linkHolds))
	if err != nil {
		return "", fmt.Errorf("sign an address: %w", err)
	}
	return get.URL, nil
}

// Link is the address of the file at key on this machine, under its own name.
func (d *Dir) Link(_ context.Context, key, _ string) (address string, err error) {
	return d.address(key), nil
}

func (d *Dir) address(key string) string {
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(d.root.Name(), filepath.FromSlash(key)))}
	return file.String()
}
