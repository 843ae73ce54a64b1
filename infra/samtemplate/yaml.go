package samtemplate

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Map is a YAML mapping that keeps its order.
type Map []Pair

// Pair is one entry of a Map.
type Pair struct {
	Key   string
	Value any
}

// List is a YAML sequence.
type List []any

// Ref refers to a resource or parameter, as CloudFormation's Ref does.
type Ref string

// ARN is the ARN attribute of a resource.
type ARN string

// Sub is a text in which CloudFormation replaces ${...}.
type Sub string

// plain is text that YAML takes for text without quotes.
var plain = regexp.MustCompile(`^[A-Za-z/](?:[A-Za-z0-9 _./{}-]|:[A-Za-z0-9:])*$`)

// reserved are plain words YAML takes for something else.
var reserved = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|y|n)$`)

// write prints a value at the indentation, after a key or dash on the same line.
func write(w io.Writer, indent int, v any) {
	pad := strings.Repeat("  ", indent)
	switch v := v.(type) {
	case Map:
		if len(v) == 0 {
			fmt.Fprint(w, " {}")
		}
		for _, p := range v {
			fmt.Fprintf(w, "\n%s%s:", pad, text(p.Key))
			write(w, indent+1, p.Value)
		}
	case List:
		for _, item := range v {
			fmt.Fprintf(w, "\n%s-", pad)
			writeItem(w, indent, item)
		}
	default:
		fmt.Fprint(w, " ", scalar(v))
	}
}

// writeItem prints an item of a list; a mapping begins on the line of the dash.
func writeItem(w io.Writer, indent int, item any) {
	m, ok := item.(Map)
	if !ok {
		write(w, indent+1, item)
		return
	}
	var b strings.Builder
	write(&b, indent+1, m)
	fmt.Fprint(w, " ", strings.TrimLeft(b.String(), "\n "))
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return text(v)
	case Ref:
		return "!Ref " + text(string(v))
	case ARN:
		return "!GetAtt " + string(v) + ".Arn"
	case Sub:
		return "!Sub " + strconv.Quote(string(v))
	}
	return fmt.Sprint(v)
}

func text(s string) string {
	if plain.MatchString(s) && !reserved.MatchString(s) && !strings.HasSuffix(s, " ") {
		return s
	}
	return strconv.Quote(s)
}
