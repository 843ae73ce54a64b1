package drop

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

const tarBlock = 512

// isTar reports whether the gzip file f is a tar: whether what it unpacks to begins with a member's header, whose
// checksum is right. A file that cannot be unpacked is none.
func isTar(ctx context.Context, f File) (bool, error) {
	packed, err := readRange(ctx, f, 0, blockSize)
	if err != nil {
		return false, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return false, nil
	}
	header := make([]byte, tarBlock)
	if _, err := io.ReadFull(r, header); err != nil {
		return false, nil
	}
	want, err := strconv.ParseInt(strings.Trim(string(header[148:156]), " \x00"), 8, 64)
	copy(header[148:156], "        ") // the checksum is made as if it were blank itself
	var sum int64
	for _, b := range header {
		sum += int64(b)
	}
	return err == nil && sum == want, nil
}

// tarMembers lists the files of a tar.gz in its order, without directories and macOS's shadow files. It has no
// directory, so that it is read once to its end for the list, and again from its beginning for each member.
func tarMembers(ctx context.Context, f File, l Limits) ([]Member, error) {
	t, err := openTar(ctx, f, l)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	var members []Member
	for i := 0; ; i++ {
		h, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if passedOver(h) {
			continue
		}
		if len(members) == l.Members {
			return nil, &RefusedError{Reason: fmt.Sprintf("The tar.gz file holds more than %d files, which is the most.", l.Members)}
		}
		open := func(ctx context.Context) (io.ReadCloser, error) { return openTarMember(ctx, f, i, l) }
		members = append(members, Member{Name: h.Name, Open: open})
	}
	if err := t.checkEnd(); err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, &RefusedError{Reason: "The tar.gz file holds no files."}
	}
	return members, nil
}

// passedOver reports whether a member is no file of the library's.
func passedOver(h *tar.Header) bool {
	return h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader ||
		strings.HasPrefix(path.Base(h.Name), "._") || strings.HasPrefix(h.Name, "__MACOSX/")
}

// openTarMember reads the member that n others come before.
func openTarMember(ctx context.Context, f File, n int, l Limits) (io.ReadCloser, error) {
	t, err := openTar(ctx, f, l)
	if err != nil {
		return nil, err
	}
	var h *tar.Header
	for range n + 1 {
		if h, err = t.next(); err != nil {
			t.Close()
			return nil, badArchive(tarGzip, err)
		}
	}
	if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
		t.Close()
		return nil, &RefusedError{Reason: "It is a link and not a file; put the file itself into the archive."}
	}
	return unpacked(&sound{r: t.tar, kind: tarGzip}, t, l.bound(f.Size()))
}

const tarGzip = "tar.gz"

// tarStream is a tar.gz that is read from its beginning.
type tarStream struct {
	tar    *tar.Reader
	unzip  *zeros
	packed io.Closer
}

// openTar bounds the whole of what is unpacked by the ratio alone; how large each member may be is another matter.
func openTar(ctx context.Context, f File, l Limits) (*tarStream, error) {
	packed, err := f.Range(ctx, 0, f.Size())
	if err != nil {
		return nil, err
	}
	unzip, err := gzip.NewReader(packed)
	if err != nil {
		packed.Close()
		return nil, badArchive(tarGzip, err)
	}
	bound := max(harmless, l.Ratio*f.Size())
	z := &zeros{r: &bounded{r: &sound{r: unzip, kind: tarGzip}, left: bound, bound: bound}}
	return &tarStream{tar: tar.NewReader(z), unzip: z, packed: packed}, nil
}

func (t *tarStream) Close() error { return t.packed.Close() }

// next is the next member, or io.EOF.
func (t *tarStream) next() (*tar.Header, error) {
	h, err := t.tar.Next()
	if err != nil && err != io.EOF && !errors.Is(err, tar.ErrInsecurePath) {
		return nil, badArchive(tarGzip, err)
	}
	if err == io.EOF {
		return nil, err
	}
	return h, nil
}

// checkEnd looks, behind the last member, for the block of zeros that ends a tar, and reads on to the end, where gzip
// has its checksum.
func (t *tarStream) checkEnd() error {
	if t.unzip.last < tarBlock {
		return badArchive(tarGzip, io.ErrUnexpectedEOF)
	}
	_, err := io.Copy(io.Discard, t.unzip)
	return err
}

// zeros counts the zeros at the end of what was read so far.
type zeros struct {
	r    io.Reader
	last int64
}

func (z *zeros) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	rest := len(bytes.TrimRight(p[:n], "\x00"))
	if rest > 0 {
		z.last = 0
	}
	z.last += int64(n - rest)
	return n, err
}
