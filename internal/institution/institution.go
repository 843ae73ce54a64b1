// Package institution holds the library's own settings, read once from institution.json, which is packaged beside
// each function's binary. What the file leaves out has a default, so that an almost empty file is a legal one.
package institution

import (
	"encoding/json"
	"fmt"
	"os"
)

// Institution is one library institution's settings.
type Institution struct {
	Code     string `json:"code"` // Alma's institution code, such as 01DEMO_INST
	Name     string `json:"name"`
	Language string `json:"language"` // the default letter language, ISO 639-1
	Country  string `json:"country"`  // ISO 3166-1 alpha-3, for formats
	TimeZone string `json:"time_zone"`

	// RegistrarText tells staff where an external patron's SIS-owned fields are corrected.
	RegistrarText string `json:"registrar_text"`

	Libraries   []Library         `json:"libraries"`
	CodeTables  map[string][]Row  `json:"code_tables"`  // name to rows; a table given here replaces the default one
	RecordTypes map[string]Limits `json:"record_types"` // PUBLIC, STAFF, CONTACT
	SISProfiles []SISProfile      `json:"sis_profiles"`
	Letters     Letters           `json:"letters"`
}

// Library is a library of the institution, with its circulation desks.
type Library struct {
	Code            string `json:"code"`
	Name            string `json:"name"`
	Email           string `json:"email"`
	Phone           string `json:"phone"`
	ResourceSharing bool   `json:"resource_sharing"`
	Desks           []Desk `json:"desks"`
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
	if err := inst.complete(); err != nil {
		return nil, err
	}
	if err := inst.check(); err != nil {
		return nil, fmt.Errorf("the institution's settings in %s: %w", path, err)
	}
	return inst, nil
}
