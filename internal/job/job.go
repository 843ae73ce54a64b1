// Package job is the domain of long work on one dropped file: what ran, how far it came, what it found, and whether it
// waits for somebody to release it.
package job

import (
	"errors"
	"time"
)

// Errors of looking up and writing jobs. The store returns them; nothing was written.
var (
	ErrNotFound = errors.New("no such job")
	// ErrChanged says that somebody else wrote the job after it was read.
	ErrChanged = errors.New("the job was changed by somebody else meanwhile")
	// ErrNotHeld says that a job cannot be released because it is not held.
	ErrNotHeld = errors.New("the job is not held")
)

// The kinds of jobs. The objects that begin the last two, which are rounds, lie in runs/KIND/.
const (
	SIS             = "sis"
	Items           = "items"
	ActivityLetters = "activity-letters"
	HoldShelf       = "hold-shelf"
)

// Job is the work on one version of one object in the bucket. Its ID is the same for every delivery of the same event.
type Job struct {
	ID string `json:"id"` // hex SHA-256 of bucket, key and version, first 32 digits
	// Version counts the writes of the job from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	Kind    string    `json:"kind"`
	Profile string    `json:"profile,omitempty"`
	Bucket  string    `json:"bucket"`
	Key     string    `json:"key"`
	Object  string    `json:"object_version,omitempty"`
	ETag    string    `json:"etag,omitempty"`
	Dropped time.Time `json:"dropped,omitzero"` // when the object was put
	State   State     `json:"state"`
	Phase   Phase     `json:"phase,omitempty"` // while running
	DryRun  bool      `json:"dry_run,omitempty"`
	// Reason says why the job failed or is held, or would be if it were no dry run; empty otherwise.
	Reason string `json:"reason,omitempty"`

	Counts Counts `json:"counts"`
	Files  []File `json:"files,omitempty"` // of the object, as far as they were begun
	// Forecast is what a first look at the file said would happen; nil before it has ended.
	Forecast *Counts `json:"forecast,omitempty"`
	// Breaches are why the job is held, or was; of a dry run, why it would be.
	Breaches []Breach `json:"breaches,omitempty"`
	// Released says who let a held job go on; nil when nobody did.
	Released *Release `json:"released,omitempty"`

	Progress Progress `json:"progress,omitzero"`
	// Place is where another run goes on.
	Place Place `json:"place,omitzero"`
	Lease Lease `json:"lease,omitzero"`
	// Runs counts the runs that were begun, and Stalls those of them in a row that came no further.
	Runs   int `json:"runs,omitempty"`
	Stalls int `json:"stalls,omitempty"`

	// Report is the key of the JSON report in the bucket, once written, and Again that of the rejected records as a
	// file that can be dropped again; empty when none was rejected.
	Report   string    `json:"report,omitempty"`
	Again    string    `json:"again,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Summary is what became of the mail about the job: SENT or FAILED; empty where none was sent, or not known to be.
	Summary string `json:"summary,omitempty"`
}

// List is the code under which jobs like this are listed: the profile's, or the kind where there is no profile.
func (j Job) List() string {
	if j.Profile != "" {
		return j.Profile
	}
	return j.Kind
}

// State is how far a job is.
type State string

// The states of a job.
const (
	Running             State = "RUNNING"
	Held                State = "HELD" // over a limit of its profile; nothing was written, and it waits for a release
	Completed           State = "COMPLETED"
	CompletedWithErrors State = "COMPLETED_WITH_ERRORS" // some records were rejected
	Failed              State = "FAILED"                // the file as a whole could not be used
)

// Final reports whether nothing more will happen in the job.
func (s State) Final() bool { return s != Running && s != Held }

// Phase is what a running job is doing.
type Phase string

// The phases of a job, in their order.
const (
	Surveying Phase = "SURVEYING" // a first pass tells what would happen, and writes nothing
	Applying  Phase = "APPLYING"
	Settling  Phase = "SETTLING" // the records that had to wait for others, and the people missing from the file
	Reporting Phase = "REPORTING"
)

// Counts are the totals of a job: Processed = Created + Updated + Unchanged + Rejected. Those after them count some of
// these again, under another aspect, except Inactivated: people who are not in the file.
type Counts struct {
	Processed int `json:"processed"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`

	// Blanked are patrons who lost all e-mails, all addresses or all phones of the SIS, BlankedEmails and
	// BlankedAddresses those of them who lost all of these.
	Blanked          int `json:"blanked,omitempty"`
	BlankedEmails    int `json:"blanked_emails,omitempty"`
	BlankedAddresses int `json:"blanked_addresses,omitempty"`
	Identifiers      int `json:"identifiers,omitempty"` // patrons an identifier of whom changed or was taken away
	Protected        int `json:"protected,omitempty"`   // patrons a value of whom the library keeps against the SIS
	Deactivated      int `json:"deactivated,omitempty"` // patrons whose record in the file makes them inactive
	Inactivated      int `json:"inactivated,omitempty"` // patrons made inactive because the full file lacks them
	Missing          int `json:"missing,omitempty"`     // patrons of the profile a full file lacks, whatever was done
}

// Add adds the counts of a part.
func (c *Counts) Add(part Counts) {
	c.Processed += part.Processed
	c.Created += part.Created
	c.Updated += part.Updated
	c.Unchanged += part.Unchanged
	c.Rejected += part.Rejected
	c.Blanked += part.Blanked
	c.BlankedEmails += part.BlankedEmails
	c.BlankedAddresses += part.BlankedAddresses
	c.Identifiers += part.Identifiers
	c.Protected += part.Protected
	c.Deactivated += part.Deactivated
	c.Inactivated += part.Inactivated
	c.Missing += part.Missing
}

// File is what became of one file of the object.
type File struct {
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
	// Ignored counts the elements or columns that were not known.
	Ignored int `json:"ignored,omitempty"`
	// Reason says why the file was not used, or not to its end; empty when it was.
	Reason string `json:"reason,omitempty"`
}

// Breach is a limit of the profile that a file would go over.
type Breach struct {
	Measure string  `json:"measure"` // the wire name of the count, such as blanked_emails
	Count   int     `json:"count"`
	Of      int     `json:"of"`    // patrons of the profile, or records of the file
	Limit   float64 `json:"limit"` // the share that is allowed, 0 to 1
}

// Release says who let a held job go on. By is the caller, as in patron.Change.
type Release struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Progress is how far a running job is in its phase, as last saved.
type Progress struct {
	Records int64     `json:"records"`
	Bytes   int64     `json:"bytes"` // of the dropped object that were read
	Of      int64     `json:"of"`    // bytes the object has
	Since   time.Time `json:"since"` // when the phase began, in this run
	At      time.Time `json:"at"`    // when this was saved
}

// Rate is records per second in this run and phase; 0 when it is not known yet.
func (p Progress) Rate() float64 {
	seconds := p.At.Sub(p.Since).Seconds()
	if seconds <= 0 {
		return 0
	}
	return float64(p.Records) / seconds
}

// Remaining is how long the phase will take yet, by the bytes that are left; 0 when it is not known.
func (p Progress) Remaining() time.Duration {
	if p.Bytes <= 0 || p.Of <= p.Bytes {
		return 0
	}
	return time.Duration(float64(p.At.Sub(p.Since)) * float64(p.Of-p.Bytes) / float64(p.Bytes))
}

// Place is where a run of a job left off. Everything before it is done, counted and in the parts of the report.
type Place struct {
	File    int   `json:"file,omitempty"`    // files of the object that are done
	Records int64 `json:"records,omitempty"` // records of the next file that are done
	Parts   int   `json:"parts,omitempty"`   // parts of the report written
	// Waiting are the records that wait for others, as the package of the job's kind encodes them.
	Waiting []byte `json:"waiting,omitempty"`
}

// Lease says which run is at work on a job, and until when it may be taken to be alive.
type Lease struct {
	Run   string    `json:"run,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Latest is the newest dropped file of a profile that was applied, or begun to be.
type Latest struct {
	Version int64     `json:"-"`
	ID      string    `json:"id"` // of its job
	Key     string    `json:"key"`
	Dropped time.Time `json:"dropped"`
	Written time.Time `json:"written,omitzero"` // when its job last wrote a patron; zero while it is at work
}

// Summary is a line of a profile's list of jobs.
type Summary struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"`
	Started time.Time `json:"started"`
}
