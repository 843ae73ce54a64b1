package letter

import (
	"embed"
	"encoding/json"
	"strings"

	"patrondesk/internal/language"
)

// labelFiles holds one file per language: the labels all letters have in common, and those of each letter.
//
//go:embed labels/*.json
var labelFiles embed.FS

// common is the part of a label file that all letters use.
const common = "common"

// labels are the texts of one letter in one language.
type labels struct {
	lang        string
	own, common map[string]string
}

// labelsFor is the letter's labels in the first of the languages that ships, else in English, which has every label. A
// language may have a region ("de-AT") and any case.
func labelsFor(code string, languages ...string) labels {
	lang := language.Match("", languages...)
	file, _ := readLabels(lang)
	return labels{lang: lang, own: file[code], common: file[common]}
}

// readLabels reads the label file of a language; ok is false when none ships.
func readLabels(lang string) (file map[string]map[string]string, ok bool) {
	body, err := labelFiles.ReadFile("labels/" + lang + ".json")
	if err != nil || json.Unmarshal(body, &file) != nil {
		return nil, false
	}
	return file, true
}

// find is the text of a label of the letter, or of one all letters have.
func (l labels) find(code string) (text string, ok bool) {
	if text, ok = l.own[code]; ok {
		return text, true
	}
	text, ok = l.common[code]
	return text, ok
}

// get is the text of a label. A label that does not exist shows its code; a test keeps that from happening.
func (l labels) get(code string) string {
	if text, ok := l.find(code); ok {
		return text
	}
	return code
}

// with is the text of a label with its placeholder, such as {date}, filled.
func (l labels) with(code, placeholder, value string) string {
	return strings.ReplaceAll(l.get(code), "{"+placeholder+"}", value)
}
