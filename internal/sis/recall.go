package sis

import (
	"context"
	"fmt"

	"patrondesk/internal/institution"
)

// doubt takes down a record that is done of which the patrons do not tell whose it was: the desk changed the patron
// since, or the index is behind. Where missing people are made inactive, it must be known that this one is not missing.
func (w *work) doubt(ctx context.Context, c candidate) error {
	if c.bad != nil || w.known.of(c.sum) != nil || !w.full || w.profile.Missing != institution.Inactivate || !w.run.Tally.Whole() {
		return nil
	}
	c.raw = append([]byte(nil), c.raw...)
	if w.doubted = append(w.doubted, newPerson(c)); len(w.doubted) < w.window {
		return nil
	}
	return w.recall(ctx)
}

// recall finds whose the records are that were taken down.
func (w *work) recall(ctx context.Context) error {
	if len(w.doubted) == 0 {
		return nil
	}
	doubted := w.doubted
	w.doubted = nil
	if err := together(ctx, decoders, doubted, readText); err != nil {
		return err
	}
	var asked []string
	for _, p := range doubted {
		asked = append(asked, w.matchValues(p)...)
	}
	found, err := w.patrons.PatronsByIdentifier(ctx, asked)
	if err != nil {
		return fmt.Errorf("find whose records were applied: %w", err)
	}
	for _, p := range taken(doubted) {
		if err := p.settle(w.match(p, found)); err != nil {
			return err
		}
		if p.no == nil {
			w.known.see(p.found)
		}
	}
	return nil
}
