package job

import (
	"fmt"
	"strconv"
	"strings"
)

// The shares of a whole job that its phases are taken to have, in percent, for [Job.Percent].
const (
	surveyed = 25
	applied  = 95
	settled  = 98
)

// Percent is how much of the job is done, from 0 to 100: by the bytes read in its first two phases, and by the phase
// alone in the others, which are short. A job that is held has been surveyed and no more.
func (j Job) Percent() int {
	switch {
	case j.State.Final():
		return 100
	case j.State == Held:
		return surveyed
	}
	switch j.Phase {
	case Surveying:
		return j.Progress.part(0, surveyed)
	case Applying:
		if j.Forecast == nil { // nothing was surveyed
			return j.Progress.part(0, applied)
		}
		return j.Progress.part(surveyed, applied)
	case Settling:
		return applied
	case Reporting:
		return settled
	}
	return 0
}

// part is how far between two percentages the phase is.
func (p Progress) part(from, to int) int { return from + int(float64(to-from)*p.Share()) }

// Share is the part of the object's bytes that was read in the phase, 0 to 1.
func (p Progress) Share() float64 {
	if p.Of <= 0 {
		return 0
	}
	return min(1, max(0, float64(p.Bytes)/float64(p.Of)))
}

// measures say in words what a breach counts, by its Measure.
var measures = map[string]string{
	"blanked_emails":    "patrons to lose all e-mail addresses",
	"blanked_addresses": "patrons to lose all postal addresses",
	"identifiers":       "patrons an identifier of whom is to change",
	"inactivated":       "patrons to become inactive, by their record or because the file lacks them",
	"rejected":          "records to be rejected",
}

// Words are the breach as a sentence for people: "50,000 of 100,000: patrons to lose all e-mail addresses (50 %); the
// limit is 5 %."
func (b Breach) Words() string {
	what, ok := measures[b.Measure]
	if !ok {
		what = b.Measure
	}
	if b.Of <= 0 {
		return fmt.Sprintf("%s %s; the limit is %s.", Thousands(b.Count, ","), what, percent(b.Limit))
	}
	share := float64(b.Count) / float64(b.Of)
	return fmt.Sprintf("%s of %s: %s (%s); the limit is %s.",
		Thousands(b.Count, ","), Thousands(b.Of, ","), what, percent(share), percent(b.Limit))
}

func percent(share float64) string {
	return strconv.FormatFloat(Rounded(100*share), 'f', -1, 64) + " %"
}

// Rounded is a percentage with one decimal place.
func Rounded(percent float64) float64 { return float64(int64(10*percent+0.5)) / 10 }

// Thousands is a number that is not negative with a mark between the groups of three digits.
func Thousands(n int, mark string) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(digit)
	}
	return b.String()
}
