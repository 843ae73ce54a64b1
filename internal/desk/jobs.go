package desk

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/job"
)

var jobPages = []page{
	{"GET /desk/jobs", auth.ConfigurationRead, (*call).jobs},
	{"GET /desk/jobs/{job_id}", auth.ConfigurationRead, (*call).job},
	{"GET /desk/jobs/{job_id}/upload", auth.ConfigurationWrite, (*call).uploadFile},
	{"GET /desk/jobs/{job_id}/{instance_id}", auth.ConfigurationRead, (*call).jobInstance},
	{"POST /desk/jobs/{job_id}/{instance_id}", auth.ConfigurationRead, (*call).releaseJob},
	{"GET /desk/jobs/{job_id}/{instance_id}/report", auth.UsersRead, (*call).jobReport},
	{"GET /desk/jobs/{job_id}/{instance_id}/rejected", auth.UsersRead, (*call).rejectedRecords},
}

const (
	// latestShown is how many of its last files the list of jobs shows of each.
	latestShown = 3
	// instancesShown is how many files a page of a job shows.
	instancesShown = 25
)

// shownJob is a job in the words of the page.
type shownJob struct {
	ID, Name, About string
	Kind            string // as in package job
	Takes           bool   // whether files can be uploaded for it
	Columns         []column
	Latest          []shownInstance
}

// column is a total that the list of a job's files shows, by the API's code for it.
type column struct{ Code, Label string }

// jobPath is the address of a job's page, and instancePath that of the work on one file of it.
func jobPath(id string) string          { return "/desk/jobs/" + url.PathEscape(id) }
func instancePath(of, id string) string { return jobPath(of) + "/" + url.PathEscape(id) }

// apiJob and apiInstance are their paths in the API.
func apiJob(id string) string          { return "/conf/jobs/" + apigw.EscapeSegment(id) }
func apiInstance(of, id string) string { return apiJob(of) + "/instances/" + apigw.EscapeSegment(id) }

// jobID is the job the page is about.
func (c *call) jobID() string { return c.r.PathValue("job_id") }

// Path is the address of the job's page.
func (j shownJob) Path() string { return jobPath(j.ID) }

// shownJob says what a job is: the API says it in English alone.
func (c *call) shownJob(j alma.Job) shownJob {
	shown := shownJob{ID: j.ID, Kind: j.ID}
	var profile string
	if j.RelatedProfile != nil {
		shown.Kind = job.SIS
		p, _ := c.Institution.SISProfile(j.ID)
		profile = cmp.Or(p.Name, j.ID)
	}
	shown.Name, shown.About = c.look.words.say("jobs.name."+shown.Kind, profile), c.look.words.say("jobs.about."+shown.Kind)
	shown.Takes = shown.Kind == job.SIS || shown.Kind == job.Items
	shown.Columns = c.columns(shown)
	return shown
}

// columns are the totals that matter in a list. A round, which takes no files, has those it has words of its own for.
func (c *call) columns(of shownJob) []column {
	key := "jobs.column."
	if !of.Takes {
		key += of.Kind + "."
	}
	var all []column
	for _, code := range []string{"processed", "created", "updated", "rejected"} {
		if label, ok := c.look.words[key+code]; ok {
			all = append(all, column{"total_" + code, label})
		}
	}
	return all
}

// shownInstance is the work on one file, in a list.
type shownInstance struct {
	alma.JobInstance
	// State is that of our own, and RELEASED where a held job was let go on and has not begun yet.
	State string
	File  string // the name of the file; empty for a round
}

// releasedState is the state of a held job that goes on.
const releasedState = "RELEASED"

func newShownInstance(i alma.JobInstance) shownInstance {
	shown := shownInstance{JobInstance: i, State: i.Patrondesk.State}
	if key := i.Patrondesk.FileKey; !strings.HasPrefix(key, "runs/") {
		shown.File = droppedName(key)
	}
	if shown.State == string(job.Held) && i.Patrondesk.Released != nil {
		shown.State = releasedState
	}
	return shown
}

// Path is the address of the page about the file.
func (i shownInstance) Path() string { return instancePath(i.JobInfo.ID, i.ID) }

// Hue is the class of the badge that tells the state.
func (i shownInstance) Hue() string {
	return map[string]string{
		string(job.Held): "warn", string(job.Completed): "good", string(job.CompletedWithErrors): "warn", string(job.Failed): "bad",
	}[i.State]
}

// Count is a total by the code the API has for it, or 0.
func (i shownInstance) Count(code string) int {
	for _, c := range i.Counters {
		if c.Type.Value == code {
			return atoi(c.Value)
		}
	}
	return 0
}

// droppedName is the name of the file at key, without the time and the word by which uploads of one name are kept apart.
func droppedName(key string) string {
	name := path.Base(key)
	if parts := strings.SplitN(name, "-", 3); len(parts) == 3 && len(parts[0]) == len("20060102T150405") && parts[0][8] == 'T' && len(parts[1]) == 6 {
		return parts[2]
	}
	return name
}

// jobs answers GET /desk/jobs: all jobs, each with its last files.
func (c *call) jobs() error {
	all, err := get[alma.Jobs](c, "/conf/jobs", listing())
	if err != nil {
		return err
	}
	shown := make([]shownJob, len(all.Job))
	group := new(errgroup.Group)
	for i, j := range all.Job {
		shown[i] = c.shownJob(j)
		group.Go(func() error {
			latest, err := get[alma.JobInstances](c, apiJob(j.ID)+"/instances", url.Values{"limit": {itoa(latestShown)}})
			for _, one := range latest.JobInstance {
				shown[i].Latest = append(shown[i].Latest, newShownInstance(one))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.show("job-parts/jobs", struct{ Jobs []shownJob }{shown})
}

// jobPage is a job with the files that were dropped for it, the newest first.
type jobPage struct {
	Job            shownJob
	Status         string // Alma's code of those that are shown; empty for all
	Statuses       []string
	Instances      []shownInstance
	First, Last    int // which of them are shown, from 1
	Total          int
	Previous, Next string
	// Arrived says that a file was uploaded just now, and is not in the list yet.
	Arrived bool
	refreshing
}

// job answers GET /desk/jobs/{job_id}. S3 sends browsers here with the key of what they uploaded, which leads on to the
// work on that file once it has begun.
func (c *call) job() error {
	of, err := get[alma.Job](c, apiJob(c.jobID()), nil)
	if err != nil {
		return err
	}
	p := jobPage{Job: c.shownJob(of), Status: c.r.FormValue("status"), Statuses: alma.JobStatuses(), Arrived: c.r.FormValue("uploaded") != ""}
	if !slices.Contains(p.Statuses, p.Status) {
		p.Status = ""
	}
	offset := atoi(c.r.FormValue("offset"))
	found, err := get[alma.JobInstances](c, apiJob(of.ID)+"/instances", url.Values{
		"status": {p.Status}, "limit": {itoa(instancesShown)}, "offset": {itoa(offset)},
	})
	if err != nil {
		return err
	}
	for _, i := range found.JobInstance {
		if p.Arrived && i.Patrondesk.FileKey == c.r.FormValue("key") {
			c.redirect(instancePath(of.ID, i.ID))
			return nil
		}
		p.Instances = append(p.Instances, newShownInstance(i))
	}
	p.turn(offset, found.Total)
	p.refreshing = c.refresh(p.Arrived)
	return c.show("job-parts/job", p)
}

// turn fills in which files the page shows, and where the others are.
func (p *jobPage) turn(offset, total int) {
	p.First, p.Last, p.Total = offset+1, offset+len(p.Instances), total
	p.Previous, p.Next = turn(offset, instancesShown, total, func(offset int) string {
		return p.Job.Path() + "?" + url.Values{"status": {p.Status}, "offset": {itoa(offset)}}.Encode()
	})
}

// refreshing says whether a page is shown anew by itself, and where that is stopped or begun again.
type refreshing struct {
	Refreshes, Paused bool
	Toggle            string
}

// refreshSeconds is after how long a page about something that goes on is shown anew.
const refreshSeconds = "5"

// refresh has the page shown anew every few seconds while something goes on, unless whoever reads it stopped that.
func (c *call) refresh(goesOn bool) refreshing {
	if !goesOn {
		return refreshing{}
	}
	query := c.r.URL.Query()
	if query.Get("refresh") == "off" {
		query.Del("refresh")
		return refreshing{Paused: true, Toggle: "?" + query.Encode()}
	}
	c.w.Header().Set("Refresh", refreshSeconds)
	query.Set("refresh", "off")
	return refreshing{Refreshes: true, Toggle: "?" + query.Encode()}
}
