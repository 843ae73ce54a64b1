package dynamotest

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is what goes wrong with one attempt of a call.
type Fault int

// The faults. Nothing is written by an attempt that meets one, except with LostAnswer.
const (
	None        Fault = iota
	Throttled         // DynamoDB refuses for now
	ServerError       // HTTP status 500
	LostRequest       // time-out; DynamoDB never saw the request
	LostAnswer        // time-out; DynamoDB carried the request out
	Conflict          // another transaction is at one of the items
	Partial           // a BatchGetItem answers half of what it was asked for; other calls meet no fault
)

// Sequence makes the first attempts of an operation ("PutItem"; "" is any) meet these faults, in order over all calls
// of the client. Later attempts meet none.
func Sequence(operation string, faults ...Fault) Option {
	var mu sync.Mutex
	return injected(operation, func() Fault {
		mu.Lock()
		defer mu.Unlock()
		if len(faults) == 0 {
			return None
		}
		next := faults[0]
		faults = faults[1:]
		return next
	})
}

// Chance makes each attempt of an operation ("" is any) meet one of the faults with that probability. The seed makes
// a run repeatable.
func Chance(operation string, probability float64, seed uint64, faults ...Fault) Option {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, seed))
	return injected(operation, func() Fault {
		mu.Lock()
		defer mu.Unlock()
		if random.Float64() >= probability {
			return None
		}
		return faults[random.IntN(len(faults))]
	})
}

// Life is that of a process which dies at one of its calls. It is an Option, and may be shared with clients of other
// services, which ask it at each of their calls.
type Life struct {
	mu   sync.Mutex
	left int
	last Fault
}

// Dies is the life of a process whose nth attempt of a call, counted from 1, meets the fault last, which is LostRequest
// or LostAnswer, and whose later ones are all lost.
func Dies(n int, last Fault) *Life { return &Life{left: n, last: last} }

// Step is what the next call meets.
func (l *Life) Step() Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	switch {
	case l.left > 0:
		return None
	case l.left == 0:
		return l.last
	}
	return LostRequest
}

func (l *Life) apply(s *setup) { injected("", l.Step).apply(s) }

// injected puts the faults that next tells where the network is, below everything the SDK does.
func injected(operation string, next func() Fault) Option {
	wire := middleware.DeserializeMiddlewareFunc("Faults", func(ctx context.Context, in middleware.DeserializeInput, network middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		called := middleware.GetOperationName(ctx)
		if operation != "" && operation != called {
			return network.HandleDeserialize(ctx, in)
		}
		return meet(ctx, next(), called, in, network)
	})
	return option(func(s *setup) {
		s.faulty = true
		s.stacks = append(s.stacks, func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(wire, middleware.After)
		})
	})
}

func meet(ctx context.Context, f Fault, called string, in middleware.DeserializeInput, network middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	switch f {
	case Throttled:
		return answer(http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`)
	case ServerError:
		return answer(http.StatusInternalServerError, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"sorry"}`)
	case Conflict:
		return answer(http.StatusBadRequest, conflict(called))
	case LostRequest:
		return middleware.DeserializeOutput{}, middleware.Metadata{}, &smithyhttp.RequestSendError{Err: timeout{}}
	case LostAnswer:
		if _, _, err := network.HandleDeserialize(ctx, in); err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		return middleware.DeserializeOutput{}, middleware.Metadata{}, &smithyhttp.RequestSendError{Err: timeout{}}
	case Partial:
		out, meta, err := network.HandleDeserialize(ctx, in)
		if err == nil && called == "BatchGetItem" {
			err = halve(&out)
		}
		return out, meta, err
	default:
		return network.HandleDeserialize(ctx, in)
	}
}

// conflict is the body DynamoDB answers a conflict of transactions with.
func conflict(called string) string {
	if called == "TransactWriteItems" {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",` +
			`"CancellationReasons":[{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"},{"Code":"None"}]}`
	}
	return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"Transaction is ongoing for the item"}`
}

func answer(status int, body string) (middleware.DeserializeOutput, middleware.Metadata, error) {
	return middleware.DeserializeOutput{RawResponse: &smithyhttp.Response{Response: &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}}}, middleware.Metadata{}, nil
}

// timeout is the error of a connection on which nothing comes.
type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }
