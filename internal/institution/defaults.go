package institution

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/mail"
	"time"
)

// defaultTables are the code tables of an institution that gives none of its own: Alma's codes where it ships any.
//
//go:embed tables.json
var defaultTables []byte

// complete fills in what the file left out.
func (i *Institution) complete() error {
	setDefault(&i.Code, "01INST")
	setDefault(&i.Name, i.Code)
	setDefault(&i.Language, "en")
	setDefault(&i.TimeZone, "UTC")
	setDefault(&i.RegistrarText, "Please have it corrected at the registrar; the correction arrives with the next synchronisation.")
	setDefault(&i.Letters.Organization, i.Name)
	var tables map[string][]Row
	if err := json.Unmarshal(defaultTables, &tables); err != nil {
		return fmt.Errorf("read the default code tables: %w", err)
	}
	for name, rows := range i.CodeTables {
		tables[name] = rows
	}
	i.CodeTables = tables
	i.CodeTables["Libraries"] = nil
	for _, lib := range i.Libraries {
		i.CodeTables["Libraries"] = append(i.CodeTables["Libraries"], Row{Code: lib.Code, Description: lib.Name})
	}
	for n := range i.SISProfiles {
		setDefault(&i.SISProfiles[n].RecordType, "PUBLIC")
	}
	return nil
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// check refuses settings that contradict themselves.
func (i *Institution) check() error {
	if _, err := time.LoadLocation(i.TimeZone); err != nil {
		return fmt.Errorf("time_zone %q is unknown", i.TimeZone)
	}
	if i.Letters.From != "" {
		if _, err := mail.ParseAddress(i.Letters.From); err != nil {
			return fmt.Errorf("letters.from is no e-mail address")
		}
	}
	seen := map[string]bool{}
	for _, p := range i.SISProfiles {
		if p.Code == "" || seen[p.Code] {
			return fmt.Errorf("sis_profiles: code %q is empty or given twice", p.Code)
		}
		seen[p.Code] = true
		if !i.Legal("AddNewUserOptions", p.RecordType) {
			return fmt.Errorf("sis_profiles: %s has the record type %q", p.Code, p.RecordType)
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("sis_profiles: %s: %w", p.Code, err)
		}
	}
	for name, rows := range i.CodeTables {
		codes := map[string]bool{}
		for _, row := range rows {
			if row.Code == "" || codes[row.Code] {
				return fmt.Errorf("code_tables: %s has the code %q empty or twice", name, row.Code)
			}
			codes[row.Code] = true
		}
	}
	return nil
}
