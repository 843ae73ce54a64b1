package sis

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// decoders is how many records are read at once.
const decoders = 4

// person is one record on its way through the steps.
type person struct {
	candidate

	read    bool          // the text was read, which gave the following
	in      patron.Patron // what the SIS says
	pin     string        // in plain text, where the SIS gives one
	ignored int           // unknown elements
	unread  error         // why the text cannot be used

	// met is whom the record matched in the survey, for the second pass: its write is conditional on that. It is nil
	// where the survey did not look, or not at the store alone, and when the store has to be asked again.
	met *patron.Patron
	// toMeet is met of the second pass, while the survey is under way.
	toMeet *patron.Patron

	found  patron.Patron // whom it matched; no UID when nobody
	effect patron.Effect // of what was planned
	counts job.Counts    // what became of it, while not refused
	no     *rejection    // why it was refused
}

func newPerson(c candidate) *person { return &person{candidate: c} }

// anew is the record at the beginning of the steps, with what was learnt of it.
func (p *person) anew() *person {
	return &person{candidate: p.candidate, read: p.read, in: p.in, pin: p.pin, ignored: p.ignored, unread: p.unread, met: p.toMeet}
}

// rejection is why a record was not taken.
type rejection struct {
	field, reason, other, do string
	// again says that an identifier is another patron's, who may give it up later in the file.
	again bool
}

func (r *rejection) Error() string { return "the record was rejected" }

// settle notes a rejection and hands any other error on.
func (p *person) settle(err error) error {
	var no *rejection
	if errors.As(err, &no) {
		p.no = no
		return nil
	}
	return err
}

// steps takes records through all steps. Those that have an identifier or a patron in common go one after the other, in
// the order of the file, so that the first one wins.
func (w *work) steps(ctx context.Context, batch []*person) error {
	if err := together(ctx, decoders, batch, readText); err != nil {
		return err
	}
	for left := taken(batch); len(left) > 0; {
		wave, later := apart(left)
		if err := w.matchAll(ctx, wave); err != nil {
			return err
		}
		if err := w.foresee(ctx, wave); err != nil {
			return err
		}
		wave, again := differing(wave)
		for _, p := range wave {
			p.settle(w.judgeMatch(p))
		}
		if err := w.applyAll(ctx, wave); err != nil {
			return err
		}
		left = append(again, later...)
	}
	return nil
}

// foresee asks in advance for what a survey needs, and a pass that writes does not: who has the identifiers that are new
// to whom the records matched.
func (w *work) foresee(ctx context.Context, wave []*person) error {
	t, ok := w.patrons.(*trial)
	if !ok {
		return nil
	}
	var values []string
	for _, p := range taken(wave) {
		for _, id := range newIdentifiers(p.found, p.in) {
			values = append(values, id.Value)
		}
	}
	return t.foresee(ctx, values)
}

// taken are the records that are not refused.
func taken(batch []*person) []*person {
	var all []*person
	for _, p := range batch {
		if p.no == nil {
			all = append(all, p)
		}
	}
	return all
}

// apart parts off the records that share no identifier with one before them.
func apart(batch []*person) (wave, later []*person) {
	seen := map[string]bool{}
	for _, p := range batch {
		ids := p.in.AllIdentifiers()
		shared := slices.ContainsFunc(ids, func(id patron.Identifier) bool { return seen[patron.Fold(id.Value)] })
		for _, id := range ids {
			seen[patron.Fold(id.Value)] = true
		}
		if shared {
			later = append(later, p)
		} else {
			wave = append(wave, p)
		}
	}
	return wave, later
}

// differing parts off the records that matched a patron whom one before them matched.
func differing(batch []*person) (wave, again []*person) {
	seen := map[string]bool{}
	for _, p := range batch {
		if p.found.UID != "" && seen[p.found.UID] {
			again = append(again, p)
			continue
		}
		seen[p.found.UID] = true
		wave = append(wave, p)
	}
	return wave, again
}

// together does a step for the records that are not refused, several at once, and ends at the first error that is
// not a rejection.
func together(ctx context.Context, workers int, batch []*person, step func(context.Context, *person) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, p := range batch {
		if p.no == nil {
			group.Go(func() error { return p.settle(step(ctx, p)) })
		}
	}
	return group.Wait()
}

// applyAll applies records, as many at once as the store takes.
func (w *work) applyAll(ctx context.Context, wave []*person) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range wave {
		if p.no != nil || p.counts.Processed > 0 {
			continue
		}
		if err := w.pace.enter(ctx); err != nil {
			return errors.Join(err, group.Wait())
		}
		group.Go(func() error {
			defer w.pace.leave()
			return p.settle(w.applyOne(ctx, p))
		})
	}
	return group.Wait()
}
