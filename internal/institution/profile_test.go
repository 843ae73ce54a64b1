package institution

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// read reads settings with that one profile.
func read(t *testing.T, profile string) (SISProfile, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(path, []byte(`{"sis_profiles":[`+profile+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	inst, err := Read(path)
	if err != nil {
		return SISProfile{}, err
	}
	return inst.SISProfiles[0], nil
}

func TestProfileDefaults(t *testing.T) {
	p, err := read(t, `{"code":"REG"}`)
	if err != nil {
		t.Fatal(err)
	}
	if p.RecordType != "PUBLIC" || p.Brake != DefaultBrake() || p.Missing != "" || p.AcceptOlder || p.ResetOnSameValue || len(p.Keeps()) != 0 || p.ExpiryDays != 0 {
		t.Errorf("got %+v", p)
	}
	p, err = read(t, `{"code":"REG","brake":{"rejected":1,"inactivated":0,"minimum":5},"blank":{"emails":"keep","core":"clear","addresses":"keep"},
		"protect":["user_group","expiry_date","notes"],"missing":"inactivate","expiry_days":400,"purge_days":365,
		"notify":["registrar@university.example"],"accept_older":true,"reset_on_same_value":true}`)
	want := DefaultBrake()
	want.Rejected, want.Inactivated, want.Minimum = 1, 0, 5
	if err != nil || p.Brake != want || !slices.Equal(p.Keeps(), []string{"addresses", "emails"}) || len(p.Protect) != 3 || p.Missing != Inactivate ||
		p.ExpiryDays != 400 || p.PurgeDays != 365 || len(p.Notify) != 1 || !p.AcceptOlder || !p.ResetOnSameValue {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestProfileIsChecked(t *testing.T) {
	for settings, want := range map[string]string{
		`"blank":{"mails":"keep"}`:                  `blank has the group "mails"; the groups are core, sticky, addresses`,
		`"blank":{"emails":"leave"}`:                `blank gives emails the rule "leave"; the rules are clear and keep`,
		`"protect":["surname"]`:                     `protect names "surname"`,
		`"missing":"delete"`:                        `missing is "delete"; leave it out, or give inactivate`,
		`"missing":"inactivate","import_only":true`: "give one of them",
		`"expiry_days":-1`:                          "must not be negative",
		`"notify":["Registrar <r@u.example>"]`:      "give it bare",
		`"notify":["registrar"]`:                    `notify has "registrar", which is no e-mail address`,
		`"brake":{"rejected":20}`:                   "brake.rejected is 20; it must be a share from 0 to 1",
		`"brake":{"identifiers":-0.1}`:              "brake.identifiers is -0.1",
		`"brake":{"minimum":-1}`:                    "brake.minimum must not be negative",
		`"brake":{"bounced":1}`:                     `unknown field "bounced"`,
		`"blanks":{}`:                               `unknown field "blanks"`,
		`"csv":{}`:                                  "column",
	} {
		_, err := read(t, `{"code":"REG",`+settings+`}`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", settings, err, want)
		}
	}
}

// TestProfileThereAndBack writes a profile and reads it.
func TestProfileThereAndBack(t *testing.T) {
	p, err := read(t, `{"code":"REG","protect":["user_group"],"brake":{"rejected":0}}`)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := read(t, string(text)); err != nil || again.Brake != p.Brake || !slices.Equal(again.Protect, p.Protect) {
		t.Errorf("got %+v, %v from %s", again, err, text)
	}
}
