package drop

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// Limits bound what an archive may unpack to. One that is zero stands for that of [DefaultLimits].
type Limits struct {
	Members int   // files in a zip or tar.gz
	Size    int64 // bytes of one file, unpacked
	Ratio   int64 // unpacked to packed; looked at beyond 64 MB
}

// DefaultLimits are Alma's own of 50 files in a zip and 4 GB; user records pack to between a tenth and a hundredth.
var DefaultLimits = Limits{Members: 50, Size: 4 << 30, Ratio: 300}

// settled is the limits with the default where one is zero.
func (l Limits) settled() Limits {
	return Limits{
		Members: cmp.Or(l.Members, DefaultLimits.Members),
		Size:    cmp.Or(l.Size, DefaultLimits.Size),
		Ratio:   cmp.Or(l.Ratio, DefaultLimits.Ratio),
	}
}

// harmless is the size up to which the ratio is not looked at.
const harmless = 64 << 20

// Member is one file to be read: the dropped file itself, or a file in an archive.
type Member struct {
	Name string
	// Open reads the file unpacked, from its beginning; it may be called again. Errors of the bucket are those of
	// [File]; a *[RefusedError] or any other error says that the file is bad.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Unpack lists the files in f, whose object has that key: in a zip or tar.gz its members, otherwise f itself, unpacked
// when it is gzip. The content decides, not the name. A zip is read with one request per member besides a few small ones
// for its directory; a tar.gz has none, and is read to its end for the list. The errors are those of [Member].
func Unpack(ctx context.Context, f File, key string, l Limits) ([]Member, error) {
	l = l.settled()
	head, err := readRange(ctx, f, 0, 4)
	if err != nil {
		return nil, err
	}
	name := path.Base(key)
	switch archive(head) {
	case "zip":
		return zipMembers(ctx, f, l)
	case "gzip":
		if tarred, err := isTar(ctx, f); err != nil {
			return nil, err
		} else if tarred {
			return tarMembers(ctx, f, l)
		}
		open := func(ctx context.Context) (io.ReadCloser, error) { return openGzip(ctx, f, l) }
		return []Member{{Name: strings.TrimSuffix(name, ".gz"), Open: open}}, nil
	}
	open := func(ctx context.Context) (io.ReadCloser, error) { return f.Range(ctx, 0, f.Size()) }
	return []Member{{Name: name, Open: open}}, nil
}

func archive(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip"
	}
	return ""
}

func readRange(ctx context.Context, f File, offset, length int64) ([]byte, error) {
	r, err := f.Range(ctx, offset, length)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func openGzip(ctx context.Context, f File, l Limits) (io.ReadCloser, error) {
	packed, err := f.Range(ctx, 0, f.Size())
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(packed)
	if err != nil {
		packed.Close()
		return nil, badArchive("gzip", err)
	}
	return unpacked(&sound{r: r, kind: "gzip"}, packed, l.bound(f.Size()))
}

// bound is how many bytes something of that packed size may unpack to.
func (l Limits) bound(packed int64) int64 {
	return min(l.Size, max(harmless, l.Ratio*packed))
}

// badArchive words an error met in unpacking, unless it is the bucket's, or is worded already.
func badArchive(kind string, err error) error {
	var source *SourceError
	var refused *RefusedError
	if errors.As(err, &source) || errors.As(err, &refused) || errors.Is(err, ErrGone) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &RefusedError{Reason: fmt.Sprintf("The %s file is truncated.", kind)}
	}
	return &RefusedError{Reason: fmt.Sprintf("The %s file is damaged: %v.", kind, err)}
}

// sound words the errors of a decompressor.
type sound struct {
	r    io.Reader
	kind string
}

func (s *sound) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = badArchive(s.kind, err)
	}
	return n, err
}

// unpacked bounds what is unpacked and refuses an archive in an archive. It closes body when it fails.
func unpacked(r io.Reader, body io.Closer, bound int64) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(&bounded{r: r, left: bound, bound: bound}, 64<<10)
	head, err := buffered.Peek(4)
	if err != nil && err != io.EOF {
		body.Close()
		return nil, err
	}
	if kind := archive(head); kind != "" {
		body.Close()
		return nil, &RefusedError{Reason: fmt.Sprintf("It is a %s file within an archive; put the files themselves into one archive.", kind)}
	}
	return struct {
		io.Reader
		io.Closer
	}{buffered, body}, nil
}

type bounded struct {
	r           io.Reader
	left, bound int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, &RefusedError{Reason: fmt.Sprintf("It unpacks to more than %d MB, which is refused as unsafe; split it.", b.bound>>20)}
	}
	return n, err
}

// checked compares a zip member's checksum at its end.
type checked struct {
	r    io.Reader
	sum  hash.Hash32
	want uint32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && c.sum.Sum32() != c.want {
		err = zip.ErrChecksum
	}
	return n, err
}

func openZipMember(ctx context.Context, f File, m *zip.File, l Limits) (io.ReadCloser, error) {
	if m.Flags&1 != 0 {
		return nil, &RefusedError{Reason: "It is encrypted; put it in the zip file without a password."}
	}
	if m.Method != zip.Deflate && m.Method != zip.Store {
		return nil, &RefusedError{Reason: fmt.Sprintf("It is packed with method %d; use deflate.", m.Method)}
	}
	offset, err := m.DataOffset()
	if err != nil {
		return nil, badArchive("zip", err)
	}
	packed, err := f.Range(ctx, offset, int64(m.CompressedSize64))
	if err != nil {
		return nil, err
	}
	var r io.Reader = packed
	if m.Method == zip.Deflate {
		r = flate.NewReader(packed)
	}
	r = &checked{r: r, sum: crc32.NewIEEE(), want: m.CRC32}
	return unpacked(&sound{r: r, kind: "zip"}, packed, l.bound(int64(m.CompressedSize64)))
}
