package objects

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/drop"
)

// dropped tests the product's own reading and writing of the bucket, drop.Bucket, on S3's API.
func dropped(t *testing.T, client *s3.Client, name string) {
	b := drop.NewBucket(client, name)
	put := func(key string, content []byte) drop.Object {
		t.Helper()
		out, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(content)})
		if err != nil {
			t.Fatal(err)
		}
		return drop.Object{Bucket: name, Key: key, VersionID: aws.ToString(out.VersionId), ETag: strings.Trim(aws.ToString(out.ETag), `"`)}
	}
	first := put("sis/P/f a+b.xml", []byte("<one/>"))
	put("sis/P/f a+b.xml", []byte("<two/>"))
	long := strings.Repeat("<b/>", 100_000)
	for _, tt := range []struct {
		name   string
		object drop.Object
		want   string
	}{
		{"the first version", first, "<one/>"},
		{"zip", put("sis/P/f.zip", zipped(t, "<a/>", long)), "<a/>" + long},
		{"gzip", put("sis/P/f.gz", gzipped(t, "<a/>")), "<a/>"},
		{"empty", put("sis/P/empty", nil), ""},
	} {
		if got := contentOf(t, b, tt.object); got != tt.want {
			t.Errorf("%s: got %d bytes, want %d", tt.name, len(got), len(tt.want))
		}
	}
	for _, gone := range []drop.Object{{Bucket: name, Key: "sis/P/no"}, {Bucket: name, Key: first.Key, ETag: "0123"}} {
		if _, err := b.Open(t.Context(), gone); !errors.Is(err, drop.ErrGone) {
			t.Errorf("%+v: got %v, want that it is gone", gone, err)
		}
	}
	if err := b.Put(t.Context(), "sis/P/f.report.json", "application/json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if got := contentOf(t, b, drop.Object{Bucket: name, Key: "sis/P/f.report.json"}); got != "{}" {
		t.Errorf("the report: got %q", got)
	}
}

// contentOf is what the files in the object say, one after the other.
func contentOf(t *testing.T, b *drop.Bucket, o drop.Object) string {
	t.Helper()
	f, err := b.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	members, err := drop.Unpack(t.Context(), f, o.Key, drop.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, m := range members {
		r, err := m.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return all.String()
}

func zipped(t *testing.T, contents ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, content := range contents {
		f, err := w.Create(string(rune('a'+i)) + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t *testing.T, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
