package sis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// patronKeeper keeps the patrons. All but SyncedPatrons, which may be a second behind, is strongly consistent.
// PatronsByIdentifier and Owners answer by folded identifier and leave out what nobody has. CreatePatron and
// ReplacePatron refuse identifiers that are taken with a *[patron.TakenError]; ReplacePatron and StampPatron are
// conditional on the version of the patron they replace, and answer [patron.ErrChanged] when they lost a race. Any other
// error means that trying again later may help, and that it is not known whether anything was written.
type patronKeeper interface {
	SyncedPatrons(ctx context.Context, profile string, page func([]patron.SyncedPatron) error) error
	Patron(ctx context.Context, identifier string) (patron.Patron, error)
	PatronByUID(ctx context.Context, uid string) (patron.Patron, error)
	Patrons(ctx context.Context, uids []string) ([]patron.Patron, error)
	PatronsByIdentifier(ctx context.Context, identifiers []string) (map[string]patron.Patron, error)
	Owners(ctx context.Context, identifiers []string) (map[string]string, error)
	CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error)
	ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error)
	StampPatron(ctx context.Context, p patron.Patron, stamp patron.Synced) error
}

// jobKeeper keeps what is known of a profile's files besides the jobs themselves. SaveLatest is conditional on the
// version read.
type jobKeeper interface {
	Job(ctx context.Context, id string) (job.Job, error)
	Latest(ctx context.Context, profile string) (job.Latest, error)
	SaveLatest(ctx context.Context, profile string, l job.Latest) (job.Latest, error)
}

// The folders of the bucket that SIS files are dropped in: sis/PROFILE/ for those that are applied, dry-run/PROFILE/
// for those of which only is told what would happen.
const (
	folder       = "sis"
	dryRunFolder = "dry-run"
)

// Importer synchronises patrons from dropped files.
type Importer struct {
	inbox            drop.Inbox
	patrons          patronKeeper
	jobs             jobKeeper
	mail             sender
	inst             *institution.Institution
	window, mostKept int // see the constants
}

// New returns an importer for the institution's SIS profiles. With mail it sends the summaries of jobs; nil sends none.
func New(inbox drop.Inbox, patrons patronKeeper, jobs jobKeeper, mail sender, inst *institution.Institution) *Importer {
	return &Importer{inbox: inbox, patrons: patrons, jobs: jobs, mail: mail, inst: inst, window: window, mostKept: maxKept}
}

// Process synchronises the patrons in the object at sis/PROFILE/... or dry-run/PROFILE/..., writes the report beside it
// and finishes its job; an object at .../FILE.release lets the held job of that file go on. An error says that the work
// is not done and the same object is to be processed again, which goes on where it was; it is never the fault of the
// file.
func (i *Importer) Process(ctx context.Context, o drop.Object) error {
	if strings.HasSuffix(o.Key, drop.ReleaseSuffix) {
		return i.release(ctx, o)
	}
	return i.synchronise(ctx, o)
}

func (i *Importer) synchronise(ctx context.Context, o drop.Object) error {
	code, dry := profileCode(o.Key)
	profile, ok := i.inst.SISProfile(code)
	return i.inbox.Do(ctx, o, job.Job{Kind: job.SIS, Profile: code, DryRun: dry}, func(ctx context.Context, r *drop.Run) error {
		if !ok {
			return &drop.RefusedError{Reason: i.noProfile(code)}
		}
		return i.newWork(profile, r).do(ctx)
	}, i.summarise)
}

// profileCode is the folder below sis/ or dry-run/ that the key lies in, or "".
func profileCode(key string) (code string, dryRun bool) {
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return "", false
	}
	return parts[1], parts[0] == dryRunFolder
}

func (i *Importer) noProfile(code string) string {
	var codes []string
	for _, p := range i.inst.SISProfiles {
		codes = append(codes, p.Code)
	}
	there := "There are no SIS profiles in the institution's settings."
	if len(codes) > 0 {
		there = "The profiles there are: " + strings.Join(codes, ", ") + "."
	}
	if code == "" {
		return "The file lies in no profile's folder; put it in " + folder + "/PROFILE/. " + there
	}
	return fmt.Sprintf("There is no SIS profile %q. %s", code, there)
}

// maxRelease is more than the body of an object that releases a job takes, in bytes.
const maxRelease = 4096

// release lets a held job go on. An object that names no held and released job is none of ours and does nothing.
func (i *Importer) release(ctx context.Context, o drop.Object) error {
	f, err := i.inbox.Source.Open(ctx, o)
	if err == drop.ErrGone {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := f.Range(ctx, 0, min(f.Size(), maxRelease))
	if err != nil {
		return err
	}
	defer body.Close()
	var named struct {
		Job string `json:"job"`
	}
	if json.NewDecoder(io.LimitReader(body, maxRelease)).Decode(&named) != nil {
		return nil
	}
	j, err := i.jobs.Job(ctx, named.Job)
	if err == job.ErrNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the released job: %w", err)
	}
	if j.Released == nil || j.Key+drop.ReleaseSuffix != o.Key {
		return nil
	}
	return i.synchronise(ctx, drop.Object{Bucket: j.Bucket, Key: j.Key, VersionID: j.Object, ETag: j.ETag, Time: j.Dropped})
}

// newWork is the work of a run.
func (i *Importer) newWork(profile institution.SISProfile, r *drop.Run) *work {
	return &work{
		run: r, patrons: i.patrons, jobs: i.jobs, profile: profile, full: !partial(r.Job.Key), ends: map[int32]ends{},
		window: i.window, mostKept: i.mostKept,
		planner: planner{
			profile:  profile,
			codes:    i.inst,
			scope:    i.inst.Code,
			language: patron.Code{Value: i.inst.DefaultLanguage()},
			now:      i.inbox.Now,
			newUID:   func() string { return ulid.MustNew(ulid.Timestamp(i.inbox.Now()), rand.Reader).String() },
		},
	}
}
