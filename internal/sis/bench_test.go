package sis

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/sis/synthetic"
)

// What a million request units cost on demand, in dollars (us-east-1).
const (
	millionReads  = 0.125
	millionWrites = 0.625
)

// lambdaMemory is GOMEMLIMIT of the function sis-import, in bytes.
const lambdaMemory = 1503 << 20

// BenchmarkImport measures files of a university of PEOPLE (20,000) from the drop to the report: a first load, the same
// file again, and the night after, in which 1 % are changed, 0.5 % new and 0.5 % gone. Before that a tenth of the people
// in a tenth of the bytes, and in as many bytes as the large file has, show what memory depends on. What each job was
// meant to do is checked.
//
// The engine is a process of its own: cpu-s and peak-MB are without it, users/s and s are not; engine-cpu-s is its share. Run with -benchtime 1x,
// and for one core in all with -exec "taskset -c 0". CPUPROFILE names a directory for a profile of each job.
func BenchmarkImport(b *testing.B) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(lambdaMemory))
	people := benchPeople(b)
	large, small := newBenchFile(people), newBenchFile(max(people/10, 1))
	b.Run("tenth", func(b *testing.B) {
		l := openBench(b)
		b.Run("create", func(b *testing.B) { l.load(b, small) })
		b.Run("same", func(b *testing.B) { l.again(b, small, small.WriteXML) })
		b.Run("same-in-tenfold-bytes", func(b *testing.B) { l.again(b, small, tenfold(small)) })
	})
	b.Run("all", func(b *testing.B) {
		l := openBench(b)
		b.Run("create", func(b *testing.B) { l.load(b, large) })
		b.Run("same", func(b *testing.B) { l.again(b, large, large.WriteXML) })
		b.Run("night", func(b *testing.B) { l.nights(b, large) })
	})
}

func benchPeople(b *testing.B) int {
	people, err := strconv.Atoi(cmp.Or(os.Getenv("PEOPLE"), "20000"))
	if err != nil || people < 1 {
		b.Fatalf("PEOPLE is %q; it is how many people there are in the file", os.Getenv("PEOPLE"))
	}
	return people
}

func newBenchFile(people int) synthetic.Config { return synthetic.Config{People: people, Seed: 1} }

// recordEnd ends a record of a synthetic file, and stands nowhere else in it.
const recordEnd = "</user>\n"

// tenfold writes the file with comments between the records, which are no part of them.
func tenfold(c synthetic.Config) func(io.Writer) error {
	comments := strings.Repeat("<!-- "+strings.Repeat("exported anew ", 210)+"-->\n", 9)
	return func(w io.Writer) error { return c.WriteXML(&padded{to: w, pad: []byte(recordEnd + comments)}) }
}

type padded struct {
	to  io.Writer
	pad []byte
}

func (p *padded) Write(text []byte) (int, error) {
	if _, err := p.to.Write(bytes.ReplaceAll(text, []byte(recordEnd), p.pad)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// benchLibrary is a library of which every call to DynamoDB is recorded, in real time.
type benchLibrary struct {
	dir            string
	store          *dynamo.Store
	patrons, jobs  *dynamotest.Recorder
	imp            *Importer
	drops, nightly int
}

// openBench is an empty library with the demo institution's settings, in which missing people become inactive.
func openBench(b *testing.B) *benchLibrary {
	b.Helper()
	inst, err := institution.Read(filepath.Join("..", "..", "infra", "institution.json"))
	if err != nil {
		b.Fatal(err)
	}
	inst.SISProfiles[0].Missing = institution.Inactivate
	l := &benchLibrary{dir: b.TempDir(), patrons: dynamotest.Record(), jobs: dynamotest.Record()}
	d, err := drop.NewDir(l.dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	tables := dynamotest.Tables(b)
	l.store = dynamotest.Open(b, tables, l.jobs)
	inbox := drop.Inbox{Source: d, Sink: d, Jobs: l.store, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	l.imp = New(inbox, dynamotest.Open(b, tables, l.patrons, dynamotest.WithoutTokens()), l.store, nil, inst)
	return l
}

// load applies the file to the empty library, once.
func (l *benchLibrary) load(b *testing.B, c synthetic.Config) {
	for b.Loop() {
		if l.drops > 0 {
			b.Fatal("the library is loaded already; run with -benchtime 1x")
		}
		l.measure(b, c.WriteXML, job.Counts{Processed: c.People, Created: c.People})
	}
}

// again applies the file that was applied last, as fill writes it.
func (l *benchLibrary) again(b *testing.B, c synthetic.Config, fill func(io.Writer) error) {
	for b.Loop() {
		l.measure(b, fill, job.Counts{Processed: c.People, Unchanged: c.People})
	}
}

// nights applies the file of the next night.
func (l *benchLibrary) nights(b *testing.B, c synthetic.Config) {
	c.Changed, c.New, c.Gone = 0.01, 0.005, 0.005
	for b.Loop() {
		l.nightly++
		c.Night = l.nightly
		n := c.Expected()
		l.measure(b, c.WriteXML, job.Counts{
			Processed: c.Records(), Created: n.Created, Updated: n.Updated, Unchanged: n.Unchanged, Missing: n.Missing, Inactivated: n.Missing,
		})
	}
}

// measure drops a file, has it imported, and reports what that took.
func (l *benchLibrary) measure(b *testing.B, fill func(io.Writer) error, want job.Counts) {
	b.Helper()
	o, size := l.put(b, fill)
	if l.drops > 1 {
		time.Sleep(indexLag) // which a file that comes the night after does not meet
	}
	debug.FreeOSMemory()
	resetPeak()
	l.patrons.Take()
	l.jobs.Take()
	stop := startProfile(b)
	start, before, engine := time.Now(), processorTime(b), engineTime()
	if err := l.imp.Process(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	took, worked, engined := time.Since(start), processorTime(b)-before, engineTime()-engine
	stop()
	peak := peakMemory(b)
	l.check(b, o, want)
	people := float64(want.Processed)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(people/took.Seconds(), "users/s")
	b.ReportMetric(worked.Seconds(), "cpu-s")
	b.ReportMetric(engined.Seconds(), "engine-cpu-s")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(float64(size)/1e6, "file-MB")
	l.reportUnits(b)
}

// put writes a file of the next version into the bucket, and removes it at the end of the benchmark.
func (l *benchLibrary) put(b *testing.B, fill func(io.Writer) error) (o drop.Object, size int64) {
	b.Helper()
	l.drops++
	o = drop.Object{Bucket: "demo", Key: fmt.Sprintf("sis/REGISTRAR/users-%d.xml", l.drops), VersionID: "1", Time: time.Now()}
	path := filepath.Join(l.dir, o.Key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.Remove(path) })
	if err := fill(f); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return o, info.Size()
}

// check compares what the job did with what it was to do.
func (l *benchLibrary) check(b *testing.B, o drop.Object, want job.Counts) {
	b.Helper()
	j, err := l.store.Job(b.Context(), o.JobID())
	if err != nil {
		b.Fatal(err)
	}
	if j.State != job.Completed || j.Counts.Processed != want.Processed || j.Counts.Created != want.Created || j.Counts.Updated != want.Updated ||
		j.Counts.Unchanged != want.Unchanged || j.Counts.Missing != want.Missing || j.Counts.Inactivated != want.Inactivated {
		b.Fatalf("got %s %+v, %s\nwant %+v", j.State, j.Counts, j.Reason, want)
	}
}

// reportUnits reports the units of all calls, those that kept the job included, and the writes of patrons among them.
func (l *benchLibrary) reportUnits(b *testing.B) {
	patrons, jobs := l.patrons.Take(), l.jobs.Take()
	reads, writes := patrons.Reads+jobs.Reads, patrons.Writes+jobs.Writes
	b.ReportMetric(reads, "RRU")
	b.ReportMetric(writes, "WRU")
	b.ReportMetric(patrons.Writes, "patron-WRU")
	b.ReportMetric(reads/1e6*millionReads+writes/1e6*millionWrites, "dollars")
	b.Logf("calls about patrons: %v; about the job: %v", patrons.Calls, jobs.Calls)
}

// processorTime is what this process, and not the engine's, has used of the processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// engineTime is what this process's descendants, of which the engine is the one that works, have used of the processors;
// 0 where the system does not tell.
func engineTime() time.Duration {
	const ticks = 100 // a second, on every Linux
	parents, used := map[int]int{}, map[int]time.Duration{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		end := bytes.LastIndexByte(stat, ')') // of the name, which may hold anything
		fields := strings.Fields(string(stat[end+1:]))
		if err != nil || len(fields) < 13 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		parents[pid], _ = strconv.Atoi(fields[1])
		used[pid] = time.Duration(user+system) * time.Second / ticks
	}
	var total time.Duration
	for pid, of := range used {
		for up := parents[pid]; up != 0; up = parents[up] {
			if up == os.Getpid() {
				total += of
			}
		}
	}
	return total
}

// resetPeak makes Linux forget how much memory the process has had. Elsewhere the peak is that of all jobs so far.
func resetPeak() {
	if f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0); err == nil {
		defer f.Close()
		_, _ = f.WriteString("5")
	}
}

// peakMemory is the most that was resident, in MB; 0 where the system does not tell.
func peakMemory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kb float64
	if _, err := fmt.Fscan(bytes.NewReader(rest), &kb); err != nil {
		return 0
	}
	return kb / 1024
}

// startProfile begins the profile of a job where CPUPROFILE names a directory for it.
func startProfile(b *testing.B) (stop func()) {
	b.Helper()
	dir := os.Getenv("CPUPROFILE")
	if dir == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(dir, strings.ReplaceAll(b.Name(), "/", "-")+".prof"))
	if err != nil {
		b.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		b.Fatal(err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}
}
