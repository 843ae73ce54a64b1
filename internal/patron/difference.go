package patron

// FieldChange is a field that differs between two records: its name on the wire, and both values as a librarian reads
// them, several of them in one text. What the SIS says of a sticky field is named like "user_group.sis_value", what it
// had said before staff changed it "user_group.original_value", and who changed it "user_group.changed_by". A PIN or a
// password is never shown: Before is empty and After is "changed".
type FieldChange struct{ Field, Before, After string }

// Differences are the fields in which b differs from a, whoever wrote them last and however codes are described. There
// are none exactly when the two are the [Same].
func Differences(a, b Patron) []FieldChange {
	var all []FieldChange
	for _, f := range recordFields {
		switch {
		case f.same(&a, &b):
		case f.show == nil:
			all = append(all, FieldChange{Field: f.name, After: "changed"})
		default:
			all = append(all, FieldChange{f.name, f.show(&a), f.show(&b)})
		}
	}
	return all
}

// Same reports whether two records say the same, whoever wrote them last. Descriptions of codes decide nothing: a
// client that sends back what it read sends those the institution's tables gave it.
func Same(a, b Patron) bool {
	for _, f := range recordFields {
		if !f.same(&a, &b) {
			return false
		}
	}
	return true
}
