package letter

import (
	"embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// labelFiles holds one file per language: the labels all letters have in common, and those of each letter.
//
//go:embed labels/*.json
var labelFiles embed.FS

// english is the language of last resort. It has every label.
const english = "en"

// common is the part of a label file that all letters use.
const common = "common"

// labels are the texts of one letter in one language.
type labels struct {
	lang        string
	own, common map[string]string
}

// labelsFor is the letter's labels in the first of the languages that ships, else in English. A language may have a
// region ("de-AT") and any case.
func labelsFor(code string, languages ...string) labels {
	for _, lang := range languages {
		lang = primaryLanguage(lang)
		if file, ok := readLabels(lang); ok {
			return labels{lang: lang, own: file[code], common: file[common]}
		}
	}
	file, _ := readLabels(english)
	return labels{lang: english, own: file[code], common: file[common]}
}

// readLabels reads the label file of a language; ok is false when none ships.
func readLabels(lang string) (file map[string]map[string]string, ok bool) {
	body, err := labelFiles.ReadFile("labels/" + lang + ".json")
	if err != nil || json.Unmarshal(body, &file) != nil {
		return nil, false
	}
	return file, true
}

// primaryLanguage is the language of a tag without its region, in small letters.
func primaryLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(strings.TrimSpace(tag))
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

// date writes a day by the Go layout, the month's name in the letter's language.
func (l labels) date(day time.Time, layout string) string {
	text := day.Format(layout)
	if !strings.Contains(layout, "January") {
		return text
	}
	return strings.Replace(text, day.Month().String(), l.get("month."+strconv.Itoa(int(day.Month()))), 1)
}
