package alma

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// parseXML reads one XML document into its root element. It refuses document types and every other directive (so
// there are no entities but XML's own five), encodings other than UTF-8, attributes given twice, and deep nesting.
func parseXML(data []byte) (*node, error) {
	if root, ok := parsePlain(data); ok {
		return root, nil
	}
	return parseWithLibrary(data)
}

// parseWithLibrary is parseXML for any document.
func parseWithLibrary(data []byte) (*node, error) {
	p := xmlParser{dec: xml.NewDecoder(bytes.NewReader(data))}
	p.dec.CharsetReader = p.charset
	for {
		token, err := p.dec.Token()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = p.take(token)
		}
		if err != nil {
			return nil, p.explain(err)
		}
	}
	if p.root == nil {
		return nil, badBody("The XML has no element.")
	}
	return p.root, nil
}

type xmlParser struct {
	dec  *xml.Decoder
	root *node
	open []*openElement
}

// openElement is an element that is not yet closed, with its text so far.
type openElement struct {
	*node
	chars []byte
}

var errCharset = errors.New("the encoding is not UTF-8")

// charset is asked for every encoding but UTF-8. Of those only US-ASCII is a part of it.
func (p *xmlParser) charset(name string, in io.Reader) (io.Reader, error) {
	if strings.EqualFold(name, "us-ascii") {
		return in, nil
	}
	return nil, errCharset
}

func (p *xmlParser) explain(err error) error {
	var bad badBody
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.Is(err, errCharset) || strings.Contains(err.Error(), errCharset.Error()):
		return badBody("The XML declares another encoding than UTF-8. Send it in UTF-8.")
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Msg, "invalid character entity"):
		return badBody(fmt.Sprintf("The XML uses an entity that is not defined in line %d.", syntax.Line))
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Msg, "illegal character code"):
		return badBody(fmt.Sprintf("The XML contains a character that is not allowed in line %d.", syntax.Line))
	}
	line, _ := p.dec.InputPos()
	return badBody(fmt.Sprintf("The XML is not well formed near line %d.", line))
}

func (p *xmlParser) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		last := p.open[len(p.open)-1]
		last.text = string(last.chars)
		p.open = p.open[:len(p.open)-1]
	case xml.CharData:
		return p.chars(t)
	case xml.Directive:
		return badBody("The XML contains a document type or another directive, which is not allowed.")
	}
	return nil // comments and processing instructions say nothing
}

func (p *xmlParser) start(t xml.StartElement) error {
	if len(p.open) == maxDepth {
		return badBody(fmt.Sprintf("The body is nested deeper than %d levels.", maxDepth))
	}
	n := &node{kind: elementNode, name: t.Name.Local}
	if err := n.take(t.Attr); err != nil {
		return err
	}
	switch {
	case len(p.open) > 0:
		if err := p.open[len(p.open)-1].add(n); err != nil {
			return err
		}
	case p.root != nil:
		return badBody("The XML has more than one root element.")
	default:
		p.root = n
	}
	p.open = append(p.open, &openElement{node: n})
	return nil
}

// take keeps the attributes that have no prefix; those with one are XML's own (xmlns, xsi, xml:space).
func (n *node) take(attrs []xml.Attr) error {
	if len(attrs) > maxAttributes {
		return badBody(fmt.Sprintf("Element %s has more than %d attributes.", label(n.name), maxAttributes))
	}
	for i, a := range attrs {
		same := func(b xml.Attr) bool { return b.Name == a.Name }
		if slices.ContainsFunc(attrs[:i], same) {
			return badBody("Attribute " + label(a.Name.Local) + " is given twice.")
		}
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			n.attrs = append(n.attrs, &node{kind: textNode, name: a.Name.Local, text: a.Value})
		}
	}
	return nil
}

func (p *xmlParser) chars(text []byte) error {
	if len(p.open) > 0 {
		last := p.open[len(p.open)-1]
		last.chars = append(last.chars, text...)
		return nil
	}
	if len(bytes.TrimSpace(text)) > 0 {
		return badBody("There is text outside the root element.")
	}
	return nil
}
