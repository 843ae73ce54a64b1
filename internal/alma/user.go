package alma

import (
	"encoding/xml"
	"strings"

	"patrondesk/internal/fulfillment"
)

// User is a patron on the wire, Alma's user object (rest_user.xsd). Dates are as "2026-11-23Z", timestamps as
// "2020-10-30T16:47:54.230Z"; on input other forms are understood, see [User.Patron].
//
// A list that is nil is left out, an empty one is shown as [] in JSON; [NewUser] makes no list nil.
type User struct {
	XMLName xml.Name `json:"-" xml:"user"`

	RecordType        Code   `json:"record_type" xml:"record_type"`
	PrimaryID         string `json:"primary_id" xml:"primary_id"`
	FirstName         string `json:"first_name" xml:"first_name"`
	MiddleName        string `json:"middle_name" xml:"middle_name"`
	LastName          string `json:"last_name" xml:"last_name"`
	FullName          string `json:"full_name" xml:"full_name" alma:"output"`
	PINNumber         string `json:"pin_number" xml:"pin_number"` // always empty on output
	UserTitle         Code   `json:"user_title" xml:"user_title"`
	JobCategory       Code   `json:"job_category" xml:"job_category"`
	JobDescription    string `json:"job_description" xml:"job_description"`
	Gender            Code   `json:"gender" xml:"gender"`
	UserGroup         Code   `json:"user_group" xml:"user_group"`
	CampusCode        Code   `json:"campus_code" xml:"campus_code"`
	WebSiteURL        string `json:"web_site_url" xml:"web_site_url"`
	CatalogerLevel    Code   `json:"cataloger_level" xml:"cataloger_level"`
	PreferredLanguage Code   `json:"preferred_language" xml:"preferred_language"`
	BirthDate         string `json:"birth_date,omitempty" xml:"birth_date,omitempty"`
	ExpiryDate        string `json:"expiry_date,omitempty" xml:"expiry_date,omitempty"`
	PurgeDate         string `json:"purge_date,omitempty" xml:"purge_date,omitempty"`
	AccountType       Code   `json:"account_type" xml:"account_type"`
	ExternalID        string `json:"external_id" xml:"external_id"`
	Password          string `json:"password" xml:"password"` // always empty on output

	ForcePasswordChange string `json:"force_password_change" xml:"force_password_change"`
	Status              Code   `json:"status" xml:"status"`
	StatusDate          string `json:"status_date,omitempty" xml:"status_date,omitempty" alma:"output"`
	LastActivityDate    string `json:"last_patron_activity_date,omitempty" xml:"last_patron_activity_date,omitempty" alma:"output"`

	// Requests, Loans and Fees are set only when the caller asked for them with expand; null otherwise.
	Requests *Total `json:"requests" xml:"requests" alma:"output"`
	Loans    *Total `json:"loans" xml:"loans" alma:"output"`
	Fees     *Total `json:"fees" xml:"fees" alma:"output"`

	PrefFirstName  string `json:"pref_first_name" xml:"pref_first_name"`
	PrefMiddleName string `json:"pref_middle_name" xml:"pref_middle_name"`
	PrefLastName   string `json:"pref_last_name" xml:"pref_last_name"`
	PrefNameSuffix string `json:"pref_name_suffix" xml:"pref_name_suffix"`

	IsResearcher bool      `json:"is_researcher" xml:"is_researcher" alma:"output"`
	Researcher   *struct{} `json:"researcher" xml:"researcher" alma:"output"` // Esploro's; always null
	LinkingID    string    `json:"linking_id,omitempty" xml:"linking_id,omitempty" alma:"output"`
	Link         NullText  `json:"link" xml:"link,omitempty" alma:"output"`

	// Vendor and VendorAccount are additions to Alma's object: whom a record of type CONTACT works for.
	Vendor        *Code `json:"vendor,omitempty" xml:"vendor"`
	VendorAccount *Code `json:"vendor_account,omitempty" xml:"vendor_account"`

	ContactInfo    *ContactInfo     `json:"contact_info,omitempty" xml:"contact_info"`
	Identifiers    []UserIdentifier `json:"user_identifier,omitzero" xml:"user_identifiers>user_identifier"`
	Roles          []UserRole       `json:"user_role,omitzero" xml:"user_roles>user_role"`
	Blocks         []UserBlock      `json:"user_block,omitzero" xml:"user_blocks>user_block"`
	Notes          []UserNote       `json:"user_note,omitzero" xml:"user_notes>user_note"`
	Statistics     []UserStatistic  `json:"user_statistic,omitzero" xml:"user_statistics>user_statistic"`
	ProxyFor       []ProxyFor       `json:"proxy_for_user,omitzero" xml:"proxy_for_users>proxy_for_user"`
	RSLibraries    []RSLibrary      `json:"rs_library,omitzero" xml:"rs_libraries>rs_library"`
	LibraryNotices []LibraryNotice  `json:"library_notice,omitzero" xml:"library_notices>library_notice"`

	_ struct{} `alma:"pref_full_name source_institution_code source_link_id"`

	row bool // show only what a row of GET /users has
}

// Users is the answer of GET /users.
type Users struct {
	XMLName xml.Name `json:"-" xml:"users"`
	User    []User   `json:"user,omitempty" xml:"user"`
	Total   int      `json:"total_record_count" xml:"total_record_count,attr"`
}

// Total is a sum shown for expand, with the address of the list it is the sum of.
type Total struct {
	Value string `json:"value" xml:",chardata"`
	Link  string `json:"link,omitempty" xml:"link,attr,omitempty"`
}

// BalanceText is an amount as the value of a [Total]: a float as Alma writes one, "12.5" and "0.0".
func BalanceText(m fulfillment.Money, places int) string {
	text := string(NewAmount(m, places))
	if strings.Contains(text, ".") {
		return text
	}
	return text + ".0"
}

// ContactInfo is how to reach a person.
type ContactInfo struct {
	Addresses []Address `json:"address,omitzero" xml:"addresses>address"`
	Emails    []Email   `json:"email,omitzero" xml:"emails>email"`
	Phones    []Phone   `json:"phone,omitzero" xml:"phones>phone"`
}

// Address is a postal address.
type Address struct {
	Preferred     bool     `json:"preferred" xml:"preferred,attr"`
	SegmentType   string   `json:"segment_type" xml:"segment_type,attr"`
	Line1         string   `json:"line1" xml:"line1"`
	Line2         NullText `json:"line2" xml:"line2,omitempty"`
	Line3         NullText `json:"line3" xml:"line3,omitempty"`
	Line4         NullText `json:"line4" xml:"line4,omitempty"`
	Line5         NullText `json:"line5" xml:"line5,omitempty"`
	City          string   `json:"city" xml:"city"`
	StateProvince string   `json:"state_province" xml:"state_province"`
	PostalCode    string   `json:"postal_code" xml:"postal_code"`
	Country       NullCode `json:"country" xml:"country"`
	Note          string   `json:"address_note" xml:"address_note"`
	StartDate     string   `json:"start_date,omitempty" xml:"start_date,omitempty"`
	EndDate       string   `json:"end_date,omitempty" xml:"end_date,omitempty"`
	Types         []Code   `json:"address_type" xml:"address_types>address_type"`
}

// Email is an e-mail address.
type Email struct {
	Preferred   bool     `json:"preferred" xml:"preferred,attr"`
	SegmentType string   `json:"segment_type" xml:"segment_type,attr"`
	Address     string   `json:"email_address" xml:"email_address"`
	Description NullText `json:"description" xml:"description,omitempty"`
	Types       []Code   `json:"email_type" xml:"email_types>email_type"`
}

// Phone is a phone number.
type Phone struct {
	Preferred    bool   `json:"preferred" xml:"preferred,attr"`
	PreferredSMS bool   `json:"preferred_sms" xml:"preferred_sms,attr"`
	SegmentType  string `json:"segment_type" xml:"segment_type,attr"`
	Number       string `json:"phone_number" xml:"phone_number"`
	Types        []Code `json:"phone_type" xml:"phone_types>phone_type"`
}

// UserIdentifier is an identifier besides the primary one.
type UserIdentifier struct {
	SegmentType string   `json:"segment_type" xml:"segment_type,attr"`
	Value       string   `json:"value" xml:"value"`
	Type        Code     `json:"id_type" xml:"id_type"`
	Note        NullText `json:"note" xml:"note,omitempty"`
	Status      string   `json:"status" xml:"status"`
}

// UserRole is a role in a scope.
type UserRole struct {
	Status     Code            `json:"status" xml:"status"`
	Scope      Code            `json:"scope" xml:"scope"`
	Type       Code            `json:"role_type" xml:"role_type"`
	ExpiryDate string          `json:"expiry_date,omitempty" xml:"expiry_date,omitempty"`
	Parameters []RoleParameter `json:"parameter" xml:"parameters>parameter"`
}

// RoleParameter narrows a role.
type RoleParameter struct {
	Type  Code `json:"type" xml:"type"`
	Scope Code `json:"scope" xml:"scope"`
	Value Code `json:"value" xml:"value"`
}

// UserBlock is what stops a patron.
type UserBlock struct {
	SegmentType string   `json:"segment_type" xml:"segment_type,attr"`
	Type        Code     `json:"block_type" xml:"block_type"`
	Description Code     `json:"block_description" xml:"block_description"`
	Status      string   `json:"block_status" xml:"block_status"`
	Note        NullText `json:"block_note" xml:"block_note,omitempty"`
	Owner       string   `json:"block_owner,omitempty" xml:"block_owner,omitempty"`
	CreatedBy   string   `json:"created_by,omitempty" xml:"created_by,omitempty"`
	CreatedDate string   `json:"created_date,omitempty" xml:"created_date,omitempty"`
	ExpiryDate  string   `json:"expiry_date,omitempty" xml:"expiry_date,omitempty"`
	ItemLoanID  NullText `json:"item_loan_id" xml:"item_loan_id,omitempty"`
}

// UserNote is a remark on a patron.
type UserNote struct {
	SegmentType  string `json:"segment_type" xml:"segment_type,attr"`
	Type         Code   `json:"note_type" xml:"note_type"`
	Text         string `json:"note_text" xml:"note_text"`
	UserViewable bool   `json:"user_viewable" xml:"user_viewable"`
	PopupNote    bool   `json:"popup_note" xml:"popup_note"`
	Owner        string `json:"note_owner,omitempty" xml:"note_owner,omitempty"`
	CreatedBy    string `json:"created_by,omitempty" xml:"created_by,omitempty"`
	CreatedDate  string `json:"created_date,omitempty" xml:"created_date,omitempty"`
}

// UserStatistic is a statistical category of a patron.
type UserStatistic struct {
	SegmentType string   `json:"segment_type" xml:"segment_type,attr"`
	Category    Code     `json:"statistic_category" xml:"statistic_category"`
	Type        NullCode `json:"category_type" xml:"category_type"`
	Note        NullText `json:"statistic_note" xml:"statistic_note,omitempty"`
	Owner       string   `json:"statistic_owner,omitempty" xml:"statistic_owner,omitempty"`
}

// ProxyFor is a patron this one may borrow for.
type ProxyFor struct {
	PrimaryID string   `json:"primary_id" xml:"primary_id"`
	FullName  string   `json:"full_name" xml:"full_name"`
	Type      NullCode `json:"proxy_type" xml:"proxy_type"`
	Link      NullText `json:"link" xml:"link,omitempty" alma:"output"`
}

// RSLibrary is a library the patron gets interlibrary loans through.
type RSLibrary struct {
	Code Code `json:"code" xml:"code"`
}

// LibraryNotice says whether the patron wants a letter.
type LibraryNotice struct {
	Code  Code `json:"code" xml:"code"`
	Value bool `json:"value" xml:"value"`
}
