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
		{"oidcLogout", "https://issuer.example/out?to=", "oidcIssuer"},
		{"signIn", "cognito", ""},
		{"signIn", "okta", "cognito"},
		{"signInDomain", "library", "signIn=cognito"},
		{"signInMfa", "required", "signIn=cognito"},
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

func TestSettingsCognito(t *testing.T) {
	dist := t.TempDir()
	if err := fakeBuild(dist); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, value string
		want        string // part of the error; empty for none
	}{
		{"oidcIssuer", "https://issuer.example", "issuer of its own"},
		{"oidcLogout", "https://issuer.example/out?to=", "issuer of its own"},
		{"signInDomain", "demo-library", ""},
		{"signInDomain", "Demo", "signInDomain"},
		{"signInDomain", "-demo", "signInDomain"},
		{"signInDomain", "demo-aws", "signInDomain"},
		{"stage", "amazon", "signInDomain"},
		{"signInMfa", "optional", ""},
		{"signInMfa", "required", ""},
		{"signInMfa", "on", "signInMfa"},
	} {
		_, err := settingsFrom(context(map[string]string{"dist": dist, "signIn": "cognito", tt.name: tt.value}))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s=%s: error %v, want one about %q", tt.name, tt.value, err, tt.want)
		}
	}
}

func TestSettingsLogout(t *testing.T) {
	dist := t.TempDir()
	if err := fakeBuild(dist); err != nil {
		t.Fatal(err)
	}
	for logout, legal := range map[string]bool{
		"": true, "https://issuer.example/out?client_id=library&to=": true,
		"http://issuer.example/out?to=": false, "https://issuer.example/out": false,
	} {
		_, err := settingsFrom(context(map[string]string{
			"dist": dist, "oidcIssuer": "https://issuer.example", "oidcAudience": "library", "oidcClaim": "library_id", "oidcLogout": logout,
		}))
		if (err == nil) != legal {
			t.Errorf("%s: %v", logout, err)
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
