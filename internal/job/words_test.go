package job

import (
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	half := Progress{Bytes: 50, Of: 100}
	forecast := &Counts{}
	for name, test := range map[string]struct {
		job  Job
		want int
	}{
		"begun":                     {Job{State: Running}, 0},
		"surveying":                 {Job{State: Running, Phase: Surveying, Progress: half}, 12},
		"held":                      {Job{State: Held, Forecast: forecast}, 25},
		"applying after a survey":   {Job{State: Running, Phase: Applying, Forecast: forecast, Progress: half}, 60},
		"applying without":          {Job{State: Running, Phase: Applying, Progress: half}, 47},
		"settling":                  {Job{State: Running, Phase: Settling, Progress: half}, 95},
		"reporting":                 {Job{State: Running, Phase: Reporting}, 98},
		"completed":                 {Job{State: Completed}, 100},
		"failed":                    {Job{State: Failed, Progress: half}, 100},
		"more bytes than there are": {Job{State: Running, Phase: Surveying, Progress: Progress{Bytes: 300, Of: 100}}, 25},
	} {
		if got := test.job.Percent(); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		breach Breach
		want   string
	}{
		{Breach{"blanked_emails", 50_000, 100_000, 0.05}, "50,000 of 100,000: patrons to lose all e-mail addresses (50 %); the limit is 5 %."},
		{Breach{"rejected", 1, 3, 0.125}, "1 of 3: records to be rejected (33.3 %); the limit is 12.5 %."},
		{Breach{"shoes", 1234567, 0, 0}, "1,234,567 shoes; the limit is 0 %."},
	} {
		if got := test.breach.Words(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestRateAndRemaining(t *testing.T) {
	since := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := Progress{Records: 5000, Bytes: 25, Of: 100, Since: since, At: since.Add(10 * time.Second)}
	if p.Rate() != 500 || p.Remaining() != 30*time.Second {
		t.Errorf("got %v records a second and %v, want 500 and 30s", p.Rate(), p.Remaining())
	}
	if none := (Progress{}); none.Rate() != 0 || none.Remaining() != 0 || none.Share() != 0 {
		t.Errorf("got %v, %v, %v before the start", none.Rate(), none.Remaining(), none.Share())
	}
}
