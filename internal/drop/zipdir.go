package drop

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// zipMembers lists the files of a zip in the order of its directory, without directories and macOS's shadow files.
func zipMembers(ctx context.Context, f File, l Limits) ([]Member, error) {
	at := &directoryReader{ctx: ctx, file: f, blocks: map[int64][]byte{}}
	z, err := zip.NewReader(at, f.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if at.err != nil {
			return nil, at.err
		}
		return nil, badArchive("zip", err)
	}
	var members []Member
	for _, m := range z.File {
		if strings.HasSuffix(m.Name, "/") || strings.HasPrefix(m.Name, "__MACOSX/") {
			continue
		}
		open := func(ctx context.Context) (io.ReadCloser, error) { return openZipMember(ctx, f, m, l) }
		members = append(members, Member{Name: m.Name, Open: open})
	}
	if len(members) > l.Members {
		return nil, &RefusedError{Reason: fmt.Sprintf("The zip file holds %d files; the most is %d.", len(members), l.Members)}
	}
	if len(members) == 0 {
		return nil, &RefusedError{Reason: "The zip file holds no files."}
	}
	return members, nil
}

const (
	blockSize = 64 << 10
	// maxBlocks bounds the memory a zip's directory takes: 8 MB are far more than 50 members need.
	maxBlocks = 128
)

// directoryReader reads a zip's directory and the members' own headers in blocks, each once.
type directoryReader struct {
	ctx    context.Context
	file   File
	blocks map[int64][]byte
	err    error // the first failure, which archive/zip does not always hand on
}

func (d *directoryReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, zip.ErrFormat
	}
	n := 0
	for n < len(p) {
		block, err := d.block((offset + int64(n)) / blockSize)
		if err != nil {
			return n, err
		}
		from := (offset + int64(n)) % blockSize
		if from >= int64(len(block)) {
			return n, io.EOF
		}
		n += copy(p[n:], block[from:])
	}
	return n, nil
}

func (d *directoryReader) block(number int64) ([]byte, error) {
	if block, ok := d.blocks[number]; ok {
		return block, nil
	}
	if d.err == nil && len(d.blocks) == maxBlocks {
		d.err = &RefusedError{Reason: "The zip file's directory is too large."}
	}
	if d.err != nil {
		return nil, d.err
	}
	block, err := readRange(d.ctx, d.file, number*blockSize, blockSize)
	if err != nil {
		d.err = err
		return nil, err
	}
	d.blocks[number] = block
	return block, nil
}
