package desk

import (
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

// userInputs are the fields of the record itself that the quick form has, in its order.
var userInputs = []formInput[alma.User]{
	codeInput("user_title", "UserTitles", func(u *alma.User) *alma.Code { return &u.UserTitle }),
	textInput("first_name", asText, func(u *alma.User) *string { return &u.FirstName }),
	textInput("middle_name", asText, func(u *alma.User) *string { return &u.MiddleName }),
	textInput("last_name", asText, func(u *alma.User) *string { return &u.LastName }),
	textInput("pref_first_name", asText, func(u *alma.User) *string { return &u.PrefFirstName }),
	textInput("pref_middle_name", asText, func(u *alma.User) *string { return &u.PrefMiddleName }),
	textInput("pref_last_name", asText, func(u *alma.User) *string { return &u.PrefLastName }),
	textInput("pref_name_suffix", asText, func(u *alma.User) *string { return &u.PrefNameSuffix }),
	dayInput("birth_date", func(u *alma.User) *string { return &u.BirthDate }),
	codeInput("gender", "Genders", func(u *alma.User) *alma.Code { return &u.Gender }),
	textInput("primary_id", asText, func(u *alma.User) *string { return &u.PrimaryID }),
	codeInput("user_group", "UserGroups", func(u *alma.User) *alma.Code { return &u.UserGroup }),
	codeInput("status", "UserStatus", func(u *alma.User) *alma.Code { return &u.Status }),
	dayInput("expiry_date", func(u *alma.User) *string { return &u.ExpiryDate }),
	dayInput("purge_date", func(u *alma.User) *string { return &u.PurgeDate }),
	patronRoleInput,
	codeInput("preferred_language", "UserPreferredLanguage", func(u *alma.User) *alma.Code { return &u.PreferredLanguage }),
	codeInput("campus_code", "CampusCodes", func(u *alma.User) *alma.Code { return &u.CampusCode }),
	codeInput("job_category", "JobCategories", func(u *alma.User) *alma.Code { return &u.JobCategory }),
	textInput("job_description", asText, func(u *alma.User) *string { return &u.JobDescription }),
	textInput("web_site_url", asText, func(u *alma.User) *string { return &u.WebSiteURL }),
	vendorInput("vendor", "Vendors", func(u *alma.User) **alma.Code { return &u.Vendor }),
	vendorInput("vendor_account", "VendorAccounts", func(u *alma.User) **alma.Code { return &u.VendorAccount }),
}

// patronRole is the name of the field with the last day of the Patron role, which ends apart from the record. It is there
// where the role has one.
const patronRole = "patron_role_expiry"

var patronRoleInput = formInput[alma.User]{
	formField{name: patronRole, as: asDay},
	func(u *alma.User) string {
		if i := patronRoleOf(u); i >= 0 {
			return strings.TrimSuffix(u.Roles[i].ExpiryDate, "Z")
		}
		return ""
	},
	func(u *alma.User, value string) {
		if i := patronRoleOf(u); i >= 0 {
			u.Roles = slices.Clone(u.Roles)
			u.Roles[i].ExpiryDate = value
		}
	},
}

func patronRoleOf(u *alma.User) int {
	return slices.IndexFunc(u.Roles, func(r alma.UserRole) bool { return r.Type.Value == patron.PatronRole })
}

// vendorInput is a code that only vendors' people have.
func vendorInput(name, table string, at func(*alma.User) **alma.Code) formInput[alma.User] {
	return formInput[alma.User]{
		formField{name: name, as: asCode, table: table},
		func(u *alma.User) string {
			if code := *at(u); code != nil {
				return code.Value
			}
			return ""
		},
		func(u *alma.User, value string) { *at(u) = &alma.Code{Value: value} },
	}
}

// applies reports whether the record's quick form has the field.
func applies(name string, u *alma.User) bool {
	switch name {
	case patronRole:
		return patronRoleInput.get(u) != ""
	case "vendor", "vendor_account":
		return u.RecordType.Value == string(patron.Contact)
	}
	return true
}

// userInput is the field of the record of that name, if there is one.
func userInput(name string) (in formInput[alma.User], ok bool) {
	i := slices.IndexFunc(userInputs, func(in formInput[alma.User]) bool { return in.name == name })
	if i < 0 {
		return in, false
	}
	return userInputs[i], true
}

// quickAddress and the others are what the quick form has of a part of the record; the rest stays as it is.
var (
	quickAddress = []formInput[alma.Address]{
		textInput("line1", asText, func(a *alma.Address) *string { return &a.Line1 }),
		textInput("line2", asText, func(a *alma.Address) *alma.NullText { return &a.Line2 }),
		textInput("line3", asText, func(a *alma.Address) *alma.NullText { return &a.Line3 }),
		textInput("city", asText, func(a *alma.Address) *string { return &a.City }),
		textInput("state_province", asText, func(a *alma.Address) *string { return &a.StateProvince }),
		textInput("postal_code", asText, func(a *alma.Address) *string { return &a.PostalCode }),
		codeInput("country", "CountryCodes", func(a *alma.Address) *alma.Code { return (*alma.Code)(&a.Country) }),
		kindsInput("address_type", "AddressTypes", func(a *alma.Address) *[]alma.Code { return &a.Types }),
	}
	quickEmail = []formInput[alma.Email]{
		textInput("email_address", asEmail, func(e *alma.Email) *string { return &e.Address }),
		kindsInput("email_type", "EmailTypes", func(e *alma.Email) *[]alma.Code { return &e.Types }),
	}
	quickPhone = []formInput[alma.Phone]{
		textInput("phone_number", asPhone, func(f *alma.Phone) *string { return &f.Number }),
		kindsInput("phone_type", "PhoneTypes", func(f *alma.Phone) *[]alma.Code { return &f.Types }),
	}
	noteInputs = []formInput[alma.UserNote]{
		codeInput("note_type", "NoteTypes", func(n *alma.UserNote) *alma.Code { return &n.Type }),
		textInput("note_text", asArea, func(n *alma.UserNote) *string { return &n.Text }),
		checkInput("popup_note", func(n *alma.UserNote) *bool { return &n.PopupNote }),
		checkInput("user_viewable", func(n *alma.UserNote) *bool { return &n.UserViewable }),
	}
)
