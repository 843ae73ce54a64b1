package alma

import (
	"encoding/xml"
	"strings"

	"patrondesk/internal/patron"
)

// Provenances is the answer of GET /users/{user_id}/provenance, which Alma does not have: where the values of an
// external user's sticky fields come from, and who created and last changed the record of any user.
type Provenances struct {
	XMLName    xml.Name     `json:"-" xml:"provenances"`
	Provenance []Provenance `json:"provenance,omitempty" xml:"provenance"`
	CreatedBy  NullText     `json:"created_by" xml:"created_by,omitempty"`
	CreatedAt  NullText     `json:"created_at" xml:"created_at,omitempty"`
	UpdatedBy  NullText     `json:"updated_by" xml:"updated_by,omitempty"`
	UpdatedAt  NullText     `json:"updated_at" xml:"updated_at,omitempty"`
	Total      int          `json:"total_record_count" xml:"total_record_count,attr"`
}

// Provenance is where the value of one field comes from. Several values are in one text with commas between them, a
// library notice is like "CODE=true", and of a PIN there is only the description "set".
type Provenance struct {
	Field        string   `json:"field" xml:"field"`
	LibraryValue Code     `json:"library_value" xml:"library_value"` // the one in force
	SISValue     Code     `json:"sis_value" xml:"sis_value"`
	Manual       bool     `json:"manual" xml:"manual"`
	ChangedBy    NullText `json:"changed_by" xml:"changed_by,omitempty"`
	ChangedAt    NullText `json:"changed_at" xml:"changed_at,omitempty"`
}

// notices is the code table of library notices.
const notices = "LibraryNoticesOptInDisplay"

// provenanceTables are the code tables of the sticky fields that have one.
var provenanceTables = map[string]string{
	"user_group": "UserGroups", "job_category": "JobCategories", "preferred_language": "UserPreferredLanguage",
	"campus_code": "CampusCodes", "rs_libraries": "Libraries", "user_title": "UserTitles",
	"library_notices": notices, "cataloger_level": "CatalogerLevels",
}

// NewProvenances shows where a patron's sticky fields come from, with the descriptions of their codes in a language, and
// who wrote the record. An internal patron has no sticky fields.
func NewProvenances(p patron.Patron, d Describer, lang string) Provenances {
	w := newWriter(p, d, lang)
	var all []Provenance
	for _, from := range p.Provenance() {
		table := provenanceTables[from.Field]
		all = append(all, Provenance{
			Field:        from.Field,
			LibraryValue: w.oneOf(table, from.Library),
			SISValue:     w.oneOf(table, from.SIS),
			Manual:       from.Manual,
			ChangedBy:    NullText(from.By),
			ChangedAt:    NullText(timestamp(from.At)),
		})
	}
	return Provenances{
		Provenance: all, Total: len(all),
		CreatedBy: NullText(p.Created.By), CreatedAt: NullText(timestamp(p.Created.At)),
		UpdatedBy: NullText(p.Updated.By), UpdatedAt: NullText(timestamp(p.Updated.At)),
	}
}

// oneOf is the codes as one.
func (w writer) oneOf(table string, codes []patron.Code) Code {
	var values, descs []string
	for _, c := range codes {
		values = append(values, c.Value)
		if desc := w.describe(table, c); desc != "" || len(codes) == 1 {
			descs = append(descs, desc)
		} else {
			descs = append(descs, c.Value)
		}
	}
	return Code{Value: strings.Join(values, ", "), Desc: strings.Join(descs, ", ")}
}

// describe is the description of a code, or of a notice like "CODE=true".
func (w writer) describe(table string, c patron.Code) string {
	setting := ""
	if table == notices {
		c.Value, setting, _ = strings.Cut(c.Value, "=")
		setting = ": " + setting
	}
	if table == "" {
		return c.Desc
	}
	if desc := w.code(table, c).Desc; desc != "" {
		return desc + setting
	}
	return ""
}
