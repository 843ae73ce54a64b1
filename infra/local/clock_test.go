package main

import (
	"strings"
	"testing"
	"time"

	"patrondesk/infra/local/demo"
)

// clock runs the command and returns what it says.
func (i *instance) clock(t *testing.T, args ...string) string {
	t.Helper()
	out, err := i.command(append([]string{"clock", "-dir", i.dir}, args...)...).CombinedOutput()
	if err != nil {
		t.Errorf("clock %v: %v: %s", args, err, out)
	}
	return string(out)
}

// rename gives a patron another last name, by which searches find them.
func (i *instance) rename(t *testing.T, id, from, to string) {
	t.Helper()
	_, text := i.call(t, "GET", users+id, "")
	i.wants(t, "PUT", users+id, strings.Replace(text, `"last_name":"`+from+`"`, `"last_name":"`+to+`"`, 1), 200, to)
	time.Sleep(time.Second) // after which a search must find it
	i.wants(t, "GET", "/almaws/v1/users?q=last_name~"+to, "", 200, `"total_record_count":1`)
}

// TestTheClockSurvivesARestart puts the library's clock forward. Who may come in is not touched by that, and searches find
// what is written after the clock was set back.
func TestTheClockSurvivesARestart(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	if strings.Contains(i.out.String(), "ahead of this machine") {
		t.Errorf("the clock is ahead at first: %s", i.out)
	}
	if told := i.clock(t, "-advance", "22d"); !strings.Contains(told, "22 days ahead of this machine") {
		t.Errorf("the clock says %s", told)
	}
	i.rename(t, "ivor.blake", "Blake", "Ahead")
	i.bearer(t, i.environment(t)["STAFF_TOKEN"], users+demo.Maria, 200)
	i.stop(t)

	i.start(t)
	if !strings.Contains(i.out.String(), "22 days ahead of this machine") || !strings.Contains(i.out.String(), "make clock RESET=1") {
		t.Errorf("the welcome does not tell of the clock: %s", i.out)
	}
	i.bearer(t, i.environment(t)["STAFF_TOKEN"], users+demo.Maria, 200)
	i.wants(t, "GET", "/almaws/v1/users?q=last_name~ahead", "", 200, `"total_record_count":1`)
	if told := i.clock(t, "-reset"); strings.Contains(told, "ahead") {
		t.Errorf("the clock says %s", told)
	}
	i.rename(t, "clara.venn", "Venn", "Back")
	out, err := i.command("clock", "-dir", i.dir, "-advance", "yesterday").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "22d") {
		t.Errorf("clock -advance yesterday: %v: %s", err, out)
	}
	i.stop(t)
}
