package grants

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/functions"
	"patrondesk/internal/drop"
)

// errLeft is the error of every call that leaves the client.
var errLeft = errors.New("the call left the client")

type nowhere struct{}

func (nowhere) Do(*http.Request) (*http.Response, error) { return nil, errLeft }

func configOf(t *testing.T, function string) aws.Config {
	t.Helper()
	f, ok := functions.Named(function)
	if !ok {
		t.Fatalf("there is no function %s", function)
	}
	return aws.Config{
		Region: "local", HTTPClient: nowhere{}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		RetryMaxAttempts: 1, BaseEndpoint: aws.String("http://127.0.0.1:1"),
		APIOptions: []func(*middleware.Stack) error{Guard(f, map[string]string{"users": "demo-users"})},
	}
}

// check tells whether the call was let through, and that it was otherwise refused as AWS refuses it.
func check(t *testing.T, name string, err error, allowed bool) {
	t.Helper()
	if allowed != errors.Is(err, errLeft) {
		t.Errorf("%s: %v; allowed should be %v", name, err, allowed)
	}
	var api smithy.APIError
	if !allowed && (!errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException") {
		t.Errorf("%s: refused with %v, want AccessDeniedException", name, err)
	}
}

func key() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "U#1"}}
}

func TestTables(t *testing.T) {
	ctx := t.Context()
	lookup := dynamodb.NewFromConfig(configOf(t, "patron-lookup"))
	get := func(table string) error {
		_, err := lookup.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key()})
		return err
	}
	check(t, "get a patron", get("demo-users"), true)
	check(t, "get from a table by its name in functions.go, when it has another here", get("users"), false)
	check(t, "get from a table that may only be queried", get("requests"), false)
	check(t, "get from a table without a grant", get("letters"), false)
	_, err := lookup.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("demo-users"), Item: key()})
	check(t, "put a patron", err, false)
	_, err = lookup.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("requests")})
	check(t, "query requests", err, true)
	_, err = lookup.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("requests"), IndexName: aws.String("other")})
	check(t, "query an index without a grant", err, false)
	_, err = lookup.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("demo-users")})
	check(t, "scan", err, false)
	_, err = lookup.ListTables(ctx, &dynamodb.ListTablesInput{})
	check(t, "list tables", err, false)

	search := dynamodb.NewFromConfig(configOf(t, "patron-search"))
	_, err = search.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("demo-users"), IndexName: aws.String("changed")})
	check(t, "query the granted index", err, true)
	_, err = search.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		"demo-users": {Keys: []map[string]types.AttributeValue{key()}}, "letters": {Keys: []map[string]types.AttributeValue{key()}},
	}})
	check(t, "a batch with one table without a grant", err, false)
}

func TestTransactionsNeedTheGrantsOfTheirParts(t *testing.T) {
	ctx := t.Context()
	client := dynamodb.NewFromConfig(configOf(t, "request-update"))
	write := func(items ...types.TransactWriteItem) error {
		_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}
	put := func(table string) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: key()}}
	}
	condition := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: aws.String("demo-users"), Key: key(), ConditionExpression: aws.String("attribute_exists(pk)"),
	}}
	check(t, "put a request if the patron is there", write(put("requests"), condition), true)
	check(t, "put a request and a patron", write(put("requests"), put("demo-users")), false)
	check(t, "delete a letter", write(types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String("letters"), Key: key()}}), false)
}

func TestBucketAndMail(t *testing.T) {
	ctx := t.Context()
	files := s3.NewFromConfig(configOf(t, "sis-import"))
	put := func(key string) error {
		_, err := files.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: &key})
		return err
	}
	check(t, "put a report", put("sis/A/f.xml.report.json"), true)
	check(t, "put a file to import", put("sis/A/f.xml"), false)
	check(t, "put elsewhere", put("items/f.csv.report.json"), false)
	_, err := files.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("b"), Key: aws.String("sis/A/f"), VersionId: aws.String("1")})
	check(t, "look at a version", err, true)
	_, err = files.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("b"), Key: aws.String("sis/A/f")})
	check(t, "delete", err, false)
	_, err = files.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("b")})
	check(t, "list", err, false)

	for function, allowed := range map[string]bool{"report-sending": true, "patron-lookup": false} {
		client := sesv2.NewFromConfig(configOf(t, function))
		_, err := client.SendEmail(ctx, &sesv2.SendEmailInput{Content: &sestypes.EmailContent{}})
		check(t, function+" sends mail", err, allowed)
	}
}

// TestPresigned holds what is signed for somebody else to the grants too, as AWS does when it comes.
func TestPresigned(t *testing.T) {
	bucket := drop.NewBucket(s3.NewFromConfig(configOf(t, "configuration")), "b")
	for key, allowed := range map[string]bool{"sis/A/f.xml": true, "dry-run/A/f.xml": true, "items/f.csv": true, "rejected/A/f.xml": false, "runs/hold-shelf/f": false} {
		_, _, _, err := bucket.Form(t.Context(), key, "")
		checkSigned(t, "a form for "+key, err, allowed)
	}
	for key, allowed := range map[string]bool{"rejected/A/f.xml": true, "sis/A/f.xml": false, "parts/1/1.json": false} {
		_, err := bucket.Link(t.Context(), key, "f.xml")
		checkSigned(t, "a link to "+key, err, allowed)
	}
}

// checkSigned is check for what never leaves the client.
func checkSigned(t *testing.T, name string, err error, allowed bool) {
	t.Helper()
	if err == nil && allowed {
		return
	}
	check(t, name, err, allowed)
}
