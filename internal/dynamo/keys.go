// Package dynamo keeps patrons, requests, loans, items, letters, jobs, API keys and sessions in DynamoDB. It holds no rules: it
// reads what was asked for, whole, and writes what it was given, once, if nobody else wrote meanwhile.
//
// This file is the data model on one page. Every table has the partition key pk; those marked + have the sort key sk.
//
//	table       pk              sk                attributes besides
//	users       U#<uid>                           doc v wt, s, sh sj, cb upd, deleting while a deletion is under way
//	            I#<folded value>                  uid type
//	            D#<uid>                           a deleted patron for a week: v wt, cb upd, del ttl
//	requests +  U#<uid>         A#<request id>    an active request: doc v wt
//	            U#<uid>         H#<day>#<id>      a past one, day as yyyymmdd: doc v wt, ttl
//	            M#<mms id>      Q                 the queue of a title: doc v wt; once there it stays, or v would start anew
//	loans +     U#<uid>         A!                the account: doc v wt, and wl wk while it is not idle
//	            U#<uid>         A#<loan id>       an active loan: doc v wt
//	            U#<uid>         H#<day>#<id>      a past one, day of return as yyyymmdd: doc v wt, ttl
//	            U#<uid>         F#<fee id>        a fee that is open, which is active or in dispute: doc v wt
//	            U#<uid>         G#<fee id>        a closed one; the ledger is kept as long as its patron: doc v wt
//	            U#<uid>         K#<hex SHA-256>   what an idempotency key stands for: asked results wt, ttl
//	            P#<item id>     C                 the custody of an item that is not at its place: doc v wt, and wl wk
//	                                              while it is on a hold shelf
//	items       P#<item id>                       doc v wt, mms
//	            B#<barcode>                       id of the item
//	letters +   U#<uid>         L#<letter id>     ids are ULIDs, so they are in order of time: doc v wt, ttl
//	            U#<uid>         K#<what>          the letter an idempotency key, or the last minute, stands for: id ttl
//	jobs        J#<id>                            doc v wt
//	            P#<code>                          the last 200 jobs of an SIS profile, or of "items": doc v wt
//	            L#<code>                          the newest file of an SIS profile that was applied: doc v wt
//	apikeys     K#<hex SHA-256>                   doc v wt
//	sessions    S#<hex SHA-256>                   doc v wt, ttl
//
// "A!" is before every "A#", so one query for what begins with A gives the account and the first loans.
//
// When a patron is deleted, what requests, loans and letters hold under U#<uid> goes too.
//
// The index changed of users (cb, upd) holds U# and D# items with v s sh del; the index title of items (mms, pk) holds
// P# items, keys only. The index worklist of loans (wl, wk), keys only, holds under A#<shard> the accounts that are not
// idle, by uid, and under S the items on hold shelves, by <last day there>#<item id>.
//
// What the attributes mean:
//
//	doc       the domain record in JSON; the json names of the domain's types are the stored form
//	v         number, counts the writes from 1; every write is conditional on the one read. That of a custody, which is
//	          removed time and again, begins at a random number: nobody can take a later custody for the one they read
//	wt        the token of the write that left the item so; by it a repeated write knows its own work
//	s         what the directory searches, see directory.Document
//	sh        of an external patron: A or I (active or not), the digest of the SIS record applied last, its job, the profile
//	sj        the SIS job that wrote the patron last, from which place of its file, with what effect
//	cb        C#<shard>, see Shards
//	upd       when the record was written, to the millisecond, in UTC; of one patron always later than before
//	del       true: the patron was deleted
//	deleting  number, milliseconds since 1970 until which the mark of a deletion holds
//	wl wk     what somebody has to look at regularly, and in which order, see worklist.go
//	ttl       number, seconds since 1970 from which the item counts as absent; DynamoDB removes it some days later
package dynamo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// Shards is the number of parts the index changed is cut into, and the accounts of the index worklist, so that no part
// takes more writes than DynamoDB allows one partition key.
const Shards = 4

// Names of attributes and indexes.
const (
	aPK, aSK             = "pk", "sk"
	aDoc, aVersion, aOwn = "doc", "v", "wt"
	aSearch              = "s"
	aSynced, aJob        = "sh", "sj"
	aShard, aUpdated     = "cb", "upd"
	aDeleted, aDeleting  = "del", "deleting"
	aTTL                 = "ttl"
	aUID, aType          = "uid", "type"
	aTitle, aID          = "mms", "id"
	aList, aPlace        = "wl", "wk"
	aAsked, aResults     = "asked", "results"

	indexChanged  = "changed"
	indexTitle    = "title"
	indexWorklist = "worklist"
)

// Prefixes of sort keys.
const (
	active = "A#"
	past   = "H#"
	sent   = "L#"
	open   = "F#"
	closed = "G#"
	once   = "K#"
	// borrowed is what the account and the active loans begin with.
	borrowed = "A"
)

const (
	// markHolds is how long a patron stays marked for deletion when nothing more happens.
	markHolds = time.Minute
	// markSlack is how much of that must be left when the patron is deleted: clocks of two functions may differ.
	markSlack = markHolds / 2
	// tombstoneKept is how long a directory may sleep and still learn of a deletion.
	tombstoneKept = 7 * 24 * time.Hour
	// historyKept is how long past requests, loans and letters are kept, unless their patron is deleted before.
	historyKept = 365 * 24 * time.Hour
	// keyKept is how long an idempotency key stands for its letter, or for what was done with it.
	keyKept = 30 * 24 * time.Hour
	// doubleClick is how long a letter asked for without a key stands for a second one of its code.
	doubleClick = time.Minute
)

// updLayout is RFC 3339 with milliseconds at full width, so that texts sort as times do.
const updLayout = "2006-01-02T15:04:05.000Z"

func patronKey(uid string) item      { return item{aPK: text("U#" + uid)} }
func identifierKey(fold string) item { return item{aPK: text("I#" + fold)} }
func tombstoneKey(uid string) item   { return item{aPK: text("D#" + uid)} }
func activeKey(uid, id string) item  { return item{aPK: text("U#" + uid), aSK: text(active + id)} }
func accountKey(uid string) item     { return item{aPK: text("U#" + uid), aSK: text("A!")} }
func openKey(uid, fee string) item   { return item{aPK: text("U#" + uid), aSK: text(open + fee)} }
func closedKey(uid, fee string) item { return item{aPK: text("U#" + uid), aSK: text(closed + fee)} }
func custodyKey(id string) item      { return item{aPK: text("P#" + id), aSK: text("C")} }
func queueKey(mms string) item       { return item{aPK: text("M#" + mms), aSK: text("Q")} }
func itemKey(id string) item         { return item{aPK: text("P#" + id)} }
func barcodeKey(barcode string) item { return item{aPK: text("B#" + barcode)} }
func letterKey(uid, id string) item  { return item{aPK: text("U#" + uid), aSK: text(sent + id)} }
func jobKey(id string) item          { return item{aPK: text("J#" + id)} }
func latestKey(profile string) item  { return item{aPK: text("L#" + profile)} }
func jobListKey(list string) item    { return item{aPK: text("P#" + list)} }
func apiKeyKey(hash string) item     { return item{aPK: text("K#" + hash)} }
func sessionKey(hash string) item    { return item{aPK: text("S#" + hash)} }
func pastKey(uid, id string, ended time.Time) item {
	return item{aPK: text("U#" + uid), aSK: text(past + ended.UTC().Format("20060102") + "#" + id)}
}

// loanKey, requestKey and feeKey are where a record is in the state it is in.
func loanKey(uid string, l fulfillment.Loan) item {
	if l.Active() {
		return activeKey(uid, l.ID)
	}
	return pastKey(uid, l.ID, l.Returned)
}

func requestKey(uid string, r fulfillment.Request) item {
	if r.Ended.IsZero() {
		return activeKey(uid, r.ID)
	}
	return pastKey(uid, r.ID, r.Ended)
}

func feeKey(uid string, f fulfillment.Fee) item {
	if f.Open() {
		return openKey(uid, f.ID)
	}
	return closedKey(uid, f.ID)
}

// sameKey reports whether two items have the same key.
func sameKey(a, b item) bool { return a.text(aPK) == b.text(aPK) && a.text(aSK) == b.text(aSK) }

// onceKey is the item that makes a letter be written, or something be done, once: per idempotency key, or without one
// per letter code.
func onceKey(uid, key, code string) item {
	if key == "" {
		return item{aPK: text("U#" + uid), aSK: text(once + "recent#" + code)}
	}
	sum := sha256.Sum256([]byte(key))
	return item{aPK: text("U#" + uid), aSK: text(once + hex.EncodeToString(sum[:]))}
}

// shardOf is the part of the index changed a patron is in.
func shardOf(uid string) string { return shardName(shardNumber(uid)) }

func shardNumber(uid string) int { return int(crc32.ChecksumIEEE([]byte(uid)) % Shards) }

func shardName(shard int) string { return fmt.Sprintf("C#%d", shard) }

// uidOf is the patron a U# or D# item belongs to.
func uidOf(it item) string { return it.text(aPK)[len("U#"):] }

// maxKey is the size of a partition key DynamoDB takes; what does not fit is not there.
const maxKey = 2048

// findable reports whether a folded identifier can be the key of an item.
func findable(fold string) bool { return fold != "" && len("I#")+len(fold) <= maxKey }

// identifiers are a patron's identifiers by their keys. It fails with *patron.TakenError when two have the same key.
func identifiers(p patron.Patron) (map[string]patron.Identifier, error) {
	all := p.AllIdentifiers()
	byFold := make(map[string]patron.Identifier, len(all))
	for _, id := range all {
		fold := patron.Fold(id.Value)
		if _, twice := byFold[fold]; twice {
			return nil, &patron.TakenError{Type: id.Type.Value, Value: id.Value}
		}
		if !findable(fold) {
			return nil, fmt.Errorf("%w: an identifier is empty or longer than %d bytes", patron.ErrTooLarge, maxKey)
		}
		byFold[fold] = id
	}
	if len(byFold) > maxIdentifiers {
		return nil, fmt.Errorf("%w: more than %d identifiers", patron.ErrTooLarge, maxIdentifiers)
	}
	return byFold, nil
}

// maxIdentifiers is how many identifiers a patron may have: one transaction holds 100 actions, and deleting a patron
// takes one for each identifier besides two for the record and one for the account.
const maxIdentifiers = 90

// stamp is t as the attribute upd.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Millisecond).Format(updLayout) }

// stampAfter is the attribute upd of a write at now to a record whose last one was at upd.
func stampAfter(now time.Time, upd string) string {
	last, err := time.Parse(updLayout, upd)
	if err != nil || upd < stamp(now) {
		return stamp(now)
	}
	return stamp(last.Add(time.Millisecond))
}
