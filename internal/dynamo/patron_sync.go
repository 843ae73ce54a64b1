package dynamo

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/patron"
)

// SyncedPatrons gives page the external patrons of an SIS profile, in no order, each with the digest of the record
// applied to them last. It reads the index changed, which follows writes within a second; about 30,000 read units for
// a million patrons.
func (s *Store) SyncedPatrons(ctx context.Context, profile string, page func([]patron.SyncedPatron) error) error {
	for shard := range Shards {
		in := &dynamodb.QueryInput{
			TableName:                 &s.tables.Users,
			IndexName:                 aws.String(indexChanged),
			KeyConditionExpression:    aws.String("cb = :cb"),
			ProjectionExpression:      aws.String("pk, sh"),
			ExpressionAttributeValues: item{":cb": text(shardName(shard))},
		}
		err := s.query(ctx, in, func(items []item) error {
			var people []patron.SyncedPatron
			for _, it := range items {
				if p, ok := syncedOf(it); ok && p.Profile == profile {
					people = append(people, p.SyncedPatron)
				}
			}
			return page(people)
		})
		if err != nil {
			return fmt.Errorf("read the patrons of a profile: %w", err)
		}
	}
	return nil
}

// shortJob is how much of a job's id is in the index.
const shortJob = 8

type profilePatron struct {
	patron.SyncedPatron
	Profile string
}

// syncedOf reads the attribute sh of an item of the index.
func syncedOf(it item) (p profilePatron, ok bool) {
	parts := strings.SplitN(it.text(aSynced), " ", 4)
	if len(parts) < 4 {
		return p, false
	}
	known := patron.SyncedPatron{UID: uidOf(it), Hash: parts[1], Job: parts[2], Active: parts[0] == "A"}
	return profilePatron{SyncedPatron: known, Profile: parts[3]}, true
}

// synced are the attributes sh and sj of an external patron.
func synced(p patron.Patron) item {
	it := item{}
	if p.AccountType == patron.External {
		state := "I"
		if p.Status == patron.Active {
			state = "A"
		}
		short := p.Synced.Job[:min(len(p.Synced.Job), shortJob)]
		it[aSynced] = text(state + " " + p.Synced.Hash + " " + short + " " + p.ExternalID)
	}
	if p.Synced.Job != "" {
		it[aJob] = text(p.Synced.Job + " " + p.Synced.Place + " " + p.Synced.Effect)
	}
	return it
}

// withSynced is the patron with what its item says in sh and sj.
func withSynced(p patron.Patron, it item) patron.Patron {
	if k, ok := syncedOf(it); ok {
		p.Synced.Hash = k.Hash
	}
	if parts := strings.Split(it.text(aJob), " "); len(parts) == 3 {
		p.Synced.Job, p.Synced.Place, p.Synced.Effect = parts[0], parts[1], parts[2]
	}
	return p
}

// PatronsByIdentifier are the patrons with those identifiers, of whatever types, by folded identifier; those nobody
// has are left out. It reads each identifier and each patron once, a hundred at a time.
func (s *Store) PatronsByIdentifier(ctx context.Context, identifiers []string) (map[string]patron.Patron, error) {
	owners, err := s.Owners(ctx, identifiers)
	if err != nil {
		return nil, err
	}
	var uids []string
	for _, uid := range owners {
		uids = append(uids, uid)
	}
	people, err := s.Patrons(ctx, distinct(uids))
	if err != nil {
		return nil, err
	}
	byUID := make(map[string]patron.Patron, len(people))
	for _, p := range people {
		byUID[p.UID] = p
	}
	found := make(map[string]patron.Patron, len(owners))
	for fold, uid := range owners {
		if p, ok := byUID[uid]; ok && p.HasIdentifier("", fold) {
			found[fold] = p
		}
	}
	return found, nil
}

// Owners are the UIDs of the patrons with those identifiers, by folded identifier; those nobody has are left out.
func (s *Store) Owners(ctx context.Context, identifiers []string) (map[string]string, error) {
	folds := map[string]bool{}
	var keys []item
	for _, value := range identifiers {
		if fold := patron.Fold(value); findable(fold) && !folds[fold] {
			folds[fold] = true
			keys = append(keys, identifierKey(fold))
		}
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Users: keys})
	if err != nil {
		return nil, fmt.Errorf("get identifiers: %w", err)
	}
	owners := make(map[string]string, len(keys))
	for _, it := range found[s.tables.Users] {
		owners[it.text(aPK)[len("I#"):]] = it.text(aUID)
	}
	return owners, nil
}

// StampPatron notes which SIS record was applied to a patron last, and by which job, when that changed nothing else.
// The record is not written, and its version stays. The error is patron.ErrChanged when it is no longer as read.
func (s *Store) StampPatron(ctx context.Context, p patron.Patron, stamp patron.Synced) error {
	p.Synced = stamp
	values := item{":v": number(p.Version)}
	for name, value := range synced(p) {
		values[":"+name] = value
	}
	err := s.write(ctx, "", action{
		table: s.tables.Users, update: patronKey(p.UID), set: "SET sh = :sh, sj = :sj",
		cond: "v = :v", values: values, or: patron.ErrChanged,
	})
	if err != nil {
		return fmt.Errorf("stamp a patron: %w", err)
	}
	return nil
}
