package letter_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

const (
	override = "\u202e"
	hebrew   = "ספר על ים"
)

func hostilePatron() patron.Patron {
	p := thomas("en")
	p.PrefFirstName = "Tom\r\nBcc: everybody@demo.example" + override
	p.LastName = `"><img src=x onerror=alert(1)>`
	p.Addresses[1].Lines = []string{"Line\x00one\x1b[31m", "", "{{.Name}} </p></body>"}
	return p
}

func hostileLines() []letter.Line {
	long := hold(fulfillment.NotStarted, strings.Repeat("An endless title ", 60), strings.Repeat("x", 400))
	script := hold(fulfillment.InProcess, "<script>alert('title')</script> & more\r\n\tSubject: x", "a\u2028b\xffc")
	script.Task = "<b>Own task</b>"
	rtl := hold(fulfillment.OnHoldShelf, hebrew+" (2)", override+"gnp.exe")
	rtl.ExpiryDate = "soon"
	return []letter.Line{{Request: long, Place: 1}, {Request: script}, {Request: rtl}}
}

// TestWellFormed reads every letter as XML and looks at its outline: the language, one h1, headings in order, every
// table either laid out for looks alone or with header cells that have a scope.
func TestWellFormed(t *testing.T) {
	for name, m := range letters(t) {
		o := outlineOf(t, name, m.HTML)
		if o.lang != m.Language {
			t.Errorf("%s: lang is %q, want %q", name, o.lang, m.Language)
		}
		if strings.Join(o.headings[:1], "") != "h1" || strings.Count(strings.Join(o.headings, " "), "h1") != 1 {
			t.Errorf("%s: headings are %v, want one h1, first", name, o.headings)
		}
		if o.dataTables == 0 || o.dataTables != o.named || o.dataTables != o.withHeaders {
			t.Errorf("%s: of %d data tables %d have a name and %d have header cells", name, o.dataTables, o.named, o.withHeaders)
		}
		if o.scripts > 0 || o.images > 0 {
			t.Errorf("%s: has %d scripts and %d images", name, o.scripts, o.images)
		}
	}
}

type outline struct {
	lang                           string
	headings                       []string
	dataTables, named, withHeaders int
	scripts, images                int
}

func outlineOf(t *testing.T, name, html string) outline {
	t.Helper()
	var o outline
	headers := -1 // header cells of the data table being read
	for dec := xml.NewDecoder(strings.NewReader(html)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return o
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v", name, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			o.start(e, &headers)
		case xml.EndElement:
			if e.Name.Local == "table" && headers > 0 {
				o.withHeaders++
			}
		}
	}
}

func (o *outline) start(e xml.StartElement, headers *int) {
	attr := map[string]string{}
	for _, a := range e.Attr {
		attr[a.Name.Local] = a.Value
	}
	switch e.Name.Local {
	case "html":
		o.lang = attr["lang"]
	case "h1", "h2", "h3":
		o.headings = append(o.headings, e.Name.Local)
	case "table":
		*headers = -1
		if attr["role"] != "presentation" {
			o.dataTables++
			*headers = 0
		}
		if attr["aria-labelledby"] != "" {
			o.named++
		}
	case "th":
		if attr["scope"] != "" && *headers >= 0 {
			*headers++
		}
	case "script":
		o.scripts++
	case "img":
		o.images++
	}
}

// words are what a reader sees of the HTML, without the labels only small screens show.
func words(t *testing.T, html string) string {
	t.Helper()
	var text strings.Builder
	skip := 0
	for dec := xml.NewDecoder(strings.NewReader(html)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return strings.Join(strings.Fields(text.String()), " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if skip > 0 || hidden(e) {
				skip++
			}
			text.WriteString(gap(e.Name.Local))
		case xml.EndElement:
			if skip > 0 {
				skip--
			}
			text.WriteString(gap(e.Name.Local))
		case xml.CharData:
			if skip == 0 {
				text.Write(e)
			}
		}
	}
}

// gap is the space an element makes between words.
func gap(element string) string {
	if element == "bdi" || element == "strong" {
		return ""
	}
	return " "
}

func hidden(e xml.StartElement) bool {
	if e.Name.Local == "head" {
		return true
	}
	for _, a := range e.Attr {
		if a.Name.Local == "aria-hidden" {
			return true
		}
	}
	return false
}

// TestSameFacts holds the HTML and the text to the same words. The column head of the titles alone is not in the
// text, where a title is what a request is known by.
func TestSameFacts(t *testing.T) {
	for name, m := range letters(t) {
		html, text := bag(words(t, m.HTML)), bag(m.Text)
		for _, head := range []string{"Title", "Titel", "Titre"} {
			delete(html, head)
			delete(text, head)
		}
		for word := range html {
			if text[word] == 0 {
				t.Errorf("%s: %q is in the HTML and not in the text", name, word)
			}
		}
		for word := range text {
			if html[word] == 0 {
				t.Errorf("%s: %q is in the text and not in the HTML", name, word)
			}
		}
	}
}

// bag counts the words of a text, without the marks each form has of its own.
func bag(text string) map[string]int {
	counts := map[string]int{}
	for _, word := range strings.Fields(text) {
		word = strings.TrimRight(word, ":.,")
		if strings.Trim(word, "=-~–0123456789") == "" && !strings.ContainsAny(word, "+") {
			continue
		}
		counts[word]++
	}
	return counts
}

func TestHostileContent(t *testing.T) {
	m := report(t, hostilePatron(), hostileLines())
	for _, bad := range []string{"<script", "<img", "<b>", "\r", "\x00", "\x1b", override, "\u2028", "{{"} {
		if bad != "{{" && strings.Contains(m.HTML, bad) {
			t.Errorf("the HTML holds %q", bad)
		}
		if !strings.ContainsAny(bad, "<{") && strings.Contains(m.Text, bad) {
			t.Errorf("the text holds %q", bad)
		}
	}
	if !strings.Contains(m.HTML, "<bdi>"+hebrew+" (2)</bdi>") {
		t.Error("text of another direction is not isolated")
	}
	if m.Subject != "Requests Report" {
		t.Errorf("subject is %q", m.Subject)
	}
}

func TestTextIsWrapped(t *testing.T) {
	for name, m := range letters(t) {
		for _, line := range strings.Split(m.Text, "\n") {
			if utf8.RuneCountInString(line) > 78 && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(line, "xxxx") {
				t.Errorf("%s: a line of %d characters: %q", name, utf8.RuneCountInString(line), line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%s: spaces at the end of %q", name, line)
			}
		}
	}
}

// FuzzRequestsReport holds that no record, however odd, makes a letter that is not well-formed, or a subject of more
// than one line.
func FuzzRequestsReport(f *testing.F) {
	f.Add("Thomas", "Title", "Author", "en", "2026-12-01")
	f.Add("\r\nBcc: x", "<script>", "\x00\xff", "de-AT", "x")
	f.Add("{{.}}", "]]>", "\ufffe", "../en", "\u202e")
	f.Fuzz(func(t *testing.T, name, title, author, lang, expiry string) {
		p := thomas(lang)
		p.PrefFirstName = name
		r := hold(fulfillment.OnHoldShelf, title, author)
		r.ExpiryDate, r.Description = expiry, name
		m := report(t, p, []letter.Line{{Request: r}})
		o := outlineOf(t, "letter", m.HTML)
		if o.scripts+o.images > 0 || len(o.headings) != 2 || o.dataTables != 1 {
			t.Errorf("the data changed the outline: %+v", o)
		}
		if strings.ContainsAny(m.Subject, "\r\n") || !utf8.ValidString(m.HTML) || !utf8.ValidString(m.Text) {
			t.Errorf("subject %q or a body is not fit to be sent", m.Subject)
		}
	})
}
