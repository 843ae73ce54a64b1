package sisfile

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// TestNoAllocations holds that cutting and hashing a record allocates nothing: ten times the records need no more than
// the file itself does.
func TestNoAllocations(t *testing.T) {
	allocations := func(text []byte, csv *CSV) float64 {
		return testing.AllocsPerRun(3, func() {
			r := NewReader(bytes.NewReader(text), csv)
			for rec, err := r.Next(); err == nil; rec, err = r.Next() {
				sha256.Sum256(rec.Raw)
			}
		})
	}
	if few, many := allocations(manyPeople(300), nil), allocations(manyPeople(3000), nil); many-few > 30 {
		t.Errorf("XML: %v allocations for 3000 records, %v for 300", many, few)
	}
	if few, many := allocations(manyRows(300), registrar()), allocations(manyRows(3000), registrar()); many-few > 30 {
		t.Errorf("CSV: %v allocations for 3000 records, %v for 300", many, few)
	}
}
