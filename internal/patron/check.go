package patron

import (
	"net/mail"
	"strconv"
	"strings"
)

// Codes are the institution's code tables and limits, as the rules of a record need them.
type Codes interface {
	// Legal reports whether the code is in the table, or the institution left the table open.
	Legal(table, code string) bool
	// Allowed reports whether a record of that type may have that code of the table.
	Allowed(recordType, table, code string) bool
	// WithVendor reports whether the account may be one with the vendor.
	WithVendor(account, vendor string) bool
	// Profile reports whether the institution has an SIS profile of that code.
	Profile(code string) bool
	// Mandatory are the wire names of the fields a record of that type must have, beyond Alma's own.
	Mandatory(recordType string) []string
}

// Check applies every rule of a record (rest_user.xsd and, for record types, Alma's page on managing users) and
// returns the first that is broken: [*MissingError], [*IllegalError], [*UnsupportedError], [*TakenError] when the
// record has an identifier twice, or one of the errors without fields.
func (p Patron) Check(c Codes) error {
	for _, rule := range []func(Codes) error{
		p.checkTypes, p.checkMandatory, p.checkLengths, p.checkGroup, p.checkCoded, p.checkContactInfo, p.checkIdentifiers,
		p.checkRoles, p.checkBlocksAndNotes, p.checkContact,
	} {
		if err := rule(c); err != nil {
			return err
		}
	}
	return nil
}

func (p Patron) checkTypes(c Codes) error {
	switch p.RecordType {
	case Public, Staff, Contact:
	case "":
		return &MissingError{"record_type"}
	default:
		return &IllegalError{"record type", string(p.RecordType)}
	}
	switch p.AccountType {
	case Internal, External:
	case "INTEXTAUTH":
		return ErrInternalWithExternalAuth
	case "":
		return &MissingError{"account_type"}
	default:
		return ErrAccountType
	}
	if p.AccountType == Internal && p.ExternalID != "" {
		return ErrExternalIDGiven
	}
	if p.AccountType == External && !c.Profile(p.ExternalID) {
		return ErrExternalIDMissing
	}
	if p.Status != Active && p.Status != Inactive {
		return &IllegalError{"status", string(p.Status)}
	}
	return nil
}

func (p Patron) checkMandatory(c Codes) error {
	given := map[string]bool{
		"primary_id": strings.TrimSpace(p.PrimaryID) != "", "first_name": p.FirstName != "", "last_name": p.LastName != "",
		"user_group": p.UserGroup.Value != "", "job_category": p.JobCategory.Value != "", "gender": p.Gender.Value != "",
		"campus_code": p.CampusCode.Value != "", "preferred_language": p.PreferredLanguage.Value != "",
		"birth_date": p.BirthDate != "", "expiry_date": p.ExpiryDate != "", "purge_date": p.PurgeDate != "",
		"address": len(p.Addresses) > 0, "email": len(p.Emails) > 0, "phone": len(p.Phones) > 0,
		"user_identifier": len(p.Identifiers) > 0, "vendor": p.Vendor.Value != "",
	}
	for _, field := range append([]string{"primary_id", "last_name"}, c.Mandatory(string(p.RecordType))...) {
		if !given[field] {
			return &MissingError{field}
		}
	}
	return nil
}

// Lengths in characters, from the string types of rest_user.xsd.
const (
	shortText = 255
	noteText  = 2000
)

func (p Patron) checkLengths(Codes) error {
	for _, f := range []struct{ name, value string }{
		{"primary_id", p.PrimaryID}, {"first_name", p.FirstName}, {"middle_name", p.MiddleName}, {"last_name", p.LastName},
		{"pref_first_name", p.PrefFirstName}, {"pref_middle_name", p.PrefMiddleName}, {"pref_last_name", p.PrefLastName},
		{"pref_name_suffix", p.PrefNameSuffix}, {"job_description", p.JobDescription}, {"web_site_url", p.WebSiteURL},
	} {
		if tooLong(f.value, shortText) {
			return &IllegalError{f.name, shorten(f.value)}
		}
	}
	return nil
}

func (p Patron) checkGroup(c Codes) error {
	group := p.UserGroup.Value
	if group != "" && !c.Legal("UserGroups", group) {
		return ErrUserGroup
	}
	if group != "" && !c.Allowed(string(p.RecordType), "UserGroups", group) {
		return &UnsupportedError{"user group", group, p.RecordType}
	}
	if job := p.JobCategory.Value; job != "" && c.Legal("JobCategories", job) && !c.Allowed(string(p.RecordType), "JobCategories", job) {
		return &UnsupportedError{"job category", job, p.RecordType}
	}
	return nil
}

// coded is a code in a field, with the code table that says whether it is legal.
type coded struct{ field, table, value string }

func (p Patron) checkCoded(c Codes) error {
	codes := []coded{
		{"job category", "JobCategories", p.JobCategory.Value}, {"gender", "Genders", p.Gender.Value},
		{"campus", "CampusCodes", p.CampusCode.Value}, {"user title", "UserTitles", p.UserTitle.Value},
		{"preferred language", "UserPreferredLanguage", p.PreferredLanguage.Value},
		{"cataloger level", "CatalogerLevels", p.CatalogerLevel.Value},
		{"vendor", "Vendors", p.Vendor.Value}, {"vendor account", "VendorAccounts", p.VendorAccount.Value},
	}
	for _, lib := range p.RSLibraries {
		codes = append(codes, coded{"resource sharing library", "Libraries", lib.Value})
	}
	for _, n := range p.LibraryNotices {
		codes = append(codes, coded{"library notice", "LibraryNoticesOptInDisplay", n.Code.Value})
	}
	for _, s := range p.Statistics {
		if s.Category.Value == "" {
			return &MissingError{"statistic_category"}
		}
		codes = append(codes, coded{"statistic category", "UserStatisticalCategories", s.Category.Value})
	}
	return legal(c, codes)
}

func legal(c Codes, codes []coded) error {
	for _, code := range codes {
		if code.value != "" && !c.Legal(code.table, code.value) {
			return &IllegalError{code.field, shorten(code.value)}
		}
	}
	return nil
}

func (p Patron) checkContactInfo(c Codes) error {
	var preferred [4]int
	count := func(kind int, is bool) {
		if is {
			preferred[kind]++
		}
	}
	for _, a := range p.Addresses {
		if err := a.check(c); err != nil {
			return err
		}
		count(0, a.Preferred)
	}
	for _, e := range p.Emails {
		if err := e.check(c); err != nil {
			return err
		}
		count(1, e.Preferred)
	}
	for _, f := range p.Phones {
		if err := f.check(c); err != nil {
			return err
		}
		count(2, f.Preferred)
		count(3, f.PreferredSMS)
	}
	for kind, field := range []string{"preferred address", "preferred email", "preferred phone", "preferred SMS phone"} {
		if preferred[kind] > 1 {
			return &IllegalError{field, strconv.Itoa(preferred[kind]) + " of them"}
		}
	}
	return nil
}

// check applies the rules of an address. A city is not asked of the SIS: real feeds have addresses without one.
func (a Address) check(c Codes) error {
	if len(a.Lines) == 0 || strings.TrimSpace(a.Lines[0]) == "" {
		return &MissingError{"line1"}
	}
	if a.City == "" && a.Segment != ExternalSegment {
		return &MissingError{"city"}
	}
	for _, text := range append([]string{a.City, a.StateProvince, a.PostalCode, a.Country.Value}, a.Lines...) {
		if tooLong(text, shortText) {
			return &IllegalError{"address", shorten(text)}
		}
	}
	if tooLong(a.Note, noteText) {
		return &IllegalError{"address_note", shorten(a.Note)}
	}
	return checkKinds(c, "address_type", "address type", "AddressTypes", a.Types)
}

func (e Email) check(c Codes) error {
	if e.Address == "" {
		return &MissingError{"email_address"}
	}
	parsed, err := mail.ParseAddress(e.Address)
	if err != nil || parsed.Address != e.Address || tooLong(e.Address, shortText) {
		return &IllegalError{"email address", shorten(e.Address)}
	}
	if len(e.Types) == 0 {
		return nil
	}
	return checkKinds(c, "email_type", "email type", "EmailTypes", e.Types)
}

func (f Phone) check(c Codes) error {
	if f.Number == "" {
		return &MissingError{"phone_number"}
	}
	if tooLong(f.Number, shortText) {
		return &IllegalError{"phone number", shorten(f.Number)}
	}
	return checkKinds(c, "phone_type", "phone type", "PhoneTypes", f.Types)
}

func checkKinds(c Codes, wire, field, table string, kinds []Code) error {
	if len(kinds) == 0 {
		return &MissingError{wire}
	}
	for _, kind := range kinds {
		if !c.Legal(table, kind.Value) {
			return &IllegalError{field, shorten(kind.Value)}
		}
	}
	return nil
}

func (p Patron) checkIdentifiers(c Codes) error {
	seen := map[string]bool{}
	for _, id := range p.AllIdentifiers() {
		folded := Fold(id.Value)
		switch {
		case folded == "":
			return &MissingError{"value"}
		case id.Type.Value == "":
			return &MissingError{"id_type"}
		case tooLong(id.Value, shortText):
			return &IllegalError{"identifier", shorten(id.Value)}
		case id.Status != Active && id.Status != Inactive:
			return &IllegalError{"identifier status", shorten(string(id.Status))}
		case seen[folded]:
			return &TakenError{Type: id.Type.Value, Value: id.Value}
		}
		seen[folded] = true
	}
	for _, id := range p.Identifiers {
		if !c.Legal("UserIdentifierTypes", id.Type.Value) {
			return &IllegalError{"identifier type", shorten(id.Type.Value)}
		}
		if p.RecordType == Contact || !c.Allowed(string(p.RecordType), "UserIdentifierTypes", id.Type.Value) {
			return &UnsupportedError{"identifier type", id.Type.Value, p.RecordType}
		}
	}
	return nil
}

// PatronRole is the role type of somebody who borrows.
const PatronRole = "200"

func (p Patron) checkRoles(Codes) error {
	for _, r := range p.Roles {
		if r.Type.Value == "" {
			return &MissingError{"role_type"}
		}
		if _, err := strconv.ParseUint(r.Type.Value, 10, 32); err != nil {
			return &IllegalError{"role type", shorten(r.Type.Value)}
		}
		if p.RecordType == Contact && r.Type.Value == PatronRole {
			return &UnsupportedError{"role type", PatronRole, p.RecordType}
		}
	}
	return nil
}

func (p Patron) checkBlocksAndNotes(c Codes) error {
	for _, b := range p.Blocks {
		if b.Description.Value == "" {
			return &MissingError{"block_description"}
		}
		if err := legal(c, []coded{
			{"block type", "UserBlockTypes", b.Type.Value}, {"block description", "UserBlockDescription", b.Description.Value},
			{"block status", "UserStatus", string(b.Status)},
		}); err != nil {
			return err
		}
		if tooLong(b.Note, noteText) {
			return &IllegalError{"block_note", shorten(b.Note)}
		}
	}
	for _, n := range p.Notes {
		switch {
		case n.Text == "":
			return &MissingError{"note_text"}
		case n.Type.Value == "":
			return &MissingError{"note_type"}
		case tooLong(n.Text, noteText):
			return &IllegalError{"note_text", shorten(n.Text)}
		case !c.Legal("NoteTypes", n.Type.Value):
			return &IllegalError{"note type", shorten(n.Type.Value)}
		}
	}
	return nil
}

// checkContact holds what only a vendor's person has to such records, and an account to its vendor.
func (p Patron) checkContact(c Codes) error {
	for _, f := range []struct{ field, value string }{{"vendor", p.Vendor.Value}, {"vendor account", p.VendorAccount.Value}} {
		if f.value != "" && p.RecordType != Contact {
			return &UnsupportedError{f.field, shorten(f.value), p.RecordType}
		}
	}
	if p.VendorAccount.Value != "" && p.Vendor.Value == "" {
		return &MissingError{"vendor"}
	}
	if p.VendorAccount.Value != "" && !c.WithVendor(p.VendorAccount.Value, p.Vendor.Value) {
		return &IllegalError{"vendor account", shorten(p.VendorAccount.Value)}
	}
	return nil
}

func tooLong(text string, limit int) bool {
	return len(text) > limit && len([]rune(text)) > limit
}

// shorten keeps a refused value short enough for an error text.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "..."
	}
	return text
}
