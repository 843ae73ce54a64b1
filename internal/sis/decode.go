package sis

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
	"patrondesk/internal/sisfile"
)

// readText reads the record's text, once.
func readText(_ context.Context, p *person) error {
	if !p.read {
		p.read, p.unread = true, decode(p)
	}
	return p.unread
}

// decode reads the record's text. Roles and the password are dropped before they are looked at: the SIS has no say in
// them, so they cannot be a reason to refuse a record.
func decode(p *person) error {
	if p.bad != nil {
		p.in = glimpse(p.raw)
		return unreadable(p.bad)
	}
	user, ignored, err := p.from.Decode(sisfile.Record{Line: int(p.at.line), Raw: p.raw})
	if err != nil {
		p.in = glimpse(p.raw)
		return unreadable(err)
	}
	p.ignored = ignored
	user.Roles, user.Password = nil, ""
	in, secrets, err := user.Patron()
	p.in, p.pin = withoutEmptyParts(in), secrets.PIN
	var bad *alma.Error
	if errors.As(err, &bad) {
		p.in.PrimaryID = user.PrimaryID
		for _, id := range user.Identifiers {
			p.in.Identifiers = append(p.in.Identifiers, patron.Identifier{Type: patron.Code(id.Type), Value: id.Value})
		}
		return badForm(bad)
	}
	return err
}

// withoutEmptyParts is the record without addresses, e-mails, phones and identifiers that say nothing: systems that
// write a fixed form leave them there empty.
func withoutEmptyParts(in patron.Patron) patron.Patron {
	in.Addresses = slices.DeleteFunc(in.Addresses, func(a patron.Address) bool {
		return blank(strings.Join(a.Lines, "") + a.City + a.PostalCode)
	})
	in.Emails = slices.DeleteFunc(in.Emails, func(e patron.Email) bool { return blank(e.Address) })
	in.Phones = slices.DeleteFunc(in.Phones, func(f patron.Phone) bool { return blank(f.Number) })
	in.Identifiers = slices.DeleteFunc(in.Identifiers, func(i patron.Identifier) bool { return blank(i.Value) })
	return in
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// The elements that tell whose an unreadable record of XML is, as far as they stand there as they mostly do.
var (
	primaryIDIn  = regexp.MustCompile(`<(?:[\w.-]+:)?primary_id(?:\s[^<>]*)?>([^<]{1,300})</`)
	identifierIn = regexp.MustCompile(`<(?:[\w.-]+:)?id_type(?:\s[^<>]*)?>([^<]{1,100})</[^<>]*>\s*<(?:[\w.-]+:)?value>([^<]{1,300})</`)
)

// glimpse is whose a record that cannot be read seems to be, for the report.
func glimpse(raw []byte) (in patron.Patron) {
	raw = raw[:min(len(raw), 1<<20)]
	if found := primaryIDIn.FindSubmatch(raw); found != nil {
		in.PrimaryID = printable(found[1])
	}
	for _, found := range identifierIn.FindAllSubmatch(raw, 20) {
		in.Identifiers = append(in.Identifiers, patron.Identifier{Type: patron.Code{Value: printable(found[1])}, Value: printable(found[2])})
	}
	return in
}

// printable is a text of a file that may hold anything.
func printable(text []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(text), "\uFFFD")))
}
