package alma

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
)

// Test is the answer of the calls by which a client sees whether its key works (GET and POST /users/operation/test and
// /conf/test).
type Test struct {
	XMLName xml.Name `xml:"test"`
	Text    string   `xml:",chardata"`
}

// NewTest says which method was answered, and which institution answered it.
func NewTest(method, institution string) Test {
	return Test{Text: fmt.Sprintf("%s - OK - institutionCode: %s", method, institution)}
}

// MarshalJSON writes the text under the name the XML element has.
func (t Test) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]string{"test": t.Text}) }
