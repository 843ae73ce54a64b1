package alma

import (
	"encoding/xml"

	"patrondesk/internal/institution"
)

// CodeTable is a code table (rest_code_table.xsd).
type CodeTable struct {
	XMLName     xml.Name       `json:"-" xml:"code_table"`
	Name        string         `json:"name" xml:"name"`
	Description string         `json:"description" xml:"description"`
	Language    Code           `json:"language" xml:"language"` // of the rows' descriptions
	Rows        []CodeTableRow `json:"row" xml:"rows>row"`
}

// CodeTableRow is a code with its description.
type CodeTableRow struct {
	Code        string `json:"code" xml:"code"`
	Description string `json:"description" xml:"description"`
	Default     bool   `json:"default" xml:"default"`
	Enabled     bool   `json:"enabled" xml:"enabled"`
}

// NewCodeTable shows a table of the institution in a language, in the table's own order. A row that is not translated
// keeps the description it has.
func NewCodeTable(name, description string, rows []institution.Row, lang Code) CodeTable {
	return CodeTable{
		Name:        name,
		Description: description,
		Language:    lang,
		Rows: show(rows, func(r institution.Row) CodeTableRow {
			desc := r.Description
			if translated := r.Translations[lang.Value]; translated != "" {
				desc = translated
			}
			return CodeTableRow{r.Code, desc, r.Default, !r.Disabled}
		}),
	}
}
