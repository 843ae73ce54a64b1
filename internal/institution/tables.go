package institution

import (
	"slices"
	"strings"
)

// Table is the rows of a code table; ok is false when the institution knows no table of that name.
func (i *Institution) Table(name string) (rows []Row, ok bool) {
	rows, ok = i.CodeTables[name]
	return rows, ok
}

// TableLanguage is the language a table is shown in to somebody who asks for lang: that one when any of its rows is
// translated, else the institution's own.
func (i *Institution) TableLanguage(name, lang string) string {
	lang = strings.ToLower(lang)
	for _, row := range i.CodeTables[name] {
		if row.Translations[lang] != "" {
			return lang
		}
	}
	return i.DefaultLanguage()
}

// Describe is the description of a code in a language, or in the institution's own when it is not translated. known
// is false when the table does not have the code.
func (i *Institution) Describe(table, code, lang string) (desc string, known bool) {
	for _, row := range i.CodeTables[table] {
		if row.Code == code {
			if text, ok := row.Translations[lang]; ok {
				return text, true
			}
			return row.Description, true
		}
	}
	return "", false
}

// Legal reports whether the code is an enabled row of the table, or the institution left the table open by giving
// it no rows.
func (i *Institution) Legal(table, code string) bool {
	rows := i.CodeTables[table]
	return len(rows) == 0 || slices.ContainsFunc(rows, func(r Row) bool { return r.Code == code && !r.Disabled })
}

// Allowed reports whether a record of that type may have that code of the tables UserGroups, JobCategories and
// UserIdentifierTypes (Alma's mapping table UserRecordTypeUserGroup and its like).
func (i *Institution) Allowed(recordType, table, code string) bool {
	limits := i.RecordTypes[recordType]
	list := map[string][]string{
		"UserGroups": limits.UserGroups, "JobCategories": limits.JobCategories, "UserIdentifierTypes": limits.IdentifierTypes,
	}[table]
	return len(list) == 0 || slices.Contains(list, code)
}

// Mandatory are the wire names of the fields a record of that type must have, beyond Alma's own.
func (i *Institution) Mandatory(recordType string) []string {
	return i.RecordTypes[recordType].Mandatory
}

// WithVendor reports whether the account is with the vendor, as far as the table VendorAccounts tells.
func (i *Institution) WithVendor(account, vendor string) bool {
	return !slices.ContainsFunc(i.CodeTables["VendorAccounts"], func(r Row) bool {
		return r.Code == account && r.Vendor != "" && r.Vendor != vendor
	})
}

// Profile reports whether there is an SIS profile of that code.
func (i *Institution) Profile(code string) bool {
	_, ok := i.SISProfile(code)
	return ok
}

// SISProfile is the SIS profile of that code.
func (i *Institution) SISProfile(code string) (SISProfile, bool) {
	for _, p := range i.SISProfiles {
		if p.Code == code {
			return p, true
		}
	}
	return SISProfile{}, false
}

// Library is the library of that code.
func (i *Institution) Library(code string) (Library, bool) {
	for _, l := range i.Libraries {
		if l.Code == code {
			return l, true
		}
	}
	return Library{}, false
}

// Desk is the circulation desk of that code in the library.
func (l Library) Desk(code string) (Desk, bool) {
	for _, d := range l.Desks {
		if d.Code == code {
			return d, true
		}
	}
	return Desk{}, false
}

// DefaultLanguage is the language of somebody who stated none.
func (i *Institution) DefaultLanguage() string { return strings.ToLower(i.Language) }
