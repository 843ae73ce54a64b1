package drop

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestHandler(t *testing.T) {
	message := func(id, key string) events.SQSMessage {
		return events.SQSMessage{MessageId: id, Body: fmt.Sprintf(`{"bucket":"b","key":%q,"versionId":"v","etag":"\"e\"","sequencer":"1","time":"2026-11-23T09:00:00Z"}`, key)}
	}
	event := events.SQSEvent{Records: []events.SQSMessage{
		message("1", "sis/P/a b+c.xml"), {MessageId: "2", Body: "no JSON"}, {MessageId: "3", Body: `{"Event":"s3:TestEvent"}`},
		message("4", "sis/P/"), message("5", "sis/P/a.xml.report.json"), message("6", "sis/P/a.xml.report.csv"),
		message("7", "sis/P/fails.xml"), message("8", "sis/P/after.xml"),
	}}
	var seen []string
	answer, err := Handler(slog.New(slog.DiscardHandler), func(_ context.Context, o Object) error {
		seen = append(seen, o.Key)
		if o.ETag != "e" || o.VersionID != "v" || o.Time.IsZero() {
			t.Errorf("got the object %+v", o)
		}
		if strings.Contains(o.Key, "fails") {
			return errors.New("throttled")
		}
		return nil
	})(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(seen, " "), "sis/P/a b+c.xml sis/P/fails.xml"; got != want {
		t.Errorf("processed %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(answer.BatchItemFailures), "[{7} {8}]"; got != want {
		t.Errorf("failed %s, want %s", got, want)
	}
}

func TestJobID(t *testing.T) {
	a := Object{Bucket: "b", Key: "sis/P/a.xml", VersionID: "1", ETag: "e"}
	again := a
	again.Sequencer = "2"
	other := a
	other.VersionID = "2"
	if a.JobID() != again.JobID() || a.JobID() == other.JobID() || len(a.JobID()) != 32 {
		t.Errorf("got %s, %s, %s", a.JobID(), again.JobID(), other.JobID())
	}
}

// packed is a zip of the files, in the order given, name and content in turn.
func packed(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// onDisk is the content as a file in a directory, and counts the ranges read.
func onDisk(t *testing.T, content []byte) *counting {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	f, err := d.Open(t.Context(), Object{Key: "f"})
	if err != nil {
		t.Fatal(err)
	}
	return &counting{File: f}
}

type counting struct {
	File
	ranges int
}

func (c *counting) Range(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	c.ranges++
	return c.File.Range(ctx, offset, length)
}

// unpackAll is every member as "name=content", or what was refused.
func unpackAll(t *testing.T, f File, l Limits) string {
	t.Helper()
	said := func(err error) string {
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Fatalf("got %v, want a refusal", err)
		}
		return refused.Reason
	}
	members, err := Unpack(t.Context(), f, "sis/P/f", l)
	if err != nil {
		return said(err)
	}
	var all []string
	for _, m := range members {
		r, err := m.Open(t.Context())
		if err != nil {
			all = append(all, m.Name+": "+said(err))
			continue
		}
		content, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			all = append(all, m.Name+": "+said(err))
			continue
		}
		all = append(all, m.Name+"="+string(content))
	}
	return strings.Join(all, " ")
}

func TestUnpack(t *testing.T) {
	damaged := packed(t, "a.xml", strings.Repeat("abc", 100))
	damaged[40] ^= 0xff
	encrypted := packed(t, "a.xml", "x")
	for i := range encrypted {
		if bytes.HasPrefix(encrypted[i:], []byte("PK\x01\x02")) {
			encrypted[i+8] |= 1
		}
	}
	stored := storedZip(t, "a.xml", "abc")
	wrong := bytes.Replace(stored, []byte("abc"), []byte("abd"), 1)
	many := make([]string, 0, 102)
	for i := range 51 {
		many = append(many, fmt.Sprintf("%d.xml", i), "x")
	}
	small := Limits{Members: 50, Size: 100, Ratio: 300}
	zeros := strings.Repeat("\x00", harmless+1)
	tests := []struct {
		name    string
		content []byte
		limits  Limits
		want    string
	}{
		{"bare", []byte("<users/>"), Limits{}, "f=<users/>"},
		{"empty", nil, Limits{}, "f="},
		{"gzip", gzipped(t, "<users/>"), Limits{}, "f=<users/>"},
		{"zip", packed(t, "a.xml", "<a/>", "sub/", "", "sub/b.xml", "<b/>", "__MACOSX/a.xml", "x"), Limits{}, "a.xml=<a/> sub/b.xml=<b/>"},
		{"zip, not packed", stored, Limits{}, "a.xml=abc"},
		{"odd names", packed(t, "../../etc/x", "1", "/y", "2"), Limits{}, "../../etc/x=1 /y=2"},
		{"empty zip", packed(t), Limits{}, "The zip file holds no files."},
		{"too many", packed(t, many...), Limits{}, "The zip file holds 51 files; the most is 50."},
		{"zip in zip", packed(t, "a.zip", string(packed(t, "b", "x"))), Limits{}, "a.zip: It is a zip file within an archive; put the files themselves into one archive."},
		{"gzip in gzip", gzipped(t, string(gzipped(t, "x"))), Limits{}, "f: It is a gzip file within an archive; put the files themselves into one archive."},
		{"truncated zip", packed(t, "a.xml", "abc")[:50], Limits{}, "The zip file is damaged: zip: not a valid zip file."},
		{"damaged", damaged, Limits{}, "a.xml: The zip file is "},
		{"wrong checksum", wrong, Limits{}, "a.xml: The zip file is damaged: zip: checksum error."},
		{"encrypted", encrypted, Limits{}, "a.xml: It is encrypted; put it in the zip file without a password."},
		{"truncated gzip", gzipped(t, strings.Repeat("abc", 100))[:20], Limits{}, "f: The gzip file is truncated."},
		{"gzip of nothing", []byte{0x1f, 0x8b}, Limits{}, "f: The gzip file is truncated."},
		{"too large", gzipped(t, strings.Repeat("x", 101)), small, "f: It unpacks to more than 0 MB, which is refused as unsafe; split it."},
		{"bomb", gzipped(t, zeros), Limits{Members: 50, Size: 1 << 40, Ratio: 10}, "f: It unpacks to more than 64 MB, which is refused as unsafe; split it."},
		{"bomb in zip", packed(t, "a.xml", zeros), Limits{Members: 50, Size: 1 << 40, Ratio: 10}, "a.xml: It unpacks to more than 64 MB, which is refused as unsafe; split it."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := unpackAll(t, onDisk(t, tt.content), tt.limits); got != tt.want && !(tt.name == "damaged" && strings.HasPrefix(got, tt.want)) {
				t.Errorf("got %.200q, want %q", got, tt.want)
			}
		})
	}
}

func storedZip(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZipIsReadInFewRequests(t *testing.T) {
	var text strings.Builder
	for i := range 500_000 {
		fmt.Fprintf(&text, "%d,", i*7919%1_000_003)
	}
	f := onDisk(t, packed(t, "a.xml", text.String(), "b.xml", text.String()))
	if f.Size() < 2<<20 {
		t.Fatalf("the zip has only %d bytes", f.Size())
	}
	unpackAll(t, f, Limits{})
	if f.ranges > 8 {
		t.Errorf("read in %d requests, want at most 8", f.ranges)
	}
}

func TestSteadyRange(t *testing.T) {
	content := strings.Repeat("0123456789", 100)
	opened := 0
	open := func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		opened++
		return io.NopCloser(io.MultiReader(strings.NewReader(content[offset:min(offset+7, offset+length)]), broken{})), nil
	}
	r, err := steadyRange(t.Context(), open, 5, 500)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != content[5:505] {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	dead := func(context.Context, int64, int64) (io.ReadCloser, error) { return io.NopCloser(broken{}), nil }
	r, err = steadyRange(t.Context(), dead, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var source *SourceError
	if _, err := io.ReadAll(r); !errors.As(err, &source) {
		t.Errorf("got %v, want a failure of the source", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func TestDir(t *testing.T) {
	d, err := NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Open(t.Context(), Object{Key: "no/such"}); !errors.Is(err, ErrGone) {
		t.Errorf("got %v, want ErrGone", err)
	}
	if err := d.Put(t.Context(), "../out", "text/plain", nil); err == nil {
		t.Error("a key led out of the directory")
	}
	if err := d.Put(t.Context(), "a/b", "text/plain", []byte("x")); err != nil {
		t.Error(err)
	}
	if got := unpackAllOf(t, d, "a/b"); got != "f=x" {
		t.Errorf("got %q", got)
	}
}

func unpackAllOf(t *testing.T, s Source, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), Object{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return unpackAll(t, f, Limits{})
}

func TestCell(t *testing.T) {
	for text, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "12": "12", "": "", "a=b": "a=b"} {
		if got := cell(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("<users/>"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xb2\xd1\xb7\x03\x00"))
	f.Add([]byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		// What is no refusal fails in unpackAll: bytes alone are never a failure of the source.
		unpackAll(t, inMemory(content), Limits{Members: 5, Size: 1 << 20, Ratio: 100})
	})
}

// inMemory is a file for the fuzzer, which has no time for a disk.
type inMemory []byte

func (m inMemory) Size() int64 { return int64(len(m)) }

func (m inMemory) Range(_ context.Context, offset, length int64) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(m), offset, length)), nil
}
