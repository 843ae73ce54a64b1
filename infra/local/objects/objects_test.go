package objects

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"patrondesk/infra/local/queue"
)

// serve runs the gateway for the test; there can be only one in a process.
func serve(t *testing.T) (client *s3.Client, queues string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, dir := l.Addr().String(), t.TempDir()
	l.Close()
	ctx, stop := context.WithCancel(t.Context())
	queues = filepath.Join(dir, "queues")
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, Settings{Dir: filepath.Join(dir, "s3"), Queues: queues, Addr: addr, Region: "local", AccessKey: "a", SecretKey: "b"})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		os.Chdir(os.TempDir()) // so that the data can be removed
	})
	for range 500 {
		if resp, err := http.Get("http://" + addr + Health); err == nil {
			resp.Body.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return s3.NewFromConfig(aws.Config{
		Region: "local", BaseEndpoint: aws.String("http://" + addr), Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, func(o *s3.Options) { o.UsePathStyle = true }), queues
}

// announced are the messages of sis-import, by key.
func announced(t *testing.T, queues string) map[string]queue.Created {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(queues, "sis-import", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]queue.Created{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var c queue.Created
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		out[c.Key] = c
	}
	return out
}

func TestEveryNewObjectIsAnnounced(t *testing.T) {
	ctx := t.Context()
	client, queues := serve(t)
	bucket := "drop"
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	}); err != nil {
		t.Fatal(err)
	}
	put := func(key, body string) (*s3.PutObjectOutput, error) {
		return client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	}
	var writers errgroup.Group
	for w := range 4 {
		writers.Go(func() error {
			for i := range 50 {
				if _, err := put(fmt.Sprintf("sis/A/%d-%d ü+&.xml", w, i), "x"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	last, err := put("sis/A/last", "body")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put("elsewhere/x", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: aws.String("sis/A/copy"), CopySource: aws.String("drop/sis/A/last")}); err != nil {
		t.Fatal(err)
	}
	multipart(t, client, bucket, "sis/A/parts")
	got := announced(t, queues)
	if len(got) != 4*50+3 {
		t.Errorf("%d objects announced, want %d", len(got), 4*50+3)
	}
	if a := got["sis/A/last"]; a.VersionID != aws.ToString(last.VersionId) || `"`+a.ETag+`"` != aws.ToString(last.ETag) || a.Bucket != bucket {
		t.Errorf("announced %+v, want version %s and ETag %s", a, aws.ToString(last.VersionId), aws.ToString(last.ETag))
	}
	for _, key := range []string{"sis/A/copy", "sis/A/parts", "sis/A/3-49 ü+&.xml"} {
		if a := got[key]; a.ETag == "" || a.VersionID == "" || a.Sequencer == "" {
			t.Errorf("%s is announced as %+v", key, a)
		}
	}
	watched(t, client, bucket)
	dropped(t, client, bucket)
	posted(t, client, bucket, queues)
}

// watched tests the watcher on the bucket of the test above.
func watched(t *testing.T, client *s3.Client, bucket string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	queues := t.TempDir()
	ended := make(chan struct{})
	go func() {
		Watcher{Client: client, Bucket: bucket, Queues: queues, Every: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}.Run(ctx)
		close(ended)
	}()
	want, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("sis/A/watched"), Body: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	for ctx.Err() == nil && announced(t, queues)["sis/A/watched"].Key == "" {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	<-ended
	if got := announced(t, queues); got["sis/A/watched"].VersionID != aws.ToString(want.VersionId) || got["elsewhere/x"].Key != "" || len(got) != 4*50+4 {
		t.Errorf("the watcher announced %d objects, the last as %+v", len(got), got["sis/A/watched"])
	}
}

func multipart(t *testing.T, client *s3.Client, bucket, key string) {
	t.Helper()
	ctx := t.Context()
	begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		t.Fatal(err)
	}
	part, err := client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &bucket, Key: &key, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: bytes.NewReader(make([]byte, 1<<20)),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &bucket, Key: &key, UploadId: begun.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{
			ETag: part.ETag, PartNumber: aws.Int32(1), ChecksumCRC32: part.ChecksumCRC32,
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
