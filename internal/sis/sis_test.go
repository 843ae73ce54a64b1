package sis

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// settings are a library with one profile of each kind.
const settings = `{
  "code": "01DEMO_INST", "language": "en",
  "record_types": {"PUBLIC": {"user_groups": ["UNDERGRAD", "STAFFMEMBER"]}},
  "code_tables": {
    "UserGroups": [{"code": "UNDERGRAD", "description": "Undergraduate"}, {"code": "STAFFMEMBER", "description": "Member of staff"}, {"code": "VENDOR", "description": "Vendor"}],
    "UserIdentifierTypes": [{"code": "BARCODE", "description": "Barcode"}, {"code": "INST_ID", "description": "Institution ID"}]
  },
  "sis_profiles": [
    {"code": "STUDENTS", "name": "Students", "default_user_group": "UNDERGRAD"},
    {"code": "STAFF", "name": "Staff"},
    {"code": "CARDS", "name": "By card", "match_type": "INST_ID", "default_user_group": "UNDERGRAD"},
    {"code": "ONCE", "name": "Import only", "import_only": true, "default_user_group": "UNDERGRAD"},
    {"code": "KNOWN", "name": "Known only", "reject_unmatched": true, "default_user_group": "UNDERGRAD"}
  ]
}`

// library is a directory as the bucket, a store, and an importer between them.
type library struct {
	t     testing.TB
	dir   string
	store *dynamo.Store
	imp   *Importer
	drops int
	inbox drop.Inbox
	clock atomic.Int64 // Unix seconds; a minute passes with every file
	tick  int64        // seconds that pass with every look at the clock
}

func newLibrary(t testing.TB, opts ...dynamotest.Option) *library {
	t.Helper()
	store := dynamotest.Store(t, opts...)
	return openLibrary(t, store, store)
}

// openLibrary is a library whose patrons are kept by patrons, which stands before store.
func openLibrary(t testing.TB, store *dynamo.Store, patrons patronKeeper) *library {
	t.Helper()
	return openWith(t, store, patrons, readSettings(t))
}

// openWith is openLibrary with other settings.
func openWith(t testing.TB, store *dynamo.Store, patrons patronKeeper, inst *institution.Institution) *library {
	t.Helper()
	dir := t.TempDir()
	d, err := drop.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	l := &library{t: t, dir: dir, store: store}
	l.clock.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Unix())
	l.inbox = drop.Inbox{Source: d, Sink: d, Jobs: store, Log: slog.New(slog.DiscardHandler), Now: l.now}
	l.imp = New(l.inbox, patrons, store, nil, inst)
	return l
}

func (l *library) now() time.Time { return time.Unix(l.clock.Add(l.tick), 0).UTC() }

func readSettings(t testing.TB) *institution.Institution {
	t.Helper()
	return read(t, settings)
}

// withProfiles are the settings with more profiles, as JSON.
func withProfiles(t testing.TB, more string) *institution.Institution {
	t.Helper()
	return read(t, strings.Replace(settings, `"sis_profiles": [`, `"sis_profiles": [`+more+",", 1))
}

func read(t testing.TB, settings string) *institution.Institution {
	t.Helper()
	path := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	inst, err := institution.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

// put puts a file under a key, as a new version.
func (l *library) put(key, content string) drop.Object {
	l.t.Helper()
	path := filepath.Join(l.dir, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.drops++
	return drop.Object{Bucket: "demo", Key: key, VersionID: string(rune('A'+l.drops%26)) + time.Duration(l.drops).String(), Time: l.now()}
}

// process works on an object, as the queue has it done.
func (l *library) process(o drop.Object) error {
	defer l.clock.Add(60)
	return l.imp.Process(l.t.Context(), o)
}

// synchronise drops a file for a profile and returns its job and CSV report.
func (l *library) synchronise(profile, content string) (job.Job, string) {
	l.t.Helper()
	return l.drop("sis/"+profile+"/users.xml", content)
}

func (l *library) drop(key, content string) (job.Job, string) {
	l.t.Helper()
	o := l.put(key, content)
	if err := l.process(o); err != nil {
		l.t.Fatal(err)
	}
	j := l.job(o)
	return j, l.table(j)
}

// table is the CSV report of a job that ended.
func (l *library) table(j job.Job) string {
	return l.read(strings.TrimSuffix(j.Report, "json") + "csv")
}

func (l *library) job(o drop.Object) job.Job {
	l.t.Helper()
	j, err := l.store.Job(l.t.Context(), o.JobID())
	if err != nil {
		l.t.Fatal(err)
	}
	return j
}

func (l *library) read(key string) string {
	l.t.Helper()
	content, err := os.ReadFile(filepath.Join(l.dir, key))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(content)
}

func (l *library) patron(identifier string) patron.Patron {
	l.t.Helper()
	p, err := l.store.Patron(l.t.Context(), identifier)
	if err != nil {
		l.t.Fatalf("find %s: %v", identifier, err)
	}
	return p
}

// internal stores a patron the library manages itself.
func (l *library) internal(primaryID, barcode string) patron.Patron {
	l.t.Helper()
	p := patron.Patron{
		UID: "UID-" + primaryID, RecordType: patron.Public, AccountType: patron.Internal, Status: patron.Active,
		PrimaryID: primaryID, LastName: "Keeper",
		Identifiers: []patron.Identifier{{Type: patron.Code{Value: "BARCODE"}, Value: barcode, Status: patron.Active, Segment: patron.InternalSegment}},
	}
	p, err := l.store.CreatePatron(l.t.Context(), p)
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// edit changes a patron at the desk.
func (l *library) edit(identifier string, change func(p *patron.Patron)) patron.Patron {
	l.t.Helper()
	before := l.patron(identifier)
	wanted := before
	change(&wanted)
	after, err := before.EditAtDesk(wanted, patron.Change{By: "desk", At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		l.t.Fatal(err)
	}
	after, err = l.store.ReplacePatron(l.t.Context(), before, after)
	if err != nil {
		l.t.Fatal(err)
	}
	return after
}

// users is a file of records.
func users(records ...string) string {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users>\n")
	for _, r := range records {
		b.WriteString(r + "\n")
	}
	b.WriteString("</users>\n")
	return b.String()
}

// user is a record of that primary id, with more elements.
func user(primaryID, more string) string {
	return "<user><primary_id>" + primaryID + "</primary_id><last_name>Known</last_name>" + more + "</user>"
}

// identifiers is the element with one identifier.
func identifier(idType, value string) string {
	return "<user_identifiers><user_identifier><id_type>" + idType + "</id_type><value>" + value + "</value></user_identifier></user_identifiers>"
}

func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, got, name string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
