package patron

import (
	"slices"
)

// The groups of fields a profile's rules speak of: what is kept when a file leaves it blank, and what a synchronisation
// never changes.
const (
	CoreGroup        = "core"
	StickyGroup      = "sticky"
	AddressesGroup   = "addresses"
	EmailsGroup      = "emails"
	PhonesGroup      = "phones"
	IdentifiersGroup = "identifiers"
	NotesGroup       = "notes"
	BlocksGroup      = "blocks"
	StatisticsGroup  = "statistics"
)

// Groups are the groups of fields.
func Groups() []string {
	groups := []string{CoreGroup, StickyGroup}
	for _, k := range kinds {
		groups = append(groups, k.group)
	}
	return groups
}

// CoreNames are the wire names of the core fields: what the SIS says of an external patron and nobody else may.
func CoreNames() []string {
	names := make([]string, len(coreFields))
	for i, f := range coreFields {
		names[i] = f.name
	}
	return names
}

// field is one field of a record: its name on the wire, whether it is the same in two records, and how a librarian
// reads it. A secret has no show.
type field struct {
	name string
	same func(a, b *Patron) bool
	show func(p *Patron) string
}

// core is one core field, with what the rules of a synchronisation need besides.
type core struct {
	field
	empty func(p *Patron) bool
	copy  func(to, from *Patron)
}

// coreFields are the core fields, in the order of the user object.
var coreFields = []core{
	coreText("record_type", func(p *Patron) *RecordType { return &p.RecordType }),
	coreText("primary_id", func(p *Patron) *string { return &p.PrimaryID }),
	coreText("first_name", func(p *Patron) *string { return &p.FirstName }),
	coreText("middle_name", func(p *Patron) *string { return &p.MiddleName }),
	coreText("last_name", func(p *Patron) *string { return &p.LastName }),
	coreText("pref_name_suffix", func(p *Patron) *string { return &p.PrefNameSuffix }),
	coreText("job_description", func(p *Patron) *string { return &p.JobDescription }),
	coreCode("gender", func(p *Patron) *Code { return &p.Gender }),
	coreText("web_site_url", func(p *Patron) *string { return &p.WebSiteURL }),
	coreText("birth_date", func(p *Patron) *Date { return &p.BirthDate }),
	coreText("expiry_date", func(p *Patron) *Date { return &p.ExpiryDate }),
	coreText("purge_date", func(p *Patron) *Date { return &p.PurgeDate }),
	coreText("status", func(p *Patron) *Status { return &p.Status }),
}

func coreText[T ~string](name string, at func(*Patron) *T) core {
	return core{
		field: textOf(name, at),
		empty: func(p *Patron) bool { return *at(p) == "" },
		copy:  func(to, from *Patron) { *at(to) = *at(from) },
	}
}

func coreCode(name string, at func(*Patron) *Code) core {
	return core{
		field: codeOf(name, at),
		empty: func(p *Patron) bool { return at(p).Value == "" },
		copy:  func(to, from *Patron) { *at(to) = *at(from) },
	}
}

func textOf[T ~string](name string, at func(*Patron) *T) field {
	return field{
		name: name,
		same: func(a, b *Patron) bool { return *at(a) == *at(b) },
		show: func(p *Patron) string { return string(*at(p)) },
	}
}

func secretOf(name string, at func(*Patron) *string) field {
	return field{name: name, same: func(a, b *Patron) bool { return *at(a) == *at(b) }}
}

func codeOf(name string, at func(*Patron) *Code) field {
	return field{
		name: name,
		same: func(a, b *Patron) bool { return sameCode(*at(a), *at(b)) },
		show: func(p *Patron) string { return showCode(*at(p)) },
	}
}

func listOf[T any](name string, at func(*Patron) *[]T, same func(a, b T) bool, show func(T) string) field {
	return field{
		name: name,
		same: func(a, b *Patron) bool { return slices.EqualFunc(*at(a), *at(b), same) },
		show: func(p *Patron) string { return showAll(*at(p), show) },
	}
}

// recordFields are all fields of a record besides its version, who wrote it last and [Synced]: what makes two records
// the same or different.
var recordFields = slices.Concat(
	[]field{textOf("uid", func(p *Patron) *string { return &p.UID })},
	fieldsOf(coreFields, func(f core) field { return f.field }),
	[]field{
		textOf("status_date", func(p *Patron) *Date { return &p.StatusDate }),
		textOf("account_type", func(p *Patron) *AccountType { return &p.AccountType }),
		textOf("external_id", func(p *Patron) *string { return &p.ExternalID }),
		secretOf("password", func(p *Patron) *string { return &p.PasswordHash }),
		textOf("force_password_change", func(p *Patron) *string { return &p.ForcePasswordChange }),
		textOf("last_patron_activity_date", func(p *Patron) *Date { return &p.LastActivityDate }),
		{"is_researcher", func(a, b *Patron) bool { return a.Researcher == b.Researcher }, func(p *Patron) string { return showFlag(p.Researcher) }},
		textOf("linking_id", func(p *Patron) *string { return &p.LinkingID }),
	},
	fieldsOf(stickyFields, func(f sticky) field { return f.inRecord("", func(p *Patron) *StickyFields { return &p.StickyFields }) }),
	fieldsOf(stickyFields, func(f sticky) field {
		return f.inRecord(".sis_value", func(p *Patron) *StickyFields { return orNone(p.SIS) })
	}),
	fieldsOf(stickyFields, func(f sticky) field {
		return f.inRecord(".original_value", func(p *Patron) *StickyFields { return orNone(p.Original) })
	}),
	fieldsOf(stickyFields, sticky.manual),
	fieldsOf(kinds, func(k kind) field { return k.field }),
	[]field{
		listOf("user_role", func(p *Patron) *[]Role { return &p.Roles }, sameRole, showRole),
		listOf("proxy_for_user", func(p *Patron) *[]Proxy { return &p.ProxyFor }, sameProxy, showProxy),
		codeOf("vendor", func(p *Patron) *Code { return &p.Vendor }),
		codeOf("vendor_account", func(p *Patron) *Code { return &p.VendorAccount }),
		{"created", func(a, b *Patron) bool { return sameChange(a.Created, b.Created) }, func(p *Patron) string { return showChange(p.Created) }},
	},
)

func fieldsOf[T any](from []T, as func(T) field) []field {
	fields := make([]field, len(from))
	for i, f := range from {
		fields[i] = as(f)
	}
	return fields
}

// orNone is what the SIS said, where it may have said nothing yet.
func orNone(f *StickyFields) *StickyFields {
	if f == nil {
		return &StickyFields{}
	}
	return f
}

func sameRole(a, b Role) bool {
	return sameCode(a.Type, b.Type) && sameCode(a.Status, b.Status) && sameCode(a.Scope, b.Scope) && a.ExpiryDate == b.ExpiryDate &&
		slices.EqualFunc(a.Parameters, b.Parameters, func(v, w RoleParameter) bool {
			return sameCode(v.Type, w.Type) && sameCode(v.Scope, w.Scope) && sameCode(v.Value, w.Value)
		})
}

func sameProxy(a, b Proxy) bool {
	return a.PrimaryID == b.PrimaryID && a.FullName == b.FullName && sameCode(a.Type, b.Type)
}

func sameChange(a, b Change) bool { return a.By == b.By && a.At.Equal(b.At) }
