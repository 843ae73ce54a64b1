package api

import (
	"testing"

	"patrondesk/internal/institution"
)

// TestLanguageOfACodeTable asks for languages a table is translated to and for others: the answer names the one its rows
// are in.
func TestLanguageOfACodeTable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Institution.CodeTables["UserGroups"] = []institution.Row{
		{Code: "01", Description: "Student", Translations: map[string]string{"de": "Studierende"}}, {Code: "02", Description: "Staff"},
	}
	d.Institution.CodeTables["JobCategories"] = []institution.Row{{Code: "01", Description: "Professor", Translations: map[string]string{"fr": ""}}}
	for _, tt := range []struct{ table, lang, want, row string }{
		{"UserGroups", "", "en", "Student"},
		{"UserGroups", "?lang=en", "en", "Student"},
		{"UserGroups", "?lang=de", "de", "Studierende"},
		{"UserGroups", "?lang=DE", "de", "Studierende"},
		{"UserGroups", "?lang=fr", "en", "Student"},
		{"UserGroups", "?lang=%3Cscript%3E", "en", "Student"},
		{"JobCategories", "?lang=de", "en", "Professor"},
		{"JobCategories", "?lang=fr", "en", "Professor"},
	} {
		got := d.must(200, "GET", "/conf/code-tables/"+tt.table+tt.lang, "").object(t)
		language, _ := got["language"].(map[string]any)
		rows, _ := got["row"].([]any)
		if language["value"] != tt.want || len(rows) == 0 || rows[0].(map[string]any)["description"] != tt.row {
			t.Errorf("%s%s: got %v in %v, want %s in %s", tt.table, tt.lang, rows, language, tt.row, tt.want)
		}
	}
}
