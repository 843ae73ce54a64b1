package alma

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// parseJSON reads one JSON value and nothing after it. Unlike encoding/json it refuses duplicate keys, half surrogate
// pairs, deep nesting and characters XML cannot carry, and keeps the case of keys.
func parseJSON(data []byte) (*node, error) {
	if err := checkSurrogates(data); err != nil {
		return nil, err
	}
	p := jsonParser{json.NewDecoder(bytes.NewReader(data))}
	p.dec.UseNumber()
	n, err := p.value("", 1)
	if err != nil {
		return nil, p.explain(err)
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return nil, badBody("There is something after the JSON value.")
	}
	return n, nil
}

type jsonParser struct{ dec *json.Decoder }

func (p jsonParser) explain(err error) error {
	var bad badBody
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badBody("The JSON ends too early.")
	}
	return badBody(fmt.Sprintf("The JSON is not well formed near byte %d.", p.dec.InputOffset()))
}

func (p jsonParser) value(name string, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, badBody(fmt.Sprintf("The body is nested deeper than %d levels.", maxDepth))
	}
	token, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{name: name}
	switch t := token.(type) {
	case string:
		n.kind, n.text = textNode, t
		err = checkText(t, name)
	case json.Number:
		n.kind, n.text = numberNode, t.String()
	case bool:
		n.kind, n.text = booleanNode, strconv.FormatBool(t)
	case json.Delim:
		err = p.inside(n, t, depth)
	}
	return n, err
}

// inside reads what is between the brackets that open has opened.
func (p jsonParser) inside(n *node, open json.Delim, depth int) error {
	n.kind = listNode
	var keys map[string]bool
	if open == '{' {
		n.kind, keys = objectNode, map[string]bool{}
	}
	for p.dec.More() {
		name := n.name
		if keys != nil {
			token, err := p.dec.Token()
			if err != nil {
				return err
			}
			name, _ = token.(string)
			if keys[name] {
				return badBody("Field " + label(name) + " is given twice.")
			}
			keys[name] = true
		}
		child, err := p.value(name, depth+1)
		if err != nil {
			return err
		}
		if err := n.add(child); err != nil {
			return err
		}
	}
	_, err := p.dec.Token() // the closing bracket
	return err
}

// checkSurrogates refuses \ud800 and its like without a partner, which encoding/json would silently replace.
func checkSurrogates(data []byte) error {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++ // the character after a backslash is never the start of another escape
		switch unit := escapeAt(data, i-1); {
		case unit < 0xD800 || unit > 0xDFFF:
		case unit < 0xDC00 && isLow(escapeAt(data, i+5)):
			i += 10
		default:
			return badBody("A text contains half of a surrogate pair.")
		}
	}
	return nil
}

func isLow(unit int) bool { return unit >= 0xDC00 && unit <= 0xDFFF }

// escapeAt is the code unit of the \uXXXX at i, or -1.
func escapeAt(data []byte, i int) int {
	if i+6 > len(data) || data[i] != '\\' || data[i+1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}

// checkText refuses what XML cannot carry, so that whatever is stored can be shown in both formats.
func checkText(text, field string) error {
	for _, r := range text {
		if !allowed(r) {
			return badBody(fmt.Sprintf("Field %s contains the character U+%04X, which is not allowed.", label(field), r))
		}
	}
	return nil
}

// allowed reports whether a document in XML can carry the character.
func allowed(r rune) bool {
	return r >= 0x20 && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == '\n' || r == '\r'
}

// label is a name from the body, fit for a message.
func label(name string) string {
	const longest = 60
	if utf8.RuneCountInString(name) > longest {
		name = string([]rune(name)[:longest]) + "..."
	}
	return strconv.QuoteToGraphic(name)
}
