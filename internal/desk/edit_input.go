package desk

import (
	"strings"

	"patrondesk/internal/alma"
)

// values are what stands in a form, by the names of its fields.
type values map[string]string

// The ways in which a field is entered. Each is the type of an input, save the last three.
const (
	asText   = "text"
	asEmail  = "email"
	asPhone  = "tel"
	asDay    = "date"
	asSecret = "password"
	asArea   = "area"
	asCode   = "code"
	asCheck  = "check"
)

// checked is the value of a box that is ticked.
const checked = "on"

// formField is a field of a form: its name on the wire, how it is entered, and the table its codes are of.
type formField struct{ name, as, table string }

// speaks reports whether what stands in the field says something by itself: a type alone makes no address.
func (f formField) speaks() bool { return f.as != asCode && f.as != asCheck }

// formInput is a field of a form about a T, and where it stands in one.
type formInput[T any] struct {
	formField
	get func(*T) string
	set func(*T, string)
}

func textInput[T any, S ~string](name, as string, at func(*T) *S) formInput[T] {
	return formInput[T]{
		formField{name: name, as: as},
		func(o *T) string { return string(*at(o)) },
		func(o *T, value string) { *at(o) = S(value) },
	}
}

// dayInput is a day, which is written on the wire with a Z and in forms without.
func dayInput[T any](name string, at func(*T) *string) formInput[T] {
	return formInput[T]{
		formField{name: name, as: asDay},
		func(o *T) string { return strings.TrimSuffix(*at(o), "Z") },
		func(o *T, value string) { *at(o) = value },
	}
}

func codeInput[T any](name, table string, at func(*T) *alma.Code) formInput[T] {
	return formInput[T]{
		formField{name: name, as: asCode, table: table},
		func(o *T) string { return at(o).Value },
		func(o *T, value string) {
			if at(o).Value != value {
				*at(o) = alma.Code{Value: value}
			}
		},
	}
}

// wordInput is a code that stands without a description.
func wordInput[T any](name, table string, at func(*T) *string) formInput[T] {
	in := textInput(name, asCode, at)
	in.table = table
	return in
}

// kindsInput is a list of types, of which one is chosen. Several that are there stay until another one is.
func kindsInput[T any](name, table string, at func(*T) *[]alma.Code) formInput[T] {
	in := formInput[T]{formField: formField{name: name, as: asCode, table: table}}
	in.get = func(o *T) string {
		var all []string
		for _, code := range *at(o) {
			all = append(all, code.Value)
		}
		return strings.Join(all, ",")
	}
	in.set = func(o *T, value string) {
		if value == in.get(o) {
			return
		}
		*at(o) = nil
		for code := range strings.SplitSeq(value, ",") {
			if code != "" {
				*at(o) = append(*at(o), alma.Code{Value: code})
			}
		}
	}
	return in
}

func checkInput[T any](name string, at func(*T) *bool) formInput[T] {
	return formInput[T]{
		formField{name: name, as: asCheck},
		func(o *T) string {
			if *at(o) {
				return checked
			}
			return ""
		},
		func(o *T, value string) { *at(o) = value == checked },
	}
}

// fieldsOf are the fields of inputs, without where they stand.
func fieldsOf[T any](inputs []formInput[T]) []formField {
	fields := make([]formField, len(inputs))
	for i, in := range inputs {
		fields[i] = in.formField
	}
	return fields
}
