package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"patrondesk/internal/job"
)

const (
	// barWidth is the width of the bar itself, in characters.
	barWidth = 20
	// lineEvery is how often a line is written where nothing can be redrawn.
	lineEvery = 5 * time.Second
)

// bar shows how far a job is: on a terminal in one line that is drawn anew, else in a line every few seconds.
type bar struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	last  time.Time // when a line was written, where nothing can be redrawn
	drawn int       // characters of the line on the terminal
}

func newBar(out io.Writer) *bar {
	b := &bar{out: out, now: time.Now}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	b.last = b.now()
	return b
}

// show shows the job as it is now; the zero Job is one that nobody has begun.
func (b *bar) show(j job.Job) {
	line := barLine(j)
	if b.terminal {
		size := utf8.RuneCountInString(line)
		fmt.Fprint(b.out, "\r"+line+strings.Repeat(" ", max(0, b.drawn-size)))
		b.drawn = size
		return
	}
	if now := b.now(); now.Sub(b.last) >= lineEvery {
		b.last = now
		fmt.Fprintln(b.out, line)
	}
}

// end leaves the line on the terminal empty for what comes next.
func (b *bar) end() {
	if b.terminal && b.drawn > 0 {
		fmt.Fprint(b.out, "\r"+strings.Repeat(" ", b.drawn)+"\r")
	}
}

// phases are the names of what a job is doing.
var phases = map[job.Phase]string{
	job.Surveying: "Checking", job.Applying: "Applying", job.Settling: "Settling", job.Reporting: "Writing the report",
}

// barLine is the line about the job, which fits a terminal of 80 characters: phase, bar, percent of the file's bytes
// that were read in the phase, records, records a second, and the time that remains, as far as they are known.
func barLine(j job.Job) string {
	switch {
	case j.ID == "":
		return "Waiting for the file to be taken"
	case j.State == job.Held:
		return "Released; waiting for the job to go on"
	case j.Phase == "":
		return "Beginning"
	}
	name, p := firstOf(phases[j.Phase], string(j.Phase)), j.Progress
	if j.Phase != job.Surveying && j.Phase != job.Applying {
		return name
	}
	full := int(barWidth * p.Share())
	line := fmt.Sprintf("%s [%s%s] %3d %%  %s records", name, strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		int(100*p.Share()), job.Thousands(int(p.Records), ","))
	if rate := p.Rate(); rate >= 1 {
		line += "  " + job.Thousands(int(rate+0.5), ",") + "/s"
	}
	if left := p.Remaining(); left > 0 {
		line += "  " + minutesOf(left) + " left"
	}
	return line
}

// minutesOf writes a duration as minutes and seconds, or with hours when there are any.
func minutesOf(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
