package sisfile

import (
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
)

// texts are the fields of a user that are one text, by their names on the wire.
var texts = map[string]func(*alma.User) *string{
	"primary_id":       func(u *alma.User) *string { return &u.PrimaryID },
	"first_name":       func(u *alma.User) *string { return &u.FirstName },
	"middle_name":      func(u *alma.User) *string { return &u.MiddleName },
	"last_name":        func(u *alma.User) *string { return &u.LastName },
	"pref_first_name":  func(u *alma.User) *string { return &u.PrefFirstName },
	"pref_middle_name": func(u *alma.User) *string { return &u.PrefMiddleName },
	"pref_last_name":   func(u *alma.User) *string { return &u.PrefLastName },
	"pref_name_suffix": func(u *alma.User) *string { return &u.PrefNameSuffix },
	"pin_number":       func(u *alma.User) *string { return &u.PINNumber },
	"job_description":  func(u *alma.User) *string { return &u.JobDescription },
	"web_site_url":     func(u *alma.User) *string { return &u.WebSiteURL },
	"birth_date":       func(u *alma.User) *string { return &u.BirthDate },
	"expiry_date":      func(u *alma.User) *string { return &u.ExpiryDate },
	"purge_date":       func(u *alma.User) *string { return &u.PurgeDate },

	"user_title":         func(u *alma.User) *string { return &u.UserTitle.Value },
	"job_category":       func(u *alma.User) *string { return &u.JobCategory.Value },
	"gender":             func(u *alma.User) *string { return &u.Gender.Value },
	"user_group":         func(u *alma.User) *string { return &u.UserGroup.Value },
	"campus_code":        func(u *alma.User) *string { return &u.CampusCode.Value },
	"cataloger_level":    func(u *alma.User) *string { return &u.CatalogerLevel.Value },
	"preferred_language": func(u *alma.User) *string { return &u.PreferredLanguage.Value },
	"status":             func(u *alma.User) *string { return &u.Status.Value },
}

// parts are the parts of an address.
var parts = map[string]func(*alma.Address, string){
	"line1":          func(a *alma.Address, v string) { a.Line1 = v },
	"line2":          func(a *alma.Address, v string) { a.Line2 = alma.NullText(v) },
	"line3":          func(a *alma.Address, v string) { a.Line3 = alma.NullText(v) },
	"line4":          func(a *alma.Address, v string) { a.Line4 = alma.NullText(v) },
	"line5":          func(a *alma.Address, v string) { a.Line5 = alma.NullText(v) },
	"city":           func(a *alma.Address, v string) { a.City = v },
	"state_province": func(a *alma.Address, v string) { a.StateProvince = v },
	"postal_code":    func(a *alma.Address, v string) { a.PostalCode = v },
	"country":        func(a *alma.Address, v string) { a.Country.Value = v },
	"address_note":   func(a *alma.Address, v string) { a.Note = v },
	"start_date":     func(a *alma.Address, v string) { a.StartDate = v },
	"end_date":       func(a *alma.Address, v string) { a.EndDate = v },
}

// put gives the user a value of a field. Parts of an address of the same type come together; of what there may be
// several, each value is another one.
func put(u *alma.User, f institution.CSVField, value string) {
	code := alma.Code{Value: f.Type}
	switch f.Name {
	case "user_identifier":
		u.Identifiers = append(u.Identifiers, alma.UserIdentifier{Type: code, Value: value})
	case "email":
		c := contact(u)
		c.Emails = append(c.Emails, alma.Email{Address: value, Types: []alma.Code{code}})
	case "phone":
		c := contact(u)
		c.Phones = append(c.Phones, alma.Phone{Number: value, Types: []alma.Code{code}})
	case "address":
		parts[f.Part](address(u, code), value)
	case "note":
		u.Notes = append(u.Notes, alma.UserNote{Type: code, Text: value})
	case "statistic":
		u.Statistics = append(u.Statistics, alma.UserStatistic{Category: alma.Code{Value: value}, Type: alma.NullCode(code)})
	case "rs_library":
		u.RSLibraries = append(u.RSLibraries, alma.RSLibrary{Code: alma.Code{Value: value}})
	case "library_notice":
		u.LibraryNotices = append(u.LibraryNotices, alma.LibraryNotice{Code: code, Value: value == "true"})
	default:
		*texts[f.Name](u) = value
	}
}

func contact(u *alma.User) *alma.ContactInfo {
	if u.ContactInfo == nil {
		u.ContactInfo = new(alma.ContactInfo)
	}
	return u.ContactInfo
}

// address is the user's address of that type, a new one when there is none.
func address(u *alma.User, code alma.Code) *alma.Address {
	c := contact(u)
	i := slices.IndexFunc(c.Addresses, func(a alma.Address) bool { return a.Types[0] == code })
	if i < 0 {
		i = len(c.Addresses)
		c.Addresses = append(c.Addresses, alma.Address{Types: []alma.Code{code}})
	}
	return &c.Addresses[i]
}

// settle drops addresses of which the record has no more than a country or a note, and marks what is preferred.
func settle(u *alma.User, preferred institution.Preferred) {
	c := u.ContactInfo
	if c == nil {
		return
	}
	c.Addresses = slices.DeleteFunc(c.Addresses, func(a alma.Address) bool {
		lines := a.Line1 + string(a.Line2+a.Line3+a.Line4+a.Line5)
		return lines+a.City+a.PostalCode == ""
	})
	is := func(types []alma.Code, of string) bool { return types[0].Value == of }
	if i := slices.IndexFunc(c.Addresses, func(a alma.Address) bool { return is(a.Types, preferred.Address) }); len(c.Addresses) > 0 {
		c.Addresses[max(i, 0)].Preferred = true
	}
	if i := slices.IndexFunc(c.Emails, func(e alma.Email) bool { return is(e.Types, preferred.Email) }); len(c.Emails) > 0 {
		c.Emails[max(i, 0)].Preferred = true
	}
	if i := slices.IndexFunc(c.Phones, func(f alma.Phone) bool { return is(f.Types, preferred.Phone) }); len(c.Phones) > 0 {
		c.Phones[max(i, 0)].Preferred = true
	}
	if i := slices.IndexFunc(c.Phones, func(f alma.Phone) bool { return is(f.Types, preferred.SMS) }); i >= 0 {
		c.Phones[i].PreferredSMS = true
	}
}
