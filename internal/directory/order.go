package directory

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// Order is the order of a search's results. Every order is total: patrons equal in it are in the order of their
// UIDs. Keys compare as folded text by code point, not by a language's rules: ä sorts with a, ø with o, and
// punctuation between words as a space.
type Order int

// The orders of GET /users. With a search Alma does not promise the primary id as secondary key; it is kept here.
const (
	ByName      Order = iota // last name, first name, primary id
	ByLastName               // last name, primary id
	ByFirstName              // first name, primary id
	ByPrimaryID
	orderCount
)

// ParseOrder reads Alma's order_by parameter: last_name, first_name or primary_id. Nothing, or Alma's text for its
// default "last_name, first_name, primary_id", is [ByName]. Other texts are a [*QueryError].
func ParseOrder(orderBy string) (Order, error) {
	switch strings.Join(strings.Fields(orderBy), "") {
	case "", "last_name,first_name,primary_id":
		return ByName, nil
	case "last_name":
		return ByLastName, nil
	case "first_name":
		return ByFirstName, nil
	case "primary_id":
		return ByPrimaryID, nil
	}
	return 0, queryError("results can be ordered by last_name, first_name or primary_id")
}

// key is what an order compares first, and rest is what decides among equal keys. Documents begin with the sort
// keys, and what separates them sorts before all else, so these bytes are the key of the default order.
func (o Order) key(doc []byte) (key, rest []byte) {
	doc = doc[1:]
	last, more, _ := bytes.Cut(doc, []byte{fieldEnd})
	first, more, _ := bytes.Cut(more, []byte{fieldEnd})
	primary, _, _ := bytes.Cut(more, []byte{fieldEnd})
	switch o {
	case ByName:
		return doc[:len(last)+len(first)+len(primary)+2], nil
	case ByLastName:
		return last, primary
	case ByFirstName:
		return first, primary
	}
	return primary, nil
}

// compare compares two patrons that are not deleted.
func (o Order) compare(x *index, a, b uint32) int {
	keyA, restA := o.key(x.text(a))
	keyB, restB := o.key(x.text(b))
	if c := bytes.Compare(keyA, keyB); c != 0 {
		return c
	}
	if c := bytes.Compare(restA, restB); c != 0 {
		return c
	}
	uidA, uidB := x.uid(a), x.uid(b)
	return uidA.Compare(uidB)
}

// ranked is a slot with the beginning of its key, which spares most looks at the texts.
type ranked struct {
	high, low uint64
	slot      uint32
}

func (o Order) rank(x *index, slot uint32) ranked {
	var head [16]byte
	key, _ := o.key(x.text(slot))
	copy(head[:], key)
	return ranked{binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), slot}
}

// sorted returns the slots in the order, leaving out deleted patrons.
func (o Order) sorted(x *index, slots []uint32) []uint32 {
	list := make([]ranked, 0, len(slots))
	for _, slot := range slots {
		if x.text(slot) != nil {
			list = append(list, o.rank(x, slot))
		}
	}
	slices.SortFunc(list, func(a, b ranked) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		if c := cmp.Compare(a.low, b.low); c != 0 {
			return c
		}
		return o.compare(x, a.slot, b.slot)
	})
	out := make([]uint32, len(list))
	for i, r := range list {
		out[i] = r.slot
	}
	return out
}

// orders keeps the slots of all patrons in each order that was asked for.
type orders struct {
	mu   sync.Mutex
	kept [orderCount][]uint32
}

// get returns all patrons in an order; the first time it sorts them. The index must not change meanwhile.
func (k *orders) get(o Order, x *index) []uint32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept[o] == nil {
		slots := make([]uint32, x.count)
		for i := range slots {
			slots[i] = uint32(i)
		}
		k.kept[o] = o.sorted(x, slots)
	}
	return k.kept[o]
}

// update moves the changed slots to their places. Nobody may read the index meanwhile.
func (k *orders) update(changed []uint32, x *index) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(changed) == 0 {
		return
	}
	moved := make(found, x.count/64+1)
	for _, slot := range changed {
		moved.add(slot)
	}
	slices.Sort(changed)
	changed = slices.Compact(changed)
	for o, order := range k.kept {
		if order != nil {
			k.kept[o] = Order(o).merge(x, order, changed, moved)
		}
	}
}

// merge takes the moved slots out of an order and puts those of patrons not deleted in their right places.
func (o Order) merge(x *index, order, changed []uint32, moved found) []uint32 {
	order = slices.DeleteFunc(order, moved.has)
	added := o.sorted(x, changed)
	end := len(order)
	order = slices.Grow(order, len(added))[:end+len(added)]
	for i, slot := range slices.Backward(added) {
		at, _ := slices.BinarySearchFunc(order[:end], slot, func(a, b uint32) int { return o.compare(x, a, b) })
		copy(order[at+i+1:], order[at:end])
		order[at+i] = slot
		end = at
	}
	return order
}
