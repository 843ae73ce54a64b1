package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

const (
	maxAttempts    = 7
	firstBackoff   = 25 * time.Millisecond
	longestBackoff = 800 * time.Millisecond
	// attemptTimeout ends an attempt that hangs, so that another one can succeed within a function's time.
	attemptTimeout = 3 * time.Second
)

// Options sets how a client repeats calls: at most seven attempts within about three seconds of waiting, also after a
// conflict of transactions and after an attempt without an answer. Give it to dynamodb.NewFromConfig.
func Options(o *dynamodb.Options) {
	o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = maxAttempts
		r.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return backoff(attempt), nil
		})
		r.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(repeatable)}, r.Retryables...)
	})
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Busy", sayBusy), middleware.Before); err != nil {
			return err
		}
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("AttemptTimeout", limitAttempt), "Retry", middleware.After)
	})
}

// backoff is how long to wait after an attempt, counted from 1: at random up to a limit that doubles each time.
func backoff(attempt int) time.Duration {
	limit := min(firstBackoff<<min(attempt, 10), longestBackoff)
	return limit/4 + rand.N(limit*3/4)
}

// repeatable says that calls which met another transaction are to be repeated, which the SDK leaves to its users.
func repeatable(err error) aws.Ternary {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return aws.TrueTernary
	}
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return aws.BoolTernary(onlyPassing(canceled.CancellationReasons))
	}
	var hung *noAnswerError
	if errors.As(err, &hung) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// onlyPassing reports whether a transaction was cancelled for reasons that pass by themselves.
func onlyPassing(reasons []types.CancellationReason) bool {
	passing := false
	for _, r := range reasons {
		switch aws.ToString(r.Code) {
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			passing = true
		case "None", "":
		default:
			return false
		}
	}
	return passing
}

// busyError says that DynamoDB refused a call for its rate, or for other writers of the same items, each time it was
// tried. Nothing was written, and the same call may succeed a moment later.
type busyError struct{ err error }

func (e *busyError) Error() string { return "busy: " + e.err.Error() }
func (e *busyError) Unwrap() error { return e.err }

// Busy marks the error for whoever answers the caller, see alma.WriteError.
func (e *busyError) Busy() bool { return true }

// sayBusy makes what is left of a call that was refused for its rate a busyError.
func sayBusy(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, meta, err := next.HandleInitialize(ctx, in)
	var canceled *types.TransactionCanceledException
	var service smithy.APIError
	switch {
	case errors.As(err, &canceled):
		if onlyPassing(canceled.CancellationReasons) {
			err = &busyError{err}
		}
	case errors.As(err, &service):
		switch service.ErrorCode() {
		case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "TransactionConflictException":
			err = &busyError{err}
		}
	}
	return out, meta, err
}

// limitAttempt gives one attempt its own time limit, and makes none of a write whose time stamp has grown old.
func limitAttempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	if outdated(ctx) {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, errOutdated
	}
	limited, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	out, meta, err := next.HandleFinalize(limited, in)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = &noAnswerError{err}
	}
	return out, meta, err
}

// noAnswerError says that an attempt took longer than attemptTimeout; it may have been carried out.
type noAnswerError struct{ err error }

func (e *noAnswerError) Error() string {
	return fmt.Sprintf("no answer in %v: %v", attemptTimeout, e.err)
}
func (e *noAnswerError) Unwrap() error { return e.err }
