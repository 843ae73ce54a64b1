package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"patrondesk/infra/local/demo"
	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/embedded"
)

// keys are the secrets of the demo's API keys: one may do everything, one may read.
type keys struct{ all, read string }

// readKeys are the keys the last run wrote to demo.env, or new ones.
func readKeys(s settings) (keys, error) {
	was, err := readEnvironment(envFile(s.Dir))
	if err != nil {
		return keys{}, err
	}
	k := keys{all: was["API_KEY"], read: was["API_KEY_READ"]}
	if k.all == "" || k.read == "" {
		k = keys{all: auth.NewSecret(), read: auth.NewSecret()}
	}
	return k, nil
}

// prepare makes tables, bucket, demo library and API keys, as far as they are missing. The keys come last: while the
// key for everything is missing, the library was not wholly loaded.
func (l library) prepare(ctx context.Context, s settings, out io.Writer) error {
	db := l.clients.database()
	if err := embedded.CreateTables(ctx, db, ""); err != nil {
		return err
	}
	if err := createBucket(ctx, l.clients.bucket()); err != nil {
		return err
	}
	store := l.store(l.clients)
	if _, err := store.APIKey(ctx, auth.HashSecret(l.keys.all)); !errors.Is(err, auth.ErrNoKey) {
		return err
	}
	if err := l.load(ctx, s, db, out); err != nil {
		return err
	}
	return saveKeys(ctx, store, l.keys)
}

// load loads the demo library. What an earlier run left unfinished in our own engine is removed; what lies in another
// engine is left alone, and then nothing is loaded.
func (l library) load(ctx context.Context, s settings, db *dynamodb.Client, out io.Writer) error {
	empty, err := nobody(ctx, db)
	if err != nil {
		return err
	}
	if !empty && !s.OwnDynamoDB {
		fmt.Fprintln(out, "The tables hold patrons already, so the demo library is not loaded.")
		return nil
	}
	if !empty {
		if err := embedded.DeleteTables(ctx, db, ""); err != nil {
			return err
		}
		if err := embedded.CreateTables(ctx, db, ""); err != nil {
			return err
		}
	}
	invented, err := demo.New(l.clock.Now(), l.institution)
	if err != nil {
		return err
	}
	return invented.Load(ctx, l.store(l.clients))
}

// nobody reports whether the table of patrons is empty.
func nobody(ctx context.Context, db *dynamodb.Client) (bool, error) {
	users, one := embedded.Names("").Users, int32(1)
	found, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: &users, Limit: &one})
	if err != nil {
		return false, fmt.Errorf("look for patrons: %w", err)
	}
	return len(found.Items) == 0, nil
}

func saveKeys(ctx context.Context, store *dynamo.Store, k keys) error {
	now := time.Now().UTC()
	for _, key := range []auth.Key{
		{Hash: auth.HashSecret(k.read), Name: "demo-read", Created: now, Rights: []auth.Right{auth.UsersRead, auth.FulfilmentRead, auth.ConfigurationRead}},
		{Hash: auth.HashSecret(k.all), Name: "demo", Created: now, Rights: auth.AllRights()},
	} {
		_, err := store.APIKey(ctx, key.Hash)
		if errors.Is(err, auth.ErrNoKey) {
			err = store.SaveAPIKey(ctx, key)
		}
		if err != nil {
			return fmt.Errorf("make the demo's API keys: %w", err)
		}
	}
	return nil
}

// createBucket creates the bucket with versions, unless it is there.
func createBucket(ctx context.Context, client *s3.Client) error {
	bucket := bucketName
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	var mine *types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &mine) {
		return fmt.Errorf("create the bucket: %w", err)
	}
	_, err = client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		return fmt.Errorf("keep versions in the bucket: %w", err)
	}
	return nil
}
