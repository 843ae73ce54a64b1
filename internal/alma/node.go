package alma

import "fmt"

// Limits on the form of a body, far above what any object needs, so that one megabyte cannot become a great deal of
// memory or time. A user object nests 7 levels deep in XML.
const (
	maxDepth      = 16
	maxChildren   = 1000 // entries of a list, fields of an object
	maxAttributes = 20
)

// kind is what a node is.
type kind int

const (
	nullNode kind = iota
	textNode
	numberNode
	booleanNode
	listNode
	objectNode
	elementNode // of XML: text, attributes and children at once
)

// node is one value of a parsed body, JSON or XML, not yet compared with any type.
type node struct {
	kind     kind
	name     string // of the key or element
	text     string
	attrs    []*node // XML only; text nodes
	children []*node
}

// add takes a child, up to the limit.
func (n *node) add(child *node) error {
	if len(n.children) == maxChildren {
		return badBody(fmt.Sprintf("Field %s has more than %d entries.", label(n.name), maxChildren))
	}
	n.children = append(n.children, child)
	return nil
}

// badBody says in a sentence for the caller why a body cannot be read. It never repeats a value of the body.
type badBody string

func (e badBody) Error() string { return string(e) }
