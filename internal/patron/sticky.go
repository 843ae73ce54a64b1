package patron

import "slices"

// StickyFields are the fields of an external patron in which a change made by staff outlives synchronisations
// (rest_user.xsd, the override parameter of PUT /users/{user_id}).
type StickyFields struct {
	UserGroup   Code `json:"user_group,omitzero"`
	JobCategory Code `json:"job_category,omitzero"`
	// PINHash is a bcrypt hash of the four-digit PIN.
	PINHash           string          `json:"pin_hash,omitempty"`
	PreferredLanguage Code            `json:"preferred_language,omitzero"`
	CampusCode        Code            `json:"campus_code,omitzero"`
	RSLibraries       []Code          `json:"rs_libraries,omitempty"`
	UserTitle         Code            `json:"user_title,omitzero"`
	LibraryNotices    []LibraryNotice `json:"library_notices,omitempty"`
	PrefFirstName     string          `json:"pref_first_name,omitempty"`
	PrefMiddleName    string          `json:"pref_middle_name,omitempty"`
	PrefLastName      string          `json:"pref_last_name,omitempty"`
	CatalogerLevel    Code            `json:"cataloger_level,omitzero"`
}

// sticky is one sticky field: its name on the wire and the operations the ownership rules need. codes are what it says,
// as codes; of a secret only that there is one.
type sticky struct {
	name   string
	secret bool
	same   func(a, b *StickyFields) bool
	empty  func(f *StickyFields) bool
	copy   func(to, from *StickyFields)
	codes  func(f *StickyFields) []Code
}

// stickyFields lists every sticky field, in the order of the override parameter's documentation.
var stickyFields = []sticky{
	codeField("user_group", func(f *StickyFields) *Code { return &f.UserGroup }),
	codeField("job_category", func(f *StickyFields) *Code { return &f.JobCategory }),
	pinField(),
	codeField("preferred_language", func(f *StickyFields) *Code { return &f.PreferredLanguage }),
	codeField("campus_code", func(f *StickyFields) *Code { return &f.CampusCode }),
	listField("rs_libraries", func(f *StickyFields) *[]Code { return &f.RSLibraries }, sameCode, func(c Code) Code { return c }),
	codeField("user_title", func(f *StickyFields) *Code { return &f.UserTitle }),
	listField("library_notices", func(f *StickyFields) *[]LibraryNotice { return &f.LibraryNotices },
		func(a, b LibraryNotice) bool { return sameCode(a.Code, b.Code) && a.Value == b.Value },
		func(n LibraryNotice) Code { return Code{n.Code.Value + "=" + showFlag(n.Value), n.Code.Desc} }),
	textField("pref_first_name", func(f *StickyFields) *string { return &f.PrefFirstName }),
	textField("pref_middle_name", func(f *StickyFields) *string { return &f.PrefMiddleName }),
	textField("pref_last_name", func(f *StickyFields) *string { return &f.PrefLastName }),
	codeField("cataloger_level", func(f *StickyFields) *Code { return &f.CatalogerLevel }),
}

// StickyNames are the wire names of the sticky fields, as the override parameter takes them.
func StickyNames() []string {
	names := make([]string, len(stickyFields))
	for i, f := range stickyFields {
		names[i] = f.name
	}
	return names
}

func sameCode(a, b Code) bool { return a.Value == b.Value }

func codeField(name string, at func(*StickyFields) *Code) sticky {
	return sticky{
		name:  name,
		same:  func(a, b *StickyFields) bool { return at(a).Value == at(b).Value },
		empty: func(f *StickyFields) bool { return at(f).Value == "" },
		copy:  func(to, from *StickyFields) { *at(to) = *at(from) },
		codes: func(f *StickyFields) []Code { return given(*at(f)) },
	}
}

func textField(name string, at func(*StickyFields) *string) sticky {
	return sticky{
		name:  name,
		same:  func(a, b *StickyFields) bool { return *at(a) == *at(b) },
		empty: func(f *StickyFields) bool { return *at(f) == "" },
		copy:  func(to, from *StickyFields) { *at(to) = *at(from) },
		codes: func(f *StickyFields) []Code { return given(Code{Value: *at(f)}) },
	}
}

// pinField is the PIN, of which nobody is shown more than that there is one.
func pinField() sticky {
	pin := textField("pin_number", func(f *StickyFields) *string { return &f.PINHash })
	pin.secret = true
	pin.codes = func(f *StickyFields) []Code {
		if f.PINHash == "" {
			return nil
		}
		return []Code{{Desc: "set"}}
	}
	return pin
}

func listField[T any](name string, at func(*StickyFields) *[]T, same func(a, b T) bool, code func(T) Code) sticky {
	return sticky{
		name:  name,
		same:  func(a, b *StickyFields) bool { return slices.EqualFunc(*at(a), *at(b), same) },
		empty: func(f *StickyFields) bool { return len(*at(f)) == 0 },
		copy:  func(to, from *StickyFields) { *at(to) = slices.Clone(*at(from)) },
		codes: func(f *StickyFields) (codes []Code) {
			for _, one := range *at(f) {
				codes = append(codes, code(one))
			}
			return codes
		},
	}
}

// given is the code, or none when it is empty.
func given(c Code) []Code {
	if c.Value == "" {
		return nil
	}
	return []Code{c}
}

// inRecord is the field as one of a record's sticky fields, those at; what tells them apart follows its name.
func (f sticky) inRecord(what string, at func(*Patron) *StickyFields) field {
	in := field{name: f.name + what, same: func(a, b *Patron) bool { return f.same(at(a), at(b)) }}
	if !f.secret {
		in.show = func(p *Patron) string { return showAll(f.codes(at(p)), showCode) }
	}
	return in
}

// manual is who changed the field by hand, as a field of the record.
func (f sticky) manual() field {
	return field{
		name: f.name + ".changed_by",
		same: func(a, b *Patron) bool {
			x, inA := a.Manual[f.name]
			y, inB := b.Manual[f.name]
			return inA == inB && sameChange(x, y)
		},
		show: func(p *Patron) string { return showChange(p.Manual[f.name]) },
	}
}
