package alma

import (
	"reflect"
	"strings"
	"sync"
)

// shape is how an object is read: its fields by their names in both formats.
type shape struct {
	root     string // name of the root element, for an object that may stand alone
	keys     map[string]slot
	elements map[string]slot
	attrs    map[string]slot
	text     int // index of the field that holds the element's own text, or -1
}

// slot is one field of an object.
type slot struct {
	index   int
	item    string // of a wrapped list in XML: the name of its items
	ignored bool
}

// shapes are the shapes of every object a body may contain. A field is described by its json and xml tags;
// `alma:"output"` makes it one that is accepted and ignored, and `alma:"a b c"` on a blank field adds names that are.
// They are made when the first body is read: a function that reads none starts without them.
var shapes = sync.OnceValue(func() map[reflect.Type]*shape {
	return shapesOf(reflect.TypeFor[User](), reflect.TypeFor[Request](), reflect.TypeFor[Letter](), reflect.TypeFor[Fee](),
		reflect.TypeFor[ItemLoan](), reflect.TypeFor[NewFile]())
})

func shapesOf(types ...reflect.Type) map[reflect.Type]*shape {
	all := map[reflect.Type]*shape{}
	for _, t := range types {
		addShape(all, t)
	}
	return all
}

func addShape(all map[reflect.Type]*shape, t reflect.Type) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || all[t] != nil {
		return
	}
	s := &shape{keys: map[string]slot{}, elements: map[string]slot{}, attrs: map[string]slot{}, text: -1}
	all[t] = s
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Name == "XMLName":
			s.root = f.Tag.Get("xml")
		case f.Name == "_":
			s.ignore(f.Tag.Get("alma"))
		case f.Tag.Get("json") == "-": // it is for callers in the same process
		case f.IsExported():
			s.add(f, i)
			addShape(all, f.Type)
		}
	}
}

func (s *shape) ignore(names string) {
	for name := range strings.FieldsSeq(names) {
		s.keys[name] = slot{ignored: true}
		s.elements[name] = slot{ignored: true}
	}
}

func (s *shape) add(f reflect.StructField, index int) {
	sl := slot{index: index, ignored: f.Tag.Get("alma") == "output"}
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	s.keys[key] = sl
	name, option, _ := strings.Cut(f.Tag.Get("xml"), ",")
	wrapper, item, wrapped := strings.Cut(name, ">")
	switch {
	case strings.HasPrefix(option, "chardata"):
		s.text = index
	case strings.HasPrefix(option, "attr"):
		s.attrs[name] = sl
	case wrapped:
		sl.item = item
		s.elements[wrapper] = sl
	default:
		s.elements[name] = sl
	}
}
