package sis

import (
	"fmt"
	"strings"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// breaches are the limits of the profile that a file would go over. people is how many patrons the profile has.
func breaches(b institution.Brake, c job.Counts, people int) []job.Breach {
	all := []job.Breach{
		{Measure: "blanked_emails", Count: c.BlankedEmails, Of: people, Limit: b.BlankedEmails},
		{Measure: "blanked_addresses", Count: c.BlankedAddresses, Of: people, Limit: b.BlankedAddresses},
		{Measure: "inactivated", Count: c.Inactivated + c.Deactivated, Of: people, Limit: b.Inactivated},
		{Measure: "identifiers", Count: c.Identifiers, Of: people, Limit: b.Identifiers},
		{Measure: "rejected", Count: c.Rejected, Of: c.Processed, Limit: b.Rejected},
	}
	var found []job.Breach
	for _, m := range all {
		if over(m.Count, m.Of, m.Limit, b.Minimum) {
			found = append(found, m)
		}
	}
	return found
}

// over reports whether a count is over its share of a whole, and not too small to look at.
func over(count, of int, limit float64, minimum int) bool {
	return count >= minimum && float64(count) > limit*float64(of)
}

// words are what the measures count.
var words = map[string]string{
	"blanked_emails":    "patrons would lose every e-mail address",
	"blanked_addresses": "patrons would lose every address",
	"inactivated":       "patrons would become inactive",
	"identifiers":       "patrons would lose or change an identifier",
	"rejected":          "records would be rejected",
}

func heldReason(over []job.Breach) string {
	var parts []string
	for _, m := range over {
		parts = append(parts, fmt.Sprintf("%d of %d %s, and the profile's limit is %g %%", m.Count, m.Of, words[m.Measure], m.Limit*100))
	}
	return "Nothing was written: " + strings.Join(parts, "; ") + ". Release the job if this is right; otherwise have the file corrected and drop it again."
}
