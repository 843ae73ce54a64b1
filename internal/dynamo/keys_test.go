package dynamo

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/directory"
)

func TestStampAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 1_999_999, time.UTC)
	for name, test := range map[string]struct{ stored, want string }{
		"no stamp":    {"", "2026-11-23T12:00:00.001Z"},
		"an old one":  {"2026-11-23T11:59:59.999Z", "2026-11-23T12:00:00.001Z"},
		"the same":    {"2026-11-23T12:00:00.001Z", "2026-11-23T12:00:00.002Z"},
		"from ahead":  {"2026-11-24T12:00:00.999Z", "2026-11-24T12:00:01.000Z"},
		"no stamp 2":  {"yesterday", "2026-11-23T12:00:00.001Z"},
		"a year ends": {"2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"},
	} {
		if got := stampAfter(now, test.stored); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// TestStampsSortAsTimes compares the texts of any two times with the times.
func TestStampsSortAsTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.Map(rapid.Int64Range(0, 4e12), func(ms int64) time.Time { return time.UnixMilli(ms) })
		a, b := times.Draw(t, "a"), times.Draw(t, "b")
		if got, want := strings.Compare(stamp(a), stamp(b)), a.Compare(b); got != want {
			t.Errorf("%v, %v: got %d, want %d", a, b, got, want)
		}
	})
}

func TestShardOf(t *testing.T) {
	seen := map[string]int{}
	for n := range 1000 {
		seen[shardOf(strings.Repeat("x", n))]++
	}
	for shard := range Shards {
		if n := seen[shardName(shard)]; n < 150 {
			t.Errorf("shard %d has %d of 1000 patrons", shard, n)
		}
	}
}

// TestAttemptsEndBeforeTheStampIsOld: a write that meets nothing but faults of the network is not given up for its age,
// and one that is sent at the last moment is seen.
func TestAttemptsEndBeforeTheStampIsOld(t *testing.T) {
	const longest = maxAttempts*attemptTimeout + (maxAttempts-1)*longestBackoff
	if longest >= stampHolds || stampHolds+attemptTimeout >= directory.Overlap {
		t.Errorf("a write is tried for %v, a stamp holds for %v, and a directory looks back %v", longest, stampHolds, directory.Overlap)
	}
}
