package alma

import (
	"reflect"
	"strings"
)

// decoder fills objects from nodes by their json and xml tags. The standard library's decoders are not used because
// they accept too much (keys in any case, unknown and repeated elements, half a document) and cannot name the field.
type decoder struct {
	lenient bool
	unknown int // elements, attributes and keys that were ignored
}

// textSetter is a field that reads a text in a form of its own.
type textSetter interface{ setText(text string) }

func (d *decoder) root(v reflect.Value, n *node) error {
	shape := shapes()[v.Type()]
	switch {
	case n.kind == elementNode && n.name != shape.root:
		return badBody("The root element must be " + shape.root + ", and is " + label(n.name) + ".")
	case n.kind != elementNode && n.kind != objectNode:
		return badBody("The body must be one JSON object.")
	}
	v.SetZero()
	return d.object(v, n, "")
}

func (d *decoder) value(v reflect.Value, n *node, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if n.kind == nullNode {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem(), n, path)
	case reflect.Slice:
		return d.list(v, n, path)
	case reflect.Struct:
		if n.kind == nullNode {
			return nil
		}
		return d.object(v, n, path)
	}
	return d.leaf(v, n, path)
}

// leaf fills a text, an amount, a boolean or nothing.
func (d *decoder) leaf(v reflect.Value, n *node, path string) error {
	if n.kind == nullNode {
		return nil
	}
	if n.kind == elementNode {
		if err := d.onlyText(n, path); err != nil {
			return err
		}
	}
	text := n.text
	if strings.TrimSpace(text) == "" {
		text = ""
	}
	isText := n.kind == textNode || n.kind == elementNode
	switch v.Kind() {
	case reflect.String:
		if _, number := v.Addr().Interface().(*Amount); number && n.kind == numberNode {
			v.SetString(text)
			return nil
		}
		if !isText {
			return badBody("Field " + label(path) + " must be a text.")
		}
		if s, ok := v.Addr().Interface().(textSetter); ok {
			s.setText(text)
			return nil
		}
		v.SetString(text)
	case reflect.Bool:
		if !isText && n.kind != booleanNode {
			return badBody("Field " + label(path) + " must be true or false.")
		}
		return setBool(v, strings.TrimSpace(text), path)
	}
	return nil
}

func setBool(v reflect.Value, text, path string) error {
	switch text {
	case "true":
		v.SetBool(true)
	case "false", "":
		v.SetBool(false)
	default:
		return badBody("Field " + label(path) + " must be true or false.")
	}
	return nil
}

// onlyText says that an element that holds a text has children, or attributes besides desc and link.
func (d *decoder) onlyText(n *node, path string) error {
	for _, child := range n.children {
		if err := d.ignore("element", join(path, child.name)); err != nil {
			return err
		}
	}
	for _, a := range n.attrs {
		if a.name == "desc" || a.name == "link" {
			continue
		}
		if err := d.ignore("attribute", join(path, a.name)); err != nil {
			return err
		}
	}
	return nil
}

// ignore counts what is unknown, or refuses it.
func (d *decoder) ignore(what, path string) error {
	if !d.lenient {
		return badBody("There is no " + what + " " + label(path) + " in this object.")
	}
	d.unknown++
	return nil
}

// list fills a list from a JSON array. An absent or null list is nil, an empty one is not.
func (d *decoder) list(v reflect.Value, n *node, path string) error {
	switch n.kind {
	case nullNode:
		return nil
	case listNode:
	default:
		return badBody("Field " + label(path) + " must be a list.")
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.children), len(n.children)))
	for i, child := range n.children {
		if child.kind == nullNode {
			return badBody("Field " + label(path) + " has a null in its list.")
		}
		if err := d.value(v.Index(i), child, path); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) object(v reflect.Value, n *node, path string) error {
	shape := shapes()[v.Type()]
	if n.kind == elementNode {
		return d.element(v, shape, n, path)
	}
	if n.kind != objectNode {
		return badBody("Field " + label(path) + " must be an object.")
	}
	for _, child := range n.children {
		s, ok := shape.keys[child.name]
		if !ok {
			if err := d.ignore("field", join(path, child.name)); err != nil {
				return err
			}
			continue
		}
		if s.ignored {
			continue
		}
		if err := d.value(v.Field(s.index), child, join(path, child.name)); err != nil {
			return err
		}
	}
	trimCode(v)
	return nil
}

// element fills an object from its XML attributes, children and, where it has a place for it, text.
func (d *decoder) element(v reflect.Value, shape *shape, n *node, path string) error {
	if shape.text < 0 && strings.TrimSpace(n.text) != "" {
		return badBody("Element " + label(n.name) + " contains text between its elements.")
	}
	if shape.text >= 0 {
		if err := d.leaf(v.Field(shape.text), &node{kind: textNode, text: n.text}, path); err != nil {
			return err
		}
	}
	for _, a := range n.attrs {
		if err := d.attribute(v, shape, a, path); err != nil {
			return err
		}
	}
	seen := make(map[string]bool, len(n.children))
	for _, child := range n.children {
		if err := d.child(v, shape, child, path, seen); err != nil {
			return err
		}
	}
	trimCode(v)
	return nil
}

func (d *decoder) attribute(v reflect.Value, shape *shape, a *node, path string) error {
	s, ok := shape.attrs[a.name]
	switch {
	case ok && !s.ignored:
		return d.value(v.Field(s.index), a, join(path, a.name))
	case ok, a.name == "desc", a.name == "link":
		return nil
	}
	return d.ignore("attribute", join(path, a.name))
}

func (d *decoder) child(v reflect.Value, shape *shape, child *node, path string, seen map[string]bool) error {
	s, ok := shape.elements[child.name]
	path = join(path, child.name)
	switch {
	case !ok:
		return d.ignore("element", path)
	case s.ignored:
		return nil
	case seen[child.name]:
		return badBody("Element " + label(path) + " is given twice.")
	}
	seen[child.name] = true
	if s.item == "" {
		return d.value(v.Field(s.index), child, path)
	}
	return d.wrapped(v.Field(s.index), child, s.item, path)
}

// wrapped fills a list from the items inside its wrapper element.
func (d *decoder) wrapped(v reflect.Value, wrapper *node, item, path string) error {
	if strings.TrimSpace(wrapper.text) != "" {
		return badBody("Element " + label(path) + " contains text between its elements.")
	}
	list := reflect.MakeSlice(v.Type(), 0, len(wrapper.children))
	for _, child := range wrapper.children {
		if child.name != item {
			if err := d.ignore("element", join(path, child.name)); err != nil {
				return err
			}
			continue
		}
		one := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(one, child, join(path, item)); err != nil {
			return err
		}
		list = reflect.Append(list, one)
	}
	v.Set(list)
	return nil
}

// trimCode takes the white space of pretty-printed XML off a code, in JSON too so that both read the same, and the
// description off an empty one.
func trimCode(v reflect.Value) {
	switch c := v.Addr().Interface().(type) {
	case *Code:
		*c = c.trimmed()
	case *NullCode:
		*c = NullCode(Code(*c).trimmed())
	}
}

func (c Code) trimmed() Code {
	c.Value, c.Desc = strings.TrimSpace(c.Value), strings.TrimSpace(c.Desc)
	if c.Value == "" {
		return Code{}
	}
	return c
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
