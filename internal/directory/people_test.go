package directory

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/patron"
)

// Invented people: syllables make names nobody needs to have, beside some names with letters that fold.
var (
	onsets = []string{"b", "br", "d", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "r", "s", "sch", "st", "t", "v", "w", "z", "th"}
	rimes  = []string{"a", "al", "an", "ar", "e", "el", "en", "er", "i", "in", "it", "o", "on", "or", "u", "un", "ei", "au", "ie", "ö", "ü", "ä", "ø", "é"}
	ends   = []string{"", "", "son", "mann", "berg", "sen", "ski", "er", "a", "ová", "ez", "-Lund"}
	common = []string{"Müller", "Smith", "O'Brien", "Weiß", "Sørensen", "García", "Øster", "Mueller", "Łukas", "van der Berg"}
	groups = []patron.Code{{Value: "01", Desc: "Undergraduate"}, {Value: "02", Desc: "Postgraduate"}, {Value: "08", Desc: "Staff"}, {Value: "GUEST", Desc: "Guest reader"}}
)

func inventedName(r *rand.Rand, suffixes []string) string {
	name := onsets[r.IntN(len(onsets))] + rimes[r.IntN(len(rimes))] + onsets[r.IntN(len(onsets))] + rimes[r.IntN(len(rimes))]
	name += suffixes[r.IntN(len(suffixes))]
	return string(name[0]-'a'+'A') + name[1:]
}

// invented is patron number n, always the same one. Names follow roughly a Zipf distribution, as real ones do.
func invented(n int) patron.Patron {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	names := rand.New(rand.NewPCG(uint64(r.ExpFloat64()*20_000), 8))
	last := inventedName(names, ends)
	if r.IntN(20) == 0 {
		last = common[min(int(r.ExpFloat64()*2), len(common)-1)]
	}
	first := inventedName(rand.New(rand.NewPCG(uint64(r.ExpFloat64()*2_000), 9)), []string{"", "", "a", "us", "ine"})
	login := fmt.Sprintf("%s%d", whole(words(last))[:2], 100_000+n)
	p := patron.Patron{
		UID: uidOf(n), PrimaryID: login, FirstName: first, LastName: last, RecordType: patron.Public,
		BirthDate:   patron.Date(fmt.Sprintf("%d-%02d-%02d", 1950+r.IntN(58), 1+r.IntN(12), 1+r.IntN(28))),
		Emails:      []patron.Email{{Address: fmt.Sprintf("%s.%s%d@example.edu", whole(words(first)), whole(words(last)), n), Preferred: true}},
		Identifiers: []patron.Identifier{{Type: patron.Code{Value: "BARCODE", Desc: "Barcode"}, Value: fmt.Sprintf("2%013d", n*7919)}},
		Phones:      []patron.Phone{{Number: fmt.Sprintf("+49 30 %07d", r.IntN(10_000_000))}},
	}
	p.UserGroup = groups[min(int(r.ExpFloat64()), len(groups)-1)]
	p.CampusCode = patron.Code{Value: "MAIN", Desc: "Main campus"}
	if r.IntN(2) == 0 {
		p.ExternalID = "SIS"
		p.Identifiers = append(p.Identifiers, patron.Identifier{Type: patron.Code{Value: "INST_ID", Desc: "Institution ID"}, Value: fmt.Sprintf("S%08d", n)})
	}
	if r.IntN(10) == 0 {
		p.MiddleName = inventedName(r, []string{""})
		p.Notes = []patron.Note{{Type: patron.Code{Value: "LIBRARY", Desc: "Library"}, Text: "Asks for large print and step-free access."}}
	}
	return p
}

// uidOf is the ULID of patron number n; its order has nothing to do with n.
func uidOf(n int) string {
	var u ulid.ULID
	binary.BigEndian.PutUint64(u[8:], uint64(n)*0x9e3779b97f4a7c15)
	return u.String()
}

// entryOf is the entry of a patron as it would be stored.
func entryOf(p patron.Patron, version int64, updated time.Time) Entry {
	return Entry{UID: p.UID, Version: version, Updated: updated, Text: Document(p)}
}

const testShards = 4

// shelf is a source in memory that behaves as the index of the table does. It counts its calls and can fail.
type shelf struct {
	mu      sync.Mutex
	entries [testShards]map[string]Entry
	calls   int
	fail    error // returned by shard 0 after its first page
	paging  int   // entries a page; 0 for 100
}

func (s *shelf) put(entries ...Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		shard := int(e.UID[len(e.UID)-1]) % testShards
		if s.entries[shard] == nil {
			s.entries[shard] = map[string]Entry{}
		}
		s.entries[shard][e.UID] = e
	}
}

func (s *shelf) Changes(ctx context.Context, shard int, since time.Time, page func([]Entry) error) error {
	s.mu.Lock()
	s.calls++
	fail := s.fail
	var list []Entry
	for _, e := range s.entries[shard] {
		if !e.Updated.Before(since) {
			list = append(list, e)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Entry) int { return a.Updated.Compare(b.Updated) })
	size := s.paging
	if size == 0 {
		size = 100
	}
	for part := range slices.Chunk(list, size) {
		if err := page(part); err != nil {
			return err
		}
		if fail != nil && shard == 0 {
			return fail
		}
	}
	if fail != nil && shard == 0 {
		return fail
	}
	return ctx.Err()
}
