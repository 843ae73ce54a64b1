// Package objects is the local run's S3: versitygw, embedded, with every new object told to the queues. It runs in a
// process of its own, because the gateway moves the working directory of its process into its data.
package objects

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3response"

	"patrondesk/infra/local/queue"
)

// Health is the path that answers 200 once the gateway serves.
const Health = "/patrondesk-health"

// Settings say where the gateway serves and keeps its data.
type Settings struct {
	Dir       string // of the data; made when missing
	Queues    string // where messages about new objects go
	Addr      string
	Region    string
	AccessKey string
	SecretKey string
}

// Serve runs the gateway until the context ends. Only one may run in a process.
func Serve(ctx context.Context, s Settings) error {
	be, err := open(s)
	if err != nil {
		return fmt.Errorf("open the bucket's data: %w", err)
	}
	err = embedgw.RunVersityGW(ctx, be, &embedgw.Config{
		RootUserAccess: s.AccessKey, RootUserSecret: s.SecretKey, Region: s.Region,
		Ports: []string{s.Addr}, HealthPath: Health,
		MaxConnections: 1024, MaxRequests: 512, MultipartMaxParts: 10000,
		KeepAlive: true, Quiet: true,
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("serve the bucket: %w", err)
	}
	return nil
}

// open opens the data. Object metadata goes into extended attributes, or beside the files where the file system has
// none.
func open(s Settings) (backend.Backend, error) {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return nil, err
	}
	queues, err := filepath.Abs(s.Queues)
	if err != nil {
		return nil, err
	}
	data, versions, sidecars := filepath.Join(dir, "objects"), filepath.Join(dir, "versions"), filepath.Join(dir, "metadata")
	for _, d := range []string{data, versions, sidecars} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	opts := posix.PosixOpts{VersioningDir: versions, NewDirPerm: 0o755, Concurrency: 64, CopyObjectThreshold: 5 << 30}
	var storer meta.MetadataStorer = meta.XattrMeta{}
	if err := (meta.XattrMeta{}).Test(data); err != nil {
		if storer, err = meta.NewSideCar(sidecars); err != nil {
			return nil, err
		}
		opts.SideCarDir = sidecars
	}
	inner, err := posix.New(data, storer, opts)
	if err != nil {
		return nil, err
	}
	return notifying{Backend: inner, queues: queue.NewWriter(queues)}, nil
}

// notifying tells the queues of each new object before its writer gets an answer, so that no object goes unnoticed.
type notifying struct {
	backend.Backend
	queues *queue.Writer
}

// PutObject stores an object and tells the queues.
func (n notifying) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	out, err := n.Backend.PutObject(ctx, in)
	if err != nil {
		return out, err
	}
	return out, n.tell(in.Bucket, in.Key, out.VersionID, out.ETag)
}

// CopyObject copies an object and tells the queues.
func (n notifying) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	out, err := n.Backend.CopyObject(ctx, in)
	if err != nil {
		return out, err
	}
	var etag string
	if out.CopyObjectResult != nil {
		etag = value(out.CopyObjectResult.ETag)
	}
	return out, n.tell(in.Bucket, in.Key, value(out.VersionId), etag)
}

// CompleteMultipartUpload completes an object and tells the queues.
func (n notifying) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	out, version, err := n.Backend.CompleteMultipartUpload(ctx, in)
	if err != nil {
		return out, version, err
	}
	return out, version, n.tell(in.Bucket, in.Key, version, value(out.ETag))
}

// tell clones the texts, which belong to the request and change after it.
func (n notifying) tell(bucket, key *string, version, etag string) error {
	return n.queues.Send(queue.Created{
		Bucket: strings.Clone(value(bucket)), Key: strings.Clone(value(key)),
		VersionID: strings.Clone(version), ETag: strings.Clone(strings.Trim(etag, `"`)),
	})
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
