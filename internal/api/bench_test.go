package api

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// BenchmarkLookup measures GET /users/{user_id} by barcode through HTTP, from sending the request to having read the
// answer, on a store of 200 patrons in the embedded engine.
func BenchmarkLookup(b *testing.B) {
	d := newDesk(b)
	for i := range 200 {
		body := person(fmt.Sprintf("p%03d", i), fmt.Sprintf(`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"21%03d"}]`, i),
			`"contact_info":{"address":[{"line1":"1 Engine Row","city":"London","address_type":[{"value":"home"}],"preferred":true}],
			"email":[{"email_address":"ada@example.org","email_type":[{"value":"personal"}],"preferred":true}]}`)
		d.must(200, "POST", "/users", body)
	}
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		r, err := http.NewRequest("GET", fmt.Sprintf("%s/almaws/v1/users/21%03d", d.server.URL, i%200), nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "apikey "+allRights)
		r.Header.Set("Accept", "application/json")
		start := time.Now()
		res, err := d.server.Client().Do(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
			b.Fatal(res.Status, err)
		}
		res.Body.Close()
		times = append(times, time.Since(start))
	}
	percentiles(b, times)
}

// percentiles reports how long the calls took.
func percentiles(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	for _, p := range []int{50, 95, 99} {
		b.ReportMetric(float64(times[len(times)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}
