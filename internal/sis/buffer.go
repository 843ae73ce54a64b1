package sis

import (
	"bytes"
	"fmt"
	"io"
)

// need makes sure that n bytes from pos are in the buffer.
func (s *splitter) need(n int) error {
	for s.end-s.pos < n {
		if err := s.more(); err != nil {
			return err
		}
	}
	return nil
}

// more fills the buffer within markup, where the input must not end.
func (s *splitter) more() error {
	err := s.fill()
	if err == io.EOF {
		return ErrTruncated
	}
	return err
}

// advance moves pos and counts the lines passed.
func (s *splitter) advance(to int) {
	s.line += bytes.Count(s.buf[s.pos:to], []byte{'\n'})
	s.pos = to
}

// release gives up what was passed, unless it belongs to a record that is being read.
func (s *splitter) release() {
	s.hold = s.pos
	if s.start >= 0 {
		s.hold = s.start
	}
}

// fill reads more input behind end. A record that outgrows its bound is given up, and read on without being held.
func (s *splitter) fill() error {
	if s.eof {
		return io.EOF
	}
	if s.start >= 0 && s.end-s.start >= maxRecord {
		s.start, s.tooLong = -1, true
		s.hold = s.pos
	}
	if s.hold > 0 {
		copy(s.buf, s.buf[s.hold:s.end])
		s.pos, s.end = s.pos-s.hold, s.end-s.hold
		if s.start >= 0 {
			s.start = 0
		}
		s.hold = 0
	}
	if s.end == len(s.buf) {
		if s.end >= maxRecord+firstChunk {
			return s.wrong(fmt.Sprintf("a tag is longer than %d MB", maxRecord>>20))
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	if err == io.EOF {
		s.eof, err = true, nil
		if n == 0 {
			return io.EOF
		}
	}
	return err
}
