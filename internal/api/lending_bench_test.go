package api

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
)

// borrowing is how many patrons and items the benchmarks have.
const borrowing = 200

// busyDesk is a desk with many patrons, p000 to p199 with the barcodes 21000 to 21199, and items, b0 to b199.
func busyDesk(b *testing.B) *desk {
	d := newDesk(b, dynamotest.WithoutTokens())
	for n := range borrowing {
		d.must(200, "POST", "/users", people(fmt.Sprintf("p%03d", n), fmt.Sprintf("21%03d", n), fmt.Sprintf("I%03d", n)))
		d.item(fmt.Sprint(n), fmt.Sprintf("b%d", n), fmt.Sprintf("9%d", n))
	}
	return d
}

// post makes a call and tells how long it took, from sending the request to having read the answer.
func (d *desk) post(path, body string) (status int, took time.Duration, err error) {
	r, err := http.NewRequest("POST", d.server.URL+"/almaws/v1"+path, strings.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("Authorization", "apikey "+allRights)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	start := time.Now()
	res, err := d.server.Client().Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, 0, err
	}
	return res.StatusCode, time.Since(start), nil
}

// BenchmarkCheckOut measures POST /users/{user_id}/loans by the barcodes of the patron and of the item, through HTTP, on
// a store of 200 patrons and items in the embedded engine. The returns in between are not measured.
func BenchmarkCheckOut(b *testing.B) {
	d := busyDesk(b)
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		n := i % borrowing
		status, took, err := d.post(fmt.Sprintf("/users/21%03d/loans?item_barcode=b%d", (n+i/borrowing)%borrowing, n), atMain)
		if err != nil || status != 200 {
			b.Fatal(status, err)
		}
		times = append(times, took)
		b.StopTimer()
		if n == borrowing-1 {
			for n := range borrowing {
				if status, _, err := d.post(fmt.Sprintf("/items?item_barcode=b%d&%s", n, scanAtMain), ""); err != nil || status != 200 {
					b.Fatal(status, err)
				}
			}
		}
		b.StartTimer()
	}
	percentiles(b, times)
	checkLending(b, d)
}

// BenchmarkDesks lets DESKS desks (50) lend and take back for SECONDS (3) at once, each to any patron and mostly from a
// cart of its own; every twentieth item is one of any cart. It reports check-outs a second and how long they took, and
// looks whether the tables agree.
func BenchmarkDesks(b *testing.B) {
	desks, seconds := setting(b, "DESKS", 50), setting(b, "SECONDS", 3)
	d := busyDesk(b)
	d.server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = desks
	for b.Loop() {
		var mu sync.Mutex
		var lent []time.Duration
		tally := map[int]int{}
		end := time.Now().Add(time.Duration(seconds) * time.Second)
		var done sync.WaitGroup
		for n := range desks {
			done.Go(func() {
				for i := n; time.Now().Before(end); i += desks {
					item := i % borrowing
					if rand.IntN(20) == 0 {
						item = rand.IntN(borrowing)
					}
					status, took, err := d.post(fmt.Sprintf("/users/21%03d/loans?item_barcode=b%d", rand.IntN(borrowing), item), atMain)
					mu.Lock()
					if tally[status]++; status == 200 {
						lent = append(lent, took)
					}
					mu.Unlock()
					if err == nil {
						status, _, err = d.post(fmt.Sprintf("/items?item_barcode=b%d&%s", item, scanAtMain), "")
					}
					if err != nil || status != 200 {
						b.Error("return:", status, err)
						return
					}
				}
			})
		}
		done.Wait()
		b.ReportMetric(float64(len(lent))/float64(seconds), "loans/s")
		b.Logf("%d desks, %d s: answers to check-outs %v", desks, seconds, tally)
		percentiles(b, lent)
	}
	checkLending(b, d)
}

// setting is a number of the environment.
func setting(b *testing.B, name string, otherwise int) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(otherwise)))
	if err != nil || n < 1 {
		b.Fatalf("%s is no number of at least 1", name)
	}
	return n
}
