package institution

import "testing"

// TestRowsAreTranslated holds that the rows of the default tables, and of the demo library's, are in every language of
// the staff desk or, when they are names and the like, in none.
func TestRowsAreTranslated(t *testing.T) {
	inst, err := Read("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range inst.CodeTables {
		for _, row := range rows {
			if len(row.Translations) > 0 && (row.Translations["de"] == "" || row.Translations["fr"] == "") {
				t.Errorf("%s: %s has only the translations %v", name, row.Code, row.Translations)
			}
		}
	}
	for _, tt := range []struct{ table, code, lang, want string }{
		{"UserGroups", "91", "en", "Interlibrary Loan"},
		{"UserGroups", "91", "de", "Fernleihe"},
		{"UserGroups", "91", "fr", "Prêt entre bibliothèques"},
		{"UserBlockDescription", "04-CASH", "de", "Offene Gebühren"},
		{"NoteTypes", "ERP", "fr", "ERP"},
	} {
		if got, _ := inst.Describe(tt.table, tt.code, tt.lang); got != tt.want {
			t.Errorf("%s %s in %s: got %q, want %q", tt.table, tt.code, tt.lang, got, tt.want)
		}
	}
}
