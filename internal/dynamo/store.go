package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Tables are the names of the tables. A store needs only those its functions use.
type Tables struct{ Users, Requests, Loans, Items, Letters, Jobs, APIKeys, Sessions string }

// Store reads and writes everything patrondesk keeps. It is safe for concurrent use.
//
// Its reads are strongly consistent, except that of an index, which DynamoDB follows within a second. Where a write
// returns an error of a domain package nothing was written; after any other error, such as a time-out, it may have
// been.
type Store struct {
	db     *dynamodb.Client
	tables Tables
	now    func() time.Time
}

// New is the store behind client, which should have been made with [Options].
func New(client *dynamodb.Client, tables Tables, now func() time.Time) *Store {
	return &Store{db: client, tables: tables, now: now}
}
