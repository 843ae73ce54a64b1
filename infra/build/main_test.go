package main

import (
	"debug/elf"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patrondesk/functions"
)

var settings = filepath.Join("..", "testdata", "institution.json")

func TestBuildRefuses(t *testing.T) {
	tests := []struct {
		settings, name, want string
	}{
		{settings, "no-such-function", "no-such-function"},
		{"none.json", functions.All[0].Name, "institution"},
	}
	for _, tt := range tests {
		err := build(filepath.Join("..", ".."), t.TempDir(), "arm64", tt.settings, []string{tt.name})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one about %s", tt.name, err, tt.want)
		}
	}
}

// TestBuild builds one function for Lambda's processor and looks at what is packaged.
func TestBuild(t *testing.T) {
	root := filepath.Join("..", "..")
	name := functions.All[len(functions.All)-1].Name
	if _, err := os.Stat(filepath.Join(root, "functions", name, "main.go")); err != nil {
		t.Fatal("the function has no main.go")
	}
	out := t.TempDir()
	if err := build(root, out, "arm64", settings, []string{name}); err != nil {
		t.Fatal(err)
	}
	binary, err := elf.Open(filepath.Join(out, name, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if binary.Machine != elf.EM_AARCH64 {
		t.Errorf("processor = %v, want %v", binary.Machine, elf.EM_AARCH64)
	}
	if libraries, _ := binary.ImportedLibraries(); len(libraries) > 0 {
		t.Errorf("the binary needs %v, which Lambda does not have", libraries)
	}
	got, err := os.ReadFile(filepath.Join(out, name, "institution.json"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("the packaged settings are not those given")
	}
}
