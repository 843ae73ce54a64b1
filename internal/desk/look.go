package desk

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/language"
	"patrondesk/internal/patron"
)

// templateFiles are the pages. Each defines "title" and "main", or where it is a tab of a patron's page "title" and "tab".
//
//go:embed templates/*.html
var templateFiles embed.FS

// look is how pages are written in one language: their words, dates and money, and their templates.
type look struct {
	language.Locale
	words words
	desk  *Desk

	mu        sync.Mutex
	templates map[string]*template.Template // by the name of the page
}

// looks are those in the languages that were asked for. A language is prepared when it is first needed.
type looks struct {
	mu  sync.Mutex
	all map[string]*look
}

// lookFor is the look in the language a person prefers, else in the browser's, else in the institution's.
func (d *Desk) lookFor(r *http.Request, preferred string) *look {
	lang := language.Match(r.Header.Get("Accept-Language")+","+d.Institution.Language+";q=0.001", preferred)
	d.looks.mu.Lock()
	defer d.looks.mu.Unlock()
	if l, ok := d.looks.all[lang]; ok {
		return l
	}
	w, err := readWords(lang)
	if err != nil { // no words: the files are part of the program
		panic(err)
	}
	l := &look{Locale: language.New(lang, d.zone()), words: w, desk: d, templates: make(map[string]*template.Template)}
	if d.looks.all == nil {
		d.looks.all = make(map[string]*look)
	}
	d.looks.all[lang] = l
	return l
}

// zone is the library's time zone.
func (d *Desk) zone() *time.Location {
	zone, err := time.LoadLocation(d.Institution.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// template is the page of that name, which may be "patron/loans": the tab loans of the page patron.
func (l *look) template(name string) (*template.Template, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.templates[name]; ok {
		return t, nil
	}
	files := []string{"templates/layout.html", "templates/parts.html"}
	for part := range strings.SplitSeq(name, "/") {
		files = append(files, "templates/"+part+".html")
	}
	t, err := template.New("layout.html").Funcs(l.functions()).ParseFS(templateFiles, files...)
	if err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}
	l.templates[name] = t
	return t, nil
}

// functions are what templates say things with.
func (l *look) functions() template.FuncMap {
	return template.FuncMap{
		"t": l.words.say,
		"n": func(key string, n int, values ...any) string {
			return l.words.count(l.Tag(), key, n, l.Number(n), values...)
		},
		"day":         func(when any) string { return l.at(when, l.Day) },
		"shortDay":    l.shortDay,
		"dayTime":     func(when any) string { return l.at(when, l.DayTime) },
		"time":        func(when any) string { return l.at(when, l.Time) },
		"deadline":    func(when any) string { return l.at(when, l.Deadline) },
		"amount":      l.money,
		"number":      l.Number,
		"desc":        l.describe,
		"asset":       assetPath,
		"path":        func(id string) string { return url.PathEscape(id) },
		"patron":      func(id string) string { return "/desk/patrons/" + url.PathEscape(id) },
		"list":        func(all ...any) []any { return all },
		"displayName": displayName,
		"around":      around,
	}
}

// at writes a time with write: a [time.Time], or a text as the API has it. A text that is a day alone is written as one,
// and no time is "".
func (l *look) at(when any, write func(time.Time) string) string {
	if t, ok := moment(when); ok {
		return write(t)
	}
	return l.DayOf(fmt.Sprint(when))
}

// shortDay writes the day of a time where there is little room.
func (l *look) shortDay(when any) string {
	if t, ok := moment(when); ok {
		return l.ShortDay(t)
	}
	return l.ShortDayOf(fmt.Sprint(when))
}

// moment is the time that something is, if it is one and not a day alone.
func moment(when any) (t time.Time, ok bool) {
	if t, ok = when.(time.Time); ok {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, fmt.Sprint(when))
	return t, err == nil
}

// amount writes money with the institution's currency, with as many decimal places as that has: the API leaves zeros out.
func (l *look) amount(decimal string) string {
	currency, places := l.desk.Institution.CurrencyCode()
	if m, err := fulfillment.ParseMoney(decimal, places); err == nil {
		decimal = m.Decimal(places)
	}
	return l.Amount(decimal, currency)
}

// money writes an amount: a [fulfillment.Money], or a decimal number as the API has it.
func (l *look) money(amount any) string {
	if m, ok := amount.(fulfillment.Money); ok {
		return l.fact(m)
	}
	return l.amount(fmt.Sprint(amount))
}

// fact writes what a sentence about an obstacle names.
func (l *look) fact(fact any) string {
	switch v := fact.(type) {
	case int:
		return l.Number(v)
	case fulfillment.Money:
		return l.amount(v.Decimal(l.desk.Institution.Decimals()))
	case patron.Date:
		return l.DayOf(string(v))
	case patron.Code:
		return l.describe("UserBlockDescription", v.Value, v.Desc)
	}
	return fmt.Sprint(fact)
}

// describe is the description of a code in the language of the page, or what the record says of it, or the code.
func (l *look) describe(table, code, said string) string {
	if desc, known := l.desk.Institution.Describe(table, code, l.Tag()); known && desc != "" {
		return desc
	}
	if said != "" {
		return said
	}
	return code
}

// around is a text in two parts, between which a line may break: after the first of the marks.
func around(mark, text string) []string {
	before, after, found := strings.Cut(text, mark)
	if !found {
		return []string{text}
	}
	return []string{before + mark, after}
}
