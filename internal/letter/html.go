package letter

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed templates/letter.html
var templateFiles embed.FS

// htmlTemplate is the one form all letters have. It is well-formed XML too, which a test checks.
var htmlTemplate = template.Must(template.ParseFS(templateFiles, "templates/letter.html"))

// message renders the page both ways.
func (p page) message() (Message, error) {
	var html strings.Builder
	if err := htmlTemplate.Execute(&html, p); err != nil {
		return Message{}, fmt.Errorf("render the letter: %w", err)
	}
	return Message{Subject: p.Subject, HTML: html.String(), Text: p.text(), Language: p.Lang}, nil
}
