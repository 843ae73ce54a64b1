package sis

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// demoSettings are those of the demo library, in which a record of type PUBLIC may not have the user group 91, and which
// has another profile.
func demoSettings(t *testing.T) *institution.Institution {
	t.Helper()
	text, err := os.ReadFile("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	all["record_types"].(map[string]any)["PUBLIC"] = map[string]any{"user_groups": []string{"01", "02", "03", "08", "10"}}
	profiles := all["sis_profiles"].([]any)
	profiles[0].(map[string]any)["brake"] = map[string]any{"rejected": 1}
	all["sis_profiles"] = append(profiles, map[string]any{"code": "HR", "name": "Human resources", "default_user_group": "08"})
	if text, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	return read(t, string(text))
}

// TestMistakes drops a file in which the first record is right, and each of fifty-two others is wrong in another way.
func TestMistakes(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, demoSettings(t))
	l.internal("thomas.reed", "2100000017")
	l.synchronise("REGISTRAR", users(user("maria.lindqvist", identifier("BARCODE", "2100000025"))))
	l.synchronise("HR", users(user("hr.patron", "")))
	file, err := os.ReadFile("testdata/mistakes.xml")
	if err != nil {
		t.Fatal(err)
	}
	j, csv := l.drop("sis/REGISTRAR/partial/mistakes.xml", string(file))
	if j.Counts.Created != 1 || j.Counts.Rejected != 52 || j.Counts.Processed != 53 {
		t.Errorf("got %+v", j.Counts)
	}
	golden(t, csv, "mistakes.report.csv")
	var report struct{ Rejected []drop.Rejected }
	if err := json.Unmarshal([]byte(l.read(j.Report)), &report); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for i, r := range report.Rejected {
		if r.Line == 0 || r.Reason == "" || r.ID == "" && i > 1 {
			t.Errorf("number %d: got %+v", i+1, r)
		}
		told[r.Reason] = true
		if strings.Contains(r.Reason, "taken") != (r.Other != "") && !strings.Contains(r.Do, "adopt") && !strings.Contains(r.Reason, "profile HR") {
			t.Errorf("number %d: got the other patron %q: %s", i+1, r.Other, r.Reason)
		}
		if number := fmt.Sprintf("<!-- %d: ", i+1); !strings.Contains(line(file, r.Line-1), number) {
			t.Errorf("number %d: got line %d", i+1, r.Line)
		}
	}
	if want := "POST /almaws/v1/users/thomas.reed?op=adopt&profile=REGISTRAR"; report.Rejected[42].Do != want {
		t.Errorf("got %q, want %q", report.Rejected[42].Do, want)
	}
	if p := l.patron("thomas.reed"); p.AccountType != patron.Internal || p.Version != 1 {
		t.Errorf("got %+v", p)
	}
	again, table := l.drop("sis/REGISTRAR/partial/again.xml", l.read(j.Again))
	if again.Counts.Rejected != 50 || again.Counts.Processed != 52 { // numbers 39 and 40 are not after the first one any more
		t.Errorf("the rejected file dropped again: got %+v\n%s", again.Counts, table)
	}
}

func line(text []byte, n int) string { return strings.Split(string(text), "\n")[n-1] }
