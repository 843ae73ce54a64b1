package dynamo

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item, a key, or the values of an expression.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
func truth() types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: true} }

func texts(all []string) types.AttributeValue {
	list := make([]types.AttributeValue, len(all))
	for i, s := range all {
		list[i] = text(s)
	}
	return &types.AttributeValueMemberL{Value: list}
}

// text is the attribute of that name, or "" when it is absent.
func (it item) text(name string) string {
	if v, ok := it[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// number is the attribute of that name, or 0 when it is absent.
func (it item) number(name string) int64 {
	v, ok := it[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (it item) truth(name string) bool {
	v, ok := it[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func (it item) texts(name string) []string {
	v, ok := it[name].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	all := make([]string, len(v.Value))
	for i := range v.Value {
		all[i] = item{aID: v.Value[i]}.text(aID)
	}
	return all
}

// with is the item with more attributes, which win.
func (it item) with(more item) item {
	all := maps.Clone(it)
	maps.Copy(all, more)
	return all
}

// expired reports whether the item counts as absent at now, whether or not DynamoDB has removed it.
func (it item) expired(now time.Time) bool {
	ttl := it.number(aTTL)
	return ttl != 0 && ttl <= now.Unix()
}

// maxItem is the size of an item DynamoDB takes.
const maxItem = 400 << 10

// size is the item's size as DynamoDB counts it, for the types used here.
func (it item) size() int {
	total := 0
	for name, v := range it {
		total += len(name)
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			total += len(v.Value)
		case *types.AttributeValueMemberN:
			total += len(v.Value)/2 + 2
		case *types.AttributeValueMemberL:
			total += 3
			for _, e := range v.Value {
				total += 1 + item{"": e}.size()
			}
		default:
			total++
		}
	}
	return total
}

// record is the item of a domain record: its key, the record as doc, its version and the token of the write.
func record(key item, doc any, version int64, token string) (item, error) {
	encoded, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	return key.with(item{aDoc: text(string(encoded)), aVersion: number(version), aOwn: text(token)}), nil
}

// decode reads the domain record of an item.
func decode[T any](it item) (T, error) {
	var doc T
	if err := json.Unmarshal([]byte(it.text(aDoc)), &doc); err != nil {
		return doc, fmt.Errorf("decode a stored record: %w", err)
	}
	return doc, nil
}

// newToken is a token no other write has.
func newToken() string { return rand.Text() }
