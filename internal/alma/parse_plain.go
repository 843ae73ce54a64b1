package alma

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parsePlain reads a document as most are, some seven times as fast as encoding/xml: elements, attributes, text,
// CDATA sections, XML's own entities and character references, with names in ASCII, behind one of the usual
// declarations or none. The tree is the one parseWithLibrary makes of it. ok is false for whatever else XML knows, for
// what is not well formed or over a limit, and in doubt: encoding/xml then judges the document, and has the words for
// what is wrong with it.
//
// Names are parts of one copy of the document, which lives as long as the tree; texts have memory of their own. Nobody
// keeps a name, but an import keeps the primary id of every new patron: as a part of the document each would hold 3 KB.
func parsePlain(data []byte) (root *node, ok bool) {
	text := string(data)
	if !utf8.ValidString(text) || hasOdd(text) {
		return nil, false
	}
	p := plainParser{doc: withoutReturns(text)}
	p.space()
	p.declaration()
	p.space()
	if root, ok = p.element(1); !ok {
		return nil, false
	}
	p.space()
	return root, p.pos == len(p.doc)
}

// hasOdd reports whether a document has one of the characters above ASCII that XML cannot carry.
func hasOdd(text string) bool {
	return strings.Contains(text, "\uFFFE") || strings.Contains(text, "\uFFFF")
}

// withoutReturns has \n for \r\n and for \r alone: XML does not tell them apart, save where \r is a reference.
func withoutReturns(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

type plainParser struct {
	doc   string
	pos   int      // doc[pos:] is still to be read
	local []string // names of one element's attributes so far, without their prefixes

	// What the open elements have so far, the innermost one's last. It is taken off where the list or text ends.
	text  []byte
	nodes []*node

	// Nodes of the tree, and the lists in it, many in one allocation.
	slab  []node
	lists []*node
}

// slab is how many nodes, or entries of lists, are allocated at once. A user has about 120.
const slab = 64

// next is the character that is read next, and 0 at the end.
func (p *plainParser) next() byte {
	if p.pos == len(p.doc) {
		return 0
	}
	return p.doc[p.pos]
}

func (p *plainParser) space() {
	for p.next() == ' ' || p.next() == '\n' || p.next() == '\t' {
		p.pos++
	}
}

// skip goes behind what is expected next, and reports whether it was there.
func (p *plainParser) skip(expected string) bool {
	if !strings.HasPrefix(p.doc[p.pos:], expected) {
		return false
	}
	p.pos += len(expected)
	return true
}

// declarations are those that are read here. What encoding/xml finds in one is not easily told: it does not parse them.
var declarations = []string{
	`<?xml version="1.0"?>`,
	`<?xml version="1.0" encoding="UTF-8"?>`,
	`<?xml version="1.0" encoding="utf-8"?>`,
	`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`,
	`<?xml version='1.0' encoding='UTF-8'?>`,
	`<?xml version='1.0' encoding='utf-8'?>`,
}

func (p *plainParser) declaration() {
	for _, usual := range declarations {
		if p.skip(usual) {
			return
		}
	}
}

// element reads all of an element. The root's depth is 1.
func (p *plainParser) element(depth int) (n *node, ok bool) {
	if depth > maxDepth || !p.skip("<") {
		return nil, false
	}
	name, local := p.name()
	if local == "" {
		return nil, false
	}
	n = p.newNode(elementNode, local)
	if !p.attributes(n) {
		return nil, false
	}
	if p.skip("/>") {
		return n, true
	}
	return n, p.skip(">") && p.content(n, depth) && p.endTag(name)
}

// content reads what is between the tags of n, and the </ behind it.
func (p *plainParser) content(n *node, depth int) bool {
	start, first := len(p.text), len(p.nodes)
	for {
		if !p.textUntil('<') {
			return false
		}
		if p.skip("</") {
			n.text, n.children = p.textFrom(start), p.listFrom(first)
			return true
		}
		if p.skip("<![CDATA[") {
			if !p.section() {
				return false
			}
			continue
		}
		if len(p.nodes)-first == maxChildren {
			return false
		}
		child, ok := p.element(depth + 1)
		if !ok {
			return false
		}
		p.nodes = append(p.nodes, child)
	}
}

// section adds the rest of a CDATA section to p.text.
func (p *plainParser) section() bool {
	text, _, ended := strings.Cut(p.doc[p.pos:], sectionEnd)
	if !ended || checkText(text, "") != nil {
		return false
	}
	p.text = append(p.text, text...)
	p.pos += len(text) + len(sectionEnd)
	return true
}

// sectionEnd is an error in other text than that of a CDATA section or an attribute.
const sectionEnd = "]]>"

// endTag reads the rest of an end tag, which must have the start tag's name and prefix.
func (p *plainParser) endTag(name string) bool {
	if !p.skip(name) {
		return false
	}
	p.space()
	return p.skip(">")
}

// attributes reads the attributes of n, up to the end of its start tag.
func (p *plainParser) attributes(n *node) bool {
	p.local = p.local[:0]
	first := len(p.nodes)
	for p.space(); p.next() != '>' && p.next() != '/'; p.space() {
		if len(p.local) == maxAttributes || !p.attribute() {
			return false
		}
	}
	n.attrs = p.listFrom(first)
	return true
}

// attribute reads one, and keeps it where take does. Two names that differ in their prefixes alone are in doubt: both
// prefixes may stand for the same name space. So is a prefix that stands for "": with it an attribute counts as one
// without.
func (p *plainParser) attribute() bool {
	name, local := p.name()
	if local == "" || slices.Contains(p.local, local) {
		return false
	}
	p.local = append(p.local, local)
	value, ok := p.value()
	if !ok || value == "" && strings.HasPrefix(name, "xmlns:") {
		return false
	}
	if name == local && name != "xmlns" {
		a := p.newNode(textNode, name)
		a.text = value
		p.nodes = append(p.nodes, a)
	}
	return true
}

// value reads an attribute's = and the text in quotes behind it.
func (p *plainParser) value() (value string, ok bool) {
	p.space()
	if !p.skip("=") {
		return "", false
	}
	p.space()
	quote, start := p.next(), len(p.text)
	if quote != '"' && quote != '\'' {
		return "", false
	}
	p.pos++
	if !p.textUntil(quote) {
		return "", false
	}
	p.pos++
	return p.textFrom(start), true
}

// name reads a name. local is the part behind its prefix, and empty where there is no name or an odd one.
func (p *plainParser) name() (name, local string) {
	rest := p.doc[p.pos:]
	colon, end := -1, 0
	for ; end < len(rest) && inName(rest[end]); end++ {
		if rest[end] != ':' {
			continue
		}
		if colon >= 0 || end == 0 {
			return "", ""
		}
		colon = end
	}
	if end == 0 || !startsName(rest[0]) {
		return "", ""
	}
	p.pos += end
	return rest[:end], rest[colon+1 : end]
}

func startsName(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

func inName(c byte) bool {
	return startsName(c) || '0' <= c && c <= '9' || c == '-' || c == '.' || c == ':'
}

// textUntil adds a text to p.text, and stops before the end given: the < behind it, or its quote.
func (p *plainParser) textUntil(end byte) bool {
	for {
		rest, n := p.doc[p.pos:], 0
		for n < len(rest) && rest[n] != end && plainText(rest[n]) {
			n++
		}
		if end == '<' && strings.Contains(rest[:n], sectionEnd) {
			return false
		}
		p.text = append(p.text, rest[:n]...)
		p.pos += n
		if p.next() == end {
			return true
		}
		if !p.reference() {
			return false
		}
	}
}

// plainText reports whether c stands for itself in a text. What is not ASCII was looked at in the whole document.
func plainText(c byte) bool {
	return c >= ' ' && c != '<' && c != '&' || c == '\n' || c == '\t'
}

// reference adds the character that a reference stands for to p.text.
func (p *plainParser) reference() bool {
	if !p.skip("&") {
		return false
	}
	name, _, closed := strings.Cut(p.doc[p.pos:], ";")
	c, ok := character(name)
	if !ok || !closed {
		return false
	}
	p.text = utf8.AppendRune(p.text, c)
	p.pos += len(name) + 1
	return true
}

// textFrom takes what was added behind start off p.text.
func (p *plainParser) textFrom(start int) string {
	text := string(p.text[start:])
	p.text = p.text[:start]
	return text
}

// listFrom takes the nodes that were added from first on off p.nodes.
func (p *plainParser) listFrom(first int) []*node {
	added := p.nodes[first:]
	if len(added) == 0 {
		return nil
	}
	if cap(p.lists)-len(p.lists) < len(added) {
		p.lists = make([]*node, 0, max(slab, len(added)))
	}
	start := len(p.lists)
	p.lists = append(p.lists, added...)
	p.nodes = p.nodes[:first]
	return p.lists[start:len(p.lists):len(p.lists)]
}

// character is what a reference of that name stands for: the text between its & and its ;.
func character(name string) (c rune, ok bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	c = rune(n)
	return c, err == nil && utf8.ValidRune(c) && allowed(c)
}

// newNode takes one from the slab.
func (p *plainParser) newNode(kind kind, name string) *node {
	if len(p.slab) == cap(p.slab) {
		p.slab = make([]node, 0, slab)
	}
	p.slab = p.slab[:len(p.slab)+1]
	n := &p.slab[len(p.slab)-1]
	n.kind, n.name = kind, name
	return n
}
