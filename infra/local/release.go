package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

// releaseCommand lets a held job go on, by the API that API_URL and API_KEY name or else by that of the local run, and
// follows it to its end.
func releaseCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	id := flags.String("job", "", "the job's id, as make import told it")
	dir := flags.String("dir", "", "directory of the local run's data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *id == "" {
		return errors.New("say which job to release: make release JOB=<id>; make jobs lists them")
	}
	i, err := newImport(ctx, *dir)
	if err != nil {
		return err
	}
	j, err := i.jobs.Job(ctx, *id)
	if errors.Is(err, job.ErrNotFound) {
		return errors.New("there is no such job; make jobs lists them")
	}
	if err != nil {
		return fmt.Errorf("look for the job: %w", err)
	}
	if err := callRelease(ctx, *dir, j); err != nil {
		return err
	}
	fmt.Println("The job is released.")
	if j, err = i.follow(ctx, j.ID, os.Stdout); err != nil {
		return err
	}
	return i.tell(ctx, j, os.Stdout)
}

// callRelease calls the API to release the job.
func callRelease(ctx context.Context, dir string, j job.Job) error {
	at, key, err := apiOf(dir)
	if err != nil {
		return err
	}
	path := "/almaws/v1/conf/jobs/" + url.PathEscape(j.List()) + "/instances/" + url.PathEscape(j.ID) + "?op=release"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+path, nil)
	if err != nil {
		return fmt.Errorf("release the job: %w", err)
	}
	r.Header.Set("Authorization", "apikey "+key)
	r.Header.Set("Accept", "application/json")
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return fmt.Errorf("release the job: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what cannot be read is told by its status alone
	return fmt.Errorf("the job was not released: %s", refusalOf(res.Status, body))
}

// refusalOf is the message in Alma's envelope, else the HTTP status and what was answered.
func refusalOf(status string, body []byte) string {
	var envelope struct {
		ErrorList struct {
			Error []struct {
				ErrorMessage string `json:"errorMessage"`
			} `json:"error"`
		} `json:"errorList"`
	}
	if json.Unmarshal(body, &envelope) == nil && len(envelope.ErrorList.Error) > 0 {
		return envelope.ErrorList.Error[0].ErrorMessage
	}
	return status + " " + string(body)
}

// apiOf is where the API is and the key to call it with: those of the environment, or of the local run.
func apiOf(dir string) (at, key string, err error) {
	s, err := readSettings(os.Getenv, "", dir)
	if err != nil {
		return "", "", err
	}
	env, err := readEnvironment(envFile(s.Dir))
	if err != nil {
		return "", "", err
	}
	at, key = firstOf(os.Getenv("API_URL"), env["API_URL"]), firstOf(os.Getenv("API_KEY"), env["API_KEY"])
	if at == "" || key == "" {
		return "", "", errors.New("nothing runs here yet: start the product with \"make run\", or set API_URL and API_KEY to those of a deployment")
	}
	return at, key, nil
}

// jobsListed is how many jobs of a profile are listed.
const jobsListed = 20

// jobsCommand lists the last jobs of a profile, or of all profiles of institution.json, of the item lists and the rounds.
func jobsCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("jobs", flag.ContinueOnError)
	profile := flags.String("profile", "", "the SIS profile, items, or a round (default all)")
	dir := flags.String("dir", "", "directory of the local run's data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	i, err := newImport(ctx, *dir)
	if err != nil {
		return err
	}
	lists := []string{*profile}
	if *profile == "" {
		if lists, err = allLists(*dir); err != nil {
			return err
		}
	}
	return i.list(ctx, lists, os.Stdout)
}

// allLists are the codes jobs are listed under.
func allLists(dir string) ([]string, error) {
	s, err := readSettings(os.Getenv, "", dir)
	if err != nil {
		return nil, err
	}
	inst, err := institution.Read(filepath.Join(s.Root, "infra", "institution.json"))
	if err != nil {
		return nil, err
	}
	var lists []string
	for _, p := range inst.SISProfiles {
		lists = append(lists, p.Code)
	}
	return append(append(lists, "items"), roundNames()...), nil
}

// list writes a table of the last jobs of those lists, the newest of each first.
func (i importer) list(ctx context.Context, lists []string, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "BEGUN\tPROFILE\tSTATE\tDONE\tRECORDS\tCREATED\tUPDATED\tREJECTED\tJOB\tFILE")
	for _, list := range lists {
		recent, err := i.jobs.Jobs(ctx, list)
		if err != nil {
			return err
		}
		var ids []string
		for _, s := range recent[:min(jobsListed, len(recent))] {
			ids = append(ids, s.ID)
		}
		jobs, err := i.jobs.JobsByID(ctx, ids)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			c := j.Counts
			fmt.Fprintf(table, "%s\t%s\t%s\t%d %%\t%d\t%d\t%d\t%d\t%s\t%s\n", j.Started.Local().Format("2006-01-02 15:04:05"), list, j.State,
				j.Percent(), c.Processed, c.Created, c.Updated, c.Rejected, j.ID, j.Key)
		}
	}
	return table.Flush()
}
