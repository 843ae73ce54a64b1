package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// entry is a line of demo.env.
type entry struct{ name, value string }

// writeEnvironment writes what scripts need to the file at path, readable by its owner alone. The file is replaced as a
// whole.
func writeEnvironment(path string, entries []entry) error {
	var b strings.Builder
	b.WriteString("# What scripts need to talk to the local run; written anew at each start.\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "%s=%s\n", e.name, e.value)
	}
	if err := os.WriteFile(path+".part", []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write demo.env: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("write demo.env: %w", err)
	}
	return nil
}

// readEnvironment reads such a file. A file that is not there is an empty one.
func readEnvironment(path string) (map[string]string, error) {
	values := map[string]string{}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return values, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read demo.env: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok && !strings.HasPrefix(name, "#") {
			values[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read demo.env: %w", err)
	}
	return values, nil
}
