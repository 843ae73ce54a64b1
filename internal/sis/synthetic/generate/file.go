package main

import (
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"patrondesk/internal/sis/synthetic"
)

// write writes the file under its name. One that could not be finished is removed.
func write(c synthetic.Config, name string, asCSV bool) (err error) {
	fill := c.WriteXML
	if plain := strings.TrimSuffix(name, ".gz"); asCSV || strings.HasSuffix(plain, ".csv") {
		fill, asCSV = c.WriteCSV, true
	}
	if name == "-" {
		return fill(os.Stdout)
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(name)
		}
	}()
	return pack(f, name, asCSV, fill)
}

// pack fills w in the form its name says.
func pack(w io.Writer, name string, asCSV bool, fill func(io.Writer) error) error {
	switch filepath.Ext(name) {
	case ".xml", ".csv":
		return fill(w)
	case ".gz":
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return fmt.Errorf("compress the file: %w", err)
		}
		return errors.Join(fill(z), z.Close())
	case ".zip":
		z := zip.NewWriter(w)
		member, err := z.Create(inside(name, asCSV))
		if err != nil {
			return fmt.Errorf("make the archive: %w", err)
		}
		return errors.Join(fill(member), z.Close())
	}
	return fmt.Errorf("%s: the name must end in .xml, .csv, .gz or .zip", filepath.Base(name))
}

// inside is the name of the one file in an archive.
func inside(name string, asCSV bool) string {
	base := strings.TrimSuffix(filepath.Base(name), ".zip")
	if asCSV {
		return base + ".csv"
	}
	return base + ".xml"
}
