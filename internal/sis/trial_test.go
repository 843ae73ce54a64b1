package sis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// both are a store, and a trial on another store that began the same.
type both struct {
	t     *rapid.T
	ctx   context.Context
	store *dynamo.Store
	trial *trial

	name   string                   // begins every identifier of the case
	values []string                 // of identifiers
	base   map[string]patron.Patron // as they are in the store below the trial, by UID
	now    map[string]patron.Patron // as they are in the other store
	done   map[string]bool          // whose record was applied
	fresh  int
}

func (b *both) draw(label string, primary string) patron.Patron {
	p := patron.Patron{PrimaryID: primary, LastName: "Known", AccountType: patron.External, ExternalID: "STUDENTS", RecordType: patron.Public, Status: patron.Active}
	for _, value := range rapid.SliceOfNDistinct(rapid.SampledFrom(b.values), 0, 3, rapid.ID).Draw(b.t, label) {
		p.Identifiers = append(p.Identifiers, patron.Identifier{Type: patron.Code{Value: "BARCODE"}, Value: value, Segment: patron.ExternalSegment})
	}
	return p
}

// agree holds that both said the same.
func (b *both) agree(got, want error) {
	var a, c *patron.TakenError
	switch errors.As(got, &a); {
	case errors.As(want, &c) && (a == nil || *a != *c), a != nil && c == nil, (got == nil) != (want == nil):
		b.t.Fatalf("got %v %+v, and the store said %v %+v", got, a, want, c)
	}
}

func (b *both) create(t *rapid.T) {
	b.fresh++
	p := b.draw("of a new patron", fmt.Sprintf("%s-new%d", b.name, b.fresh))
	p.UID = p.PrimaryID
	_, want := b.store.CreatePatron(b.ctx, p)
	_, got := b.trial.CreatePatron(b.ctx, p)
	b.agree(got, want)
}

func (b *both) replace(t *rapid.T) {
	uid := rapid.SampledFrom(b.uids()).Draw(t, "patron")
	if b.done[uid] {
		return
	}
	after := b.draw("identifiers", b.base[uid].PrimaryID)
	after.UID = uid
	stored, want := b.store.ReplacePatron(b.ctx, b.now[uid], after)
	_, got := b.trial.ReplacePatron(b.ctx, b.base[uid], after)
	b.agree(got, want)
	if want == nil {
		b.now[uid], b.done[uid] = stored, true
	}
}

// giveUp has a patron lose an identifier before their own record is applied.
func (b *both) giveUp(t *rapid.T) {
	uid := rapid.SampledFrom(b.uids()).Draw(t, "patron")
	left := b.now[uid]
	if b.done[uid] || len(left.Identifiers) == 0 {
		return
	}
	left.Identifiers = slices.Clone(left.Identifiers[1:])
	stored, want := b.store.ReplacePatron(b.ctx, b.now[uid], left)
	_, got := b.trial.ReplacePatron(b.ctx, b.base[uid], left)
	b.agree(got, want)
	b.now[uid] = stored
}

func (b *both) uids() []string {
	var uids []string
	for uid := range b.base {
		uids = append(uids, uid)
	}
	slices.Sort(uids)
	return uids
}

// check asks both who has which identifier.
func (b *both) check(t *rapid.T) {
	asked := slices.Clone(b.values)
	for uid := range b.base {
		asked = append(asked, b.base[uid].PrimaryID)
	}
	want, err := b.store.PatronsByIdentifier(b.ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.trial.PatronsByIdentifier(b.ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	owners, err := b.trial.Owners(b.ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range asked {
		fold := patron.Fold(value)
		w, has := want[fold]
		g, hasToo := got[fold]
		if has != hasToo || g.PrimaryID != w.PrimaryID || has && !g.MatchesSIS("", value) {
			t.Fatalf("%s: got %s, want %s", value, g.PrimaryID, w.PrimaryID)
		}
		if owners[fold] != g.UID {
			t.Fatalf("%s: got the owner %q, want %q", value, owners[fold], g.UID)
		}
	}
}

// TestTrialAnswersAsTheStore makes the same writes on a store and on a trial. A record is applied to a patron once, and
// from the version below the trial, as an import does it.
func TestTrialAnswersAsTheStore(t *testing.T) {
	t.Parallel()
	store, below := dynamotest.Store(t), dynamotest.Store(t)
	w := &work{profile: institution.SISProfile{Code: "STUDENTS", MatchType: "BARCODE"}}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		b := &both{t: rt, ctx: t.Context(), store: store, trial: newTrial(below, w), name: fmt.Sprint("c", n),
			base: map[string]patron.Patron{}, now: map[string]patron.Patron{}, done: map[string]bool{}}
		for i := range 8 {
			b.values = append(b.values, fmt.Sprintf("%s-B%d", b.name, i))
		}
		for i := range 3 {
			p := patron.Patron{PrimaryID: fmt.Sprintf("%s-p%d", b.name, i), LastName: "Known", AccountType: patron.External, ExternalID: "STUDENTS", Status: patron.Active}
			p.UID = p.PrimaryID
			p.Identifiers = []patron.Identifier{
				{Type: patron.Code{Value: "BARCODE"}, Value: b.values[2*i], Segment: patron.ExternalSegment},
				{Type: patron.Code{Value: "BARCODE"}, Value: b.values[2*i+1], Segment: patron.ExternalSegment},
			}
			for to, s := range map[*dynamo.Store]map[string]patron.Patron{store: b.now, below: b.base} {
				stored, err := to.CreatePatron(b.ctx, p)
				if err != nil {
					rt.Fatal(err)
				}
				s[p.UID] = stored
			}
		}
		rt.Repeat(map[string]func(*rapid.T){"": b.check, "create": b.create, "replace": b.replace, "give up": b.giveUp})
	})
}
