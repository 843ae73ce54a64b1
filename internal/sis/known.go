package sis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"strings"

	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// rules is part of every hash. It changes with this package when a record would be applied in another way than before,
// so that every record is looked at once more.
const rules = "1"

// digest is the first half of the SHA-256 of a record and of how the profile reads it.
type digest [sha256.Size / 2]byte

// hasher makes the digests of one file's records.
type hasher struct {
	sum  hash.Hash
	seed []byte
	out  [sha256.Size]byte
}

// newHasher begins with what decides about every record of a file: the profile, and in CSV the names of the columns.
func newHasher(profile institution.SISProfile, head []byte) (*hasher, error) {
	profile.Name, profile.Notify, profile.Brake = "", nil, institution.Brake{}
	profile.Missing, profile.AcceptOlder = "", false
	settings, err := json.Marshal(profile)
	if err != nil {
		return nil, fmt.Errorf("hash a profile: %w", err)
	}
	h := &hasher{sum: sha256.New()}
	fmt.Fprintf(h.sum, "%s\x00%s\x00", rules, settings)
	if len(head) > 0 && head[0] != '<' { // an XML file's root element says nothing of a record, and may hold a date
		h.sum.Write(head)
	}
	h.seed = h.sum.Sum(nil)
	return h, nil
}

func (h *hasher) digest(raw []byte) (d digest) {
	h.sum.Reset()
	h.sum.Write(h.seed)
	h.sum.Write(raw)
	copy(d[:], h.sum.Sum(h.out[:0]))
	return d
}

// String is the digest as it is stored with a patron.
func (d digest) String() string { return base64.RawStdEncoding.EncodeToString(d[:]) }

func parseDigest(text string) (d digest, ok bool) {
	n, err := base64.RawStdEncoding.Decode(d[:], []byte(text))
	return d, err == nil && n == len(d)
}

// known are the patrons of a profile as they were when the run began, each with the record applied last. It takes about
// 150 bytes of memory for a patron.
type known struct {
	people []knownPatron
	record map[digest]int32 // to the place in people
	others map[string]int32 // of those without a record, by UID
	met    map[string]bool  // the UIDs of patrons in the file whose record is another than was known
}

type knownPatron struct {
	uid    string
	active bool
	ours   bool  // this job wrote the patron, perhaps after the place it goes on from
	seen   bool  // in this job's file
	at     place // of the record in the file that is the one applied last; zero while there is none
}

// learn reads who is known of the profile.
func learn(ctx context.Context, patrons patronKeeper, profile, id string, alive func(context.Context) error) (*known, error) {
	k := &known{record: map[digest]int32{}, others: map[string]int32{}, met: map[string]bool{}}
	err := patrons.SyncedPatrons(ctx, profile, func(page []patron.SyncedPatron) error {
		for _, p := range page {
			if d, ok := parseDigest(p.Hash); ok {
				k.record[d] = int32(len(k.people))
			} else {
				k.others[p.UID] = int32(len(k.people))
			}
			k.people = append(k.people, knownPatron{uid: p.UID, active: p.Active, ours: p.Job != "" && strings.HasPrefix(id, p.Job)})
		}
		return alive(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("read who is known of the profile: %w", err)
	}
	return k, nil
}

// of is the known patron whose record applied last has that digest, or nil.
func (k *known) of(d digest) *knownPatron {
	if i, ok := k.record[d]; ok {
		return &k.people[i]
	}
	return nil
}

// ofPatron is the known patron p is, or nil when what was applied last to them is not known.
func (k *known) ofPatron(p patron.Patron) *knownPatron {
	d, ok := parseDigest(p.Synced.Hash)
	if i, other := k.others[p.UID]; other {
		return &k.people[i]
	}
	if !ok {
		return nil
	}
	if found := k.of(d); found != nil && found.uid == p.UID {
		return found
	}
	return nil
}

// same notes that the record applied last to the patron stands at that place of the file. It answers false when
// another record was of the same patron: contested where that is an earlier one that is not the same.
func (k *knownPatron) same(at place) (same, contested bool) {
	if k.at == (place{}) {
		if k.seen {
			return false, true
		}
		k.at = at
	}
	if k.at != at {
		return false, false
	}
	k.seen = true
	return !k.ours, false // what it was for such a patron, their own record tells
}

// see notes that a record of the file is of the patron.
func (k *known) see(p patron.Patron) {
	if found := k.ofPatron(p); found != nil {
		found.seen = true
	} else if p.UID != "" {
		k.met[p.UID] = true
	}
}

// forget takes back what was seen.
func (k *known) forget() {
	for i := range k.people {
		k.people[i].seen, k.people[i].at = false, place{}
	}
	clear(k.met)
}
