package drop

import (
	"context"
	"errors"
	"io"
)

// opener opens a range of a file once.
type opener func(ctx context.Context, offset, length int64) (io.ReadCloser, error)

// steadyTries is how often in a row a range is opened again without having given a byte.
const steadyTries = 3

// steady reads a range and opens it again where it broke off: a connection that is read as slowly as records are
// applied does not live for the minutes a large file takes.
type steady struct {
	ctx    context.Context
	open   opener
	body   io.ReadCloser
	offset int64
	left   int64
	tries  int
}

func steadyRange(ctx context.Context, open opener, offset, length int64) (io.ReadCloser, error) {
	if length <= 0 {
		return io.NopCloser(eof{}), nil
	}
	body, err := open(ctx, offset, length)
	if err != nil {
		return nil, err
	}
	return &steady{ctx: ctx, open: open, body: body, offset: offset, left: length}, nil
}

func (s *steady) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.body.Read(p[:min(int64(len(p)), s.left)])
	s.offset, s.left = s.offset+int64(n), s.left-int64(n)
	if n > 0 {
		s.tries = 0
	}
	if err == nil || s.left == 0 {
		return n, nil
	}
	return n, s.again(err)
}

// again opens the rest of the range after it broke off with err.
func (s *steady) again(err error) error {
	s.tries++
	if s.ctx.Err() != nil {
		return &SourceError{Err: s.ctx.Err()}
	}
	if s.tries > steadyTries {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return &SourceError{Err: err}
	}
	body, err := s.open(s.ctx, s.offset, s.left)
	if err != nil {
		return err
	}
	s.body.Close()
	s.body = body
	return nil
}

func (s *steady) Close() error { return s.body.Close() }

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
