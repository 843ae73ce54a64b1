package letter

import (
	"strings"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// JobSummaryCode is the code of the mail about a job. It is ours, and goes to no patron.
const JobSummaryCode = "JobSummaryLetter"

// JobSummary is the mail about a job that ended or is held, in the institution's language, to the addresses its profile
// names. It has figures and the keys of the reports, and nothing of any patron: the job's reason, which may quote the
// file, stays in the report.
func JobSummary(inst *institution.Institution, j job.Job) (Message, error) {
	w := newWriter(JobSummaryCode, patron.Patron{}, inst)
	at := j.Finished
	if at.IsZero() {
		at = j.Progress.At
	}
	if at.IsZero() {
		at = j.Started
	}
	name := w.profileName(j)
	summary := page{
		Lang: w.lang, Colon: w.get("colon"), DateLabel: w.get("date"), Date: w.DayTime(at), Sender: w.sender(),
		Name:       name,
		Subject:    clean(name+w.get("colon")+w.outcome(j), longestField),
		Paragraphs: w.told(j),
	}
	add := func(s section) {
		if len(s.Facts) > 0 {
			summary.Sections = append(summary.Sections, s)
		}
	}
	add(w.limits(j))
	add(w.whatToDo(j))
	if j.State == job.Held && j.Forecast != nil {
		add(w.figures("forecast", j.Kind, *j.Forecast))
	} else {
		add(w.figures("figures", j.Kind, j.Counts))
	}
	add(w.file(j))
	return summary.message()
}

// profileName is the name of the job's profile, else its code; or that of item lists.
func (w writer) profileName(j job.Job) string {
	if j.Profile == "" {
		return w.get("items")
	}
	for _, p := range w.inst.SISProfiles {
		if p.Code == j.Profile && p.Name != "" {
			return clean(p.Name, longestField)
		}
	}
	return clean(j.Profile, longestField)
}

// outcome is what became of the job in a few words.
func (w writer) outcome(j job.Job) string {
	text := w.get("outcome." + string(j.State))
	if j.State == job.CompletedWithErrors {
		text = w.with("outcome.COMPLETED_WITH_ERRORS", "count", w.Number(j.Counts.Rejected))
	}
	if j.DryRun {
		text = w.get("dry_run") + ", " + text
	}
	return text
}

// told is what became of the job in sentences.
func (w writer) told(j job.Job) []string {
	text := []string{w.get("told." + string(j.State))}
	if j.DryRun {
		text = append(text, w.get("told.dry_run"))
	}
	return text
}

// limits are those the file would go over, of a job that is held or a dry run.
func (w writer) limits(j job.Job) section {
	s := section{Heading: w.get("limits")}
	if j.State != job.Held && !j.DryRun {
		return s
	}
	for _, b := range j.Breaches {
		label, ok := w.find("count." + b.Measure)
		if !ok {
			label = clean(b.Measure, longestField)
		}
		text := w.Number(b.Count)
		if b.Of > 0 {
			text = fill(w.get("breach"), "count", w.Number(b.Count), "of", w.Number(b.Of),
				"share", w.percent(float64(b.Count)/float64(b.Of)), "limit", w.percent(b.Limit))
		}
		s.Facts = append(s.Facts, cell{Label: label, Text: text})
	}
	return s
}

// whatToDo is how a held job is released, or not.
func (w writer) whatToDo(j job.Job) section {
	if j.State != job.Held {
		return section{}
	}
	return section{Heading: w.get("what_to_do"), Facts: []cell{
		{Label: w.get("if_right"), Text: w.get("release")},
		{Label: w.get("command"), Text: "make release JOB=" + clean(j.ID, longestField)},
		{Label: w.get("if_wrong"), Text: w.get("leave")},
	}}
}

// figures are the totals: those of every job, and of the others those that are not 0.
func (w writer) figures(heading, kind string, c job.Counts) section {
	s := section{Heading: w.get(heading)}
	for i, f := range []struct {
		label string
		n     int
	}{
		{"processed", c.Processed}, {"created", c.Created}, {"updated", c.Updated}, {"unchanged", c.Unchanged}, {"rejected", c.Rejected},
		{"blanked", c.Blanked}, {"blanked_emails", c.BlankedEmails}, {"blanked_addresses", c.BlankedAddresses},
		{"identifiers", c.Identifiers}, {"protected", c.Protected}, {"deactivated", c.Deactivated},
		{"missing", c.Missing}, {"inactivated", c.Inactivated},
	} {
		if i < 5 || f.n > 0 && kind != "items" {
			s.Facts = append(s.Facts, cell{Label: w.get("count." + f.label), Text: w.Number(f.n)})
		}
	}
	return s
}

// file is which file the job is about, and where its reports lie.
func (w writer) file(j job.Job) section {
	facts := stated(
		cell{Label: w.get("file"), Text: clean(j.Key, 2*longestField)}, cell{Label: w.get("report"), Text: clean(j.Report, 2*longestField)},
		cell{Label: w.get("again"), Text: clean(j.Again, 2*longestField)}, cell{Label: w.get("job"), Text: clean(j.ID, longestField)},
		cell{Label: w.get("begun"), Text: w.DayTime(j.Started)},
	)
	return section{Heading: w.get("where"), Facts: facts}
}

// percent is a share from 0 to 1 in percent, with at most one decimal place.
func (w writer) percent(share float64) string { return w.Percent(job.Rounded(100 * share)) }

// fill fills the placeholders of a text: names and their values in turn.
func fill(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}
