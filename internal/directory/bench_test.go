package directory

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// crowd is a source of the first n invented patrons, made as they are read, so that it takes no memory itself.
type crowd int

func (c crowd) Changes(_ context.Context, shard int, since time.Time, page func([]Entry) error) error {
	if !since.IsZero() {
		return nil
	}
	entries := make([]Entry, 0, 1000)
	for n := shard; n < int(c); n += testShards {
		entries = append(entries, entryOf(invented(n), 1, day.Add(time.Duration(n)*time.Millisecond)))
		if len(entries) == cap(entries) {
			if err := page(entries); err != nil {
				return err
			}
			entries = entries[:0]
		}
	}
	return page(entries)
}

func BenchmarkSearch100k(b *testing.B) { benchmarkSearch(b, 100_000) }

func BenchmarkSearch1M(b *testing.B) { benchmarkSearch(b, 1_000_000) }

// benchmarkSearch loads n patrons with the memory limit main sets, then measures each kind of query by itself on one
// core. Times are those of whole searches; loading includes inventing the patrons, about half of it.
func benchmarkSearch(b *testing.B, n int) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(450 << 20))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	d := New(crowd(n), testShards)
	b.Run("load", func(b *testing.B) { benchmarkLoad(b, d, n) })
	if d.index.alive != n {
		d = New(crowd(n), testShards) // load was not asked for
	}
	one := invented(n / 2)
	for _, kind := range []struct {
		name, q string
		order   Order
		offset  int
	}{
		{"all-first-page", "", ByName, 0},
		{"all-deep-offset", "", ByName, n - 10},
		{"common-word", "last_name~Müller", ByName, 0},
		{"common-code", "user_group~Undergraduate", ByName, 0},
		{"deep-offset", "user_group~Undergraduate", ByName, n / 2},
		{"rare-word", "last_name~" + one.LastName, ByName, 0},
		{"beginning", "last_name~sch*", ByName, 0},
		{"one-letter-beginning", "last_name~s*", ByName, 0},
		{"rare-beginning-of-code", "statistic_category~e*", ByName, 0},
		{"all-fields-one-letter", "ALL~d*", ByName, 0},
		{"many-words", "ALL~m* b* 4* u* m* b* q*", ByName, 0},
		{"two-terms", "last_name~" + one.LastName + " AND first_name~" + one.FirstName, ByName, 0},
		{"two-common-terms", "user_group~Undergraduate AND external_id~sis", ByName, 0},
		{"all-fields-common", "ALL~main undergraduate", ByName, 0},
		{"all-fields-rare", "ALL~" + one.LastName + " " + one.FirstName, ByName, 0},
		{"all-fields-beginning", "ALL~zz*", ByName, 0},
		{"barcode", "identifiers~" + one.Identifiers[0].Value, ByName, 0},
		{"e-mail", "email~" + one.Emails[0].Address, ByName, 0},
		{"phone", "phone_number~" + one.Phones[0].Number, ByName, 0},
		{"no-hit", "ALL~xyzzyx", ByName, 0},
		{"by-first-name", "last_name~Smith", ByFirstName, 0},
		{"by-primary-id", "last_name~Smith", ByPrimaryID, 0},
	} {
		b.Run(kind.name, func(b *testing.B) {
			var q Query
			if kind.q != "" {
				var err error
				if q, err = ParseQuery(kind.q); err != nil {
					b.Fatal(err)
				}
			}
			benchmarkQuery(b, d, q, kind.order, kind.offset)
		})
	}
	b.Run("one-change", func(b *testing.B) { benchmarkChange(b, d, n) })
	peak, resident := memory()
	b.Logf("after all searches: resident %s MB, peak %s MB", resident, peak)
}

func benchmarkLoad(b *testing.B, d *Directory, n int) {
	for b.Loop() {
		if _, total, err := d.Search(b.Context(), Query{}, ByName, 1, 0); err != nil || total != n {
			b.Fatalf("loaded %d, %v", total, err)
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	peak, resident := memory()
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
	for name, text := range map[string]string{"peak-RSS-MB": peak, "RSS-MB": resident} {
		if mb, err := strconv.ParseFloat(text, 64); err == nil {
			b.ReportMetric(mb, name)
		}
	}
}

// memory is the peak and the present resident memory of the process in MB, "?" where the system does not tell.
func memory() (peak, resident string) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "?", "?"
	}
	field := func(name string) string {
		_, rest, _ := bytes.Cut(status, []byte(name+":"))
		var kb int
		if _, err := fmt.Sscan(string(rest[:min(len(rest), 30)]), &kb); err != nil {
			return "?"
		}
		return strconv.Itoa(kb >> 10)
	}
	return field("VmHWM"), field("VmRSS")
}

func benchmarkQuery(b *testing.B, d *Directory, q Query, o Order, offset int) {
	_, total, err := d.Search(b.Context(), q, o, 10, offset) // sorts, the first time an order is asked for
	if err != nil {
		b.Fatal(err)
	}
	var took, worked []time.Duration
	for b.Loop() {
		start, before := time.Now(), processorTime(b)
		if _, _, err := d.Search(b.Context(), q, o, 10, offset); err != nil {
			b.Fatal(err)
		}
		took, worked = append(took, time.Since(start)), append(worked, processorTime(b)-before)
	}
	slices.Sort(worked)
	b.ReportMetric(float64(worked[(len(worked)-1)*95/100].Microseconds())/1000, "p95-cpu-ms")
	b.ReportMetric(float64(total), "hits")
	reportTimes(b, took)
}

// processorTime is what the process has used of the processors; unlike the clock it does not count what others use.
func processorTime(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// benchmarkChange measures how long searches wait while a refresh takes one change over.
func benchmarkChange(b *testing.B, d *Directory, n int) {
	var took []time.Duration
	for version := int64(2); b.Loop(); version++ {
		p := invented(int(version) * 7919 % n)
		p.LastName = fmt.Sprint("Changed", version)
		s := stage{directory: d, limit: maxStaged}
		start := time.Now()
		if err := s.add([]Entry{entryOf(p, time.Now().UnixNano(), day)}); err != nil {
			b.Fatal(err)
		}
		if err := s.commit(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	reportTimes(b, took)
}

func reportTimes(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, percent := range []int{50, 95} {
		b.ReportMetric(float64(took[(len(took)-1)*percent/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", percent))
	}
	b.ReportMetric(0, "ns/op")
}
