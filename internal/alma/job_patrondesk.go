package alma

import (
	"math"

	"patrondesk/internal/job"
)

// JobPatrondesk is what of a job instance Alma has no field for. Its own name keeps it from colliding with a field
// Alma may add. What is not known yet, or does not apply, is left out.
type JobPatrondesk struct {
	State    string `json:"state" xml:"state"` // RUNNING, HELD, COMPLETED, COMPLETED_WITH_ERRORS or FAILED
	Phase    string `json:"phase,omitempty" xml:"phase,omitempty"`
	DryRun   bool   `json:"dry_run" xml:"dry_run"`
	WhatToDo string `json:"what_to_do,omitempty" xml:"what_to_do,omitempty"`

	FileKey     string `json:"file_key" xml:"file_key"` // of the dropped object in the bucket
	FileVersion string `json:"file_version,omitempty" xml:"file_version,omitempty"`
	ReportKey   string `json:"report_key,omitempty" xml:"report_key,omitempty"`
	ReportLink  string `json:"report_link,omitempty" xml:"report_link,omitempty"`
	RejectedKey string `json:"rejected_key,omitempty" xml:"rejected_key,omitempty"` // the rejected records, to be dropped again

	// The figures of a phase that runs.
	Records          int64   `json:"records" xml:"records"`
	Bytes            int64   `json:"bytes" xml:"bytes"` // of the file that were read
	BytesTotal       int64   `json:"bytes_total" xml:"bytes_total"`
	RecordsPerSecond float64 `json:"records_per_second,omitempty" xml:"records_per_second,omitempty"`
	SecondsRemaining int64   `json:"seconds_remaining,omitempty" xml:"seconds_remaining,omitempty"`

	Forecast *JobForecast `json:"forecast,omitempty" xml:"forecast,omitempty"`
	Breaches []JobBreach  `json:"breach,omitempty" xml:"breaches>breach,omitempty"`
	Released *JobRelease  `json:"released,omitempty" xml:"released,omitempty"`
	Summary  string       `json:"summary_mail,omitempty" xml:"summary_mail,omitempty"`
}

// JobForecast is what a first pass over the file said would happen.
type JobForecast struct {
	Processed        int `json:"processed" xml:"processed"`
	Created          int `json:"created" xml:"created"`
	Updated          int `json:"updated" xml:"updated"`
	Unchanged        int `json:"unchanged" xml:"unchanged"`
	Rejected         int `json:"rejected" xml:"rejected"`
	Blanked          int `json:"blanked" xml:"blanked"`
	BlankedEmails    int `json:"blanked_emails" xml:"blanked_emails"`
	BlankedAddresses int `json:"blanked_addresses" xml:"blanked_addresses"`
	Identifiers      int `json:"identifiers" xml:"identifiers"`
	Protected        int `json:"protected" xml:"protected"`
	Deactivated      int `json:"deactivated" xml:"deactivated"`
	Missing          int `json:"missing" xml:"missing"`
	Inactivated      int `json:"inactivated" xml:"inactivated"`
}

// JobBreach is a limit of the profile that the file would go over. Limit and Share are 0 to 1.
type JobBreach struct {
	Measure string  `json:"measure" xml:"measure"`
	Count   int     `json:"count" xml:"count"`
	Of      int     `json:"of" xml:"of"`
	Share   float64 `json:"share" xml:"share"`
	Limit   float64 `json:"limit" xml:"limit"`
	Words   string  `json:"words" xml:"words"`
}

// JobRelease says who let a held job go on, and when.
type JobRelease struct {
	By string `json:"by" xml:"by"`
	At string `json:"at" xml:"at"`
}

func newJobPatrondesk(j job.Job, link string) JobPatrondesk {
	own := JobPatrondesk{
		State: string(j.State), Phase: string(j.Phase), DryRun: j.DryRun, WhatToDo: whatToDo(j),
		FileKey: j.Key, FileVersion: j.Object, ReportKey: j.Report, RejectedKey: j.Again,
		Records: j.Progress.Records, Bytes: j.Progress.Bytes, BytesTotal: j.Progress.Of,
		Breaches: show(j.Breaches, newJobBreach), Summary: j.Summary,
	}
	if j.State == job.Running {
		own.RecordsPerSecond = math.Round(j.Progress.Rate())
		own.SecondsRemaining = int64(math.Ceil(j.Progress.Remaining().Seconds()))
	} else {
		own.Phase = ""
	}
	if j.Report != "" {
		own.ReportLink = link + "/report"
	}
	if c := j.Forecast; c != nil {
		own.Forecast = &JobForecast{
			Processed: c.Processed, Created: c.Created, Updated: c.Updated, Unchanged: c.Unchanged, Rejected: c.Rejected,
			Blanked: c.Blanked, BlankedEmails: c.BlankedEmails, BlankedAddresses: c.BlankedAddresses, Identifiers: c.Identifiers,
			Protected: c.Protected, Deactivated: c.Deactivated, Missing: c.Missing, Inactivated: c.Inactivated,
		}
	}
	if r := j.Released; r != nil {
		own.Released = &JobRelease{By: r.By, At: timestamp(r.At)}
	}
	return own
}

func newJobBreach(b job.Breach) JobBreach {
	shown := JobBreach{Measure: b.Measure, Count: b.Count, Of: b.Of, Limit: b.Limit, Words: b.Words()}
	if b.Of > 0 {
		shown.Share = math.Round(10000*float64(b.Count)/float64(b.Of)) / 10000
	}
	return shown
}
