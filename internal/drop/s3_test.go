package drop

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// TestBucket runs on the S3 that AWS_ENDPOINT_URL_S3 names, in a bucket of its own.
func TestBucket(t *testing.T) {
	if os.Getenv("AWS_ENDPOINT_URL_S3") == "" {
		t.Skip("AWS_ENDPOINT_URL_S3 names no S3 to test on")
	}
	conf, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(conf, Options)
	name := "drop-test-" + time.Now().UTC().Format("20060102150405")
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	versioned := &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}
	if _, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: versioned}); err != nil {
		t.Fatal(err)
	}
	b := NewBucket(client, name)
	put := func(key string, content []byte) Object {
		t.Helper()
		out, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(content)})
		if err != nil {
			t.Fatal(err)
		}
		return Object{Bucket: name, Key: key, VersionID: *out.VersionId, ETag: strings.Trim(*out.ETag, `"`)}
	}
	read := func(o Object) string {
		t.Helper()
		f, err := b.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return unpackAll(t, f, Limits{})
	}

	first := put("sis/P/f a+b.xml", []byte("<one/>"))
	put("sis/P/f a+b.xml", []byte("<two/>"))
	if got := read(first); got != "f=<one/>" {
		t.Errorf("the first version: got %q", got)
	}
	if got := read(put("sis/P/f.zip", packed(t, "a.xml", "<a/>", "b.xml", strings.Repeat("<b/>", 100_000)))); got != "a.xml=<a/> b.xml="+strings.Repeat("<b/>", 100_000) {
		t.Errorf("zip: got %d bytes", len(got))
	}
	if got := read(put("sis/P/f.gz", gzipped(t, "<a/>"))); got != "f=<a/>" {
		t.Errorf("gzip: got %q", got)
	}
	if got := read(put("sis/P/empty", nil)); got != "f=" {
		t.Errorf("empty: got %q", got)
	}
	if _, err := b.Open(t.Context(), Object{Bucket: name, Key: "sis/P/no"}); !errors.Is(err, ErrGone) {
		t.Errorf("no such key: got %v", err)
	}
	if _, err := b.Open(t.Context(), Object{Bucket: name, Key: first.Key, ETag: "0123"}); !errors.Is(err, ErrGone) {
		t.Errorf("another ETag: got %v", err)
	}
	if err := b.Put(t.Context(), "sis/P/f.report.json", "application/json", []byte("{}")); err != nil {
		t.Error(err)
	}
	if got := read(Object{Bucket: name, Key: "sis/P/f.report.json"}); got != "f={}" {
		t.Errorf("the report: got %q", got)
	}
}
