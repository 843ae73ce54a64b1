package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/infra/local/demo"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/job"
)

// importCommand drops a file into the bucket of the local run, or of the deployment that SIS_BUCKET and JOBS_TABLE
// name, and follows what becomes of it.
func importCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	file := flags.String("file", "", "the file to import: XML, gz or zip; CSV with -items")
	profile := flags.String("profile", demo.Profile, "the SIS profile the file is of")
	items := flags.Bool("items", false, "the file is a list of items")
	dir := flags.String("dir", "", "directory of the local run's data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *file == "" {
		return errors.New("say which file to import: make import FILE=users.xml")
	}
	f, err := os.Open(*file)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	key := "sis/" + *profile + "/" + filepath.Base(*file)
	if *items {
		key = "items/" + filepath.Base(*file)
	}
	i, err := newImport(ctx, *dir)
	if err != nil {
		return err
	}
	return i.run(ctx, f, key, os.Stdout)
}

// importer drops files and follows their jobs.
type importer struct {
	bucket string
	files  *s3.Client
	jobs   *dynamo.Store
}

// newImport reaches the deployment the environment names, or else the local run whose data is in dir.
func newImport(ctx context.Context, dir string) (importer, error) {
	if bucket, table := os.Getenv("SIS_BUCKET"), os.Getenv("JOBS_TABLE"); bucket != "" && table != "" {
		c, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return importer{}, fmt.Errorf("import: %w", err)
		}
		return openImport(bucket, table, c, c), nil
	}
	s, err := readSettings(os.Getenv, "", dir)
	if err != nil {
		return importer{}, err
	}
	env, err := readEnvironment(envFile(s.Dir))
	if err != nil {
		return importer{}, err
	}
	if env["SIS_BUCKET"] == "" {
		return importer{}, errors.New("nothing runs here yet: start the product with \"make run\", or set SIS_BUCKET and JOBS_TABLE to those of a deployment")
	}
	files, jobs := ownConfig(env["AWS_ENDPOINT_URL_S3"]), ownConfig(env["AWS_ENDPOINT_URL_DYNAMODB"])
	if env["AWS_ACCESS_KEY_ID"] == "" { // the run uses engines the environment named, and so does this
		c, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return importer{}, fmt.Errorf("import: %w", err)
		}
		files.Credentials, jobs.Credentials, files.Region, jobs.Region = c.Credentials, c.Credentials, c.Region, c.Region
	}
	return openImport(env["SIS_BUCKET"], env["JOBS_TABLE"], files, jobs), nil
}

func openImport(bucket, table string, files, jobs aws.Config) importer {
	return importer{
		bucket: bucket,
		files:  s3.NewFromConfig(files, drop.Options),
		jobs:   dynamo.New(dynamodb.NewFromConfig(jobs, dynamo.Options), dynamo.Tables{Jobs: table}, time.Now),
	}
}

// run drops the file and follows its job to the end. A file that could not be read, or of which records were rejected,
// is told; only a failed job is an error.
func (i importer) run(ctx context.Context, file io.ReadSeeker, key string, out io.Writer) error {
	put, err := i.files.PutObject(ctx, &s3.PutObjectInput{Bucket: &i.bucket, Key: &key, Body: file})
	if err != nil {
		return fmt.Errorf("drop the file (is the product running?): %w", err)
	}
	object := drop.Object{Bucket: i.bucket, Key: key, VersionID: aws.ToString(put.VersionId), ETag: strings.Trim(aws.ToString(put.ETag), `"`)}
	fmt.Fprintf(out, "%s is in the bucket.\n", key)
	j, err := i.follow(ctx, object.JobID(), out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d records: %d created, %d updated, %d unchanged, %d rejected.\n", j.State,
		j.Counts.Processed, j.Counts.Created, j.Counts.Updated, j.Counts.Unchanged, j.Counts.Rejected)
	if err := i.explain(ctx, j, out); err != nil {
		return err
	}
	if j.State == job.Failed {
		return fmt.Errorf("the file was not imported: %s", j.Reason)
	}
	return nil
}

// patience is how long a job may take to begin.
const patience = 2 * time.Minute

// follow waits until the job is over and tells its counts as they grow.
func (i importer) follow(ctx context.Context, id string, out io.Writer) (job.Job, error) {
	begun := time.Now()
	for told := 0; ; {
		j, err := i.jobs.Job(ctx, id)
		switch {
		case errors.Is(err, job.ErrNotFound):
			if time.Since(begun) > patience {
				return j, fmt.Errorf("the file lies in the bucket, but nothing took it within %v", patience)
			}
		case err != nil:
			return j, fmt.Errorf("follow the job: %w", err)
		case j.State.Final():
			return j, nil
		case j.Counts.Processed > told:
			told = j.Counts.Processed
			fmt.Fprintf(out, "%d records so far ...\n", told)
		}
		select {
		case <-ctx.Done():
			return j, fmt.Errorf("stopped following; the import goes on: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// explain lists what the report says of files and records that were not taken.
func (i importer) explain(ctx context.Context, j job.Job, out io.Writer) error {
	if j.Report == "" {
		return nil
	}
	object, err := i.files.GetObject(ctx, &s3.GetObjectInput{Bucket: &i.bucket, Key: &j.Report})
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	defer object.Body.Close()
	var report drop.Report
	if err := json.NewDecoder(object.Body).Decode(&report); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	for _, f := range report.Files {
		if f.Reason != "" {
			fmt.Fprintf(out, "  %s: %s\n", f.Name, f.Reason)
		}
	}
	for _, r := range report.Rejected {
		fmt.Fprintf(out, "  %s, line %d, %s: %s\n", r.File, r.Line, firstOf(r.ID, "no id"), r.Reason)
	}
	if report.LeftOut > 0 {
		fmt.Fprintf(out, "  and %d more\n", report.LeftOut)
	}
	fmt.Fprintf(out, "The report is in the bucket: %s\n", j.Report)
	return nil
}
