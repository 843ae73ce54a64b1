// Package patron is the domain of patron records: who is known to the library, what a record of each type may hold,
// and who owns which field. It has no wire format and no storage; the json names of its types are the stored form.
//
// The rules follow Alma's user object (developers.exlibrisgroup.com, rest_user.xsd) and its page on the behaviour of
// external user data in SIS synchronisation and the API.
package patron

import "time"

// Patron is one person known to the library, whole. The zero value is not a legal record; see [Patron.Check].
type Patron struct {
	// UID is a ULID that never changes; identifiers come and go, it stays. No caller sees it.
	UID string `json:"uid"`
	// Version counts the writes of the record from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`
	// Synced is what the synchronisations say of the record. It is kept beside the record, not in it.
	Synced Synced `json:"-"`

	RecordType  RecordType  `json:"record_type"`
	AccountType AccountType `json:"account_type"`
	// ExternalID is the code of the SIS profile that owns an external record; empty for an internal one.
	ExternalID string `json:"external_id,omitempty"`
	Status     Status `json:"status"`
	// StatusDate is the day Status last changed.
	StatusDate Date `json:"status_date,omitempty"`

	// PrimaryID is unique over all identifiers of all patrons; its case is kept and ignored in look-ups.
	PrimaryID      string `json:"primary_id"`
	FirstName      string `json:"first_name,omitempty"`
	MiddleName     string `json:"middle_name,omitempty"`
	LastName       string `json:"last_name,omitempty"`
	PrefNameSuffix string `json:"pref_name_suffix,omitempty"`
	JobDescription string `json:"job_description,omitempty"`
	Gender         Code   `json:"gender,omitzero"`
	WebSiteURL     string `json:"web_site_url,omitempty"`
	BirthDate      Date   `json:"birth_date,omitempty"`
	// ExpiryDate is the day the person is expected to leave; from the day after they cannot borrow.
	ExpiryDate Date `json:"expiry_date,omitempty"`
	// PurgeDate is the first day on which the record may be purged.
	PurgeDate        Date   `json:"purge_date,omitempty"`
	LastActivityDate Date   `json:"last_activity_date,omitempty"`
	Researcher       bool   `json:"researcher,omitempty"`
	LinkingID        string `json:"linking_id,omitempty"`

	// PasswordHash is a bcrypt hash; empty when the patron has no password here. Internal patrons only.
	PasswordHash        string `json:"password_hash,omitempty"`
	ForcePasswordChange string `json:"force_password_change,omitempty"`

	// StickyFields are the values in force.
	StickyFields
	// SIS is, for an external patron, what the SIS said last of each sticky field; nil while it has said nothing, because
	// the patron was adopted.
	SIS *StickyFields `json:"sis,omitempty"`
	// Manual names the sticky fields staff changed by hand, and who did so when; while a field is here, a
	// synchronisation changes only its SIS value. Its keys are those of [StickyNames].
	Manual map[string]Change `json:"manual,omitempty"`
	// Original is, of each field of Manual, what the SIS had said when staff changed it.
	Original *StickyFields `json:"original,omitempty"`

	Addresses   []Address    `json:"addresses,omitempty"`
	Emails      []Email      `json:"emails,omitempty"`
	Phones      []Phone      `json:"phones,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"` // besides the primary one
	Roles       []Role       `json:"roles,omitempty"`
	Blocks      []Block      `json:"blocks,omitempty"`
	Notes       []Note       `json:"notes,omitempty"`
	Statistics  []Statistic  `json:"statistics,omitempty"`
	ProxyFor    []Proxy      `json:"proxy_for,omitempty"`

	// Vendor and VendorAccount are the codes of the vendor, and of the account with it, that a Contact works for.
	Vendor        Code `json:"vendor,omitzero"`
	VendorAccount Code `json:"vendor_account,omitzero"`

	Created Change `json:"created"`
	Updated Change `json:"updated"`
}

// Change says who wrote something and when. By is the name of an API key, an SIS profile ("sis:CODE") or the primary id
// a person had at that time, as Alma's created_by is a user name.
type Change struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Code is a value of a code table with its description. Only Value decides; Desc is what was known when it was
// written, for codes the institution's tables do not describe.
type Code struct {
	Value string `json:"value"`
	Desc  string `json:"desc,omitempty"`
}

// RecordType says which form a record has and which codes are legal in it; what a person may do, their roles say.
type RecordType string

// The record types of Alma's code table AddNewUserOptions.
const (
	Public  RecordType = "PUBLIC"
	Staff   RecordType = "STAFF"
	Contact RecordType = "CONTACT"
)

// AccountType says who manages a record.
type AccountType string

// The account types. Alma's INTEXTAUTH is refused everywhere.
const (
	Internal AccountType = "INTERNAL"
	External AccountType = "EXTERNAL"
)

// Segment says which side a repeated part (address, e-mail, phone, identifier, block, note, statistic) of an
// external record belongs to. In an internal record every part is the library's.
type Segment string

// The segments of rest_user.xsd's segment_type.
const (
	InternalSegment Segment = "Internal"
	ExternalSegment Segment = "External"
)

// Status is ACTIVE or INACTIVE; an inactive record is an account block.
type Status string

// The states of a record, an identifier, a role and a block.
const (
	Active   Status = "ACTIVE"
	Inactive Status = "INACTIVE"
)

// Address is a postal address.
type Address struct {
	Preferred     bool     `json:"preferred,omitempty"`
	Segment       Segment  `json:"segment,omitempty"`
	Lines         []string `json:"lines,omitempty"` // line1 to line5; an empty line in the middle is kept
	City          string   `json:"city,omitempty"`
	StateProvince string   `json:"state_province,omitempty"`
	PostalCode    string   `json:"postal_code,omitempty"`
	Country       Code     `json:"country,omitzero"`
	Note          string   `json:"note,omitempty"`
	StartDate     Date     `json:"start_date,omitempty"`
	EndDate       Date     `json:"end_date,omitempty"`
	Types         []Code   `json:"types,omitempty"`
}

// Email is an e-mail address.
type Email struct {
	Preferred   bool    `json:"preferred,omitempty"`
	Segment     Segment `json:"segment,omitempty"`
	Address     string  `json:"address"`
	Description string  `json:"description,omitempty"`
	Types       []Code  `json:"types,omitempty"`
}

// Phone is a phone number.
type Phone struct {
	Preferred    bool    `json:"preferred,omitempty"`
	PreferredSMS bool    `json:"preferred_sms,omitempty"`
	Segment      Segment `json:"segment,omitempty"`
	Number       string  `json:"number"`
	Types        []Code  `json:"types,omitempty"`
}

// Identifier is an identifier besides the primary one. Its value is unique over all identifiers of all patrons,
// whatever their types, inactive ones included.
type Identifier struct {
	Type    Code    `json:"type"`
	Value   string  `json:"value"`
	Note    string  `json:"note,omitempty"`
	Status  Status  `json:"status"`
	Segment Segment `json:"segment,omitempty"`
}

// Role lets a person do something, in a scope, until a day.
type Role struct {
	Type       Code            `json:"type"`
	Status     Code            `json:"status"`
	Scope      Code            `json:"scope,omitzero"`
	ExpiryDate Date            `json:"expiry_date,omitempty"`
	Parameters []RoleParameter `json:"parameters,omitempty"`
}

// RoleParameter narrows a role, for example to a circulation desk.
type RoleParameter struct {
	Type  Code `json:"type"`
	Scope Code `json:"scope,omitzero"`
	Value Code `json:"value,omitzero"`
}

// Block is what stops a patron.
type Block struct {
	Type        Code      `json:"type"`
	Description Code      `json:"description"`
	Status      Status    `json:"status"`
	Note        string    `json:"note,omitempty"`
	Owner       string    `json:"owner,omitempty"`
	CreatedBy   string    `json:"created_by,omitempty"`
	Created     time.Time `json:"created,omitzero"`
	Expiry      time.Time `json:"expiry,omitzero"`
	ItemLoanID  string    `json:"item_loan_id,omitempty"`
	Segment     Segment   `json:"segment,omitempty"`
}

// Note is a remark on a patron.
type Note struct {
	Type      Code      `json:"type"`
	Text      string    `json:"text"`
	Viewable  bool      `json:"viewable,omitempty"` // by the patron
	Popup     bool      `json:"popup,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	CreatedBy string    `json:"created_by,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Segment   Segment   `json:"segment,omitempty"`
}

// Statistic is a statistical category of a patron.
type Statistic struct {
	Category Code    `json:"category"`
	Type     Code    `json:"type,omitzero"`
	Note     string  `json:"note,omitempty"`
	Owner    string  `json:"owner,omitempty"`
	Segment  Segment `json:"segment,omitempty"`
}

// Proxy is a patron this one may borrow for.
type Proxy struct {
	PrimaryID string `json:"primary_id"`
	FullName  string `json:"full_name,omitempty"`
	Type      Code   `json:"type,omitzero"`
}

// LibraryNotice says whether the patron wants a letter (its Code is the letter's).
type LibraryNotice struct {
	Code  Code `json:"code"`
	Value bool `json:"value"`
}
