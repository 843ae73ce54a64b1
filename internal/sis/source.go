package sis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"patrondesk/internal/drop"
	"patrondesk/internal/job"
	"patrondesk/internal/sisfile"
)

// candidate is a record that may change something: the patrons do not have it yet, or it stands in the file twice.
type candidate struct {
	at   place
	raw  []byte
	sum  digest
	from *sisfile.Reader // of its file, to decode it
	bad  error           // why it cannot be read; nil where it may
}

// source gives the candidates of an object in their order to do, and counts the records between them as unchanged.
// Between two records it calls tick with how far it is.
type source func(ctx context.Context, do func(*person) error, tick func(done place) error) error

// tickEvery is after how many records a source tells how far it is.
const tickEvery = 512

// stream reads the object. Records up to the place where the run goes on are only looked at: they are done, but for
// those that wait.
func (w *work) stream(from job.Place) source {
	waiting := decodePlaces(from.Waiting)
	return func(ctx context.Context, do func(*person) error, tick func(place) error) error {
		members, err := w.run.Members(ctx)
		if err != nil {
			return err
		}
		for i, m := range members {
			w.run.Tally.Begin(i, m.Name)
			if w.run.Tally.Files[i].Reason != "" {
				continue // the survey found that nothing of it can be used
			}
			f := &fileStream{w: w, file: int32(i), from: from, waiting: waiting, do: do, tick: tick}
			if err := w.refuse(i, f.read(ctx, m)); err != nil {
				return err
			}
		}
		return w.recall(ctx)
	}
}

// fileStream is the reading of one file.
type fileStream struct {
	w       *work
	file    int32
	from    job.Place
	waiting map[position]bool
	do      func(*person) error
	tick    func(place) error
}

func (f *fileStream) read(ctx context.Context, m drop.Member) error {
	body, err := m.Open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	r := sisfile.NewReader(body, f.w.planner.profile.CSV)
	var sums *hasher
	at := place{file: f.file}
	for {
		rec, err := r.Next()
		if err == io.EOF {
			f.w.ends[f.file] = ends{head: bytes.Clone(r.Head()), tail: bytes.Clone(r.Tail()), records: at.number}
			return nil
		}
		var bad *sisfile.RecordError
		if err != nil && !errors.As(err, &bad) {
			return notParsed(err)
		}
		if sums == nil {
			if sums, err = newHasher(f.w.planner.profile, r.Head()); err != nil {
				return err
			}
		}
		at.number, at.line = at.number+1, int32(rec.Line)
		c := candidate{at: at, raw: rec.Raw, from: r}
		if bad != nil {
			c.bad, c.at.line = bad, int32(bad.Line)
		} else {
			c.sum = sums.digest(rec.Raw)
		}
		if err := f.record(ctx, c); err != nil {
			return err
		}
	}
}

// record counts the record as unchanged, or hands it on.
func (f *fileStream) record(ctx context.Context, c candidate) error {
	done := int(f.file) < f.from.File || int(f.file) == f.from.File && c.at.number <= f.from.Records
	same := f.same(c)
	switch {
	case done && !f.waiting[c.at.position()]:
		if err := f.w.doubt(ctx, c); err != nil {
			return err
		}
	case same:
		f.w.run.Tally.Add(int(f.file), job.Counts{Processed: 1, Unchanged: 1})
	default:
		c.raw = bytes.Clone(c.raw)
		if done {
			f.w.waiting = append(f.w.waiting, newPerson(c))
		} else if err := f.do(newPerson(c)); err != nil {
			return err
		}
	}
	if c.at.number%tickEvery == 0 && !done {
		return f.tick(c.at)
	}
	if c.at.number%tickEvery == 0 {
		return f.w.run.Beat(ctx)
	}
	return nil
}

// same reports whether the patrons have exactly this record, and no earlier one of the file was of the same patron.
func (f *fileStream) same(c candidate) bool {
	if c.bad != nil {
		return false
	}
	who := f.w.known.of(c.sum)
	if who == nil {
		return false
	}
	same, contested := who.same(c.at)
	f.w.contested = f.w.contested || contested
	return same
}

// ends are what a file begins and ends with, and how many records it has.
type ends struct {
	head, tail []byte
	records    int64
}

// kept gives the candidates that the survey kept, so that the object need not be read again.
func (w *work) kept(all []*person) source {
	return func(ctx context.Context, do func(*person) error, tick func(place) error) error {
		var last place
		gap := func(upTo place) {
			if n := int(upTo.number - last.number - 1); n > 0 {
				w.run.Tally.Add(int(upTo.file), job.Counts{Processed: n, Unchanged: n})
			}
		}
		i := 0
		for file, f := range w.run.Tally.Files {
			last = place{file: int32(file)}
			if f.Reason != "" {
				continue
			}
			for ; i < len(all) && all[i].at.file == int32(file); i++ {
				gap(all[i].at)
				last = all[i].at
				w.run.Advance(float64(i+1) / float64(len(all)))
				p := all[i].anew()
				all[i] = nil // it takes a lot of memory
				if err := do(p); err != nil {
					return err
				}
				if err := tick(last); err != nil {
					return err
				}
			}
			gap(place{file: int32(file), number: w.ends[int32(file)].records + 1})
		}
		return nil
	}
}

// refuse notes that a file cannot be used, or not to its end; an error of the bucket or the store it hands on.
func (w *work) refuse(file int, err error) error {
	var refused *drop.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	w.run.Tally.Refuse(file, refused.Reason+" "+w.sofar)
	w.spoilt = w.spoilt || w.run.Tally.Files[file].Counts.Processed > 0 || len(w.batch) > 0
	return nil
}

// notParsed says what is wrong with a file as a whole; an error of the bucket it hands on.
func notParsed(err error) error {
	var bad *sisfile.FileError
	switch {
	case errors.As(err, &bad):
		return &drop.RefusedError{Reason: fmt.Sprintf("Could not parse file: line %d: %s.", bad.Line, bad.Reason)}
	case errors.Is(err, sisfile.ErrTruncated):
		return &drop.RefusedError{Reason: "Could not parse file: it is truncated; its end is missing."}
	}
	return err
}
