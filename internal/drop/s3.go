package drop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Bucket is the library's S3 bucket, a [Source] and a [Sink].
type Bucket struct {
	client *s3.Client
	name   string
}

// NewBucket returns the bucket of that name.
func NewBucket(client *s3.Client, name string) *Bucket {
	return &Bucket{client: client, name: name}
}

// Open finds the size of the object's version. Nothing is read yet.
func (b *Bucket) Open(ctx context.Context, o Object) (File, error) {
	in := &s3.HeadObjectInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: text(o.VersionID), IfMatch: quoted(o.ETag)}
	out, err := b.client.HeadObject(ctx, in)
	if err != nil {
		return nil, sourceError(err)
	}
	return &s3File{client: b.client, object: o, size: aws.ToInt64(out.ContentLength)}, nil
}

// Put writes an object into the bucket.
func (b *Bucket) Put(ctx context.Context, key, contentType string, body []byte) error {
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body)}
	if _, err := b.client.PutObject(ctx, in); err != nil {
		return fmt.Errorf("put into the bucket: %w", err)
	}
	return nil
}

type s3File struct {
	client *s3.Client
	object Object
	size   int64
}

func (f *s3File) Size() int64 { return f.size }

func (f *s3File) Range(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	return steadyRange(ctx, f.get, offset, min(length, f.size-offset))
}

func (f *s3File) get(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	span := fmt.Sprintf("bytes=%d-%d", offset, offset+length-1)
	out, err := f.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &f.object.Bucket, Key: &f.object.Key, VersionId: text(f.object.VersionID), IfMatch: quoted(f.object.ETag), Range: &span,
	})
	if err != nil {
		return nil, sourceError(err)
	}
	return out.Body, nil
}

// sourceError tells an object that is not there from a bucket that does not answer.
func sourceError(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "NoSuchKey", "NoSuchVersion", "NotFound", "PreconditionFailed", "MethodNotAllowed":
			return ErrGone
		}
	}
	return &SourceError{Err: err}
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func quoted(etag string) *string {
	if etag == "" {
		return nil
	}
	return aws.String(`"` + etag + `"`)
}

// Origin is where browsers reach the bucket, as a page's policy names it: "https://bucket.s3.eu-west-1.amazonaws.com". It
// is "" when the client cannot tell. S3 is not asked, and no grant is needed.
func (b *Bucket) Origin() string {
	o := b.client.Options()
	at, err := o.EndpointResolverV2.ResolveEndpoint(context.Background(), s3.EndpointParameters{
		Bucket: &b.name, Region: &o.Region, Endpoint: o.BaseEndpoint, ForcePathStyle: &o.UsePathStyle,
		UseFIPS:      aws.Bool(o.EndpointOptions.GetUseFIPSEndpoint() == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.GetUseDualStackEndpoint() == aws.DualStackEndpointStateEnabled),
	})
	if err != nil {
		return ""
	}
	return at.URI.Scheme + "://" + at.URI.Host
}
