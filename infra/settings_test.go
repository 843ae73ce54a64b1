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
	for issuer, legal := range map[string]bool{"https://issuer.example": true, "http://issuer.example": false} {
		_, err := settingsFrom(context(map[string]string{"dist": dist, "oidcIssuer": issuer, "oidcAudience": "library"}))
		if (err == nil) != legal {
			t.Errorf("%s: %v", issuer, err)
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
