package institution

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// CSV tells how an SIS profile's files are read when they are no XML: which column is which field of Alma's user
// object. It is the setting csv of the profile:
//
//	"csv": {
//	  "encoding": "windows-1252",
//	  "columns": {
//	    "Student No":  {"field": "primary_id"},
//	    "Card":        {"field": "user_identifier.BARCODE", "separator": "|"},
//	    "Surname":     {"field": "last_name"},
//	    "Level":       {"field": "user_group", "values": {"UG": "01", "PG": "02", "*": "09"}, "default": "09"},
//	    "Leaves":      {"field": "expiry_date", "date": "02.01.2006"},
//	    "Uni mail":    {"field": "email.school"},
//	    "Street":      {"field": "address.home.line1"},
//	    "Town":        {"field": "address.home.city"}
//	  },
//	  "fixed": {"preferred_language": "en"},
//	  "preferred": {"email": "school"}
//	}
//
// The first row of a file is its header. Every column named here must be in it, in any order; the file's other columns
// are ignored and counted. Cells are trimmed. A column whose cell is empty, and that has no default, leaves its field
// empty; what that means for a patron the library knows already is told by the profile.
type CSV struct {
	// Delimiter stands between the cells. Left out, it is the one of , ; and tab that makes most sense of the header.
	Delimiter string `json:"delimiter,omitempty"`
	// Encoding is that of a file without a byte order mark, one of [CSVEncodings]; UTF-8 when left out.
	Encoding string `json:"encoding,omitempty"`
	// Columns are the columns by their names in the header, upper and lower case and white space around them aside.
	Columns map[string]Column `json:"columns"`
	// Fixed are fields that have the same value in every record, by their paths as in [Column].
	Fixed map[string]string `json:"fixed,omitempty"`
	// Preferred chooses among several addresses, e-mails and phones.
	Preferred Preferred `json:"preferred,omitzero"`
}

// Column tells what the cells of one column are.
type Column struct {
	// Field is the path of the field in Alma's user object; several, with spaces between them, take the same value.
	//
	//	primary_id first_name middle_name last_name pref_first_name pref_middle_name pref_last_name pref_name_suffix
	//	pin_number job_description web_site_url birth_date expiry_date purge_date
	//	user_title job_category gender user_group campus_code cataloger_level preferred_language status (codes)
	//	user_identifier.TYPE  an identifier, such as user_identifier.BARCODE
	//	email.TYPE phone.TYPE an e-mail address or phone number, such as email.school and phone.mobile
	//	address.TYPE.PART     a part of an address, such as address.home.line1; the parts are line1 to line5, city,
	//	                      state_province, postal_code, country, address_note, start_date and end_date
	//	note.TYPE             a note; note alone is of Alma's type REGISTAR, the registrar's
	//	statistic.TYPE        a statistical category of that category type; statistic alone is of none
	//	rs_library            the code of a resource sharing library
	//	library_notice.CODE   true or false: whether the person wants the letter of that code
	Field string `json:"field"`
	// Values replaces what the cells hold by what Alma calls it. A value it does not have is a mistake in the record,
	// unless there is the entry "*" for every other one. In a column of dates, every other one is read as a date.
	Values map[string]string `json:"values,omitempty"`
	// Default is the field's value where the cell is empty, as Alma has it: neither Values nor Date is applied to it.
	Default string `json:"default,omitempty"`
	// Date is how a date is written, as the second of January 2006 would be: 02.01.2006, 1/2/2006 for American ones.
	// Left out, dates are as Alma's: 2006-01-02.
	Date string `json:"date,omitempty"`
	// Separator stands between several values in one cell, where the field may have several.
	Separator string `json:"separator,omitempty"`
}

// Preferred are the types of which the preferred address, e-mail, phone and phone for text messages are. Where a record
// has none of that type, or none is named here, the first of the file's columns wins; without a type, there is no phone
// for text messages.
type Preferred struct {
	Email   string `json:"email,omitempty"`
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
	SMS     string `json:"sms,omitempty"`
}

// CSVEncodings are the encodings that may be set, by their names on the web. They are listed here, and not asked of the
// library that decodes them, because its tables are larger than many a function that reads the settings.
var CSVEncodings = strings.Fields(`utf-8 utf-16le utf-16be iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6
	iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 windows-874 windows-1250
	windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 macintosh
	koi8-r koi8-u ibm866 shift_jis euc-jp euc-kr gbk gb18030 big5`)

// AnyOther is the key in a column's Values that stands for every value that is not a key.
const AnyOther = "*"

// Finder gives the function that finds what the settings say of a column of the file.
func (c *CSV) Finder() func(header string) (Column, bool) {
	byName := make(map[string]Column, len(c.Columns))
	for name, column := range c.Columns {
		byName[foldHeader(name)] = column
	}
	return func(header string) (Column, bool) {
		column, ok := byName[foldHeader(header)]
		return column, ok
	}
}

// Missing are the columns of the settings that a file's header does not have, in order.
func (c *CSV) Missing(header []string) []string {
	has := map[string]bool{}
	for _, name := range header {
		has[foldHeader(name)] = true
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(c.Columns)) {
		if !has[foldHeader(name)] {
			missing = append(missing, name)
		}
	}
	return missing
}

func foldHeader(name string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(name))) }

// Fields are the paths of all fields the settings fill, in order.
func (c *CSV) Fields() []string {
	fields := slices.Collect(maps.Keys(c.Fixed))
	for _, column := range c.Columns {
		fields = append(fields, strings.Fields(column.Field)...)
	}
	slices.Sort(fields)
	return fields
}

// Check refuses settings that contradict themselves, in words for whoever wrote them.
func (c *CSV) Check() error {
	if err := errors.Join(c.checkForm(), c.checkColumns(), c.checkFixed()); err != nil {
		return err // what follows would only say the same in other words
	}
	return errors.Join(c.checkFields(), c.checkPreferred())
}

func (c *CSV) checkForm() error {
	var bad []error
	if d := c.Delimiter; d != "" && (len(d) != 1 || strings.Trim(d, " !#$%&'()*+,-./:;<=>?@[]^_`{|}~\t") != "") {
		bad = append(bad, fmt.Errorf("the delimiter %q is not one of the characters that may stand between cells, such as ; or \\t", d))
	}
	if c.Encoding != "" && !slices.Contains(CSVEncodings, strings.ToLower(c.Encoding)) {
		bad = append(bad, fmt.Errorf("the encoding %q is not known; it may be one of %s", c.Encoding, strings.Join(CSVEncodings, ", ")))
	}
	return errors.Join(bad...)
}

func (c *CSV) checkColumns() error {
	if len(c.Columns) == 0 {
		return errors.New("there are no columns")
	}
	var bad []error
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Columns)) {
		folded := foldHeader(name)
		if other, ok := seen[folded]; ok {
			bad = append(bad, fmt.Errorf("the columns %q and %q are the same one", other, name))
		}
		seen[folded] = name
		if folded == "" {
			bad = append(bad, errors.New("a column has no name"))
		}
		if err := c.Columns[name].check(); err != nil {
			bad = append(bad, fmt.Errorf("column %q: %w", name, err))
		}
	}
	return errors.Join(bad...)
}

func (c Column) check() error {
	paths := strings.Fields(c.Field)
	if len(paths) == 0 {
		return errors.New("it has no field")
	}
	for _, path := range paths {
		f, err := ParseCSVField(path)
		switch {
		case err != nil:
			return err
		case c.Date != "" && !f.IsDate():
			return fmt.Errorf("it has the setting date, and %s is no date", path)
		case c.Separator != "" && !f.IsList():
			return fmt.Errorf("it has a separator, and there can be only one %s", path)
		}
	}
	if c.Separator != "" && strings.TrimSpace(c.Separator) == "" && c.Separator != " " && c.Separator != "\n" {
		return errors.New("the separator is only white space; leave it out, or give one space or line feed")
	}
	for from := range c.Values {
		if strings.TrimSpace(from) != from || from == "" {
			return fmt.Errorf("the value %q is empty or has white space around it, and cells are trimmed; for empty cells there is the setting default", from)
		}
	}
	return c.checkDate(paths)
}

// checkDate tries the layout on two days. Two digits of a year are not enough for a birth date.
func (c Column) checkDate(paths []string) error {
	if c.Date == "" {
		return nil
	}
	days := []time.Time{time.Date(2031, 11, 22, 0, 0, 0, 0, time.UTC)}
	if slices.Contains(paths, "birth_date") {
		days = append(days, time.Date(1931, 11, 22, 0, 0, 0, 0, time.UTC))
	}
	for _, day := range days {
		got, err := time.Parse(c.Date, day.Format(c.Date))
		if err != nil || got.Format(time.DateOnly) != day.Format(time.DateOnly) {
			return fmt.Errorf("the date %q does not give the whole day; write the second of January 2006 as the file would, such as 02.01.2006", c.Date)
		}
	}
	return nil
}

func (c *CSV) checkFixed() error {
	var bad []error
	for _, path := range slices.Sorted(maps.Keys(c.Fixed)) {
		if _, err := ParseCSVField(path); err != nil {
			bad = append(bad, fmt.Errorf("fixed: %w", err))
		} else if strings.TrimSpace(c.Fixed[path]) == "" {
			bad = append(bad, fmt.Errorf("fixed: %s has no value", path))
		}
	}
	return errors.Join(bad...)
}

// checkFields looks at all fields together.
func (c *CSV) checkFields() error {
	fields := c.Fields()
	var bad []error
	for i, path := range fields {
		if i > 0 && path == fields[i-1] {
			bad = append(bad, fmt.Errorf("the field %s is given twice", path))
		}
		f, _ := ParseCSVField(path)
		if line1 := "address." + f.Type + ".line1"; f.Name == "address" && !slices.Contains(fields, line1) {
			bad = append(bad, fmt.Errorf("there is %s and not %s, without which it is no address", path, line1))
		}
	}
	if !slices.Contains(fields, "last_name") {
		bad = append(bad, errors.New("no column is last_name, which every patron must have"))
	}
	if !slices.ContainsFunc(fields, func(path string) bool { return path == "primary_id" || strings.HasPrefix(path, "user_identifier.") }) {
		bad = append(bad, errors.New("no column is primary_id or an identifier, so nobody could be found again"))
	}
	return errors.Join(bad...)
}

func (c *CSV) checkPreferred() error {
	var bad []error
	for _, want := range []struct{ setting, kind, of string }{
		{"email", "email", c.Preferred.Email}, {"address", "address", c.Preferred.Address},
		{"phone", "phone", c.Preferred.Phone}, {"sms", "phone", c.Preferred.SMS},
	} {
		has := func(path string) bool {
			f, _ := ParseCSVField(path)
			return f.Name == want.kind && f.Type == want.of
		}
		if want.of != "" && !slices.ContainsFunc(c.Fields(), has) {
			bad = append(bad, fmt.Errorf("preferred: %s is %q, and no column is %s.%s", want.setting, want.of, want.kind, want.of))
		}
	}
	return errors.Join(bad...)
}
