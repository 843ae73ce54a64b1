package institution

import (
	"fmt"
	"slices"
	"strings"
)

// CSVField is the path of a field of Alma's user object, taken apart: address.home.line1 has the name address, the type
// home and the part line1.
type CSVField struct{ Name, Type, Part string }

// The names a path may begin with, by what must follow.
var (
	plainFields = strings.Fields(`primary_id first_name middle_name last_name pref_first_name pref_middle_name pref_last_name
		pref_name_suffix pin_number job_description web_site_url birth_date expiry_date purge_date user_title job_category
		gender user_group campus_code cataloger_level preferred_language status rs_library`)
	typedFields  = strings.Fields("user_identifier email phone library_notice")
	addressParts = strings.Fields("line1 line2 line3 line4 line5 city state_province postal_code country address_note start_date end_date")
	// notFromFile are fields a file has no say in.
	notFromFile = strings.Fields("record_type account_type external_id password user_role user_roles user_block user_blocks")
)

// registrarsNote is Alma's code, misspelled as there.
const registrarsNote = "REGISTAR"

// ParseCSVField takes a path apart. The error says in a sentence why there is no such field.
func ParseCSVField(path string) (CSVField, error) {
	name, rest, _ := strings.Cut(path, ".")
	f := CSVField{Name: name, Type: rest}
	switch {
	case path == "note":
		return CSVField{Name: "note", Type: registrarsNote}, nil
	case path == "statistic", slices.Contains(plainFields, path):
		return f, nil
	case rest != "" && (name == "note" || name == "statistic" || slices.Contains(typedFields, name)):
		return f, nil
	case slices.Contains(typedFields, path):
		return f, fmt.Errorf("%s needs a type behind it, as in %s.TYPE", path, path)
	case name == "address":
		return addressField(path, rest)
	case slices.Contains(notFromFile, name):
		return f, fmt.Errorf("%s is not taken from a file", name)
	}
	return f, fmt.Errorf("there is no field %q; there are %s", path, strings.Join(CSVPaths(), ", "))
}

func addressField(path, rest string) (CSVField, error) {
	dot := strings.LastIndexByte(rest, '.')
	if dot < 1 || !slices.Contains(addressParts, rest[dot+1:]) {
		return CSVField{}, fmt.Errorf("%s is no part of an address; give a type and a part, as in address.home.line1", path)
	}
	return CSVField{Name: "address", Type: rest[:dot], Part: rest[dot+1:]}, nil
}

// IsDate reports whether the field is a calendar day.
func (f CSVField) IsDate() bool {
	return strings.HasSuffix(f.Name, "_date") || strings.HasSuffix(f.Part, "_date")
}

// IsList reports whether a person may have several values of the field.
func (f CSVField) IsList() bool {
	return slices.Contains([]string{"user_identifier", "email", "phone", "note", "statistic", "rs_library"}, f.Name)
}

// CSVPaths are the paths of all fields, with the type TYPE where there are types.
func CSVPaths() []string {
	paths := append(slices.Clone(plainFields), "note", "note.TYPE", "statistic", "statistic.TYPE")
	for _, name := range typedFields {
		paths = append(paths, name+".TYPE")
	}
	for _, part := range addressParts {
		paths = append(paths, "address.TYPE."+part)
	}
	return paths
}
