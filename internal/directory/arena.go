package directory

import "encoding/binary"

const (
	blockBits = 20 // a block holds 1 MiB, more than the store's largest record
	blockSize = 1 << blockBits
	headSize  = 8 // before each text: its slot and its length
	nowhere   = ^uint32(0)
)

// arena holds texts in blocks, so that it grows without being copied and the garbage collector sees a few hundred
// objects. A text's place is its offset over all blocks. A replaced text leaves a hole; a block that is mostly holes
// is emptied and used again.
type arena struct {
	blocks [][]byte
	live   []int // per block: bytes in use
	free   []int // empty blocks
	last   int   // the block being filled
}

func newArena() arena { return arena{last: -1} }

// at is the text at a place, valid until the arena changes.
func (a *arena) at(place uint32) []byte {
	block := a.blocks[place>>blockBits]
	head := place & (blockSize - 1)
	length := binary.LittleEndian.Uint32(block[head+4:])
	return block[head+headSize : head+headSize+length]
}

// fits reports whether a text of the length can be added.
func (a *arena) fits(length int) bool {
	return length+headSize <= blockSize && (len(a.free) > 0 || len(a.blocks) < 1<<(32-blockBits)-1 || a.room(length))
}

// room reports whether the block being filled takes a text of the length.
func (a *arena) room(length int) bool {
	return a.last >= 0 && len(a.blocks[a.last])+headSize+length <= blockSize
}

// add stores the text of a slot and returns its place.
func (a *arena) add(slot uint32, text string) uint32 {
	if !a.room(len(text)) {
		a.last = a.empty()
	}
	block := a.blocks[a.last]
	place := uint32(a.last)<<blockBits | uint32(len(block))
	block = binary.LittleEndian.AppendUint32(block, slot)
	block = binary.LittleEndian.AppendUint32(block, uint32(len(text)))
	a.blocks[a.last] = append(block, text...)
	a.live[a.last] += headSize + len(text)
	return place
}

// empty returns an empty block.
func (a *arena) empty() int {
	if n := len(a.free); n > 0 {
		block := a.free[n-1]
		a.free = a.free[:n-1]
		return block
	}
	a.blocks = append(a.blocks, make([]byte, 0, blockSize))
	a.live = append(a.live, 0)
	return len(a.blocks) - 1
}

// drop makes a hole of the text at a place.
func (a *arena) drop(place uint32) {
	a.live[place>>blockBits] -= headSize + len(a.at(place))
}

// compact empties blocks that are less than half in use. It asks inUse of each text in them and tells moved the new
// place of those that are.
func (a *arena) compact(inUse func(slot, place uint32) bool, moved func(slot, place uint32)) {
	for number := range a.blocks {
		if number == a.last || len(a.blocks[number]) == 0 || 2*a.live[number] >= len(a.blocks[number]) {
			continue
		}
		for head := 0; head < len(a.blocks[number]); {
			place := uint32(number)<<blockBits | uint32(head)
			slot := binary.LittleEndian.Uint32(a.blocks[number][head:])
			text := a.at(place)
			head += headSize + len(text)
			if inUse(slot, place) {
				moved(slot, a.add(slot, string(text)))
			}
		}
		a.blocks[number], a.live[number] = a.blocks[number][:0], 0
		a.free = append(a.free, number)
	}
}
