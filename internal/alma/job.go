package alma

import (
	"encoding/xml"
	"strconv"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// Job is what files are dropped for: an SIS profile, or the list of items (rest_job.xsd).
type Job struct {
	XMLName        xml.Name    `json:"-" xml:"job"`
	ID             string      `json:"id" xml:"id"`
	Name           string      `json:"name" xml:"name"`
	Description    string      `json:"description" xml:"description"`
	Type           Code        `json:"type" xml:"type"`
	Category       Code        `json:"category" xml:"category"`
	Schedule       Code        `json:"schedule" xml:"schedule"`
	RelatedProfile *JobProfile `json:"related_profile,omitempty" xml:"related_profile,omitempty"` // of an SIS profile
	Link           string      `json:"link" xml:"link,attr"`
}

// JobProfile names the integration profile of a job.
type JobProfile struct {
	Value string `json:"value" xml:",chardata"`
	Link  string `json:"link" xml:"link,attr"`
}

// Jobs is the answer of GET /conf/jobs.
type Jobs struct {
	XMLName xml.Name `json:"-" xml:"jobs"`
	Job     []Job    `json:"job,omitempty" xml:"job"`
	Total   int      `json:"total_record_count" xml:"total_record_count,attr"`
}

// JobInstance is one run of a job (rest_job_instance.xsd): the work on one dropped file. Actions, which Alma has for
// metadata imports alone, are left out. What Alma has no field for is in Patrondesk.
type JobInstance struct {
	XMLName     xml.Name      `json:"-" xml:"job_instance"`
	ID          string        `json:"id" xml:"id"`
	ExternalID  string        `json:"external_id" xml:"external_id"`
	Name        string        `json:"name" xml:"name"`
	SubmittedBy Code          `json:"submitted_by" xml:"submitted_by"`
	SubmitTime  string        `json:"submit_time" xml:"submit_time"`
	StartTime   string        `json:"start_time" xml:"start_time"`
	EndTime     NullText      `json:"end_time" xml:"end_time,omitempty"`
	Progress    int           `json:"progress" xml:"progress"` // percent
	Status      Code          `json:"status" xml:"status"`     // of the code table systemJobStatus
	StatusDate  string        `json:"status_date" xml:"status_date"`
	Alerts      []Code        `json:"alert" xml:"alerts>alert"`
	Counters    []JobCounter  `json:"counter" xml:"counters>counter"`
	JobInfo     JobInfo       `json:"job_info" xml:"job_info"`
	Patrondesk  JobPatrondesk `json:"patrondesk" xml:"patrondesk"`
	Link        string        `json:"link" xml:"link,attr"`
}

// JobCounter is a total of a job instance.
type JobCounter struct {
	Type  Code   `json:"type" xml:"type"`
	Value string `json:"value" xml:"value"`
}

// JobInfo tells which job an instance is of.
type JobInfo struct {
	ID          string `json:"id" xml:"id"`
	Name        string `json:"name" xml:"name"`
	Description string `json:"description" xml:"description"`
	Type        Code   `json:"type" xml:"type"`
	Category    Code   `json:"category" xml:"category"`
	Link        string `json:"link" xml:"link,attr"`
}

// JobInstances is the answer of GET /conf/jobs/{job_id}/instances.
type JobInstances struct {
	XMLName     xml.Name      `json:"-" xml:"job_instances"`
	JobInstance []JobInstance `json:"job_instance,omitempty" xml:"job_instance"`
	Total       int           `json:"total_record_count" xml:"total_record_count,attr"`
}

// NewJob shows an SIS profile as a job; link is its address.
func NewJob(p institution.SISProfile, link string) Job {
	name, description := "Users SYNCHRONIZE using "+p.Code, "Creates and changes the external users of "+p.Name
	if p.ImportOnly {
		name, description = "Users IMPORT using "+p.Code, "Creates external users of "+p.Name
	}
	return Job{
		ID: p.Code, Name: name, Description: description, Link: link,
		Type: scheduled(), Category: Code{"USERS", "Users"}, Schedule: whenDropped(),
		RelatedProfile: &JobProfile{Value: p.Code, Link: link},
	}
}

// NewItemsJob shows the reading of item lists as a job.
func NewItemsJob(link string) Job {
	return Job{
		ID: job.Items, Name: "Items IMPORT", Description: "Loads the library's item list, which requests and loans are tied to", Link: link,
		Type: scheduled(), Category: Code{"REPOSITORY", "Repository"}, Schedule: whenDropped(),
	}
}

// rounds are what is done at set times, by the kind of its jobs, under the names of the jobs of Alma that do it.
var rounds = map[string]Job{
	job.ActivityLetters: {
		Name:        "Notifications - Send Periodic Fulfillment Activity Report",
		Description: "Sends everybody who has a loan or owes a fee the Borrowing Activity Letter",
	},
	job.HoldShelf: {
		Name:        "Requests - Handle Expiration Step",
		Description: "Ends the requests whose items nobody fetched from the hold shelf in time",
	},
}

// NewRoundJob shows a round, of that kind of jobs, as a job.
func NewRoundJob(kind, link string) Job {
	j := rounds[kind]
	j.ID, j.Link, j.Type, j.Category = kind, link, scheduled(), Code{"FULFILLMENT", "Fulfillment"}
	j.Schedule = Code{"SCHEDULED", "Runs at the times the deployment sets"}
	return j
}

func scheduled() Code { return Code{"SCHEDULED", "Scheduled"} }

func whenDropped() Code { return Code{"NOT_SCHEDULED", "Runs when a file is dropped"} }

// NewJobInstance shows what became of a dropped file; of is its job, and link its own address.
func NewJobInstance(j job.Job, of Job, link string) JobInstance {
	submitted, changed := j.Dropped, j.Finished
	if submitted.IsZero() {
		submitted = j.Started
	}
	if changed.IsZero() {
		changed = j.Started
		if j.Progress.At.After(changed) {
			changed = j.Progress.At
		}
	}
	return JobInstance{
		ID: j.ID, ExternalID: j.ID, Name: of.Name + " - " + j.Key, SubmittedBy: Code{"System", "System"},
		SubmitTime: timestamp(submitted), StartTime: timestamp(j.Started), EndTime: NullText(timestamp(j.Finished)),
		Progress: j.Percent(), Status: jobStatus(j), StatusDate: changed.UTC().Format("2006-01-02Z"),
		Alerts: jobAlerts(j), Counters: jobCounters(j),
		JobInfo:    JobInfo{ID: of.ID, Name: of.Name, Description: of.Description, Type: of.Type, Category: of.Category, Link: of.Link},
		Patrondesk: newJobPatrondesk(j, link),
		Link:       link,
	}
}

// JobStatuses are the codes of systemJobStatus that a job here can have.
func JobStatuses() []string {
	return []string{"RUNNING", "QUEUED", "MANUAL_HANDLING_REQUIRED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED"}
}

// jobStatus is the state as Alma has it. A held job is one that needs handling by a person, and once that was done it
// is queued again.
func jobStatus(j job.Job) Code {
	switch {
	case j.State == job.Held && j.Released == nil:
		return Code{"MANUAL_HANDLING_REQUIRED", "Manual Handling Required"}
	case j.State == job.Held:
		return Code{"QUEUED", "Queued"}
	case j.State == job.Completed:
		return Code{"COMPLETED_SUCCESS", "Completed Successfully"}
	case j.State == job.CompletedWithErrors:
		return Code{"COMPLETED_FAILED", "Completed with Errors"}
	case j.State == job.Failed:
		return Code{"FAILED", "Failed"}
	}
	return Code{"RUNNING", "Running"}
}

// jobAlerts say what a person should know: how it ended, and for a job that is held or failed why.
func jobAlerts(j job.Job) []Code {
	alerts := []Code{}
	add := func(code, text string) { alerts = append(alerts, Code{code, text}) }
	if j.State == job.Completed {
		add("alert_general_success", "The job completed successfully. For more information view the report details.")
	}
	if j.State == job.CompletedWithErrors {
		add("patrondesk_rejected", "Some records or files were not taken. The report tells each and why.")
	}
	if j.Reason != "" {
		add("patrondesk_reason", j.Reason)
	}
	for _, b := range j.Breaches {
		add("patrondesk_limit", b.Words())
	}
	if text := whatToDo(j); text != "" {
		add("patrondesk_what_to_do", text)
	}
	return alerts
}

// whatToDo says what a person can do about the job, or nothing where nothing needs doing.
func whatToDo(j job.Job) string {
	switch {
	case j.State == job.Held && j.Released == nil:
		return "Nothing was written. If the figures are right, release the job with POST ?op=release on this instance " +
			"or with make release JOB=" + j.ID + "; if they are not, drop a corrected file and leave this job as it is."
	case j.State == job.Held:
		return "The job was released and goes on shortly."
	case j.State == job.Failed:
		return "Mend what the reason tells and drop the file again."
	case j.State == job.CompletedWithErrors && j.Again != "":
		return "Mend the rejected records and drop them again; they are in the file patrondesk.rejected_key names."
	}
	return ""
}

// totals say what the totals of a job count, by its kind; what a kind never counts has no words.
var totals = map[string]struct{ processed, created, updated, unchanged, rejected string }{
	job.SIS: {
		"Total users processed", "Total users created successfully", "Total users updated successfully", "Total users unchanged", "Total users rejected",
	},
	job.Items: {
		"Total items processed", "Total items created successfully", "Total items updated successfully", "Total items unchanged", "Total items rejected",
	},
	job.ActivityLetters: {
		"Total patrons processed", "Total letters sent", "", "Total patrons with nothing to report", "Total patrons without a letter",
	},
	job.HoldShelf: {
		"Total items processed", "", "Total items taken off the hold shelf", "Total items moved by others meanwhile", "Total items not in the item list",
	},
}

// jobCounters are the totals under the names of Alma's SIS report and, after them, those Alma does not count.
func jobCounters(j job.Job) []JobCounter {
	c, counters := j.Counts, []JobCounter{}
	add := func(code, text string, n int) {
		if text != "" {
			counters = append(counters, JobCounter{Type: Code{code, text}, Value: strconv.Itoa(n)})
		}
	}
	words := totals[j.Kind]
	add("total_processed", words.processed, c.Processed)
	add("total_created", words.created, c.Created)
	add("total_updated", words.updated, c.Updated)
	add("total_unchanged", words.unchanged, c.Unchanged)
	add("total_rejected", words.rejected, c.Rejected)
	if j.Kind != job.SIS {
		return counters
	}
	add("patrondesk_blanked", "Users who lost all e-mails, addresses or phones", c.Blanked)
	add("patrondesk_blanked_emails", "Users who lost all e-mail addresses", c.BlankedEmails)
	add("patrondesk_blanked_addresses", "Users who lost all postal addresses", c.BlankedAddresses)
	add("patrondesk_identifiers", "Users with a changed or removed identifier", c.Identifiers)
	add("patrondesk_protected", "Users with a value the library keeps against the SIS", c.Protected)
	add("patrondesk_deactivated", "Users made inactive by their record", c.Deactivated)
	add("patrondesk_missing", "Users of the profile the full file lacks", c.Missing)
	add("patrondesk_inactivated", "Users made inactive because the full file lacks them", c.Inactivated)
	return counters
}
