package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"patrondesk/infra/local/demo"
)

// BenchmarkScan scans patrons, one after the other, and tells how long the library took for each until their page was
// there: the look-up and the page, by its own log. It also tells how many bytes came over the wire, in a browser that was
// never here before, and afterwards.
func BenchmarkScan(b *testing.B) {
	desk := newTab(b)
	wire := desk.weigh()
	desk.signIn(demo.Operator)
	served := func(n int) { desk.serve(fmt.Sprintf("2100001%03d", n%100)) }
	served(0)
	first := wire.taken()
	log, err := os.ReadFile(desk.log)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	n := 0
	for b.Loop() {
		n++
		served(n)
	}
	b.ReportMetric(first/1000, "first-kB")
	b.ReportMetric(wire.taken()/1000/float64(n), "later-kB")
	const find, page = "GET /desk/find", "GET /desk/patrons/{user_id}"
	for _, of := range []struct{ name, first, last string }{{"find", "", find}, {"page", "", page}, {"server", find, page}} {
		took := desk.took(len(log), of.first, of.last)
		b.ReportMetric(took[len(took)/2], of.name+"-p50-ms")
		b.ReportMetric(took[len(took)*95/100], of.name+"-p95-ms")
	}
}

// serve scans a patron's barcode and waits for their page.
func (b *tab) serve(barcode string) {
	b.t.Helper()
	b.scan(barcode)
	b.wait("the page of "+barcode, "document.querySelector('.ids')?.innerText.includes("+quoted(barcode)+") && !document.querySelector('[aria-busy]')")
	b.click("the field at the head", "document.getElementById('scan')")
}

// scale adds up the bytes that come over the wire from the library.
type scale struct {
	mu    sync.Mutex
	from  map[network.RequestID]bool
	bytes float64
}

// weigh begins to add up.
func (b *tab) weigh() *scale {
	b.t.Helper()
	s := &scale{from: map[network.RequestID]bool{}}
	err := chromedp.Listen(b.ctx, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.RedirectResponse != nil && s.from[e.RequestID] {
				s.bytes += e.RedirectResponse.EncodedDataLength
			}
			s.from[e.RequestID] = strings.HasPrefix(e.Request.URL, b.url+"/")
		case *network.EventLoadingFinished:
			if s.from[e.RequestID] {
				s.bytes += e.EncodedDataLength
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// taken is how many bytes came since it was last asked.
func (s *scale) taken() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.bytes
	s.bytes = 0
	return was
}

// took are the milliseconds that the functions took for the last route, and the first one before it if there is one, each
// time it was asked for, by their log from that byte on; in ascending order.
func (b *tab) took(from int, first, last string) []float64 {
	b.t.Helper()
	log, err := os.ReadFile(b.log)
	if err != nil {
		b.t.Fatal(err)
	}
	var took []float64
	var before float64
	lines := bufio.NewScanner(bytes.NewReader(log[from:]))
	for lines.Scan() {
		var line struct {
			Route   string
			Latency float64
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			b.t.Fatal(err)
		}
		switch line.Route {
		case first:
			before = line.Latency
		case last:
			took = append(took, before+line.Latency)
		}
	}
	if len(took) == 0 {
		b.t.Fatal("the log tells of no such requests")
	}
	slices.Sort(took)
	return took
}
