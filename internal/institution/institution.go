// Package institution holds the library's own settings, read once from institution.json, which is packaged beside
// each function's binary. What the file leaves out has a default, so that an almost empty file is a legal one.
package institution

import (
	"encoding/json"
	"fmt"
	"os"

	"patrondesk/internal/fulfillment"
)

// Institution is one library institution's settings.
type Institution struct {
	Code     string `json:"code"` // Alma's institution code, such as 01DEMO_INST
	Name     string `json:"name"`
	Language string `json:"language"` // the default letter language, ISO 639-1
	Country  string `json:"country"`  // ISO 3166-1 alpha-3, for formats
	TimeZone string `json:"time_zone"`
	Currency string `json:"currency"` // of fines and fees, ISO 4217, such as GBP

	// RegistrarText tells staff where an external patron's SIS-owned fields are corrected.
	RegistrarText string `json:"registrar_text"`

	Libraries   []Library         `json:"libraries"`
	CodeTables  map[string][]Row  `json:"code_tables"`  // name to rows; a table given here replaces the default one
	RecordTypes map[string]Limits `json:"record_types"` // PUBLIC, STAFF, CONTACT
	SISProfiles []SISProfile      `json:"sis_profiles"`
	Letters     Letters           `json:"letters"`

	// LoanPolicies are on which terms items are lent, and LoanLimits what patrons may have at once. Of each the first
	// entry that is for a patron and an item holds.
	LoanPolicies []fulfillment.Policy `json:"loan_policies"`
	LoanLimits   []fulfillment.Limits `json:"loan_limits"`

	calendars map[string]fulfillment.Calendar // by the codes of the libraries
	decimals  int                             // of the currency
}

// Library is a library of the institution, with its circulation desks and when it is open.
type Library struct {
	Code            string `json:"code"`
	Name            string `json:"name"`
	Email           string `json:"email"`
	Phone           string `json:"phone"`
	ResourceSharing bool   `json:"resource_sharing"`
	Desks           []Desk `json:"desks"`

	TimeZone string `json:"time_zone"` // the institution's when left out
	// Hours are the times at which it is open on each day of the week: {"monday": ["09:00-12:30", "13:00-24:00"]}. A day
	// that is not named is closed; without any it is open at all times. What is open past midnight has the rest in the
	// hours of the next day.
	Hours map[string][]string `json:"hours"`
	// Closed are days with other hours than those of the week. Of several that have a day the first one holds.
	Closed []Closure `json:"closed"`
	// ShelfDays is for how many days an item waits on the hold shelf; 7 when left out.
	ShelfDays int `json:"shelf_days"`
}

// Closure is a range of days, YYYY-MM-DD and both included, on which a library is closed, or has only those hours.
type Closure struct {
	Name  string   `json:"name"` // for whoever reads the settings
	First string   `json:"first"`
	Last  string   `json:"last"` // First when left out
	Hours []string `json:"hours"`
}

// Desk is a circulation desk.
type Desk struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Row is a row of a code table.
type Row struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	// Translations are the descriptions in other languages, by ISO 639-1 code.
	Translations map[string]string `json:"translations,omitempty"`
	Default      bool              `json:"default,omitempty"`
	Disabled     bool              `json:"disabled,omitempty"`
	// Vendor is of an account in the table VendorAccounts the code of the vendor it is with. An account without one is
	// taken to be with any.
	Vendor string `json:"vendor,omitempty"`
}

// Limits are the codes a record type may have; an absent list allows every code of the table.
type Limits struct {
	UserGroups      []string `json:"user_groups,omitempty"`
	JobCategories   []string `json:"job_categories,omitempty"`
	IdentifierTypes []string `json:"identifier_types,omitempty"`
	// Mandatory are the wire names of the fields such a record must have beyond Alma's own, such as user_group.
	Mandatory []string `json:"mandatory,omitempty"`
}

// Letters are the settings of everything sent to patrons.
type Letters struct {
	From         string            `json:"from"` // the institution's address, "Name <a@b>" or a bare one
	ReplyTo      string            `json:"reply_to,omitempty"`
	Organization string            `json:"organization"`
	Address      []string          `json:"address,omitempty"`
	Phone        string            `json:"phone,omitempty"`
	Disabled     map[string]bool   `json:"disabled,omitempty"`     // letter codes switched off
	DateFormats  map[string]string `json:"date_formats,omitempty"` // language to a Go layout
	// PerSecond is how many letters a round sends in a second at most, 5 when left out. SES allows an account so many,
	// and the letters staff send meanwhile count too.
	PerSecond float64 `json:"per_second,omitempty"`
}

// Read reads the settings at path and completes them with the defaults. It fails when the file is no JSON, has an
// unknown setting, or contradicts itself.
func Read(path string) (*Institution, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the institution's settings: %w", err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	inst := new(Institution)
	if err := dec.Decode(inst); err != nil {
		return nil, fmt.Errorf("read the institution's settings in %s: %w", path, err)
	}
	err = inst.complete()
	if err == nil {
		err = inst.check()
	}
	if err != nil {
		return nil, fmt.Errorf("the institution's settings in %s: %w", path, err)
	}
	return inst, nil
}
