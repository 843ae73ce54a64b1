package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
)

// jobReport is the report on a job, as package drop writes it: what of it the page shows.
type jobReport struct {
	Files []struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	} `json:"files"`
	Rejected []rejectedRecord `json:"rejected"`
	LeftOut  int              `json:"rejected_left_out"` // how many more there are
	Changes  []recordChange   `json:"differences"`
	Unlisted int              `json:"differences_left_out"`
}

// rejectedRecord is a record that was not taken.
type rejectedRecord struct {
	File        string   `json:"file"`
	Line        int      `json:"line"`
	ID          string   `json:"id"`
	Identifiers []string `json:"identifiers"`
	Field       string   `json:"field"`
	Reason      string   `json:"reason"` // in English
	Other       string   `json:"other"`  // the primary id of the other patron, where there is one in question
}

// recordChange is what would happen to a record, of a dry run, or what staff do with an item.
type recordChange struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Action string `json:"action"`
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// rowsShown is how many records a page of a report shows.
const rowsShown = 50

// reportPage is the report on a job.
type reportPage struct {
	Job      shownJob
	Instance shownInstance
	jobReport
	AllRejected, AllChanges int
	ShowsChanges            bool // and not the rejected records
	SeveralFiles            bool
	First, Last, Total      int // which are shown, from 1
	Previous, Next          string
	// TooLarge is the key in the bucket of a report that is too large for a page.
	TooLarge string
}

// jobReport answers GET /desk/jobs/{job_id}/{instance_id}/report.
func (c *call) jobReport() error {
	of, one, err := c.readInstance()
	if err != nil {
		return err
	}
	p := reportPage{Job: of, Instance: one}
	body, err := get[[]byte](c, apiInstance(of.ID, one.ID)+"/report", nil)
	switch {
	case hasCode(err, alma.JobReportTooLarge("").Code):
		p.TooLarge = one.Patrondesk.ReportKey
		return c.show("job-parts/report", p)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(body, &p.jobReport); err != nil {
		return fmt.Errorf("read the report of a job: %w", err)
	}
	p.turn(c.r.FormValue("show") == "changes", atoi(c.r.FormValue("offset")))
	return c.show("job-parts/report", p)
}

// turn leaves the rows that the page shows.
func (p *reportPage) turn(changes bool, offset int) {
	p.AllRejected, p.AllChanges = len(p.Rejected)+p.LeftOut, len(p.Changes)+p.Unlisted
	p.SeveralFiles = len(p.Files) > 1
	p.ShowsChanges = changes || len(p.Rejected) == 0 && len(p.Changes) > 0
	if p.ShowsChanges {
		p.Total = len(p.Changes)
		p.Changes, p.Rejected = reportRows(p.Changes, offset), nil
	} else {
		p.Total = len(p.Rejected)
		p.Rejected, p.Changes = reportRows(p.Rejected, offset), nil
	}
	p.First, p.Last = offset+1, offset+len(p.Rejected)+len(p.Changes)
	p.Previous, p.Next = turn(offset, rowsShown, p.Total, p.at)
}

// reportRows are those of a page.
func reportRows[T any](all []T, offset int) []T {
	from := min(offset, len(all))
	return all[from:min(from+rowsShown, len(all))]
}

// at is the address of another page of what this one shows.
func (p *reportPage) at(offset int) string {
	query := url.Values{"offset": {itoa(offset)}}
	if p.ShowsChanges {
		query.Set("show", "changes")
	}
	return p.Instance.Path() + "/report?" + query.Encode()
}

// rejectedRecords answers GET /desk/jobs/{job_id}/{instance_id}/rejected: it sends the browser to the file of the rejected
// records, which the bucket gives out itself for a few minutes.
func (c *call) rejectedRecords() error {
	a := c.ask(question{method: http.MethodGet, path: apiInstance(c.jobID(), c.r.PathValue("instance_id")) + "/rejected"})
	if a.err != nil {
		return a.err
	}
	if a.status != http.StatusFound {
		return fmt.Errorf("the API answered %d to where the rejected records are", a.status)
	}
	c.redirect(a.header.Get("Location"))
	return nil
}
