// Package grants holds a function on this machine to what functions.go grants it on AWS: the clients it makes refuse
// every call the function's role would not allow there.
package grants

import (
	"context"
	"fmt"
	"slices"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/functions"
)

// Guard adds to an SDK client's stack the refusal of every call the function has no grant for. Names maps a table of
// functions.go to its name in the engine; tables not in it are called as in functions.go. Its form fits the clients'
// APIOptions.
func Guard(f functions.Function, names map[string]string) func(*middleware.Stack) error {
	g := guard{function: f, tables: map[string]functions.Grant{}}
	for _, grant := range f.Tables {
		name := grant.Table
		if n, ok := names[grant.Table]; ok {
			name = n
		}
		g.tables[name] = grant
	}
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Grants", g.handle), middleware.Before)
	}
}

type guard struct {
	function functions.Function
	tables   map[string]functions.Grant // by name in the engine
}

func (g guard) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	service, action := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	for _, n := range needs(service, action, in.Parameters) {
		if !g.allows(n) {
			return middleware.InitializeOutput{}, middleware.Metadata{}, &smithy.GenericAPIError{
				Code:    "AccessDeniedException",
				Message: fmt.Sprintf("the function %s is not authorized to perform: %s:%s on %s", g.function.Name, n.service, n.action, n.resource()),
				Fault:   smithy.FaultClient,
			}
		}
	}
	return next.HandleInitialize(ctx, in)
}

// need is one permission a call needs.
type need struct {
	service, action string
	table, index    string
	key             string // of an object
}

func (n need) resource() string {
	switch {
	case n.index != "":
		return "table " + n.table + ", index " + n.index
	case n.table != "":
		return "table " + n.table
	default:
		return "the bucket"
	}
}

func (g guard) allows(n need) bool {
	switch n.service {
	case "dynamodb":
		grant, ok := g.tables[n.table]
		return ok && slices.Contains(grant.Actions, n.action) && (n.index == "" || n.index == grant.Index)
	case "s3":
		return slices.ContainsFunc(g.function.Bucket, func(a functions.Access) bool {
			return a.Covers(n.key) && slices.Contains(a.Actions, n.action)
		})
	case "ses":
		return g.function.Email && n.action == "SendEmail"
	default:
		return false
	}
}

// needs are the permissions of one call, as IAM asks for them: a transaction needs those of its parts.
func needs(service, action string, in any) []need {
	switch service {
	case "DynamoDB":
		return tableNeeds(action, in)
	case "S3":
		return []need{objectNeed(action, in)}
	case "SESv2":
		return []need{{service: "ses", action: action}}
	default:
		return []need{{service: strings.ToLower(service), action: action}}
	}
}

func objectNeed(action string, in any) need {
	n := need{service: "s3", action: action}
	switch in := in.(type) {
	case *s3.GetObjectInput:
		n.key = value(in.Key)
		if in.VersionId != nil {
			n.action = "GetObjectVersion"
		}
	case *s3.HeadObjectInput:
		n.key, n.action = value(in.Key), "GetObject"
		if in.VersionId != nil {
			n.action = "GetObjectVersion"
		}
	case *s3.PutObjectInput: // of a presigned form too, which the SDK signs under another name
		n.key, n.action = value(in.Key), "PutObject"
	case *s3.DeleteObjectInput:
		n.key = value(in.Key)
	case *s3.CreateMultipartUploadInput:
		n.key, n.action = value(in.Key), "PutObject"
	case *s3.UploadPartInput:
		n.key, n.action = value(in.Key), "PutObject"
	case *s3.CompleteMultipartUploadInput:
		n.key, n.action = value(in.Key), "PutObject"
	case *s3.AbortMultipartUploadInput:
		n.key = value(in.Key)
	}
	return n
}

func tableNeeds(action string, in any) []need {
	one := func(table, index *string) []need {
		return []need{{service: "dynamodb", action: action, table: value(table), index: value(index)}}
	}
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		return one(in.TableName, nil)
	case *dynamodb.PutItemInput:
		return one(in.TableName, nil)
	case *dynamodb.UpdateItemInput:
		return one(in.TableName, nil)
	case *dynamodb.DeleteItemInput:
		return one(in.TableName, nil)
	case *dynamodb.QueryInput:
		return one(in.TableName, in.IndexName)
	case *dynamodb.ScanInput:
		return one(in.TableName, in.IndexName)
	case *dynamodb.DescribeTableInput:
		return one(in.TableName, nil)
	case *dynamodb.BatchGetItemInput:
		var all []need
		for table := range in.RequestItems {
			all = append(all, one(&table, nil)...)
		}
		return all
	case *dynamodb.BatchWriteItemInput:
		var all []need
		for table := range in.RequestItems {
			all = append(all, one(&table, nil)...)
		}
		return all
	case *dynamodb.TransactGetItemsInput:
		var all []need
		for _, item := range in.TransactItems {
			all = append(all, need{service: "dynamodb", action: "GetItem", table: value(item.Get.TableName)})
		}
		return all
	case *dynamodb.TransactWriteItemsInput:
		var all []need
		for _, item := range in.TransactItems {
			all = append(all, writeNeed(item))
		}
		return all
	default:
		return one(nil, nil)
	}
}

func writeNeed(item types.TransactWriteItem) need {
	n := need{service: "dynamodb"}
	switch {
	case item.Put != nil:
		n.action, n.table = "PutItem", value(item.Put.TableName)
	case item.Update != nil:
		n.action, n.table = "UpdateItem", value(item.Update.TableName)
	case item.Delete != nil:
		n.action, n.table = "DeleteItem", value(item.Delete.TableName)
	case item.ConditionCheck != nil:
		n.action, n.table = "ConditionCheckItem", value(item.ConditionCheck.TableName)
	}
	return n
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
