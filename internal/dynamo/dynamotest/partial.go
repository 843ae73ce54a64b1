package dynamotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// batchAnswer is the body of a BatchGetItem's answer as far as it matters here.
type batchAnswer struct {
	Responses       map[string][]map[string]json.RawMessage
	UnprocessedKeys map[string]unprocessed
}

type unprocessed struct {
	Keys           []map[string]json.RawMessage
	ConsistentRead bool
}

// halve takes the second half of the items out of the answer and names them as unprocessed, as DynamoDB does when it
// is busy or the answer would be too large.
func halve(out *middleware.DeserializeOutput) error {
	raw, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		return fmt.Errorf("an answer of type %T", out.RawResponse)
	}
	body, err := io.ReadAll(raw.Body)
	if err != nil {
		return err
	}
	var b batchAnswer
	if err := json.Unmarshal(body, &b); err != nil {
		return err
	}
	b.UnprocessedKeys = map[string]unprocessed{}
	for table, items := range b.Responses {
		kept := len(items) / 2
		left := unprocessed{ConsistentRead: true}
		for _, it := range items[kept:] {
			left.Keys = append(left.Keys, keyOf(it))
		}
		b.Responses[table], b.UnprocessedKeys[table] = items[:kept], left
	}
	if body, err = json.Marshal(b); err != nil {
		return err
	}
	raw.Body = io.NopCloser(bytes.NewReader(body))
	raw.ContentLength = int64(len(body))
	raw.Header.Del("X-Amz-Crc32")
	raw.Header.Del("Content-Length")
	return nil
}

func keyOf(it map[string]json.RawMessage) map[string]json.RawMessage {
	key := map[string]json.RawMessage{"pk": it["pk"]}
	if sk, ok := it["sk"]; ok {
		key["sk"] = sk
	}
	return key
}
