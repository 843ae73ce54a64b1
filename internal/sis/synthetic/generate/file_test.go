package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"patrondesk/internal/sis/synthetic"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	c := synthetic.Config{People: 20}
	var wantXML, wantCSV bytes.Buffer
	if err := c.WriteXML(&wantXML); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteCSV(&wantCSV); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		csv    bool
		want   []byte
		unpack func(t *testing.T, name string) []byte
	}{
		{"users.xml", false, wantXML.Bytes(), read},
		{"users.csv", false, wantCSV.Bytes(), read},
		{"users.xml.gz", false, wantXML.Bytes(), gunzip},
		{"users.csv.gz", false, wantCSV.Bytes(), gunzip},
		{"users.zip", false, wantXML.Bytes(), unzip},
		{"export.zip", true, wantCSV.Bytes(), unzip},
	} {
		name := filepath.Join(t.TempDir(), tt.name)
		if err := write(c, name, tt.csv); err != nil {
			t.Fatal(err)
		}
		if got := tt.unpack(t, name); !bytes.Equal(got, tt.want) {
			t.Errorf("%s: got %d bytes, want the %d of the file", tt.name, len(got), len(tt.want))
		}
	}
}

func TestUnfinishedFileIsRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]synthetic.Config{"users.txt": {People: 1}, "users.xml": {People: -1}} {
		path := filepath.Join(t.TempDir(), name)
		if err := write(c, path, false); err == nil {
			t.Errorf("%s was written", name)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func gunzip(t *testing.T, name string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func unzip(t *testing.T, name string) []byte {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
