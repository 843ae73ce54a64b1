package sis

import (
	"context"
	"fmt"
	"net/url"

	"patrondesk/internal/patron"
)

// matchAll finds the patrons that records are of: by the primary id, or by the identifiers of the profile's match type.
// That nobody is found is no error.
func (w *work) matchAll(ctx context.Context, wave []*person) error {
	var asked []string
	for _, p := range wave {
		if p.met == nil {
			asked = append(asked, w.matchValues(p)...)
		}
	}
	found, err := w.patrons.PatronsByIdentifier(ctx, asked)
	if err != nil {
		return fmt.Errorf("match records: %w", err)
	}
	for _, p := range wave {
		if p.met != nil {
			p.found = *p.met
		} else if err := p.settle(w.match(p, found)); err != nil {
			return err
		}
	}
	w.meet(wave)
	return nil
}

// meet remembers in a survey whom records matched, where the trial has not touched that.
func (w *work) meet(wave []*person) {
	t, ok := w.patrons.(*trial)
	if !ok || w.keep.over {
		return
	}
	for _, p := range wave {
		p.toMeet = nil
	}
	for _, p := range taken(wave) {
		if t.untouched(w.matchValues(p), p.found) {
			found := p.found
			p.toMeet = &found
		}
	}
}

func (w *work) matchType() string {
	if w.profile.MatchType == "" {
		return patron.PrimaryType
	}
	return w.profile.MatchType
}

// matchValues are the identifiers the record is matched by.
func (w *work) matchValues(p *person) []string {
	var values []string
	for _, id := range p.in.AllIdentifiers() {
		if id.Type.Value == w.matchType() && patron.Fold(id.Value) != "" {
			values = append(values, id.Value)
		}
	}
	return values
}

// match chooses among the patrons found, by folded identifier.
func (w *work) match(p *person, found map[string]patron.Patron) error {
	p.found = patron.Patron{}
	values := w.matchValues(p)
	if len(values) == 0 {
		return &rejection{field: identifierField(w.matchType()), reason: fmt.Sprintf(
			"The profile matches by the identifier of type %s, and the record has none.", w.matchType())}
	}
	for _, value := range values {
		candidate, ok := found[patron.Fold(value)]
		if !ok || !candidate.MatchesSIS(w.matchType(), value) {
			continue
		}
		if p.found.UID != "" && p.found.UID != candidate.UID {
			return &rejection{field: "user_identifier", other: candidate.PrimaryID, reason: fmt.Sprintf(
				"Its identifiers of type %s belong to two patrons, with primary ids %s and %s.", w.matchType(), p.found.PrimaryID, candidate.PrimaryID)}
		}
		p.found = candidate
	}
	return nil
}

// judgeMatch finds that the record was applied before, by a run whose place was not saved, or that another record of
// the file was applied to its patron.
func (w *work) judgeMatch(p *person) error {
	if p.no != nil || p.found.UID == "" {
		return nil
	}
	at, settled := w.settledAt(p.found)
	switch {
	case !settled:
		return nil
	case at == p.at && p.found.Synced.Job == w.run.Job.ID:
		p.counts = countsOf(p.found.Synced.Effect)
		return nil
	case at == p.at:
		return nil
	}
	if w.matchType() == patron.PrimaryType {
		return &rejection{field: "primary_id", other: p.found.PrimaryID, reason: w.takenInFeed(patron.PrimaryType, p.in.PrimaryID, at, p.at)}
	}
	return &rejection{other: p.found.PrimaryID, reason: fmt.Sprintf("The record is of the same patron as the one on line %d%s.", at.line, w.fileName(at, p.at))}
}

// takenInFeed says in Alma's words that an earlier record of the file has an identifier.
func (w *work) takenInFeed(idType, value string, at, this place) string {
	return fmt.Sprintf("Identifier of type %s and value %s is already taken in this feed, by the record on line %d%s.",
		idType, value, at.line, w.fileName(at, this))
}

// settledAt is where in this job's files the record stands that was applied to a patron, or left them as they were.
func (w *work) settledAt(p patron.Patron) (at place, settled bool) {
	if p.Synced.Job == w.run.Job.ID {
		if at, ok := parsePlace(p.Synced.Place); ok {
			return at, true
		}
	}
	if k := w.known.ofPatron(p); k != nil && k.at != (place{}) {
		return k.at, true
	}
	return place{}, false
}

// fileName names the file of a place when it is another than that of the record.
func (w *work) fileName(at, this place) string {
	if at.file == this.file || int(at.file) >= len(w.run.Tally.Files) {
		return ""
	}
	return " of " + w.run.Tally.Files[at.file].Name
}

func identifierField(idType string) string {
	if idType == patron.PrimaryType {
		return "primary_id"
	}
	return "user_identifier"
}

// adoption is the call that makes an internal patron the profile's.
func (w *work) adoption(p patron.Patron) string {
	return fmt.Sprintf("POST /almaws/v1/users/%s?op=adopt&profile=%s", url.PathEscape(p.PrimaryID), url.QueryEscape(w.profile.Code))
}
