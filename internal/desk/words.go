package desk

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// wordFiles are the words of the interface, one file for each part of it and language.
//
//go:embed words/*.json
var wordFiles embed.FS

// words are the texts of the interface in one language, by their keys.
type words map[string]string

// readWords reads the words of a language.
func readWords(lang string) (words, error) {
	files, err := fs.Glob(wordFiles, "words/*."+lang+".json")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there are no words in %q", lang)
	}
	all := words{}
	for _, name := range files {
		body, err := wordFiles.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(body, &all)
		}
		if err != nil {
			return nil, fmt.Errorf("read the words in %s: %w", path.Base(name), err)
		}
	}
	return all, nil
}

// say is the text of a key with its placeholders {1}, {2} and so on filled. A key without a text shows itself; a test keeps
// that from happening.
func (w words) say(key string, values ...any) string {
	text, ok := w[key]
	if !ok {
		return key
	}
	var filled []string
	for i, v := range values {
		filled = append(filled, "{"+strconv.Itoa(i+1)+"}", fmt.Sprint(v))
	}
	return strings.NewReplacer(filled...).Replace(text)
}

// count is the text of key.one or key.other with the number in its place {1}. French counts nothing like one.
func (w words) count(lang, key string, n int, shown string, values ...any) string {
	form := ".other"
	if n == 1 || n == 0 && lang == "fr" {
		form = ".one"
	}
	return w.say(key+form, append([]any{shown}, values...)...)
}
