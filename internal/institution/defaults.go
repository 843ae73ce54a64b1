package institution

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/mail"
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
	if i.Letters.PerSecond == 0 {
		i.Letters.PerSecond = defaultPerSecond
	}
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
	return i.completeLending()
}

// defaultPerSecond is well below the 14 letters a second that SES lets a new production account send.
const defaultPerSecond = 5

// LettersPerSecond is how many letters a round sends in a second at most.
func (i *Institution) LettersPerSecond() float64 { return i.Letters.PerSecond }

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// check refuses settings that contradict themselves.
func (i *Institution) check() error {
	if i.Letters.From != "" {
		if _, err := mail.ParseAddress(i.Letters.From); err != nil {
			return fmt.Errorf("letters.from is no e-mail address")
		}
	}
	if rate := i.Letters.PerSecond; rate < 0 || rate > 1000 {
		return fmt.Errorf("letters.per_second is %g; it must be from 0 to 1000, such as 5, and 0 stands for the default", rate)
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
	if err := i.checkTables(); err != nil {
		return err
	}
	return i.checkLending()
}

func (i *Institution) checkTables() error {
	for name, rows := range i.CodeTables {
		codes := map[string]bool{}
		for _, row := range rows {
			if row.Code == "" || codes[row.Code] {
				return fmt.Errorf("code_tables: %s has the code %q empty or twice", name, row.Code)
			}
			codes[row.Code] = true
			if row.Vendor == "" {
				continue
			}
			if _, known := i.Describe("Vendors", row.Vendor, ""); !known || name != "VendorAccounts" {
				return fmt.Errorf("code_tables: %s has %s of the vendor %q, which is not in Vendors, or no account", name, row.Code, row.Vendor)
			}
		}
	}
	return nil
}
