package desk

import (
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
	"patrondesk/internal/job"
)

// uploadPage is the form with which a file goes straight from the browser into the bucket.
type uploadPage struct {
	Job    shownJob
	Upload alma.Upload
	// Chooses says that the choices are there: a dry run or the real one, and whether the file is of everybody.
	Chooses         bool
	DryRun, Partial bool
	Formats         string // what the browser offers to choose from
}

// At is the address of the page with other choices.
func (p uploadPage) At(dryRun, partial bool) string {
	query := url.Values{}
	if !dryRun {
		query.Set("apply", "1")
	}
	if partial {
		query.Set("partial", "1")
	}
	return p.Job.Path() + "/upload?" + query.Encode()
}

// uploadFile answers GET /desk/jobs/{job_id}/upload. A file of people is a dry run unless something else is chosen. Its name is
// not known before it is chosen, so it gets one of ours; what a file holds is told by its content.
func (c *call) uploadFile() error {
	of, err := get[alma.Job](c, apiJob(c.jobID()), nil)
	if err != nil {
		return err
	}
	p := uploadPage{Job: c.shownJob(of), Formats: ".csv,.jsonl,.ndjson,.gz,.tgz,.zip"}
	file := alma.NewFile{FileName: "upload.csv", Done: c.absolute(p.Job.Path() + "?uploaded=1")}
	if p.Job.Kind == job.SIS {
		p.Chooses, p.DryRun, p.Partial = true, c.r.FormValue("apply") == "", c.r.FormValue("partial") != ""
		p.Formats = ".xml,.gz,.tgz,.zip"
		if profile, _ := c.Institution.SISProfile(of.ID); profile.CSV != nil {
			p.Formats += ",.csv"
		}
		file.FileName, file.DryRun, file.Partial = "upload.xml", p.DryRun, p.Partial
	}
	p.Upload, err = as[alma.Upload](c.ask(question{
		method: http.MethodPost, path: apiJob(of.ID) + "/instances", query: url.Values{"op": {"upload"}}, body: file,
	}))
	if err != nil {
		return err
	}
	return c.show("upload", p)
}
