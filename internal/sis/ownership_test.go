package sis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/drop"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
	"patrondesk/internal/sisfile"
)

// owned is one patron, and what the ownership table says it should look like after what happened so far. There is no
// store: between two changes the record takes its stored form and comes back.
type owned struct {
	planner planner
	p       patron.Patron

	lastName, group, language string // as the SIS said last
	external                  []string
	sisPreferred              bool // the SIS marks its first e-mail

	manual   map[string]string // sticky fields changed by hand
	internal []string          // e-mails added at the desk
	notes    int
}

func (o *owned) record() string {
	var mails strings.Builder
	for i, m := range o.external {
		fmt.Fprintf(&mails, `<email preferred="%t"><email_address>%s</email_address></email>`, o.sisPreferred && i == 0, m)
	}
	return fmt.Sprintf("<user><primary_id>%s</primary_id><last_name>%s</last_name><user_group>%s</user_group><preferred_language>%s</preferred_language><contact_info><emails>%s</emails></contact_info></user>",
		"p1", o.lastName, o.group, o.language, mails.String())
}

func (o *owned) synchronise(t *rapid.T) {
	o.lastName = rapid.SampledFrom([]string{"Byron", "King", "Lovelace"}).Draw(t, "last name")
	o.group = rapid.SampledFrom([]string{"UNDERGRAD", "STAFFMEMBER"}).Draw(t, "group")
	o.language = rapid.SampledFrom([]string{"", "en", "de"}).Draw(t, "language")
	o.external = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a@sis.example", "b@sis.example", "c@sis.example"}), 0, 3, rapid.ID).Draw(t, "e-mails")
	o.sisPreferred = rapid.Bool().Draw(t, "preferred")
	if !o.apply(t) && o.p.UID == "" {
		t.Fatal("the patron was not created")
	}
	if o.language == "" {
		o.language = "en"
	}
}

// apply takes the record through the steps without the store and reports whether it changed the patron.
func (o *owned) apply(t *rapid.T) bool {
	text := []byte(o.record())
	rec := newPerson(candidate{raw: text, from: sisfile.NewReader(bytes.NewReader(text), nil)})
	if err := decode(rec); err != nil {
		t.Fatal(err)
	}
	rec.found = o.p
	after, effect, err := o.planner.plan(rec)
	if err != nil {
		t.Fatal(err)
	}
	o.store(t, after)
	return rec.found.UID == "" || !effect.None()
}

func (o *owned) store(t *rapid.T, p patron.Patron) {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	o.p = patron.Patron{}
	if err := json.Unmarshal(text, &o.p); err != nil {
		t.Fatal(err)
	}
}

// edit changes the patron at the desk.
func (o *owned) edit(t *rapid.T, change func(p *patron.Patron)) {
	wanted := o.p
	change(&wanted)
	after, err := o.p.EditAtDesk(wanted, patron.Change{By: "desk", At: o.planner.now()})
	if err != nil {
		t.Fatal(err)
	}
	o.store(t, after)
}

// sameAgain sends the last record twice more. The second time changes nothing; the first time may bring a preferred
// mark back which the desk took away.
func (o *owned) sameAgain(t *rapid.T) {
	o.apply(t)
	if o.apply(t) {
		t.Error("the same record changed the patron again")
	}
}

func (o *owned) setByHand(t *rapid.T, field, value, sis string, at func(p *patron.Patron) *string) {
	before := *at(&o.p)
	o.edit(t, func(p *patron.Patron) { *at(p) = value })
	switch value {
	case before:
	case sis:
		delete(o.manual, field)
	default:
		o.manual[field] = value
	}
}

func (o *owned) setGroup(t *rapid.T) {
	value := rapid.SampledFrom([]string{"UNDERGRAD", "STAFFMEMBER"}).Draw(t, "group by hand")
	o.setByHand(t, "user_group", value, o.group, func(p *patron.Patron) *string { return &p.UserGroup.Value })
}

func (o *owned) setLanguage(t *rapid.T) {
	value := rapid.SampledFrom([]string{"en", "de", "fr"}).Draw(t, "language by hand")
	o.setByHand(t, "preferred_language", value, o.language, func(p *patron.Patron) *string { return &p.PreferredLanguage.Value })
}

func (o *owned) addEmail(t *rapid.T) {
	address := fmt.Sprintf("m%d@desk.example", len(o.internal))
	preferred := rapid.Bool().Draw(t, "preferred")
	o.edit(t, func(p *patron.Patron) {
		p.Emails = slices.Clone(p.Emails)
		for i := range p.Emails {
			p.Emails[i].Preferred = p.Emails[i].Preferred && !preferred
		}
		p.Emails = append(p.Emails, patron.Email{Address: address, Segment: patron.InternalSegment, Preferred: preferred})
	})
	o.internal = append(o.internal, address)
}

func (o *owned) addNote(t *rapid.T) {
	o.notes++
	o.edit(t, func(p *patron.Patron) {
		p.Notes = append(slices.Clone(p.Notes), patron.Note{Type: patron.Code{Value: "GENERAL"}, Text: fmt.Sprint(o.notes), Segment: patron.InternalSegment})
	})
}

// check compares the stored patron with the table: who owns a field, and what a synchronisation does to it.
func (o *owned) check(t *rapid.T) {
	p := o.p
	if p.LastName != o.lastName {
		t.Errorf("last name: got %s, want the SIS's %s", p.LastName, o.lastName)
	}
	var internal, external []string
	preferred := 0
	for _, m := range p.Emails {
		if m.Preferred {
			preferred++
		}
		if m.Segment == patron.InternalSegment {
			internal = append(internal, m.Address)
		} else {
			external = append(external, m.Address)
		}
	}
	if !slices.Equal(internal, o.internal) || !slices.Equal(external, o.external) || preferred > 1 {
		t.Errorf("e-mails: got internal %v external %v with %d preferred, want %v and %v", internal, external, preferred, o.internal, o.external)
	}
	o.checkSticky(t, "user_group", p.UserGroup.Value, p.SIS.UserGroup.Value, o.group, p.Manual)
	o.checkSticky(t, "preferred_language", p.PreferredLanguage.Value, p.SIS.PreferredLanguage.Value, o.language, p.Manual)
	if len(p.Notes) != o.notes || len(p.Roles) != 1 || p.ExternalID != "STUDENTS" || p.AccountType != patron.External {
		t.Errorf("got %d notes, %d roles, %s %s", len(p.Notes), len(p.Roles), p.AccountType, p.ExternalID)
	}
}

func (o *owned) checkSticky(t *rapid.T, field, got, gotSIS, sis string, manual map[string]patron.Change) {
	want, byHand := o.manual[field]
	if !byHand {
		want = sis
	}
	if _, marked := manual[field]; got != want || gotSIS != sis || marked != byHand {
		t.Errorf("%s: got %q, of the SIS %q, by hand %t; want %q, %q, %t", field, got, gotSIS, marked, want, sis, byHand)
	}
}

// TestOwnership lets the desk and the SIS change one patron in any order.
func TestOwnership(t *testing.T) {
	t.Parallel()
	run := New(drop.Inbox{Now: time.Now}, nil, nil, nil, readSettings(t)).newWork(institution.SISProfile{Code: "STUDENTS"}, new(drop.Run))
	rapid.Check(t, func(t *rapid.T) {
		o := &owned{planner: run.planner, manual: map[string]string{}}
		o.planner.profile.SISPreferredWins = rapid.Bool().Draw(t, "the SIS's preference wins")
		o.synchronise(t)
		t.Repeat(map[string]func(*rapid.T){
			"": o.check, "synchronise": o.synchronise, "the same again": o.sameAgain, "group": o.setGroup, "language": o.setLanguage,
			"e-mail": o.addEmail, "note": o.addNote,
		})
	})
}
