package letter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// textWidth is the longest line of the plain text, in characters; only a longer word makes a longer line.
const textWidth = 76

// text is the plain text of the letter.
func (p page) text() string {
	var b strings.Builder
	block(&b, p.Sender.Organization)
	block(&b, p.DateLabel+p.Colon+p.Date)
	fmt.Fprintf(&b, "\n%s\n%s\n", p.Name, underline(p.Name, "="))
	p.address(&b)
	for _, paragraph := range p.Paragraphs {
		b.WriteString("\n")
		block(&b, paragraph)
	}
	for _, s := range p.Sections {
		s.text(&b, p.Colon)
	}
	for _, paragraph := range p.Closing {
		b.WriteString("\n")
		block(&b, paragraph)
	}
	if p.Sincerely != "" {
		fmt.Fprintf(&b, "\n%s\n%s\n", p.Sincerely, p.Department)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Repeat("-", textWidth/2))
	p.Sender.text(&b, p.Colon)
	return b.String()
}

// address is who the letter is to, and the greeting; a mail about a job has neither.
func (p page) address(b *strings.Builder) {
	if len(p.Recipient) > 0 {
		b.WriteString("\n")
	}
	for _, line := range p.Recipient {
		block(b, line)
	}
	if p.Greeting.Before != "" {
		b.WriteString("\n")
		block(b, p.Greeting.Before+p.Greeting.Name+p.Greeting.After)
	}
}

func (s section) text(b *strings.Builder, colon string) {
	s.heading(b)
	if s.Description != "" {
		block(b, s.Description)
	}
	for i, row := range s.Rows {
		b.WriteString("\n")
		number := fmt.Sprintf("%d. ", i+1)
		hanging(b, number, titleText(row), len(number))
		for _, c := range row {
			if !c.Strong && c.Text != "" {
				c.fact(b, colon, len(number))
			}
		}
	}
	if len(s.Facts) > 0 {
		b.WriteString("\n")
	}
	for _, c := range s.Facts {
		c.fact(b, colon, 0)
	}
	for _, note := range s.Notes {
		b.WriteString("\n")
		block(b, note)
	}
}

func (s section) heading(b *strings.Builder) {
	if s.Under {
		fmt.Fprintf(b, "\n%s\n%s\n", s.Heading, underline(s.Heading, "~"))
		return
	}
	fmt.Fprintf(b, "\n\n%s\n%s\n", s.Heading, underline(s.Heading, "-"))
}

// fact writes "Label: text", indented.
func (c cell) fact(b *strings.Builder, colon string, indent int) {
	hanging(b, strings.Repeat(" ", indent), c.Label+colon+c.whole(), indent+2)
}

// whole is the fact with its detail.
func (c cell) whole() string { return strings.TrimSpace(c.Text + " " + c.Detail) }

// titleText is what a row is known by.
func titleText(row []cell) string {
	for _, c := range row {
		if c.Strong {
			return c.whole()
		}
	}
	return ""
}

func (s sender) text(b *strings.Builder, colon string) {
	block(b, s.Organization)
	for _, line := range s.Address {
		block(b, line)
	}
	if s.Phone != "" {
		block(b, s.PhoneLabel+colon+s.Phone)
	}
	if s.ReplyTo != "" {
		block(b, s.EmailLabel+colon+s.ReplyTo)
	}
}

// block writes a paragraph, wrapped.
func block(b *strings.Builder, text string) { hanging(b, "", text, 0) }

// hanging writes a wrapped paragraph after first; its further lines are indented. A word is never broken, nor is a space
// that does not break, as in amounts.
func hanging(b *strings.Builder, first, text string, indent int) {
	line, used := first, utf8.RuneCountInString(first)
	empty := true
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' }) {
		size := utf8.RuneCountInString(word)
		if !empty && used+1+size > textWidth {
			b.WriteString(line + "\n")
			line, used, empty = strings.Repeat(" ", indent), indent, true
		}
		if !empty {
			line, used = line+" ", used+1
		}
		line, used, empty = line+word, used+size, false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

func underline(text, with string) string {
	return strings.Repeat(with, min(utf8.RuneCountInString(text), textWidth))
}
