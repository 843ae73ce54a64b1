package main

import (
	"context"
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
)

// importCommand drops a file into the bucket of the local run, or of the deployment that SIS_BUCKET and JOBS_TABLE
// name, and follows what becomes of it. Where the job fails or is held that is an error.
func importCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	file := flags.String("file", "", "the file to import: XML, or CSV where the profile reads it, also as gz, zip or tar.gz; a list with -items")
	profile := flags.String("profile", demo.Profile, "the SIS profile the file is of")
	items := flags.Bool("items", false, "the file is a list of items")
	dry := flags.Bool("dry", false, "only tell what the file would do")
	some := flags.Bool("partial", false, "the file is of some people: nobody is missing from it")
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
	if *items && (*dry || *some) {
		return errors.New("lists of items have no dry run, and are always partial")
	}
	key := keyOf(filepath.Base(*file), *profile, *items, *dry, *some)
	i, err := newImport(ctx, *dir)
	if err != nil {
		return err
	}
	return i.run(ctx, f, key, os.Stdout)
}

// keyOf is where a file is dropped.
func keyOf(name, profile string, items, dry, some bool) string {
	if items {
		return "items/" + name
	}
	folder := "sis/"
	if dry {
		folder = "dry-run/"
	}
	folder += profile + "/"
	if some {
		folder += "partial/"
	}
	return folder + name
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

// run drops the file and follows its job to the end, or until it is held. A file of which records were rejected is
// told; a job that failed or is held is an error.
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
	return i.tell(ctx, j, out)
}
