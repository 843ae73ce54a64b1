package embedded

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// WithoutTokens lets transactions go without the token by which DynamoDB knows one that was sent twice. The engine looks
// through all it remembers, for ten minutes, with each transaction: after 34,000 of them one takes 2.1 ms instead of
// 0.3 ms. Only a connection that breaks needs the token, and on one machine none does. It is one of the APIOptions of a
// client.
func WithoutTokens(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("WithoutTokens", dropToken), middleware.After)
}

func dropToken(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	if write, ok := in.Parameters.(*dynamodb.TransactWriteItemsInput); ok {
		bare := *write
		bare.ClientRequestToken = nil
		in.Parameters = &bare
	}
	return next.HandleInitialize(ctx, in)
}
