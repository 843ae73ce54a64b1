package api

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/job"
)

// Limits of what an upload is asked with.
const (
	maxFileName = 200 // characters
	maxDone     = 1000
)

// uploadFile answers POST /conf/jobs/{job_id}/instances?op=upload, a call of ours, with a form by which a browser posts a
// file into the bucket, past the gateway, which takes no large ones. What the file does begins when it is there: until
// then nothing has changed, and a form that is not used is nothing to clean up.
func (a *API) uploadFile(w http.ResponseWriter, r *http.Request) error {
	if err := onlyOperation(r, "upload"); err != nil {
		return err
	}
	of, err := a.findJob(r)
	if err != nil {
		return err
	}
	file, err := newFileOf(r)
	if err != nil {
		return err
	}
	folder, err := a.folderOf(of.ID, file)
	if err != nil {
		return err
	}
	if caller := auth.CallerFrom(r.Context()); strings.HasPrefix(folder, "sis/") && !mayApply(caller) {
		return lacksRight(caller)
	}
	name, err := fileName(file.FileName, a.endings(of.ID))
	if err != nil {
		return err
	}
	if !possibleDone(file.Done) {
		return alma.InvalidParameter("done", "It takes the absolute address of a page, which begins with https:// or http://.")
	}
	key := folder + a.Now().UTC().Format("20060102T150405") + "-" + unlikeOthers() + "-" + name
	address, fields, expires, err := a.Bucket.Form(r.Context(), key, file.Done)
	if err != nil {
		return err
	}
	return alma.Write(w, r, alma.NewUpload(address, fields, key, expires))
}

// mayApply reports whether the caller may bring a file of people that is applied. It changes their records as a held one
// does that is released, so it takes who may release one; a key has to say besides that it may write users.
func mayApply(c auth.Caller) bool {
	return c.ReleasesJobs && (c.Kind != auth.KeyCaller || c.May(auth.UsersWrite))
}

// newFileOf is the file the body tells of, or the query, which has the last word.
func newFileOf(r *http.Request) (file alma.NewFile, err error) {
	if r.ContentLength != 0 {
		if err := alma.Read(r, &file); err != nil {
			return file, err
		}
	}
	params := r.URL.Query()
	for name, text := range map[string]*string{"file_name": &file.FileName, "done": &file.Done} {
		if params.Has(name) {
			*text = params.Get(name)
		}
	}
	for name, yes := range map[string]*bool{"dry_run": &file.DryRun, "partial": &file.Partial} {
		switch strings.ToLower(params.Get(name)) {
		case "true":
			*yes = true
		case "false":
			*yes = false
		case "":
		default: // a dry run that is misspelt must not become a real one
			return file, alma.InvalidParameter(name, "It takes true or false.")
		}
	}
	return file, nil
}

// folderOf is the folder of the bucket in which the file becomes an instance of the job.
func (a *API) folderOf(jobID string, file alma.NewFile) (string, error) {
	if a.Institution.Profile(jobID) {
		return profileFolder(jobID, file), nil
	}
	switch {
	case jobID != job.Items:
		return "", alma.JobOperationUnsupported("A round is made at set times and takes no file.")
	case file.DryRun:
		return "", alma.InvalidParameter("dry_run", "An item list has no dry run.")
	case file.Partial:
		return "", alma.InvalidParameter("partial", "An item list is always partial: an item it lacks stays.")
	}
	return "items/", nil
}

func profileFolder(code string, file alma.NewFile) string {
	folder := "sis/" + code + "/"
	if file.DryRun {
		folder = "dry-run/" + code + "/"
	}
	if file.Partial {
		folder += "partial/"
	}
	return folder
}

// endings are what the names of files end in that the job can read. What is packed is told by its content.
func (a *API) endings(jobID string) []string {
	packed := []string{".gz", ".tgz", ".zip"}
	profile, ok := a.Institution.SISProfile(jobID)
	switch {
	case !ok:
		return append([]string{".csv", ".jsonl", ".ndjson"}, packed...)
	case profile.CSV != nil:
		return append([]string{".xml", ".csv"}, packed...)
	}
	return append([]string{".xml"}, packed...)
}

// fileName is the name of a file as it can stand in a key, without the folders a browser may have put before it. What is
// more than a letter of English, a digit, a hyphen or a dot becomes "_".
func fileName(given string, endings []string) (string, error) {
	name := given[strings.LastIndexAny(given, `/\`)+1:]
	lower := strings.ToLower(name)
	ends := func(ending string) bool { return strings.HasSuffix(lower, ending) }
	switch {
	case given == "":
		return "", alma.MandatoryFieldMissing("file_name")
	case name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxFileName || strings.ContainsFunc(name, invisible):
		return "", alma.InvalidParameter("file_name", "It takes 1 to 200 visible characters.")
	case !slices.ContainsFunc(endings, ends):
		return "", alma.InvalidParameter("file_name", "The name must end in one of "+strings.Join(endings, ", ")+".")
	case ends(".report.csv"):
		return "", alma.InvalidParameter("file_name", "It is the name of a report on a file, which is not read again.")
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._", r)) {
			return r
		}
		return '_'
	}, name), nil
}

func invisible(r rune) bool { return !unicode.IsPrint(r) }

// possibleDone reports whether the address is one a browser can be sent to, or empty.
func possibleDone(address string) bool {
	to, err := url.Parse(address)
	if address == "" || err != nil {
		return err == nil
	}
	plain := !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' })
	return plain && len(address) <= maxDone && (to.Scheme == "https" || to.Scheme == "http") && to.Hostname() != "" && to.User == nil
}

// unlikeOthers is a word that keeps apart the files of one name that two people bring in one second.
func unlikeOthers() string { return strings.ToLower(rand.Text()[:6]) }
