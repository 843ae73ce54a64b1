package sis

import (
	"context"
	"errors"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/feed"
	"patrondesk/internal/patron"
)

// decode reads the record's text. Roles and the password are dropped before they are looked at: the SIS has no say in
// them, so they cannot be a reason to refuse a record.
func decode(_ context.Context, p *person) error {
	if p.bad != nil {
		return unreadable(p.bad)
	}
	user, ignored, err := p.read.Decode(feed.Record{Line: int(p.at.line), Raw: p.raw})
	if err != nil {
		return unreadable(err)
	}
	p.ignored = ignored
	user.Roles, user.Password = nil, ""
	in, secrets, err := user.Patron()
	p.in, p.pin = withoutEmptyParts(in), secrets.PIN
	var bad *alma.Error
	if errors.As(err, &bad) {
		p.in.PrimaryID = user.PrimaryID
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
