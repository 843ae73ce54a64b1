package patron

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// segmentsOf are the segments of a record's parts, in the order of eachSegment.
func segmentsOf(p Patron) (all []Segment) {
	p.eachSegment(func(_ string, seg *Segment) { all = append(all, *seg) })
	return all
}

// forgotten is the record as a client sends it that names no segments.
func forgotten(p Patron) Patron {
	p.eachSegment(func(_ string, seg *Segment) { *seg = "" })
	return p
}

func TestPartsWithoutASegment(t *testing.T) {
	before := externalPatron()
	before.Emails = append(before.Emails, Email{Segment: InternalSegment, Address: "desk@example.org", Types: []Code{{Value: "personal"}}})
	before.Notes = []Note{{Segment: ExternalSegment, Type: Code{Value: "REGISTAR"}, Text: "x"}}
	in := forgotten(before)
	in.Emails = append(in.Emails, Email{Address: "new@example.org"}, Email{Address: "ada@example.org", Types: []Code{{Value: "personal"}}})
	in.Phones = append(in.Phones, Phone{Number: "13"})
	in.Identifiers = append(in.Identifiers, Identifier{Type: Code{Value: "02"}, Value: "7", Status: Active})
	in.Blocks = []Block{{Description: Code{Value: "02-GLOBAL"}, Status: Active}}
	in.Addresses = append(in.Addresses, Address{Lines: []string{"2"}, City: "Rome"})
	in.Notes = append(in.Notes, Note{Type: Code{Value: "GENERAL"}, Text: "y"})

	const ours, theirs = InternalSegment, ExternalSegment
	after, err := before.EditAtDesk(in, desk)
	want := []Segment{theirs, ours, theirs, ours, ours, ours, theirs, ours, theirs, ours, ours, theirs, ours}
	if got := segmentsOf(after); err != nil || !slices.Equal(got, want) {
		t.Errorf("at the desk: got %v, %v; want %v", got, err, want)
	}
	after, err = before.Replace(in, nil)
	if got := segmentsOf(after); err != nil || slices.Contains(got, ours) || slices.Contains(got, "") {
		t.Errorf("by an API client: got %v, %v; want External alone", got, err)
	}
	if in.Notes[0].Segment != "" {
		t.Error("the caller's record was changed")
	}
}

func TestChangedPartWithoutASegmentIsStillTheSISs(t *testing.T) {
	before := externalPatron()
	in := forgotten(before)
	in.Emails[0].Address = "other@example.org"
	_, err := before.EditAtDesk(in, desk)
	if owned, ok := errors.AsType[*OwnedError](err); !ok || owned.Field != "email" {
		t.Errorf("got %v, want a refusal of email", err)
	}
}

func TestWhoCreatedNotesAndBlocks(t *testing.T) {
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	note := Note{Segment: InternalSegment, Type: Code{Value: "GENERAL"}, Text: "old", CreatedBy: "first", Created: then}
	block := Block{Segment: InternalSegment, Description: Code{Value: "02-GLOBAL"}, Status: Active, CreatedBy: "first", Created: then}
	for name, before := range map[string]Patron{"internal": legalPatron(), "external": externalPatron()} {
		before.Notes, before.Blocks = []Note{note}, []Block{block}
		in := clone(before)
		in.Notes[0].CreatedBy, in.Blocks[0].CreatedBy = "forged", "forged"
		added, stop := note, block
		added.Text, added.CreatedBy = "new", "forged"
		stop.Note, stop.CreatedBy = "new", "forged"
		again := note
		again.CreatedBy = "forged"
		in.Notes, in.Blocks = append(in.Notes, added, again), append(in.Blocks, stop)

		atDesk, err := before.EditAtDesk(in, desk)
		if err != nil {
			t.Fatal(err)
		}
		byClient, err := before.Replace(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			after Patron
			new   Change
		}{{atDesk, desk}, {byClient, Change{"forged", then}}} {
			tt.after.Stamp(desk)
			var got []Change
			for _, n := range tt.after.Notes {
				got = append(got, Change{n.CreatedBy, n.Created})
			}
			for _, b := range tt.after.Blocks {
				got = append(got, Change{b.CreatedBy, b.Created})
			}
			first := Change{"first", then}
			if want := []Change{first, tt.new, tt.new, first, tt.new}; !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
		if in.Notes[1].CreatedBy != "forged" {
			t.Errorf("%s: the caller's record was changed", name)
		}
	}
}
