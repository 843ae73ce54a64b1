package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patrondesk/functions"
)

func TestSettings(t *testing.T) {
	dist := t.TempDir()
	if err := fakeBuild(dist); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, value string
		want        string // part of the error; empty for none
	}{
		{"stage", "prod", ""},
		{"stage", "Prod_1", "stage"},
		{"arch", "x86_64", ""},
		{"arch", "sparc", "arch"},
		{"oidcIssuer", "https://issuer.example", "together"},
		{"oidcClaim", "sub", "together"},
		{"corsOrigins", "https://desk.example,http://localhost:5173", ""},
		{"corsOrigins", "desk.example", "corsOrigins"},
		{"corsOrigins", "*,https://desk.example", "corsOrigins"},
		{"holdShelfRound", "off", ""},
		{"holdShelfRound", "cron(0 22 ? * SUN-THU *)", ""},
		{"activityLettersRound", "on", ""},
		{"activityLettersRound", "monthly", "activityLettersRound"},
		{"mailIdentity", "example", ""},
		{"mailIdentity", "library@test.example", ""},
		{"mailIdentity", "other.example", "mailIdentity"},
		{"institution", "testdata/none.json", "institution"},
		{"dist", filepath.Join(dist, "none"), "make build"},
	}
	for _, tt := range tests {
		values := map[string]string{"dist": dist}
		values[tt.name] = tt.value
		_, err := settingsFrom(context(values))
		if tt.want == "" && err != nil {
			t.Errorf("%s=%s: %v", tt.name, tt.value, err)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s=%s: error %v, want one about %s", tt.name, tt.value, err, tt.want)
		}
	}
}

func TestSettingsSignIn(t *testing.T) {
	dist := t.TempDir()
	if err := fakeBuild(dist); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		issuer, claim string
		legal         bool
	}{
		{"https://issuer.example", "library_id", true},
		{"http://issuer.example", "library_id", false},
		{"https://issuer.example", "", false},
	} {
		_, err := settingsFrom(context(map[string]string{"dist": dist, "oidcIssuer": tt.issuer, "oidcAudience": "library", "oidcClaim": tt.claim}))
		if (err == nil) != tt.legal {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	for from, want := range map[string]int{
		"library@test.example": 1, "library@demo.example": 1, "library@example.org": 1, "library@lib.example.com": 1,
		"library@university.edu": 0, "library@examples.org": 0,
	} {
		if got := (settings{From: from}).warnings(); len(got) != want {
			t.Errorf("%s: %q, want %d warnings", from, got, want)
		}
	}
}

func TestSettingsWantBinary(t *testing.T) {
	dist := t.TempDir()
	if err := fakeBuild(dist); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dist, functions.All[0].Name, "bootstrap")); err != nil {
		t.Fatal(err)
	}
	_, err := settingsFrom(context(map[string]string{"dist": dist}))
	if err == nil || !strings.Contains(err.Error(), functions.All[0].Name) {
		t.Errorf("error %v, want one about %s", err, functions.All[0].Name)
	}
}
