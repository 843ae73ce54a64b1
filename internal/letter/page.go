package letter

import (
	"net/mail"
	"strconv"
	"strings"
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/language"
	"patrondesk/internal/patron"
)

// page is everything a letter says, in the order in which it says it. The HTML and the text are made from it.
type page struct {
	Lang, Subject, Name string
	Colon               string // between a fact's name and the fact
	DateLabel, Date     string
	ToLabel             string
	Recipient           []string // name and postal address
	Greeting            greeting
	Paragraphs          []string
	Sections            []section
	Closing             []string // paragraphs after the sections
	Sincerely           string
	Department          string
	Sender              sender
}

// greeting is split around the patron's name, whose direction may differ; Name is empty where none is known.
type greeting struct{ Before, Name, After string }

// section is a heading with a table of requests or loans, or with facts.
type section struct {
	Heading, Description string
	Under                bool // the heading is one under that of the section before
	Columns              []column
	Rows                 [][]cell
	Facts                []cell
	Notes                []string // paragraphs after rows and facts
}

// column is the head of a column. Width is in per cent of the table, the same in each section of a letter.
type column struct {
	Label string
	Width int
}

// cell is one fact. Strong marks what a row is known by, its title, whose Detail is the volume; and a total.
type cell struct {
	Label, Text, Detail string
	Strong              bool
}

// sender is the institution as the footer shows it.
type sender struct {
	Organization        string
	Address             []string
	PhoneLabel, Phone   string
	EmailLabel, ReplyTo string
}

// writer turns records into the words of one letter.
type writer struct {
	labels
	language.Locale
	inst *institution.Institution
}

// newWriter chooses the letter's language: the one the patron prefers, else the institution's, else English.
func newWriter(code string, p patron.Patron, inst *institution.Institution) writer {
	l := labelsFor(code, p.PreferredLanguage.Value, inst.Language)
	zone, _ := time.LoadLocation(inst.TimeZone) // one that is unknown is UTC
	return writer{labels: l, inst: inst, Locale: language.New(l.lang, zone).WithDays(inst.Letters.DateFormats[l.lang])}
}

// page begins a letter: head, recipient, greeting and footer.
func (w writer) page(p patron.Patron, now time.Time) page {
	name := clean(p.DisplayName(), longestField)
	return page{
		Lang: w.lang, Subject: clean(w.get("subject"), longestField), Name: w.get("letterName"),
		Colon:     w.get("colon"),
		DateLabel: w.get("date"), Date: w.Day(now),
		ToLabel:   w.get("to"),
		Recipient: w.recipient(name, p),
		Greeting:  w.greeting(name),
		Sincerely: w.get("sincerely"), Department: w.get("department"),
		Sender: w.sender(),
	}
}

func (w writer) greeting(name string) greeting {
	if name == "" {
		return greeting{Before: w.get("dear_nobody")}
	}
	before, after, _ := strings.Cut(w.get("dear"), "{name}")
	return greeting{Before: before, Name: name, After: after}
}

// recipient is the patron's name and preferred postal address, as user_for_printing has them.
func (w writer) recipient(name string, p patron.Patron) []string {
	lines := []string{name}
	if a, ok := p.PreferredAddress(); ok {
		lines = append(lines, a.Lines...)
		lines = append(lines, w.town(a)...)
		lines = append(lines, w.describe("CountryCodes", a.Country.Value, a.Country.Desc))
	}
	return cleanLines(lines)
}

// town is the city with its postal code in the order of the address's country.
func (w writer) town(a patron.Address) []string {
	country := a.Country.Value
	if country == "" {
		country = w.inst.Country
	}
	switch country {
	case "USA", "CAN", "AUS":
		region := strings.TrimSpace(a.StateProvince + " " + a.PostalCode)
		if a.City == "" || region == "" {
			return []string{a.City + region}
		}
		return []string{a.City + ", " + region}
	case "GBR", "IRL":
		return []string{a.City, a.StateProvince, a.PostalCode}
	}
	return []string{a.PostalCode + " " + a.City, a.StateProvince}
}

// sender is the institution as its settings of letters have it.
func (w writer) sender() sender {
	s := w.inst.Letters
	organization := s.Organization
	if organization == "" {
		organization = w.inst.Name
	}
	return sender{
		Organization: clean(organization, longestField),
		Address:      cleanLines(s.Address),
		PhoneLabel:   w.get("phone"), Phone: clean(s.Phone, longestField),
		EmailLabel: w.get("email"), ReplyTo: replyTo(s),
	}
}

// replyTo is the bare address answers go to; empty when the settings hold none.
func replyTo(s institution.Letters) string {
	for _, text := range []string{s.ReplyTo, s.From} {
		if a, err := mail.ParseAddress(text); err == nil {
			return clean(a.Address, longestField)
		}
	}
	return ""
}

// describe is the description of a code in the letter's language: the institution's, else the one the record was
// written with, else the code.
func (w writer) describe(table, code, written string) string {
	if code != "" {
		if text, ok := w.inst.Describe(table, code, w.lang); ok && text != "" {
			return text
		}
	}
	if written != "" {
		return written
	}
	return code
}

func place(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// cleanLines are the lines of an address without the empty ones.
func cleanLines(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if line = clean(line, longestField); line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}
