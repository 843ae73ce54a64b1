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

// sticky is one sticky field: its name on the wire and the operations the ownership rules need.
type sticky struct {
	name  string
	same  func(a, b *StickyFields) bool
	empty func(f *StickyFields) bool
	copy  func(to, from *StickyFields)
}

// stickyFields lists every sticky field, in the order of the override parameter's documentation.
var stickyFields = []sticky{
	codeField("user_group", func(f *StickyFields) *Code { return &f.UserGroup }),
	codeField("job_category", func(f *StickyFields) *Code { return &f.JobCategory }),
	textField("pin_number", func(f *StickyFields) *string { return &f.PINHash }),
	codeField("preferred_language", func(f *StickyFields) *Code { return &f.PreferredLanguage }),
	codeField("campus_code", func(f *StickyFields) *Code { return &f.CampusCode }),
	listField("rs_libraries", func(f *StickyFields) *[]Code { return &f.RSLibraries }, sameCode),
	codeField("user_title", func(f *StickyFields) *Code { return &f.UserTitle }),
	listField("library_notices", func(f *StickyFields) *[]LibraryNotice { return &f.LibraryNotices },
		func(a, b LibraryNotice) bool { return sameCode(a.Code, b.Code) && a.Value == b.Value }),
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
	}
}

func textField(name string, at func(*StickyFields) *string) sticky {
	return sticky{
		name:  name,
		same:  func(a, b *StickyFields) bool { return *at(a) == *at(b) },
		empty: func(f *StickyFields) bool { return *at(f) == "" },
		copy:  func(to, from *StickyFields) { *at(to) = *at(from) },
	}
}

func listField[T any](name string, at func(*StickyFields) *[]T, same func(a, b T) bool) sticky {
	return sticky{
		name:  name,
		same:  func(a, b *StickyFields) bool { return slices.EqualFunc(*at(a), *at(b), same) },
		empty: func(f *StickyFields) bool { return len(*at(f)) == 0 },
		copy:  func(to, from *StickyFields) { *at(to) = slices.Clone(*at(from)) },
	}
}
