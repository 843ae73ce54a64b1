// Package dynamotest gives tests a store on fresh tables of a real DynamoDB engine, and what no engine gives: faults
// at will, and a record of the calls made with the units they cost.
//
// One engine serves a test process; see package embedded for where it comes from. Without one a test is skipped, or
// fails where the environment variable CI is set.
package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/embedded"
)

// Option sets something of a store or client: [Clock], [Sequence], [Chance], a [Life] or a [Recorder].
type Option interface{ apply(*setup) }

type setup struct {
	now    func() time.Time
	stacks []func(*middleware.Stack) error
	faulty bool
}

// shortWait is the longest wait before a call is repeated, for stores with faults.
const shortWait = 5 * time.Millisecond

type option func(*setup)

func (o option) apply(s *setup) { o(s) }

// Clock is the time the store works with, time.Now where it is not given.
func Clock(now func() time.Time) Option { return option(func(s *setup) { s.now = now }) }

// WithoutTokens is embedded.WithoutTokens, for benchmarks with many transactions and no faults.
func WithoutTokens() Option {
	return option(func(s *setup) { s.stacks = append(s.stacks, embedded.WithoutTokens) })
}

// Store is a store on tables of its own, which are deleted after the test. Tests with it may run in parallel.
func Store(t testing.TB, opts ...Option) *dynamo.Store {
	t.Helper()
	return Open(t, Tables(t), opts...)
}

// Open is a store on tables that [Tables] made, for tests that look at them in more than one way.
func Open(t testing.TB, tables dynamo.Tables, opts ...Option) *dynamo.Store {
	t.Helper()
	return dynamo.New(Client(t, opts...), tables, settle(opts).now)
}

// Tables creates all tables, under names nobody else has, and deletes them after the test.
func Tables(t testing.TB) dynamo.Tables {
	t.Helper()
	client, prefix := Client(t), "test-"+rand.Text()[:10]+"-"
	if err := embedded.CreateTables(t.Context(), client, prefix); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := embedded.DeleteTables(context.Background(), client, prefix); err != nil {
			t.Error(err)
		}
	})
	return embedded.Names(prefix)
}

// Client is a client of the engine, set as in production.
func Client(t testing.TB, opts ...Option) *dynamodb.Client {
	t.Helper()
	engine, err := start()
	if errors.Is(err, embedded.ErrNoEngine) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return engine.Client(func(o *dynamodb.Options) {
		settled := settle(opts)
		o.APIOptions = append(o.APIOptions, settled.stacks...)
		if settled.faulty {
			o.Retryer = retry.AddWithMaxBackoffDelay(o.Retryer, shortWait)
		}
	})
}

// Embedded reports whether the tests run on the engine this repository brings, and not on another one that
// AWS_ENDPOINT_URL_DYNAMODB names.
func Embedded() bool { return os.Getenv(embedded.EndpointSetting) == "" }

// start starts the engine of this test process at its first use. It ends with the process.
var start = sync.OnceValues(func() (*embedded.Engine, error) {
	return embedded.Start(context.Background(), embedded.Settings{})
})

func settle(opts []Option) setup {
	s := setup{now: time.Now}
	for _, o := range opts {
		o.apply(&s)
	}
	return s
}
