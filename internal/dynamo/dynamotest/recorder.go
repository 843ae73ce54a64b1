package dynamotest

import (
	"context"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// Usage is what calls were made and what they cost.
type Usage struct {
	Calls    map[string]int // by operation, each once however often it was tried
	Attempts int            // of all calls together
	Reads    float64        // read request units
	Writes   float64        // write request units, indexes included
}

// Recorder records what a store uses; give it to Store, Open or Client. It is safe for concurrent use.
type Recorder struct {
	mu   sync.Mutex
	used Usage
}

// Record is a recorder that has seen nothing.
func Record() *Recorder { return &Recorder{used: Usage{Calls: map[string]int{}}} }

// Take is what was used since the last Take.
func (r *Recorder) Take() Usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	used := r.used
	used.Calls = maps.Clone(used.Calls)
	r.used = Usage{Calls: map[string]int{}}
	return used
}

func (r *Recorder) apply(s *setup) {
	s.stacks = append(s.stacks, func(stack *middleware.Stack) error {
		if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Record", r.call), middleware.Before); err != nil {
			return err
		}
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RecordAttempt", r.attempt), middleware.Before)
	})
}

func (r *Recorder) call(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	askForCapacity(in.Parameters)
	out, meta, err := next.HandleInitialize(ctx, in)
	reads, writes := units(out.Result)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used.Calls[middleware.GetOperationName(ctx)]++
	r.used.Reads += reads
	r.used.Writes += writes
	return out, meta, err
}

func (r *Recorder) attempt(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	r.mu.Lock()
	r.used.Attempts++
	r.mu.Unlock()
	return next.HandleDeserialize(ctx, in)
}

func askForCapacity(call any) {
	const total = types.ReturnConsumedCapacityTotal
	switch c := call.(type) {
	case *dynamodb.GetItemInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.BatchGetItemInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.QueryInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.ScanInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.PutItemInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.UpdateItemInput:
		c.ReturnConsumedCapacity = total
	case *dynamodb.TransactWriteItemsInput:
		c.ReturnConsumedCapacity = total
	}
}

// units are the read and write units in the answer of a call.
func units(answer any) (reads, writes float64) {
	switch a := answer.(type) {
	case *dynamodb.GetItemOutput:
		return sum(a.ConsumedCapacity), 0
	case *dynamodb.QueryOutput:
		return sum(a.ConsumedCapacity), 0
	case *dynamodb.ScanOutput:
		return sum(a.ConsumedCapacity), 0
	case *dynamodb.BatchGetItemOutput:
		return sumAll(a.ConsumedCapacity), 0
	case *dynamodb.PutItemOutput:
		return 0, sum(a.ConsumedCapacity)
	case *dynamodb.UpdateItemOutput:
		return 0, sum(a.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsOutput:
		return 0, sumAll(a.ConsumedCapacity)
	}
	return 0, 0
}

func sum(c *types.ConsumedCapacity) float64 {
	if c == nil {
		return 0
	}
	return aws.ToFloat64(c.CapacityUnits)
}

func sumAll(all []types.ConsumedCapacity) float64 {
	total := 0.0
	for i := range all {
		total += sum(&all[i])
	}
	return total
}
