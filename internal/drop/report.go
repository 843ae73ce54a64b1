package drop

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"patrondesk/internal/job"
)

// The names of the reports, after the key of the file.
const (
	jsonReport = ".report.json"
	csvReport  = ".report.csv"
)

// maxRows is how many rejected records a report lists; the others are counted.
const maxRows = 100_000

// Report tells the library what became of a dropped file. It lies in the library's own bucket, so it names records;
// nothing of it goes into a log.
type Report struct {
	Job      string    `json:"job"`
	Kind     string    `json:"kind"`
	Profile  string    `json:"profile,omitempty"`
	Key      string    `json:"key"`
	Object   string    `json:"object_version,omitempty"`
	State    job.State `json:"state"`
	Reason   string    `json:"reason,omitempty"` // why the state is FAILED
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`

	Counts job.Counts   `json:"counts"`
	Files  []FileReport `json:"files,omitempty"`
	// Rejected are in the order of the files and their lines, those tried a second time last.
	Rejected []Rejected `json:"rejected,omitempty"`
	// LeftOut counts the rejected records beyond those listed.
	LeftOut int `json:"rejected_left_out,omitempty"`
}

// FileReport is the part of a report on one file.
type FileReport struct {
	Name   string     `json:"name"`
	Counts job.Counts `json:"counts"`
	// Ignored counts the elements or columns that were not known.
	Ignored int `json:"ignored,omitempty"`
	// Reason says why the file was not used, or not to its end; empty when it was.
	Reason string `json:"reason,omitempty"`
}

// Rejected is a record that was not taken, and why.
type Rejected struct {
	File        string   `json:"file"`
	Line        int      `json:"line"` // on which the record begins, from 1
	ID          string   `json:"id,omitempty"`
	Identifiers []string `json:"identifiers,omitempty"` // the others, as "TYPE value"
	Field       string   `json:"field,omitempty"`       // the field's name in the file, where one field is at fault
	Reason      string   `json:"reason"`
}

// Begin starts the report on a file.
func (r *Report) Begin(file string) { r.Files = append(r.Files, FileReport{Name: file}) }

// file is the report on the file of that name, which was begun.
func (r *Report) file(name string) *FileReport {
	for i := len(r.Files) - 1; i > 0; i-- {
		if r.Files[i].Name == name {
			return &r.Files[i]
		}
	}
	return &r.Files[0]
}

// Add counts records of a file that was begun.
func (r *Report) Add(file string, c job.Counts) {
	add(&r.file(file).Counts, c)
	add(&r.Counts, c)
}

// Ignore counts elements or columns of a file that were not known.
func (r *Report) Ignore(file string, n int) { r.file(file).Ignored += n }

// Reject counts a record as rejected and lists it.
func (r *Report) Reject(row Rejected) {
	r.Add(row.File, job.Counts{Processed: 1, Rejected: 1})
	if len(r.Rejected) == maxRows {
		r.LeftOut++
		return
	}
	r.Rejected = append(r.Rejected, row)
}

func add(to *job.Counts, c job.Counts) {
	to.Processed += c.Processed
	to.Created += c.Created
	to.Updated += c.Updated
	to.Unchanged += c.Unchanged
	to.Rejected += c.Rejected
}

// state is what the report amounts to: failed when no file could be used, and none of its records was.
func (r *Report) state() job.State {
	bad := 0
	for _, f := range r.Files {
		if f.Reason != "" {
			bad++
		}
	}
	switch {
	case r.Reason != "", bad > 0 && bad == len(r.Files) && r.Counts.Processed == 0:
		return job.Failed
	case bad > 0, r.Counts.Rejected > 0:
		return job.CompletedWithErrors
	}
	return job.Completed
}

// failure is the reason of a failed job in a sentence.
func (r *Report) failure() string {
	if r.Reason != "" || len(r.Files) == 0 {
		return r.Reason
	}
	if len(r.Files) == 1 {
		return r.Files[0].Reason
	}
	return fmt.Sprintf("None of the %d files could be used. %s: %s", len(r.Files), r.Files[0].Name, r.Files[0].Reason)
}

// json is the report as a program reads it.
func (r *Report) json() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return b.Bytes(), nil
}

// csv is the report as a spreadsheet reads it: one row per rejected record, and one without id per file that failed.
func (r *Report) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		w.Write(cells)
	}
	write("file", "line", "id", "identifiers", "field", "reason")
	if r.Reason != "" && len(r.Files) == 0 {
		write(r.Key, "", "", "", "", r.Reason)
	}
	for _, f := range r.Files {
		if f.Reason != "" {
			write(f.Name, "", "", "", "", f.Reason)
		}
	}
	for _, row := range r.Rejected {
		write(row.File, strconv.Itoa(row.Line), row.ID, strings.Join(row.Identifiers, "; "), row.Field, row.Reason)
	}
	if r.LeftOut > 0 {
		write("", "", "", "", "", fmt.Sprintf("%d more rejected records are not listed.", r.LeftOut))
	}
	w.Flush()
	return b.Bytes()
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
