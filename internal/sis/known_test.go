package sis

import (
	"testing"

	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

func TestKnown(t *testing.T) {
	t.Parallel()
	a, b := digest{1}, digest{2}
	k := &known{
		people: []knownPatron{{uid: "a"}, {uid: "b", ours: true}, {uid: "none"}},
		record: map[digest]int32{a: 0, b: 1}, others: map[string]int32{"none": 2}, met: map[string]bool{},
	}
	first, second := place{line: 3, number: 1}, place{line: 9, number: 2}
	for _, tt := range []struct {
		name            string
		who             *knownPatron
		at              place
		same, contested bool
	}{
		{"the known record", k.of(a), first, true, false},
		{"looked at again", k.of(a), first, true, false},
		{"a second time in the file", k.of(a), second, false, false},
		{"written by this job", k.of(b), second, false, false},
	} {
		if same, contested := tt.who.same(tt.at); same != tt.same || contested != tt.contested {
			t.Errorf("%s: got %t, %t", tt.name, same, contested)
		}
	}
	k.forget()
	k.see(patron.Patron{UID: "a", Synced: patron.Synced{Hash: a.String()}})
	if same, contested := k.of(a).same(second); same || !contested {
		t.Errorf("behind another record: got %t, %t", same, contested)
	}
	k.see(patron.Patron{UID: "none"})
	k.see(patron.Patron{UID: "changed", Synced: patron.Synced{Hash: digest{7}.String()}})
	k.see(patron.Patron{})
	if !k.people[2].seen || !k.met["changed"] || len(k.met) != 1 || k.of(digest{9}) != nil {
		t.Errorf("got %+v", k)
	}
}

// TestDigest holds what decides about a record, and what does not.
func TestDigest(t *testing.T) {
	t.Parallel()
	profile := institution.SISProfile{Code: "A", Brake: institution.DefaultBrake()}
	sum := func(p institution.SISProfile, head string) digest {
		h, err := newHasher(p, []byte(head))
		if err != nil {
			t.Fatal(err)
		}
		h.digest([]byte("another record"))
		return h.digest([]byte("record"))
	}
	want := sum(profile, "<users>")
	same, other := profile, profile
	same.Name, same.Missing, same.Notify, same.Brake.Minimum, same.AcceptOlder = "x", institution.Inactivate, []string{"a@b.example"}, 9, true
	other.SISPreferredWins = true
	if sum(same, `<users date="today">`) != want || sum(other, "<users>") == want || sum(profile, "A,B\n") == sum(profile, "B,A\n") {
		t.Error("the digest depends on other things than what decides about a record")
	}
}
