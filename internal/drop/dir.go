package drop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Dir is a directory on this machine in the place of the bucket, a [Source] and a [Sink]: an administrator's import
// by hand, and tests. Keys are paths below it, and cannot lead out of it.
type Dir struct{ root *os.Root }

// NewDir opens the directory at path.
func NewDir(path string) (*Dir, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open the drop directory: %w", err)
	}
	return &Dir{root: root}, nil
}

// Close ends the use of the directory; files that are open stay so.
func (d *Dir) Close() error { return d.root.Close() }

// Open opens the file at the object's key; a directory has no versions, so the object's are not looked at.
func (d *Dir) Open(_ context.Context, o Object) (File, error) {
	info, err := d.root.Stat(o.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, &SourceError{Err: err}
	}
	return &dirFile{root: d.root, key: o.Key, size: info.Size()}, nil
}

// Put writes a file, and the directories it lies in.
func (d *Dir) Put(_ context.Context, key, _ string, body []byte) error {
	if err := d.root.MkdirAll(path.Dir(key), 0o755); err != nil {
		return fmt.Errorf("put into the drop directory: %w", err)
	}
	if err := d.root.WriteFile(key, body, 0o644); err != nil {
		return fmt.Errorf("put into the drop directory: %w", err)
	}
	return nil
}

type dirFile struct {
	root *os.Root
	key  string
	size int64
}

func (f *dirFile) Size() int64 { return f.size }

func (f *dirFile) Range(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	return steadyRange(ctx, f.open, offset, min(length, f.size-offset))
}

func (f *dirFile) open(_ context.Context, offset, length int64) (io.ReadCloser, error) {
	file, err := f.root.Open(f.key)
	if err != nil {
		return nil, &SourceError{Err: err}
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(file, offset, length), file}, nil
}
