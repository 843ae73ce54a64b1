package alma

import (
	"encoding/json"
	"encoding/xml"
)

// NullText is a text Alma shows as null in JSON, and leaves out in XML, when it is empty.
type NullText string

// MarshalJSON writes null for the empty text.
func (t NullText) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return marshalJSON(string(t))
}

// NullCode is a coded value Alma shows as {"value":null,"desc":null} in JSON, and leaves out in XML, when it is empty.
type NullCode Code

// MarshalJSON writes null for an empty value and for an empty description.
func (c NullCode) MarshalJSON() ([]byte, error) {
	return marshalJSON(struct {
		Value NullText `json:"value"`
		Desc  NullText `json:"desc"`
	}{NullText(c.Value), NullText(c.Desc)})
}

// MarshalXML writes nothing for an empty value.
func (c NullCode) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if c.Value == "" {
		return nil
	}
	return e.EncodeElement(Code(c), start)
}

var (
	_ json.Marshaler = NullText("")
	_ json.Marshaler = NullCode{}
	_ xml.Marshaler  = NullCode{}
)
