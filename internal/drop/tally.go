package drop

import (
	"fmt"
	"slices"
	"strings"

	"patrondesk/internal/job"
)

// Tally counts what became of the records of an object, in all and file by file. Files are numbered from 0 in the order
// of the object.
type Tally struct {
	Counts job.Counts
	Files  []job.File
}

// longestText bounds what is kept of a file's name and of why it was refused, in bytes: the job is one item of at most
// 400 KB, and an archive may give its files names of 64 KB.
const longestText = 400

// Begin starts to count for the next file, unless it was begun before.
func (t *Tally) Begin(number int, name string) {
	if number == len(t.Files) {
		t.Files = append(t.Files, job.File{Name: shortened(name)})
	}
}

func shortened(text string) string {
	if len(text) <= longestText {
		return text
	}
	return strings.ToValidUTF8(text[:longestText], "") + "..."
}

// Add counts records of a file.
func (t *Tally) Add(file int, c job.Counts) {
	t.Files[file].Counts.Add(c)
	t.Counts.Add(c)
}

// Ignore counts elements or columns of a file that were not known.
func (t *Tally) Ignore(file, n int) { t.Files[file].Ignored += n }

// Refuse says why a file was not used, or not to its end.
func (t *Tally) Refuse(file int, reason string) { t.Files[file].Reason = shortened(reason) }

// Clone is a copy that counts on by itself.
func (t *Tally) Clone() Tally { return Tally{Counts: t.Counts, Files: slices.Clone(t.Files)} }

// Whole reports whether every file was read to its end and every record was taken.
func (t *Tally) Whole() bool {
	return t.Counts.Rejected == 0 && !slices.ContainsFunc(t.Files, func(f job.File) bool { return f.Reason != "" })
}

// Outcome is what the tally amounts to, and why when that is a failure: no file could be used, and no record was.
func (t *Tally) Outcome() (state job.State, reason string) {
	bad := 0
	for _, f := range t.Files {
		if f.Reason != "" {
			bad++
		}
	}
	switch {
	case bad > 0 && bad == len(t.Files) && t.Counts.Processed == 0:
		return job.Failed, t.failure()
	case !t.Whole():
		return job.CompletedWithErrors, ""
	}
	return job.Completed, ""
}

func (t *Tally) failure() string {
	first := t.Files[0]
	if len(t.Files) == 1 {
		return first.Reason
	}
	return fmt.Sprintf("None of the %d files could be used. %s: %s", len(t.Files), first.Name, first.Reason)
}
