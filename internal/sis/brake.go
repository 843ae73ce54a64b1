package sis

import (
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

// overLimits are the limits of a file that is over them, in words.
func overLimits(over []job.Breach) string {
	var words []string
	for _, b := range over {
		words = append(words, b.Words())
	}
	return "The file is over the limits of its profile. " + strings.Join(words, " ")
}

func heldReason(over []job.Breach) string {
	return "Nothing was written. " + overLimits(over) + " Release the job if this is right; otherwise have the file corrected and drop it again."
}

// foretold is what a dry run says of a file that a run which writes would hold, or "".
func foretold(over []job.Breach) string {
	if len(over) == 0 {
		return ""
	}
	return "Without dry-run/ the job would be held until it is released. " + overLimits(over)
}
