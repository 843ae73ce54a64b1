package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/internal/dynamo/dynamotest"
)

// contents is every item of every table, one a line and in order, without what a refused deletion may leave: another
// version of the record, and who wrote that.
func (d *desk) contents() string {
	d.t.Helper()
	client := dynamotest.Client(d.t)
	var lines []string
	for _, table := range []string{d.tables.Users, d.tables.Requests, d.tables.Loans, d.tables.Items, d.tables.Letters, d.tables.Jobs, d.tables.APIKeys} {
		for pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
			out, err := pages.NextPage(d.t.Context())
			if err != nil {
				d.t.Fatal(err)
			}
			for _, item := range out.Items {
				lines = append(lines, line(d, item, table == d.tables.Users))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func line(d *desk, item map[string]types.AttributeValue, ofUsers bool) string {
	if ofUsers {
		delete(item, "v")
		delete(item, "wt")
	}
	text, err := json.Marshal(item)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

// checksum is contents made short.
func (d *desk) checksum() string {
	d.t.Helper()
	sum := sha256.Sum256([]byte(d.contents()))
	return hex.EncodeToString(sum[:8])
}
