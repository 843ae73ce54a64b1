package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/job"
)

// jobs are what files are dropped for, the institution's SIS profiles in their order and the list of items, and then the
// rounds.
func (a *API) jobs(r *http.Request) []alma.Job {
	var all []alma.Job
	for _, p := range a.Institution.SISProfiles {
		all = append(all, alma.NewJob(p, jobLink(r, p.Code)))
	}
	all = append(all, alma.NewItemsJob(jobLink(r, job.Items)))
	for _, kind := range []string{job.HoldShelf, job.ActivityLetters} {
		all = append(all, alma.NewRoundJob(kind, jobLink(r, kind)))
	}
	return all
}

func jobLink(r *http.Request, id string) string {
	return baseURL(r) + "/conf/jobs/" + url.PathEscape(id)
}

func instanceLink(r *http.Request, of alma.Job, j job.Job) string {
	return jobLink(r, of.ID) + "/instances/" + j.ID
}

// listJobs answers GET /conf/jobs.
func (a *API) listJobs(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r, alma.GeneralListError)
	if err != nil {
		return err
	}
	params := r.URL.Query()
	category, kind, profile := params.Get("category"), params.Get("type"), params.Get("profile_id")
	if kind != "" && !slices.Contains([]string{"MANUAL", "SCHEDULED", "OTHER"}, kind) {
		return alma.JobFilterInvalid("type", "It takes MANUAL, SCHEDULED or OTHER.")
	}
	jobs := slices.DeleteFunc(a.jobs(r), func(j alma.Job) bool {
		return category != "" && j.Category.Value != category || kind != "" && j.Type.Value != kind ||
			profile != "" && (j.RelatedProfile == nil || j.RelatedProfile.Value != profile)
	})
	return alma.Write(w, r, alma.Jobs{Job: pageFrom(jobs, page), Total: len(jobs)})
}

// getJob answers GET /conf/jobs/{job_id}.
func (a *API) getJob(w http.ResponseWriter, r *http.Request) error {
	of, err := a.findJob(r)
	if err != nil {
		return err
	}
	return alma.Write(w, r, of)
}

// findJob is the job the path names.
func (a *API) findJob(r *http.Request) (alma.Job, error) {
	id := r.PathValue("job_id")
	for _, j := range a.jobs(r) {
		if j.ID == id {
			return j, nil
		}
	}
	return alma.Job{}, alma.JobIDInvalid("A job's id is the code of an SIS profile, items, hold-shelf or activity-letters.")
}

// listJobInstances answers GET /conf/jobs/{job_id}/instances: the files dropped for the job, the newest first. The
// total is exact over those that are kept, which are the last 200.
func (a *API) listJobInstances(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r, alma.GeneralListError)
	if err != nil {
		return err
	}
	wanted, err := instanceFilterOf(r)
	if err != nil {
		return err
	}
	of, err := a.findJob(r)
	if err != nil {
		return err
	}
	recent, err := a.Store.Jobs(r.Context(), of.ID)
	if err != nil {
		return err
	}
	recent = slices.DeleteFunc(recent, func(s job.Summary) bool { return !wanted.started(s.Started) })
	if wanted.status == "" {
		shown, err := a.instances(r, of, pageFrom(recent, page))
		if err != nil {
			return err
		}
		return alma.Write(w, r, alma.JobInstances{JobInstance: shown, Total: len(recent)})
	}
	all, err := a.instances(r, of, recent)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(i alma.JobInstance) bool { return i.Status.Value != wanted.status })
	return alma.Write(w, r, alma.JobInstances{JobInstance: pageFrom(all, page), Total: len(all)})
}

// instances are those jobs as Alma shows them.
func (a *API) instances(r *http.Request, of alma.Job, list []job.Summary) ([]alma.JobInstance, error) {
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	jobs, err := a.Store.JobsByID(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	var all []alma.JobInstance
	for _, j := range jobs {
		all = append(all, alma.NewJobInstance(j, of, instanceLink(r, of, j)))
	}
	return all, nil
}

// instanceFilter says which instances of a job are asked for.
type instanceFilter struct {
	status   string
	from, to time.Time // zero: no bound; to is not within
}

// instanceFilterOf reads status, submit_date_from and submit_date_to; the days are of UTC, as the times in the answer.
func instanceFilterOf(r *http.Request) (instanceFilter, error) {
	params := r.URL.Query()
	f := instanceFilter{status: params.Get("status")}
	if f.status != "" && !slices.Contains(alma.JobStatuses(), f.status) {
		return f, alma.JobFilterInvalid("status", "It takes "+strings.Join(alma.JobStatuses(), ", ")+".")
	}
	for name, bound := range map[string]*time.Time{"submit_date_from": &f.from, "submit_date_to": &f.to} {
		text := strings.TrimSuffix(params.Get(name), "Z")
		if text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return f, alma.InvalidParameter(name, "It takes a day as yyyy-MM-dd.")
		}
		*bound = day
	}
	if !f.to.IsZero() {
		f.to = f.to.AddDate(0, 0, 1)
	}
	return f, nil
}

func (f instanceFilter) started(at time.Time) bool {
	return !at.Before(f.from) && (f.to.IsZero() || at.Before(f.to))
}
