package drop

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"patrondesk/internal/job"
)

// The names of the reports end so.
const (
	jsonReport = ".report.json"
	csvReport  = ".report.csv"
)

// reportKey is where a report of the job lies: beside the file, and apart from those of other files of its name.
func reportKey(j job.Job, ending string) string { return j.Key + "." + j.ID[:8] + ending }

// maxRows is how many rejected records, and how many differences, a report lists; the others are counted.
const maxRows = 100_000

// report tells the library what became of a dropped file. It lies in the library's own bucket, so it names records;
// nothing of it goes into a log.
type report struct {
	Job      string       `json:"job"`
	Kind     string       `json:"kind"`
	Profile  string       `json:"profile,omitempty"`
	Key      string       `json:"key"`
	Object   string       `json:"object_version,omitempty"`
	DryRun   bool         `json:"dry_run,omitempty"`
	State    job.State    `json:"state"`
	Reason   string       `json:"reason,omitempty"` // why the state is FAILED or HELD
	Started  time.Time    `json:"started"`
	Finished time.Time    `json:"finished"`
	Counts   job.Counts   `json:"counts"`
	Forecast *job.Counts  `json:"forecast,omitempty"`
	Breaches []job.Breach `json:"breaches,omitempty"`
	Released *job.Release `json:"released,omitempty"`
	Files    []job.File   `json:"files,omitempty"`
	Again    string       `json:"rejected_file,omitempty"` // the rejected records as a file that can be dropped again
	Rejected []Rejected   `json:"rejected,omitempty"`      // in the order of the files
	Changes  []Difference `json:"differences,omitempty"`   // of a dry run
	LeftOut  int          `json:"rejected_left_out,omitempty"`
	Unlisted int          `json:"differences_left_out,omitempty"`
}

// Rejected is a record that was not taken, and why.
type Rejected struct {
	File        string   `json:"file"`
	Line        int      `json:"line"` // on which the record begins, from 1
	ID          string   `json:"id,omitempty"`
	Identifiers []string `json:"identifiers,omitempty"` // the others, as "TYPE value"
	Field       string   `json:"field,omitempty"`       // the field's name in the file, where one field is at fault
	Reason      string   `json:"reason"`
	Other       string   `json:"other,omitempty"` // the primary id of the other patron, where there is one in question
	Do          string   `json:"do,omitempty"`    // a call that may help, where there is one
}

// Difference is an item that staff take somewhere, or a field of a patron that would change, or was found missing in the file.
type Difference struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	ID     string `json:"id"`
	Action string `json:"action"` // create, update or inactivate; of an item, what staff do with it
	Field  string `json:"field,omitempty"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// newReport is the report on a job with all its rows.
func newReport(j job.Job, rows part) *report {
	r := &report{
		Job: j.ID, Kind: j.Kind, Profile: j.Profile, Key: j.Key, Object: j.Object, DryRun: j.DryRun, State: j.State, Reason: j.Reason,
		Started: j.Started, Finished: j.Finished, Counts: j.Counts, Forecast: j.Forecast, Breaches: j.Breaches, Released: j.Released,
		Files: j.Files, Again: j.Again,
	}
	r.Rejected, r.LeftOut = rows.Rejected, rows.LeftOut
	r.Changes, r.Unlisted = rows.Differences, rows.Unlisted
	r.sort()
	return r
}

// sort brings the rows into the order of the files, whatever order the records were taken in. What is of no file is last.
func (r *report) sort() {
	order := map[string]int{}
	for i, f := range r.Files {
		order[f.Name] = i - len(r.Files)
	}
	slices.SortStableFunc(r.Rejected, func(a, b Rejected) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	slices.SortStableFunc(r.Changes, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
}

// json is the report as a program reads it.
func (r *report) json() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return b.Bytes(), nil
}

// csv is the report as a spreadsheet reads it: one row per rejected record, one without id per file that failed, and
// in a dry run one per field that would change.
func (r *report) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		w.Write(cells)
	}
	write("file", "line", "id", "identifiers", "field", "reason", "other", "do")
	if r.Reason != "" && len(r.Files) == 0 {
		write(r.Key, "", "", "", "", r.Reason, "", "")
	}
	for _, f := range r.Files {
		if f.Reason != "" {
			write(f.Name, "", "", "", "", f.Reason, "", "")
		}
	}
	for _, row := range r.Rejected {
		write(row.File, strconv.Itoa(row.Line), row.ID, strings.Join(row.Identifiers, "; "), row.Field, row.Reason, row.Other, row.Do)
	}
	if r.LeftOut > 0 {
		write("", "", "", "", "", fmt.Sprintf("%d more rejected records are not listed.", r.LeftOut), "", "")
	}
	if len(r.Changes) > 0 {
		write()
		write("file", "line", "id", "action", "field", "before", "after")
	}
	for _, d := range r.Changes {
		write(d.File, number(d.Line), d.ID, d.Action, d.Field, d.Before, d.After)
	}
	if r.Unlisted > 0 {
		write("", "", "", fmt.Sprintf("%d more differences are not listed.", r.Unlisted))
	}
	w.Flush()
	return b.Bytes()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
