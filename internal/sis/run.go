package sis

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/drop"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

const (
	// window is how many records go through the steps together. What must be done in the order of the file is done
	// between the steps, so the result does not depend on which worker is faster.
	window  = 64
	workers = 8
	// maxSecond bounds the memory of the records that wait for a second attempt.
	maxSecond = 10_000
	// maxPasses is how long a chain of identifiers handed on may be, when it stands in the file in the worst order.
	maxPasses = 10
)

// person is one record on its way through the steps.
type person struct {
	file string
	line int
	raw  []byte

	in      patron.Patron // what the SIS says
	pin     string        // in plain text, where the SIS gives one
	ignored int           // unknown elements

	found patron.Patron // whom it matched; no UID when nobody
	job   job.Counts    // what became of it, while not refused
	no    *rejection    // why it was refused
}

// rejection is why a record was not taken.
type rejection struct {
	field, reason string
	again         bool // an identifier is another patron's, who may give it up later in the file
}

func (r *rejection) Error() string { return "the record was rejected" }

// run is the work on the files of one object.
type run struct {
	patrons patronKeeper
	planner planner
	claims  *claims
	second  []*person
}

// Member reads one file. Its outline is looked at first, so that of a file that is not well formed, or truncated,
// nothing is applied.
func (r *run) Member(ctx context.Context, m drop.Member, report *drop.Report) error {
	if err := r.each(ctx, m, func(Record, error) error { return nil }); err != nil {
		return err
	}
	var batch []*person
	flush := func() error {
		err := r.steps(ctx, batch, report)
		batch = batch[:0]
		return err
	}
	err := r.each(ctx, m, func(rec Record, bad error) error {
		p := &person{file: m.Name, line: rec.Line, raw: bytes.Clone(rec.Raw)}
		if bad != nil {
			p.no = unreadable(bad, rec.Line)
		}
		if batch = append(batch, p); len(batch) < window {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// each calls do for each record of the file, a bad one with its *RecordError.
func (r *run) each(ctx context.Context, m drop.Member, do func(Record, error) error) error {
	f, err := m.Open(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	for rec, err := range Split(f) {
		var bad *RecordError
		if err != nil && !errors.As(err, &bad) {
			return notParsed(err)
		}
		if err := do(rec, err); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// notParsed says what is wrong with a file as a whole; an error of the bucket it hands on.
func notParsed(err error) error {
	var bad *FileError
	switch {
	case errors.As(err, &bad):
		return &drop.RefusedError{Reason: fmt.Sprintf("Could not parse file: line %d: %s. Nothing of this file was applied.", bad.Line, bad.Reason)}
	case err == ErrTruncated:
		return &drop.RefusedError{Reason: "Could not parse file: it is truncated, the end of its root element is missing. Nothing of this file was applied."}
	}
	return err
}

// steps takes the records through all steps and into the report.
func (r *run) steps(ctx context.Context, batch []*person, report *drop.Report) error {
	if err := together(ctx, batch, decode); err != nil {
		return err
	}
	for _, p := range batch {
		report.Ignore(p.file, p.ignored)
		p.settle(r.claims.identifiers(p))
	}
	if err := r.matchAndApply(ctx, batch); err != nil {
		return err
	}
	for _, p := range batch {
		if p.no != nil && p.no.again && len(r.second) < maxSecond {
			r.second = append(r.second, p)
			continue
		}
		tell(report, p)
	}
	return nil
}

func (r *run) matchAndApply(ctx context.Context, batch []*person) error {
	if err := together(ctx, batch, r.match); err != nil {
		return err
	}
	for _, p := range batch {
		p.settle(r.claims.patron(p))
	}
	return together(ctx, batch, r.apply)
}

// Finish tries the records again that wanted an identifier of another patron: a card that was given to somebody else
// within the file is free by now. It goes on while that frees others. Two patrons who exchange an identifier cannot be
// helped in this way and are both rejected.
func (r *run) Finish(ctx context.Context, report *drop.Report) error {
	for pass, freed := 0, true; freed && pass < maxPasses; pass++ {
		waiting := r.second
		r.second, freed = nil, false
		for _, p := range waiting {
			r.claims.release(p)
			p.no, p.found = nil, patron.Patron{}
			if err := r.matchAndApply(ctx, []*person{p}); err != nil {
				return err
			}
			if p.no != nil && p.no.again {
				r.second = append(r.second, p)
				continue
			}
			freed = true
			tell(report, p)
		}
	}
	for _, p := range r.second {
		tell(report, p)
	}
	return nil
}

// together does a step for the records that are not refused, several at once, and ends at the first error that is
// not a rejection.
func together(ctx context.Context, batch []*person, step func(context.Context, *person) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, p := range batch {
		if p.no == nil {
			group.Go(func() error { return p.settle(step(ctx, p)) })
		}
	}
	return group.Wait()
}

// settle notes a rejection and hands any other error on.
func (p *person) settle(err error) error {
	var no *rejection
	if errors.As(err, &no) {
		p.no = no
		return nil
	}
	return err
}

// tell puts what became of a record into the report.
func tell(report *drop.Report, p *person) {
	if p.no == nil {
		report.Add(p.file, p.job)
		return
	}
	row := drop.Rejected{File: p.file, Line: p.line, ID: p.in.PrimaryID, Field: p.no.field, Reason: p.no.reason}
	for _, id := range p.in.Identifiers {
		row.Identifiers = append(row.Identifiers, id.Type.Value+" "+id.Value)
	}
	report.Reject(row)
}
