package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// shelfSize is how many items the tests have among themselves: of the demo library's own most are asked for or lent.
const shelfSize = 200

// shelfBarcode is the barcode of an item on the shelf, and shelfTitle its title.
func shelfBarcode(n int) string { return fmt.Sprintf("31199%05d", n) }
func shelfTitle(n int) string   { return fmt.Sprintf("Stories for the Desk, Volume %d", n) }

// shelf writes the items down as the catalogue's list of items, and is the path of the file.
func shelf(dir string) (path string, err error) {
	var list strings.Builder
	list.WriteString("barcode,item_id,holding_id,mms_id,title,author,library,location,location_name,material_type\n")
	for n := range shelfSize {
		fmt.Fprintf(&list, "%s,2399%05d,2299%05d,9999%05d,\"%s\",\"Quill, Nora\",MAIN,stacks,Open stacks,BOOK\n", shelfBarcode(n), n, n, n, shelfTitle(n))
	}
	path = filepath.Join(dir, "shelf.csv")
	return path, os.WriteFile(path, []byte(list.String()), 0o600)
}

// book is an item on the shelf.
type book struct{ barcode, title string }

// taken is how many items of the shelf tests have taken.
var taken atomic.Int64

// books are so many items that are in their place, and that no other test takes.
func books(t testing.TB, n int) []book {
	t.Helper()
	last := int(taken.Add(int64(n)))
	if last > shelfSize {
		t.Fatalf("the shelf of %d items is empty", shelfSize)
	}
	var all []book
	for i := last - n; i < last; i++ {
		all = append(all, book{shelfBarcode(i), shelfTitle(i)})
	}
	return all
}

// aBook is one of them.
func aBook(t testing.TB) book {
	t.Helper()
	return books(t, 1)[0]
}
