package sis

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"patrondesk/internal/patron"
)

// trial stands for the store in a survey. It reads the store and writes nothing: what would be written is remembered,
// in about 150 bytes for a new patron, so that a file is seen as it will be applied, its own contradictions included.
// It keeps who has which identifier, and which record of the file each patron got, but no patron.
type trial struct {
	patronKeeper        // the store, for reading
	idType       string // of the identifiers that records are matched by
	profile      string
	seed         maphash.Seed

	mu      sync.Mutex
	owners  map[uint64]int32  // of identifiers as they would be, by hash: a place in written, or nobody
	stored  map[string]string // the owners of identifiers in the store that were asked for in advance, by fold
	written []trialPatron
	byUID   map[string]int32 // of the patrons that are in the store
}

// nobody says that an identifier was given up.
const nobody = -1

// newUID begins the UID of a patron who is in the trial alone.
const newUID = "\x00new "

type trialPatron struct {
	uid     string // "" for one who is not in the store
	primary string // the primary id of such a one
	synced  patron.Synced
}

func newTrial(store patronKeeper, w *work) *trial {
	return &trial{
		patronKeeper: store, idType: w.matchType(), profile: w.profile.Code, seed: maphash.MakeSeed(),
		owners: map[uint64]int32{}, stored: map[string]string{}, byUID: map[string]int32{},
	}
}

func (t *trial) key(fold string) uint64 { return maphash.String(t.seed, fold) }

// foresee asks the store in advance who has the identifiers that records may claim. What was asked for other records is
// forgotten, but not what matching these told.
func (t *trial) foresee(ctx context.Context, identifiers []string) error {
	told := t.stored
	t.stored = make(map[string]string, len(identifiers))
	var unknown []string
	for _, value := range identifiers {
		fold := patron.Fold(value)
		if owner, ok := told[fold]; ok {
			t.stored[fold] = owner
		} else {
			unknown = append(unknown, value)
		}
	}
	owners, err := t.patronKeeper.Owners(ctx, unknown)
	for _, value := range unknown {
		fold := patron.Fold(value)
		t.stored[fold] = owners[fold]
	}
	return err
}

// untouched reports whether neither the patron, who may be nobody, nor who has those identifiers is other than in the
// store.
func (t *trial) untouched(identifiers []string, p patron.Patron) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, written := t.byUID[p.UID]
	return !written && !slices.ContainsFunc(identifiers, func(value string) bool {
		_, moved := t.owners[t.key(patron.Fold(value))]
		return moved
	})
}

// PatronsByIdentifier are the patrons as the trial has them.
func (t *trial) PatronsByIdentifier(ctx context.Context, identifiers []string) (map[string]patron.Patron, error) {
	found := map[string]patron.Patron{}
	uids := map[string]string{} // of patrons in the store, by fold
	var unknown []string
	t.mu.Lock()
	for _, value := range identifiers {
		fold := patron.Fold(value)
		switch i, ok := t.owners[t.key(fold)]; {
		case !ok:
			unknown = append(unknown, value)
		case i == nobody:
		case t.written[i].uid == "":
			found[fold] = t.inventedBy(i, value)
		default:
			uids[fold] = t.written[i].uid
		}
	}
	t.mu.Unlock()
	stored, err := t.patronKeeper.PatronsByIdentifier(ctx, unknown)
	if err != nil {
		return nil, err
	}
	t.tell(unknown, stored)
	for fold, uid := range uids {
		p, err := t.patronKeeper.PatronByUID(ctx, uid)
		if errors.Is(err, patron.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("look at a patron again: %w", err)
		}
		p.Identifiers = append(p.Identifiers, patron.Identifier{Type: patron.Code{Value: t.idType}, Value: fold, Segment: patron.ExternalSegment})
		found[fold] = p
	}
	maps.Copy(found, stored)
	t.settle(found)
	return found, nil
}

// tell remembers who has identifiers in the store.
func (t *trial) tell(identifiers []string, found map[string]patron.Patron) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, value := range identifiers {
		fold := patron.Fold(value)
		t.stored[fold] = found[fold].UID
	}
}

// settle brings patrons who were read of the store up to what the trial did to them meanwhile.
func (t *trial) settle(found map[string]patron.Patron) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for fold, p := range found {
		if i, ok := t.owners[t.key(fold)]; ok && !strings.HasPrefix(p.UID, newUID) && (i == nobody || t.written[i].uid != p.UID) {
			delete(found, fold)
			continue
		}
		if i, ok := t.byUID[p.UID]; ok {
			p.Synced = t.written[i].synced
			found[fold] = p
		}
	}
}

// Owners are the UIDs of whoever has the identifiers in the trial; that of a new patron is none of the store's.
func (t *trial) Owners(ctx context.Context, identifiers []string) (map[string]string, error) {
	found := map[string]string{}
	var unknown []string
	t.mu.Lock()
	for _, value := range identifiers {
		fold := patron.Fold(value)
		if _, ok := t.owners[t.key(fold)]; !ok {
			unknown = append(unknown, value)
		} else if owner := t.owner(fold); owner != "" {
			found[fold] = owner
		}
	}
	t.mu.Unlock()
	stored, err := t.patronKeeper.Owners(ctx, unknown)
	maps.Copy(found, stored)
	return found, err
}

// inventedBy is as much of a patron who is in the trial alone as a match looks at.
func (t *trial) inventedBy(i int32, value string) patron.Patron {
	p := patron.Patron{
		UID: newUID + strconv.Itoa(int(i)), AccountType: patron.External, ExternalID: t.profile, PrimaryID: t.written[i].primary,
		Synced: t.written[i].synced,
	}
	if t.idType != patron.PrimaryType {
		p.Identifiers = []patron.Identifier{{Type: patron.Code{Value: t.idType}, Value: value, Segment: patron.ExternalSegment}}
	}
	return p
}

// asWritten is a patron of the store with what the trial did to them.
func (t *trial) asWritten(p patron.Patron) patron.Patron {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, ok := t.byUID[p.UID]; ok {
		p.Synced = t.written[i].synced
	}
	return p
}

// Patron is the patron with that identifier as the trial has them.
func (t *trial) Patron(ctx context.Context, identifier string) (patron.Patron, error) {
	found, err := t.PatronsByIdentifier(ctx, []string{identifier})
	if err != nil {
		return patron.Patron{}, err
	}
	if p, ok := found[patron.Fold(identifier)]; ok {
		return p, nil
	}
	return patron.Patron{}, patron.ErrNotFound
}

// PatronByUID is a patron of the store.
func (t *trial) PatronByUID(ctx context.Context, uid string) (patron.Patron, error) {
	if strings.HasPrefix(uid, newUID) {
		return patron.Patron{}, patron.ErrNotFound
	}
	p, err := t.patronKeeper.PatronByUID(ctx, uid)
	return t.asWritten(p), err
}

// Patrons are patrons of the store.
func (t *trial) Patrons(ctx context.Context, uids []string) ([]patron.Patron, error) {
	people, err := t.patronKeeper.Patrons(ctx, uids)
	for i := range people {
		people[i] = t.asWritten(people[i])
	}
	return people, err
}

// CreatePatron remembers a new patron.
func (t *trial) CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	return p, t.write(ctx, patron.Patron{}, p)
}

// ReplacePatron remembers what became of a patron.
func (t *trial) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	return after, t.write(ctx, before, after)
}

// StampPatron remembers that a record was applied.
func (t *trial) StampPatron(ctx context.Context, p patron.Patron, stamp patron.Synced) error {
	after := p
	after.Synced = stamp
	return t.write(ctx, p, after)
}

// write remembers one patron, if nobody has an identifier that is new to them.
func (t *trial) write(ctx context.Context, before, after patron.Patron) error {
	gained := t.gained(before, after)
	if err := t.ask(ctx, gained); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range gained {
		if owner := t.owner(patron.Fold(id.Value)); owner != "" && owner != before.UID {
			return &patron.TakenError{Type: id.Type.Value, Value: id.Value}
		}
	}
	me := t.place(before.UID)
	t.written[me].synced = after.Synced
	if before.UID == "" {
		t.written[me].primary = after.PrimaryID
	}
	for _, id := range gained {
		t.owners[t.key(patron.Fold(id.Value))] = me
	}
	for _, id := range givenUp(before, after) {
		key := t.key(patron.Fold(id.Value))
		if i, ok := t.owners[key]; !ok || i == me {
			t.owners[key] = nobody
		}
	}
	return nil
}

// gained are the identifiers of after that the patron does not have in the trial: also those that they had in the store,
// and gave up since.
func (t *trial) gained(before, after patron.Patron) []patron.Identifier {
	t.mu.Lock()
	defer t.mu.Unlock()
	before.Identifiers = slices.DeleteFunc(slices.Clone(before.Identifiers), func(id patron.Identifier) bool {
		i, ok := t.owners[t.key(patron.Fold(id.Value))]
		return ok && (i == nobody || t.written[i].uid != before.UID)
	})
	return newIdentifiers(before, after)
}

// newIdentifiers are those of after that before does not have, in the order in which the store looks at them.
func newIdentifiers(before, after patron.Patron) []patron.Identifier {
	var gained []patron.Identifier
	for _, id := range after.AllIdentifiers() {
		if before.UID == "" || !before.HasIdentifier("", id.Value) {
			gained = append(gained, id)
		}
	}
	slices.SortStableFunc(gained, func(a, b patron.Identifier) int {
		return strings.Compare(patron.Fold(a.Value), patron.Fold(b.Value))
	})
	return gained
}

// givenUp are the identifiers that before has and after does not.
func givenUp(before, after patron.Patron) []patron.Identifier {
	if before.UID == "" {
		return nil
	}
	return newIdentifiers(after, before)
}

// ask finds the owners in the store of identifiers that were not foreseen.
func (t *trial) ask(ctx context.Context, ids []patron.Identifier) error {
	var missing []string
	t.mu.Lock()
	for _, id := range ids {
		if _, ok := t.stored[patron.Fold(id.Value)]; !ok {
			missing = append(missing, id.Value)
		}
	}
	t.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	owners, err := t.patronKeeper.Owners(ctx, missing)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, value := range missing {
		fold := patron.Fold(value)
		t.stored[fold] = owners[fold]
	}
	return nil
}

// place is where what is written of the patron is kept; a new one gets a place.
func (t *trial) place(uid string) int32 {
	if i, ok := t.byUID[uid]; ok && uid != "" {
		return i
	}
	i := int32(len(t.written))
	t.written = append(t.written, trialPatron{uid: uid})
	if uid != "" {
		t.byUID[uid] = i
	}
	return i
}

// owner is the UID of whoever has the identifier, "" for nobody, and something that is no UID for a new patron.
func (t *trial) owner(fold string) string {
	i, ok := t.owners[t.key(fold)]
	switch {
	case !ok:
		return t.stored[fold]
	case i == nobody:
		return ""
	case t.written[i].uid == "":
		return newUID + strconv.Itoa(int(i))
	}
	return t.written[i].uid
}
