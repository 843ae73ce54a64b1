package sisfile

import (
	"bytes"
	"errors"
	"io"
)

const (
	maxRecord  = 8 << 20   // bytes of one record
	firstChunk = 256 << 10 // bytes read at once, while no record is larger
	maxEmpty   = 100       // reads in a row that bring nothing
)

// errFull says that the window has no room: what is looked for does not end within the bounds.
var errFull = errors.New("the window is full")

// window is the part of a text that is in memory: buf[pos:end] was not passed yet. What was passed is kept from hold
// on, where hold is not negative.
type window struct {
	r              io.Reader
	buf            []byte
	most           int // that buf may grow to
	hold, pos, end int
	before         int64 // bytes of the text that came before buf
	counted, line  int   // buf[counted] is on that line
	err            error // of r, told once buf is used up
}

func newWindow(r io.Reader, chunk int) *window {
	return &window{r: r, buf: make([]byte, chunk), most: maxRecord + firstChunk, hold: -1, line: 1}
}

// fill brings more text behind end; slices of buf are void after it, even where it fails. It reads until there is no
// room, so that whoever starts over with a longer text each time has at most twice the work. Its errors are the
// reader's, io.EOF among them, and errFull.
func (w *window) fill() error {
	if w.err != nil {
		return w.err
	}
	w.slide()
	if w.end == len(w.buf) && !w.grow() {
		return errFull
	}
	from := w.end
	for empty := 0; w.end < len(w.buf) && w.err == nil; empty++ {
		n, err := w.r.Read(w.buf[w.end:])
		w.end, w.err = w.end+n, err
		if n > 0 {
			empty = 0
		} else if empty == maxEmpty && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	if w.end == from {
		return w.err
	}
	return nil
}

// slide gives up what is not needed any more.
func (w *window) slide() {
	keep := w.pos
	if w.hold >= 0 {
		keep = w.hold
	}
	if keep == 0 {
		return
	}
	w.lineAt(keep)
	copy(w.buf, w.buf[keep:w.end])
	w.before += int64(keep)
	w.pos, w.end, w.counted = w.pos-keep, w.end-keep, w.counted-keep
	if w.hold >= 0 {
		w.hold = 0
	}
}

func (w *window) grow() bool {
	if len(w.buf) >= w.most {
		return false
	}
	larger := make([]byte, min(2*len(w.buf), w.most))
	copy(larger, w.buf[:w.end])
	w.buf = larger
	return true
}

// lineAt is the line of buf[i]. It is asked in the order of the text, and only then are lines counted.
func (w *window) lineAt(i int) int {
	if i > w.counted {
		w.line += bytes.Count(w.buf[w.counted:i], newline)
		w.counted = i
	}
	return w.line
}

var newline = []byte{'\n'}

// until goes behind the first seq from pos on. Its errors are those of fill.
func (w *window) until(seq string, more func() error) error {
	for {
		if i := bytes.Index(w.buf[w.pos:w.end], []byte(seq)); i >= 0 {
			w.pos += i + len(seq)
			return nil
		}
		w.pos = max(w.pos, w.end-len(seq)+1)
		if err := more(); err != nil {
			return err
		}
	}
}

// offset is how many bytes of the text were passed.
func (w *window) offset() int64 { return w.before + int64(w.pos) }
