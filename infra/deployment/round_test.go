package deployment

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"patrondesk/functions"
	"patrondesk/internal/drop"
)

// TestRoundMessage reads what the scheduler sends as the function does.
func TestRoundMessage(t *testing.T) {
	message := RoundMessage("b", functions.Round{Folder: "runs/hold-shelf/"})
	const at = "2026-11-23T03:30:00Z"
	var got drop.Object
	decoder := json.NewDecoder(strings.NewReader(strings.ReplaceAll(message, scheduledTime, at)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Bucket != "b" || got.Key != "runs/hold-shelf/"+at || got.Time.Format("2006-01-02T15:04:05Z") != at {
		t.Errorf("got %+v", got)
	}
	other := got
	other.Key, other.ETag = "runs/hold-shelf/2026-11-24T03:30:00Z", "2026-11-24T03:30:00Z"
	if got.JobID() == other.JobID() {
		t.Error("two rounds are one job")
	}
}

func TestRoundWhen(t *testing.T) {
	round := functions.Round{When: "cron(30 3 * * ? *)"}
	for _, tt := range []struct {
		setting, when string
		made, ok      bool
	}{
		{"on", "cron(30 3 * * ? *)", true, true},
		{"off", "cron(30 3 * * ? *)", false, true},
		{"cron(0 22 ? * SUN-THU *)", "cron(0 22 ? * SUN-THU *)", true, true},
		{"rate(1 day)", "rate(1 day)", true, true},
		{"", "", false, false},
		{"daily", "", false, false},
		{"cron(0 22 ? * SUN-THU *) ", "", false, false},
	} {
		when, made, err := RoundWhen(round, tt.setting)
		if when != tt.when || made != tt.made || (err == nil) != tt.ok {
			t.Errorf("RoundWhen(%q) = %q, %t, %v; want %q, %t", tt.setting, when, made, err, tt.when, tt.made)
		}
	}
}

// TestRounds: every round is under a folder that starts its function, and letters to everybody are asked for.
func TestRounds(t *testing.T) {
	usual := map[string]string{}
	for _, f := range functions.All {
		if f.Round == nil {
			continue
		}
		usual[f.Name] = RoundDefault(*f.Round)
		if !reflect.DeepEqual(f.Drops, []string{f.Round.Folder}) || !strings.HasPrefix(f.Round.Folder, RunsPrefix) {
			t.Errorf("%s: the round is under %s, and %q start it", f.Name, f.Round.Folder, f.Drops)
		}
		if _, _, err := RoundWhen(*f.Round, f.Round.When); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if want := map[string]string{"activity-letters": "off", "hold-shelf": "on"}; !reflect.DeepEqual(usual, want) {
		t.Errorf("the rounds are %v, want %v", usual, want)
	}
}
