package itemlist

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

const header = "barcode,item_id,mms_id,title,library\n"

// loaded is a directory as the bucket, a store, and an importer between them.
type loaded struct {
	t     *testing.T
	dir   string
	store *dynamo.Store
	imp   *Importer
}

func newLoaded(t *testing.T, opts ...dynamotest.Option) *loaded {
	t.Helper()
	dir := t.TempDir()
	d, err := drop.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(settings, []byte(`{"code":"01DEMO","libraries":[{"code":"MAIN","name":"Main Library"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	inst, err := institution.Read(settings)
	if err != nil {
		t.Fatal(err)
	}
	store := dynamotest.Store(t, opts...)
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	inbox := drop.Inbox{Source: d, Sink: d, Jobs: store, Log: slog.New(slog.DiscardHandler), Now: now}
	return &loaded{t: t, dir: dir, store: store, imp: New(inbox, store, inst)}
}

// load drops a file and returns its job and CSV report.
func (l *loaded) load(name, version, text string) (job.Job, string) {
	l.t.Helper()
	key := "items/" + name
	if err := os.MkdirAll(filepath.Join(l.dir, "items"), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.dir, key), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	o := drop.Object{Bucket: "demo", Key: key, VersionID: version}
	if err := l.imp.Process(l.t.Context(), o); err != nil {
		l.t.Fatal(err)
	}
	j, err := l.store.Job(l.t.Context(), o.JobID())
	if err != nil {
		l.t.Fatal(err)
	}
	report, err := os.ReadFile(filepath.Join(l.dir, strings.TrimSuffix(j.Report, "json")+"csv"))
	if err != nil {
		l.t.Fatal(err)
	}
	return j, string(report)
}

// reports loads a file, of whose report want is the one row.
func (l *loaded) reports(name, text, want string) {
	l.t.Helper()
	_, got := l.load(name, "1", text)
	if want := "file,line,id,identifiers,field,reason,other,do\n" + strings.TrimSuffix(want, "\n") + ",,\n"; got != want {
		l.t.Errorf("%s: got report\n%s\nwant\n%s", name, got, want)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	text := "\ufefftitle;barcode;shelf;item_id;mms_id;library;description\r\n" +
		"\"A \"\"quoted\"\";\ntitle\";B1;x;231;991;MAIN;\r\nSecond;B2;y;232;992;MAIN;vol. 2\r\n"
	j, _ := l.load("a.csv", "1", text)
	if want := (job.Counts{Processed: 2, Created: 2}); j.Counts != want || j.State != job.Completed {
		t.Errorf("got %+v %s, want %+v", j.Counts, j.State, want)
	}
	it, err := l.store.ItemByBarcode(t.Context(), "B1")
	if err != nil || it.Title != "A \"quoted\";\ntitle" || it.ID != "231" || it.Library.Value != "MAIN" {
		t.Errorf("got %+v, %v", it, err)
	}
	j, _ = l.load("a.csv", "2", strings.Replace(text, "Second", "Second edition", 1))
	if want := (job.Counts{Processed: 2, Updated: 1, Unchanged: 1}); j.Counts != want {
		t.Errorf("after a change: got %+v, want %+v", j.Counts, want)
	}
}

// formats are the ways to write a list of items, each a barcode, an id and a title.
var formats = map[string]func(items ...[3]string) string{
	"a.csv": func(items ...[3]string) string {
		text := header
		for _, it := range items {
			text += fmt.Sprintf("%s,%s,9,%s,MAIN\n", it[0], it[1], it[2])
		}
		return text
	},
	"a.jsonl": func(items ...[3]string) string {
		var text string
		for _, it := range items {
			text += fmt.Sprintf(`{"barcode":%q,"item_id":%q,"mms_id":"9","title":%q,"library":{"value":"MAIN","desc":"Main"}}`+"\n", it[0], it[1], it[2])
		}
		return text
	},
}

func TestLoadAgain(t *testing.T) {
	t.Parallel()
	for name, list := range formats {
		recorder := dynamotest.Record()
		l := newLoaded(t, recorder)
		j, _ := l.load(name, "1", list([3]string{"B1", "1", "T"}, [3]string{"B2", "2", "T"}))
		if want := (job.Counts{Processed: 2, Created: 2}); j.Counts != want {
			t.Errorf("%s: got %+v, want %+v", name, j.Counts, want)
		}
		recorder.Take()
		j, _ = l.load(name, "2", list([3]string{"B1", "1", "T"}, [3]string{"B2", "2", "T"}))
		if want := (job.Counts{Processed: 2, Unchanged: 2}); j.Counts != want {
			t.Errorf("%s: the same list again: got %+v, want %+v", name, j.Counts, want)
		}
		if used := recorder.Take(); used.Calls["TransactWriteItems"]+used.Calls["UpdateItem"] > 0 || used.Calls["PutItem"] > 4 {
			t.Errorf("%s: got the calls %v, want only the job's writes", name, used.Calls)
		}
		j, report := l.load(name, "3", list([3]string{"B1", "1", "U"}, [3]string{"B2", "", "T"}, [3]string{"B3", "3", "T"}))
		if want := (job.Counts{Processed: 3, Created: 1, Updated: 1, Rejected: 1}); j.Counts != want || j.State != job.CompletedWithErrors {
			t.Errorf("%s: changed: got %+v %s, want %+v\n%s", name, j.Counts, j.State, want, report)
		}
	}
}

// TestBothFormatsSayTheSame loads a list in one format and then in the other.
func TestBothFormatsSayTheSame(t *testing.T) {
	t.Parallel()
	items := [][3]string{{"B1", "1", "T"}, {"B2", "2", "Ü"}}
	for first, second := range map[string]string{"a.csv": "a.jsonl", "a.jsonl": "a.csv"} {
		l := newLoaded(t)
		l.load(first, "1", formats[first](items...))
		j, _ := l.load(second, "2", formats[second](items...))
		if want := (job.Counts{Processed: 2, Unchanged: 2}); j.Counts != want {
			t.Errorf("%s after %s: got %+v, want %+v", second, first, j.Counts, want)
		}
	}
}

func TestBarcodesHandedOnInTheWorstOrder(t *testing.T) {
	t.Parallel()
	for name, list := range formats {
		l := newLoaded(t)
		l.load(name, "1", list([3]string{"B1", "1", "T"}, [3]string{"B2", "2", "T"}, [3]string{"B3", "3", "T"}))
		j, report := l.load(name, "2", list([3]string{"B2", "1", "T"}, [3]string{"B3", "2", "T"}, [3]string{"B4", "3", "T"}))
		if want := (job.Counts{Processed: 3, Updated: 3}); j.Counts != want {
			t.Errorf("%s: got %+v, want %+v\n%s", name, j.Counts, want, report)
		}
	}
}

func TestLoadBad(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	tests := []struct{ name, text, want string }{
		{"empty", "", "empty.csv,,,,,\"The file is empty. Its first row must name the columns, or be a JSON object.\"\n"},
		{"binary", "PNG\x00\x00", "binary.csv,,,,,The file is no text. Export the item list as CSV or JSON lines in UTF-8.\n"},
		{"no header", "B1,1,9,T,MAIN\n", "no header.csv,,,,,\"The first row must name the columns; it lacks barcode, item_id, mms_id, title, library.\"\n"},
		{"missing column", "barcode,item_id,title,library\n", "missing column.csv,,,,,The first row must name the columns; it lacks mms_id.\n"},
		{"twice", "barcode,item_id,mms_id,title,library,Title\n", "twice.csv,,,,,The column title is there twice.\n"},
		{"bad header", "barcode,\"item_id\nx", "bad header.csv,,,,,\"The first row, which must name the columns, cannot be read as CSV.\"\n"},
		{"empty cell", header + "\"B1\",1,, T,MAIN\n", "empty cell.csv,2,1,BARCODE B1,mms_id,Mandatory field is missing: mms_id.\n"},
		{"too few cells", header + "B1,1,9,T\n", "too few cells.csv,2,,,,\"The row has 4 cells, and the first row names 5 columns.\"\n"},
		{"unknown library", header + "B1,1,9,T,ELSEWHERE\n", "unknown library.csv,2,1,BARCODE B1,library,The institution has no library with the code ELSEWHERE.\n"},
		{"same item", header + "\"C\n1\",21,9,T,MAIN\nC2,21,9,T,MAIN\n", "same item.csv,4,21,BARCODE C2,item_id,The item is already on line 2; the first one is taken.\n"},
		{"same barcode", header + "D1,31,9,T,MAIN\nD1,32,9,T,MAIN\n", "same barcode.csv,3,32,BARCODE D1,barcode,\"The barcode is already on line 2, which is of another item.\"\n"},
		{"other's barcode", header + "D1,33,9,T,MAIN\n", "other's barcode.csv,2,33,BARCODE D1,barcode,Another item has the barcode.\n"},
		{"stray quote", header + "E1,41,9,T\"x\",MAIN\nE2,42,9,T,MAIN\n", "stray quote.csv,2,,,,\"The row cannot be read as CSV: bare \"\" in non-quoted-field on line 2.\"\n"},
		{"open quote", header + "E1,41,9,\"T,MAIN\n", "open quote.csv,2,,,,\"The row cannot be read as CSV: extraneous or missing \"\" in quoted-field on line 2.\"\n"},
		{"row without end", header + "F1,51,9,T,MAIN\nF2,52,9,\"" + strings.Repeat("x\n", 1<<20), "row without end.csv,,,,,A row after line 2 is longer than 1 MB; a quote may not be closed. The rows before it were loaded.\n"},
		{"latin-1", header + "G1,61,9,M\xfcller,MAIN\n", "latin-1.csv,2,61,BARCODE G1,title,The text is not in UTF-8.\n"},
		{"control", header + "G1,61,9,a\x01b,MAIN\n", "control.csv,2,61,BARCODE G1,title,\"The text has the character U+0001, which is not allowed.\"\n"},
		{"status", "barcode,item_id,mms_id,title,library,status\nG1,61,9,T,MAIN,LOAN\n", "status.csv,2,61,BARCODE G1,status,\"" + unknownStatus + "\"\n"},
		{"long cell", header + "H1,71,9," + strings.Repeat("x", 5000) + ",MAIN\n", "long cell.csv,2,71,BARCODE H1,title,The text is longer than 4000 characters.\n"},
	}
	for _, tt := range tests {
		l.reports(tt.name+".csv", tt.text, tt.want)
	}
}

func TestRowsBeforeABadEnd(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	j, _ := l.load("a.csv", "1", header+"F1,51,9,T,MAIN\nF2,52,9,\""+strings.Repeat("x\n", 1<<20))
	if j.Counts.Created != 1 || j.State != job.CompletedWithErrors {
		t.Errorf("got %+v %s", j.Counts, j.State)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"csv": "barcode\titem_id\tmms_id\ttitle\tlibrary\tcolour\nB1\t1\t9\tT\tMAIN\tred\nB2\t\t9\tT\tMAIN\tred\n",
		"jsonl": `{"barcode":"B1","item_id":"1","mms_id":"9","title":"T","library":"MAIN","colour":"red"}` + "\n" +
			`{"barcode":"B2","item_id":"","mms_id":"9","title":"T","library":"MAIN","colour":"red"}` + "\n",
	} {
		l := newLoaded(t)
		j, _ := l.load("list."+name, "1", text)
		golden(t, filepath.Join(l.dir, j.Report), name+"-report.json")
		golden(t, filepath.Join(l.dir, strings.TrimSuffix(j.Report, "json")+"csv"), name+"-report.csv")
	}
}

func golden(t *testing.T, path, name string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestStoreFailureComesAgain(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	if err := os.MkdirAll(filepath.Join(l.dir, "items"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "items/a.csv"), []byte(header+"B1,1,9,T,MAIN\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := drop.Object{Bucket: "demo", Key: "items/a.csv", VersionID: "1"}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.imp.Process(ended, o); err == nil {
		t.Error("got no error from a run that was ended")
	}
	if err := l.imp.Process(t.Context(), o); err != nil {
		t.Error(err)
	}
	if j, err := l.store.Job(t.Context(), o.JobID()); err != nil || j.State != job.Completed || j.Counts.Created != 1 {
		t.Errorf("got %+v, %v", j, err)
	}
}
