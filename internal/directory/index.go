package directory

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/oklog/ulid/v2"
)

const (
	chunkBits = 14
	chunkSize = 1 << chunkBits
)

// chunk holds what is known of chunkSize patrons, by slot. Arrays in few large objects without pointers cost the
// garbage collector nothing.
type chunk struct {
	words   [chunkSize]signature
	uid     [chunkSize]ulid.ULID
	version [chunkSize]int64
	updated [chunkSize]int64  // Unix milliseconds
	place   [chunkSize]uint32 // of the text in the arena; nowhere for a deleted patron
}

// index holds the patrons. Each has a slot, a number it keeps; a deleted one keeps it too, so that an older entry
// that comes late does not bring it back.
type index struct {
	slots  map[ulid.ULID]uint32
	chunks []*chunk
	count  uint32 // slots in use
	alive  int    // patrons not deleted
	texts  arena
}

func newIndex() *index { return &index{slots: map[ulid.ULID]uint32{}, texts: newArena()} }

func (x *index) chunk(slot uint32) (*chunk, uint32) {
	return x.chunks[slot>>chunkBits], slot & (chunkSize - 1)
}

// text is the document of a slot, nil for a deleted patron.
func (x *index) text(slot uint32) []byte {
	c, i := x.chunk(slot)
	if c.place[i] == nowhere {
		return nil
	}
	return x.texts.at(c.place[i])
}

func (x *index) uid(slot uint32) ulid.ULID {
	c, i := x.chunk(slot)
	return c.uid[i]
}

// news reports whether an entry says something the index does not hold. A deletion wins over the same version.
func (x *index) news(e Entry) bool {
	uid, err := ulid.ParseStrict(e.UID)
	if err != nil {
		return true // apply refuses it
	}
	slot, known := x.slots[uid]
	if !known {
		return true
	}
	c, i := x.chunk(slot)
	return e.Version > c.version[i] || e.Version == c.version[i] && e.Deleted && c.place[i] != nowhere
}

// apply takes over the entries that are news and returns the slots it changed, also beside an error. An entry that
// is not legal ends it.
func (x *index) apply(entries []Entry) ([]uint32, error) {
	changed := make([]uint32, 0, len(entries))
	for _, e := range entries {
		if !x.news(e) {
			continue
		}
		slot, err := x.set(e)
		if err != nil {
			return changed, err
		}
		changed = append(changed, slot)
	}
	x.texts.compact(x.isAt, x.move)
	return changed, nil
}

// set stores an entry in its patron's slot.
func (x *index) set(e Entry) (uint32, error) {
	uid, err := ulid.ParseStrict(e.UID)
	if err != nil {
		return 0, fmt.Errorf("an entry's UID is not a ULID: %w", err)
	}
	if err := x.check(e); err != nil {
		return 0, err
	}
	slot := x.slotOf(uid)
	c, i := x.chunk(slot)
	if c.place[i] != nowhere {
		x.texts.drop(c.place[i])
		c.place[i] = nowhere
		x.alive--
	}
	c.version[i], c.updated[i] = e.Version, e.Updated.UnixMilli()
	if !e.Deleted {
		c.words[i] = signatureOf(e.Text)
		c.place[i] = x.texts.add(slot, e.Text)
		x.alive++
	}
	return slot, nil
}

func (x *index) check(e Entry) error {
	switch {
	case e.Deleted:
		return nil
	case e.Text == "" || e.Text[0] != Format:
		return errors.New("an entry's text has a format this version does not know")
	case !x.texts.fits(len(e.Text)):
		return errors.New("the directory is full")
	}
	return nil
}

// slotOf returns the slot of a patron, a new one for a patron not seen before.
func (x *index) slotOf(uid ulid.ULID) uint32 {
	if slot, known := x.slots[uid]; known {
		return slot
	}
	slot := x.count
	x.count++
	if int(slot>>chunkBits) == len(x.chunks) {
		x.chunks = append(x.chunks, new(chunk))
	}
	c, i := x.chunk(slot)
	c.uid[i], c.place[i] = uid, nowhere
	x.slots[uid] = slot
	return slot
}

func (x *index) isAt(slot, place uint32) bool {
	c, i := x.chunk(slot)
	return c.place[i] == place
}

func (x *index) move(slot, place uint32) {
	c, i := x.chunk(slot)
	c.place[i] = place
}

// found is a set of slots, by bit; nil stands for every patron.
type found []uint64

func (f found) add(slot uint32)      { f[slot>>6] |= 1 << (slot & 63) }
func (f found) has(slot uint32) bool { return f[slot>>6]&(1<<(slot&63)) != 0 }

func (f found) count() int {
	n := 0
	for _, w := range f {
		n += bits.OnesCount64(w)
	}
	return n
}

// find returns the patrons a query finds and their number.
func (x *index) find(q Query) (found, int) {
	if q.match == nil && q.since.IsZero() {
		return nil, x.alive
	}
	hits := make(found, x.count/64+1)
	for number, c := range x.chunks {
		first := uint32(number) << chunkBits
		for i := range min(x.count-first, chunkSize) {
			if c.place[i] != nowhere && x.matches(c, i, q) {
				hits.add(first + i)
			}
		}
	}
	return hits, hits.count()
}

func (x *index) matches(c *chunk, i uint32, q Query) bool {
	if q.match == nil {
		return !time.UnixMilli(c.updated[i]).Before(q.since)
	}
	return q.match.mayMatch(&c.words[i]) && q.match.matches(x.texts.at(c.place[i]))
}

// page returns the UIDs of the hits from offset on in the order of the slots, at most limit of them.
func (x *index) page(order []uint32, hits found, limit, offset int) []string {
	uids := make([]string, 0, min(limit, len(order)))
	if hits == nil {
		order = order[min(offset, len(order)):]
		offset = 0
	}
	for _, slot := range order {
		if hits != nil && !hits.has(slot) {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		if len(uids) == limit {
			break
		}
		uids = append(uids, x.uid(slot).String())
	}
	return uids
}
