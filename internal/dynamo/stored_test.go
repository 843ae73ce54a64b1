package dynamo_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/job"
	"patrondesk/internal/session"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestStoredForm holds the stored form of every item kind: it is read by every later version.
func TestStoredForm(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	deleted, err := s.MarkDeleting(t.Context(), create(t, s, person(2)))
	must(t, err)
	must(t, s.DeletePatron(t.Context(), deleted))
	_, err = s.MarkDeleting(t.Context(), create(t, s, person(3)))
	must(t, err)
	for n := range 3 {
		_, err := place(t, s, p.UID, hold(n, "991"))
		must(t, err)
	}
	ended := hold(0, "991")
	ended.Version, ended.Status, ended.Ended = 1, fulfillment.History, noon
	must(t, endRequest(t.Context(), s, p.UID, ended, queue("991", 3, hold(1, "991"), hold(2, "991"))))
	save(t, s, volume(1, "991"))
	lent := lend(t, s, p.UID, loan(1, volume(1, "991")))
	change(t, s, p.UID, lent, returned(lent, noon))
	lend(t, s, p.UID, loan(2, volume(2, "991")))
	charged := charge(t, s, p.UID, fulfillment.Fee{}, fine(1, 300))
	charge(t, s, p.UID, charged, paid(charged, 300))
	charge(t, s, p.UID, fulfillment.Fee{}, fine(2, 2500))
	_, err = s.Move(t.Context(), fulfillment.Movement{
		Custody: []fulfillment.CustodyChange{{After: onShelf(p.UID, hold(9, "").ID, volume(3, "").ID, "2026-11-30")}},
		Once:    &fulfillment.Once{UID: p.UID, Key: "scan-1", Asked: "check out", Results: []string{lent.ID}},
	})
	must(t, err)
	for _, key := range []string{"", "click-1"} {
		l := report(noon)
		l.ID = ulid.MustNew(ulid.Timestamp(noon), strings.NewReader(strings.Repeat("0"+key, 20))).String()
		_, _, err = s.ReserveLetter(t.Context(), p.UID, key, l)
		must(t, err)
	}
	_, _, err = s.StartJob(t.Context(), job.Job{ID: "0f", Kind: "sis", Profile: "CAMPUS", Bucket: "drop", Key: "sis/CAMPUS/users.xml", State: job.Running, Started: noon})
	must(t, err)
	_, err = s.SaveJob(t.Context(), heldJob())
	must(t, err)
	must(t, s.EnterJob(t.Context(), "CAMPUS", entry(1)))
	must(t, s.EnterJob(t.Context(), "CAMPUS", entry(2)))
	must(t, s.SaveAPIKey(t.Context(), auth.Key{Hash: strings.Repeat("ab", 32), Name: "kiosk", Rights: []auth.Right{auth.UsersRead}, Created: noon}))

	_, err = s.SaveSession(t.Context(), session.Session{
		Hash: strings.Repeat("cd", 32), UID: "01J0CALLOWAY", Began: noon, Used: noon, Library: "MAIN", Desk: "DEFAULT_CIRC_DESK",
		Recent: []session.Visit{{PrimaryID: p.PrimaryID, Name: p.DisplayName(), Opened: noon}},
	})
	must(t, err)

	client := dynamotest.Client(t)
	for name, table := range map[string]string{
		"users": tables.Users, "requests": tables.Requests, "loans": tables.Loans, "items": tables.Items,
		"letters": tables.Letters, "jobs": tables.Jobs, "apikeys": tables.APIKeys, "sessions": tables.Sessions,
	} {
		compare(t, "testdata/"+name+".txt", listing(scan(t, client, table)))
	}
}

// heldJob is a job with every field.
func heldJob() job.Job {
	counts := job.Counts{Processed: 9, Created: 1, Updated: 2, Unchanged: 3, Rejected: 3, Blanked: 2, BlankedEmails: 2, BlankedAddresses: 1,
		Identifiers: 1, Protected: 1, Deactivated: 1, Inactivated: 1, Missing: 1}
	return job.Job{
		ID: "1f", Kind: "sis", Profile: "CAMPUS", Bucket: "drop", Key: "sis/CAMPUS/full.xml", Object: "v1", ETag: "e1", Dropped: noon, State: job.Held, Phase: job.Surveying,
		DryRun: true, Reason: "Over a limit.", Counts: counts, Files: []job.File{{Name: "full.xml", Counts: counts, Ignored: 1, Reason: "cut off"}}, Forecast: &counts,
		Breaches: []job.Breach{{Measure: "blanked_emails", Count: 2, Of: 9, Limit: 0.05}}, Released: &job.Release{By: "admin", At: noon},
		Progress: job.Progress{Records: 9, Bytes: 90, Of: 100, Since: noon, At: noon}, Place: job.Place{File: 1, Records: 2, Parts: 3, Waiting: []byte("w")},
		Lease: job.Lease{Run: "r", Until: noon}, Runs: 2, Stalls: 1, Report: "r.json", Again: "a.xml", Started: noon, Finished: noon, Summary: "SENT",
	}
}

// listing writes items one attribute a line, in order of their keys, without what is random, which are tokens and the
// versions of custody, and without the text the directory makes.
func listing(items []map[string]string) string {
	slices.SortFunc(items, func(a, b map[string]string) int { return strings.Compare(a["pk"]+a["sk"], b["pk"]+b["sk"]) })
	var text strings.Builder
	for _, it := range items {
		text.WriteString("pk " + it["pk"] + "\n")
		if len(it["wt"]) == 26 {
			it["wt"] = "(token)"
		}
		if it["sk"] == "C" {
			it["v"] = "(version)"
		}
		if it["s"] != "" {
			it["s"] = "(what the directory searches)"
		}
		for _, name := range slices.Sorted(maps.Keys(it)) {
			if name != "pk" {
				text.WriteString("\t" + name + " " + indented(it[name]) + "\n")
			}
		}
	}
	return text.String()
}

// indented is a value with its JSON, if it is such, laid out.
func indented(value string) string {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[{") {
		return strings.ReplaceAll(value, "\n", "\\n")
	}
	out, err := json.MarshalIndent(json.RawMessage(value), "\t", "\t")
	if err != nil {
		return value
	}
	return string(out)
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s differs; if that is meant, run the test with -update\ngot:\n%s", path, got)
	}
}
