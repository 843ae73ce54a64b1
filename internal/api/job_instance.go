package api

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/job"
)

// bucket is where files are dropped and their reports lie.
type bucket interface {
	// Get reads an object, unless it is larger than most bytes: then body is nil, and size says how large it is. The
	// error is fs.ErrNotExist when there is none.
	Get(ctx context.Context, key string, most int64) (body []byte, size int64, err error)
	// Put writes an object. Putting a key again replaces what was there.
	Put(ctx context.Context, key, contentType string, body []byte) error
	// Form is an HTML form with which a browser posts a file as the object at key: its address, its fields, and until
	// when it holds. Done is the page the browser is sent to afterwards, empty for none.
	Form(ctx context.Context, key, done string) (address string, fields map[string]string, expires time.Time, err error)
	// Link is an address under which a browser saves the object at key in a file of that name, for a few minutes.
	Link(ctx context.Context, key, name string) (address string, err error)
}

const (
	// maxReport is the largest report that is an answer, in bytes.
	maxReport = 4 << 20
	// releaseSuffix follows the key of a dropped file in that of the object which lets its job go on.
	releaseSuffix = ".release"
	// releaseTries is how often a job that changes meanwhile is read again to be released.
	releaseTries = 4
)

// getJobInstance answers GET /conf/jobs/{job_id}/instances/{instance_id}.
func (a *API) getJobInstance(w http.ResponseWriter, r *http.Request) error {
	of, j, err := a.findInstance(r)
	if err != nil {
		return err
	}
	return alma.Write(w, r, alma.NewJobInstance(j, of, instanceLink(r, of, j)))
}

// findInstance reads the instance the path names, strongly consistent.
func (a *API) findInstance(r *http.Request) (alma.Job, job.Job, error) {
	of, err := a.findJob(r)
	if err != nil {
		return of, job.Job{}, err
	}
	id := r.PathValue("instance_id")
	if !possibleInstance(id) {
		return of, job.Job{}, alma.JobInstanceInvalid()
	}
	j, err := a.Store.Job(r.Context(), id)
	if errors.Is(err, job.ErrNotFound) || err == nil && j.List() != of.ID {
		return of, job.Job{}, alma.JobInstanceInvalid()
	}
	return of, j, err
}

// possibleInstance refuses before any read what is no id of a job.
func possibleInstance(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}

// getJobReport answers GET .../instances/{instance_id}/report, a call of ours: the report as it lies in the bucket, in
// JSON whatever is asked for. It names patrons, so the caller must be one who may read them.
func (a *API) getJobReport(w http.ResponseWriter, r *http.Request) error {
	if caller := auth.CallerFrom(r.Context()); !caller.May(auth.UsersRead) {
		return lacksRight(caller)
	}
	_, j, err := a.findInstance(r)
	if err != nil {
		return err
	}
	if j.Report == "" {
		return alma.JobReportMissing("The job has not ended; its report is written last.")
	}
	body, _, err := a.Bucket.Get(r.Context(), j.Report, maxReport)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return alma.JobReportMissing("It was removed from the bucket.")
	case err != nil:
		return err
	case body == nil:
		return alma.JobReportTooLarge(j.Report)
	}
	alma.WriteJSON(w, body)
	return nil
}

// getJobRejected answers GET .../instances/{instance_id}/rejected, a call of ours, with where the file of the rejected
// records can be had for a few minutes. It names patrons, as the report does, and may be too large for an answer.
func (a *API) getJobRejected(w http.ResponseWriter, r *http.Request) error {
	if caller := auth.CallerFrom(r.Context()); !caller.May(auth.UsersRead) {
		return lacksRight(caller)
	}
	_, j, err := a.findInstance(r)
	if err != nil {
		return err
	}
	switch {
	case j.Again == "" && !j.State.Final():
		return alma.JobRejectedMissing("The job has not ended; the file is written with its report.")
	case j.Again == "":
		return alma.JobRejectedMissing("The job rejected no record that could be dropped again.")
	}
	// Whoever follows a link to nothing meets an answer of S3, which tells nobody anything.
	if _, _, err := a.Bucket.Get(r.Context(), j.Again, 0); errors.Is(err, fs.ErrNotExist) {
		return alma.JobRejectedMissing("It was removed from the bucket.")
	} else if err != nil {
		return err
	}
	address, err := a.Bucket.Link(r.Context(), j.Again, path.Base(j.Again))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusFound)
	return nil
}

// onlyOperation refuses a call that does not ask for the one operation its route has.
func onlyOperation(r *http.Request, name string) error {
	switch r.URL.Query().Get("op") {
	case name:
		return nil
	case "":
		return alma.JobOperationMissing("It takes " + name + ".")
	}
	return alma.JobOperationUnsupported("It takes " + name + ".")
}

// lacksRight refuses a caller whom the route lets in and who may not do what they ask.
func lacksRight(c auth.Caller) error {
	if c.Kind == auth.KeyCaller {
		return alma.Unauthorized()
	}
	return alma.Forbidden("You may not do this or see this record.")
}

// releaseJobInstance answers POST .../instances/{instance_id}?op=release, a call of ours: a held job goes on. The job
// remembers who released it, and an object beside the dropped file starts the work as a dropped file does. It may be
// repeated.
func (a *API) releaseJobInstance(w http.ResponseWriter, r *http.Request) error {
	if caller := auth.CallerFrom(r.Context()); !caller.ReleasesJobs {
		return lacksRight(caller)
	}
	if err := onlyOperation(r, "release"); err != nil {
		return err
	}
	of, j, err := a.findInstance(r)
	if err != nil {
		return err
	}
	if j, err = a.release(r, j); err != nil {
		return err
	}
	if j.State == job.Held {
		if err := a.startAgain(r.Context(), j); err != nil {
			return err
		}
	}
	return alma.Write(w, r, alma.NewJobInstance(j, of, instanceLink(r, of, j)))
}

// release marks a held job as released, unless it is already.
func (a *API) release(r *http.Request, j job.Job) (job.Job, error) {
	for try := 1; ; try++ {
		if j.Released != nil {
			return j, nil
		}
		if j.State != job.Held {
			return j, alma.JobNotHeld(string(j.State))
		}
		by := a.by(r)
		j.Released = &job.Release{By: by.By, At: by.At}
		saved, err := a.Store.SaveJob(r.Context(), j)
		if err == nil || !errors.Is(err, job.ErrChanged) {
			return saved, err
		}
		if try == releaseTries {
			return j, alma.GeneralError("The job is being changed at the moment; nothing was released. Repeat the call.")
		}
		if j, err = a.Store.Job(r.Context(), j.ID); err != nil {
			return j, err
		}
	}
}

// startAgain puts the object that starts the work on a released job.
func (a *API) startAgain(ctx context.Context, j job.Job) error {
	body, err := json.Marshal(map[string]string{"job": j.ID})
	if err != nil {
		return err
	}
	return a.Bucket.Put(ctx, j.Key+releaseSuffix, "application/json", body)
}
