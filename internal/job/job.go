// Package job is the domain of long work on one dropped file: what ran, how far it came and what it found.
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
)

// Job is the work on one version of one object in the bucket. Its ID is the same for every delivery of the same event.
type Job struct {
	ID string `json:"id"` // hex SHA-256 of bucket, key and version, first 32 digits
	// Version counts the writes of the job from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	Kind    string `json:"kind"` // "sis" or "items"
	Profile string `json:"profile,omitempty"`
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Object  string `json:"object_version,omitempty"`
	State   State  `json:"state"`
	// Reason says in a sentence why the job failed; empty otherwise.
	Reason string `json:"reason,omitempty"`

	Counts Counts `json:"counts"`
	// Report is the key of the JSON report in the bucket, once written.
	Report   string    `json:"report,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
}

// State is how far a job is.
type State string

// The states of a job. Only the last three are final.
const (
	Running             State = "RUNNING"
	Completed           State = "COMPLETED"
	CompletedWithErrors State = "COMPLETED_WITH_ERRORS" // some records were rejected
	Failed              State = "FAILED"                // the file as a whole could not be read
)

// Final reports whether nothing more will happen in the job.
func (s State) Final() bool { return s != Running }

// Counts are the totals of a job: Processed = Created + Updated + Unchanged + Rejected.
type Counts struct {
	Processed int `json:"processed"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}
