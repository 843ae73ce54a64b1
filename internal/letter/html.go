package letter

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed templates/letter.html
var templateFiles embed.FS

// message renders the page both ways. All letters have one form, which is well-formed XML too, as a test checks. It is
// parsed here and not kept: most functions send no letters and start without it.
func (p page) message() (Message, error) {
	form, err := template.ParseFS(templateFiles, "templates/letter.html")
	if err != nil {
		return Message{}, fmt.Errorf("parse the letter's form: %w", err)
	}
	var html strings.Builder
	if err := form.Execute(&html, p); err != nil {
		return Message{}, fmt.Errorf("render the letter: %w", err)
	}
	return Message{Subject: p.Subject, HTML: html.String(), Text: p.text(), Language: p.Lang}, nil
}
