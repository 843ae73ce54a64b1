package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/job"
)

const (
	// patience is how long a job may take to begin, or to go on once it was released: files are worked on one after the
	// other, and the one before may be large.
	patience = time.Hour
	// impatience is after how long it is told that the job waits.
	impatience = 5 * time.Second
	// listed is how many rejected records, and how many differences, are shown.
	listed = 20
)

// follow waits until the job is over or waits for its release, and shows how far it is.
func (i importer) follow(ctx context.Context, id string, out io.Writer) (job.Job, error) {
	b := newBar(out)
	defer b.end()
	waiting, told := time.Now(), false
	for {
		j, err := i.jobs.Job(ctx, id)
		switch {
		case err != nil && !errors.Is(err, job.ErrNotFound):
			return j, fmt.Errorf("follow the job: %w", err)
		case err == nil && (j.State.Final() || j.State == job.Held && j.Released == nil):
			return j, nil
		case err == nil && j.State == job.Running:
			waiting = time.Now()
		case time.Since(waiting) > patience && err != nil:
			return j, fmt.Errorf("the file lies in the bucket, but nothing took it within %v", patience)
		case time.Since(waiting) > patience:
			return j, fmt.Errorf("the job is released, but nothing took it within %v", patience)
		}
		if !told && time.Since(waiting) > impatience {
			told = true
			fmt.Fprintln(out, "It waits for the files before it; \"make jobs\" tells of them.")
		}
		b.show(j)
		select {
		case <-ctx.Done():
			return j, fmt.Errorf("stopped following; the job goes on: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// tell says what became of a job, and what is left to do.
func (i importer) tell(ctx context.Context, j job.Job, out io.Writer) error {
	if j.State == job.Held {
		if err := i.explain(ctx, j, out); err != nil {
			return err
		}
		return tellHeld(j, out)
	}
	if j.DryRun {
		fmt.Fprintln(out, "This was a dry run. Nothing was written; the figures tell what would happen.")
	}
	fmt.Fprintf(out, "%s: %s\n", j.State, figuresOf(j))
	fmt.Fprint(out, others(j.Counts))
	if j.Reason != "" && j.State != job.Failed {
		fmt.Fprintln(out, j.Reason)
	}
	if err := i.explain(ctx, j, out); err != nil {
		return err
	}
	if j.Again != "" {
		fmt.Fprintf(out, "The rejected records, to be mended and dropped again: %s\n", j.Again)
	}
	if j.State == job.Failed {
		return fmt.Errorf("the job failed: %s", j.Reason)
	}
	return nil
}

// tellHeld says why the job is held, which includes that nothing was written, and how it goes on. It is an error, so
// that scripts notice.
func tellHeld(j job.Job, out io.Writer) error {
	fmt.Fprintf(out, "HELD: %s\n", j.Reason)
	if j.Forecast != nil {
		fmt.Fprintf(out, "The file would do this: %s\n%s", figures(*j.Forecast), others(*j.Forecast))
	}
	fmt.Fprintf(out, "If the figures are right, release the job:\n\n    make release JOB=%s\n\nIf they are not, drop a corrected file and leave this job as it is.\n", j.ID)
	return errors.New("the job is held")
}

// figures are the totals of every job in a sentence.
func figures(c job.Counts) string {
	return fmt.Sprintf("%d records: %d created, %d updated, %d unchanged, %d rejected.", c.Processed, c.Created, c.Updated, c.Unchanged, c.Rejected)
}

// figuresOf are the totals of a job in a sentence: of a round what it counts, else those of every job.
func figuresOf(j job.Job) string {
	c := j.Counts
	switch j.Kind {
	case job.ActivityLetters:
		return fmt.Sprintf("%d patrons: %d letters sent, %d with nothing to report, %d without a letter.", c.Processed, c.Created, c.Unchanged, c.Rejected)
	case job.HoldShelf:
		return fmt.Sprintf("%d items: %d taken off the hold shelf, %d moved by others meanwhile, %d not in the item list.", c.Processed, c.Updated, c.Unchanged, c.Rejected)
	}
	return figures(c)
}

// others are the counts besides, a line for each that is not 0.
func others(c job.Counts) string {
	text := ""
	for _, other := range []struct {
		n    int
		what string
	}{
		{c.Blanked, "lost all e-mails, addresses or phones"}, {c.BlankedEmails, "lost all e-mail addresses"},
		{c.BlankedAddresses, "lost all postal addresses"}, {c.Identifiers, "had an identifier changed or taken away"},
		{c.Protected, "keep a value of the library's against the SIS"}, {c.Deactivated, "became inactive by their record"},
		{c.Missing, "are missing from the full file"}, {c.Inactivated, "became inactive because they are missing"},
	} {
		if other.n > 0 {
			text += fmt.Sprintf("  %d %s\n", other.n, other.what)
		}
	}
	return text
}

// shownReport is what of a report is shown here.
type shownReport struct {
	Files []struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	} `json:"files"`
	Rejected []struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		ID     string `json:"id"`
		Reason string `json:"reason"`
		Do     string `json:"do"`
	} `json:"rejected"`
	LeftOut     int `json:"rejected_left_out"`
	Differences []struct {
		ID     string `json:"id"`
		Action string `json:"action"`
		Field  string `json:"field"`
		Before string `json:"before"`
		After  string `json:"after"`
	} `json:"differences"`
	Unlisted int `json:"differences_left_out"`
}

// explain lists what the report says of files and records that were not taken and, in a dry run, of what would change.
func (i importer) explain(ctx context.Context, j job.Job, out io.Writer) error {
	if j.Report == "" {
		return nil
	}
	object, err := i.files.GetObject(ctx, &s3.GetObjectInput{Bucket: &i.bucket, Key: &j.Report})
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	defer object.Body.Close()
	var report shownReport
	if err := json.NewDecoder(object.Body).Decode(&report); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	report.write(out)
	fmt.Fprintf(out, "The report is in the bucket: %s\n", j.Report)
	return nil
}

func (r shownReport) write(out io.Writer) {
	for _, f := range r.Files {
		if f.Reason != "" {
			fmt.Fprintf(out, "  %s: %s\n", f.Name, f.Reason)
		}
	}
	for _, row := range r.Rejected[:min(listed, len(r.Rejected))] {
		at := row.File
		if row.Line > 0 {
			at += fmt.Sprintf(", line %d", row.Line)
		}
		fmt.Fprintf(out, "  %s, %s: %s\n", at, firstOf(row.ID, "no id"), row.Reason)
		if row.Do != "" {
			fmt.Fprintf(out, "    %s\n", row.Do)
		}
	}
	if more := len(r.Rejected) - listed + r.LeftOut; more > 0 {
		fmt.Fprintf(out, "  and %d more rejected records, which the report lists\n", more)
	}
	for _, d := range r.Differences[:min(listed, len(r.Differences))] {
		if d.Field == "" && d.Before != "" { // an item that staff take somewhere
			fmt.Fprintf(out, "  %s %s: %s\n", d.Action, d.ID, strings.TrimSuffix(d.Before+" -> "+d.After, " -> "))
			continue
		}
		fmt.Fprintf(out, "  %s %s %s: %q would become %q\n", d.Action, d.ID, d.Field, d.Before, d.After)
	}
	if more := len(r.Differences) - listed + r.Unlisted; more > 0 {
		fmt.Fprintf(out, "  and %d more differences, which the report lists\n", more)
	}
}
