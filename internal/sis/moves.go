package sis

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"patrondesk/internal/patron"
)

// mover is a waiting record, and what it needs of others.
type mover struct {
	p     *person
	after patron.Patron
	wants []want
}

// want is an identifier that another waiting patron has, whose own record does not have it any more.
type want struct {
	value string
	of    *mover
}

// move is a step that brings waiting records further: the patrons who have what the first of people wants give it up,
// if there are any, and then people are applied.
type move struct {
	people []*person
	frees  []want
}

// moves brings those waiting records into an order that can all be applied, together: each wants only what nobody has,
// or what another of them gives up. Where they exchange identifiers in a circle, one of them gives up theirs first.
func (w *work) moves(ctx context.Context) ([]move, error) {
	movers, err := w.movers(ctx)
	if err != nil {
		return nil, err
	}
	var all []move
	for len(movers) > 0 {
		left := map[*mover]bool{}
		for _, m := range movers {
			left[m] = true
		}
		var next move
		var later []*mover
		for _, m := range movers {
			if slices.ContainsFunc(m.wants, func(w want) bool { return left[w.of] }) {
				later = append(later, m)
			} else {
				next.people = append(next.people, m.p)
			}
		}
		if len(next.people) == 0 {
			first := later[0]
			later = later[1:]
			next.people = []*person{first.p}
			next.frees = slices.DeleteFunc(slices.Clone(first.wants), func(w want) bool { return !left[w.of] })
		}
		all, movers = append(all, next), later
	}
	return all, nil
}

// movers are the waiting records that can be applied together, in the order of the files.
func (w *work) movers(ctx context.Context) ([]*mover, error) {
	waiting := w.everyoneWaiting()
	w.waiting = waiting
	var movers []*mover
	byUID := map[string]*mover{}
	var asked []string
	for _, p := range waiting {
		after, _, err := w.planner.plan(p)
		if err != nil {
			continue // their own attempt tells why
		}
		m := &mover{p: p, after: after}
		movers = append(movers, m)
		if p.found.UID != "" {
			byUID[p.found.UID] = m
		}
		for _, id := range newIdentifiers(p.found, after) {
			asked = append(asked, id.Value)
		}
	}
	owners, err := w.patrons.Owners(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("find who has what others wait for: %w", err)
	}
	return possible(movers, byUID, owners), nil
}

// possible are those whose every want can be met: nobody else has it, or one of them who gives it up. Of two that want
// the same, it is the first.
func possible(movers []*mover, byUID map[string]*mover, owners map[string]string) []*mover {
	gained, dropped, wanting := map[string]bool{}, map[*mover]bool{}, map[*mover][]*mover{}
	var drop func(m *mover)
	drop = func(m *mover) {
		if !dropped[m] {
			dropped[m] = true
			for _, other := range wanting[m] {
				drop(other)
			}
		}
	}
	for _, m := range movers {
		for _, id := range newIdentifiers(m.p.found, m.after) {
			fold := patron.Fold(id.Value)
			owner := owners[fold]
			of := byUID[owner]
			switch {
			case gained[fold], owner != "" && of == nil, of != nil && (dropped[of] || of.after.HasIdentifier("", id.Value)):
				drop(m)
			case of != nil:
				m.wants = append(m.wants, want{id.Value, of})
				wanting[of] = append(wanting[of], m)
			}
		}
		for _, id := range newIdentifiers(m.p.found, m.after) {
			gained[patron.Fold(id.Value)] = gained[patron.Fold(id.Value)] || !dropped[m]
		}
	}
	return slices.DeleteFunc(movers, func(m *mover) bool { return dropped[m] })
}

// move does one step.
func (w *work) move(ctx context.Context, m move) error {
	going := map[*person]bool{}
	for _, p := range m.people {
		going[p] = true
	}
	w.waiting = slices.DeleteFunc(w.waiting, func(p *person) bool { return going[p] })
	for _, free := range m.frees {
		if err := w.giveUp(ctx, free); err != nil {
			return err
		}
	}
	return w.again(ctx, m.people)
}

// lost is the effect stored with a patron who gave up an identifier before their own record was applied, and of whom no
// record is yet.
const lost = "i"

// giveUp takes an identifier from a patron whose own record does not have it any more, and is applied soon. A primary id
// is replaced by the UID until then. When the patron was changed meanwhile, whoever wants the identifier waits on.
func (w *work) giveUp(ctx context.Context, free want) error {
	before := free.of.p.found
	left := before
	left.Identifiers = slices.DeleteFunc(slices.Clone(left.Identifiers), func(id patron.Identifier) bool {
		return patron.Fold(id.Value) == patron.Fold(free.value)
	})
	if patron.Fold(left.PrimaryID) == patron.Fold(free.value) {
		left.PrimaryID = left.UID
	}
	left.Synced, left.Updated = patron.Synced{Job: w.run.Job.ID, Effect: lost}, w.change()
	after, err := w.patrons.ReplacePatron(ctx, before, left)
	w.pace.told(err)
	if errors.Is(err, patron.ErrChanged) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("free an identifier: %w", err)
	}
	free.of.p.found = after
	return nil
}

// gaveUp reports whether the patron gave up an identifier in this job, and their own record is to be applied yet.
func (w *work) gaveUp(p patron.Patron) bool {
	return p.Synced.Job == w.run.Job.ID && p.Synced.Place == "" && p.Synced.Effect == lost
}
