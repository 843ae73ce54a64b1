package desk

import (
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
)

// reachedAt and notes are parts of a record; the first e-mail is the preferred one.
func reachedAt(addresses ...string) *alma.ContactInfo {
	info := new(alma.ContactInfo)
	for i, a := range addresses {
		info.Emails = append(info.Emails, alma.Email{Address: a, Preferred: i == 0, Types: []alma.Code{{Value: "personal"}}})
	}
	return info
}

func notes(texts ...string) []alma.UserNote {
	var all []alma.UserNote
	for _, text := range texts {
		all = append(all, alma.UserNote{Type: alma.Code{Value: "GENERAL"}, Text: text})
	}
	return all
}

// says is the record in few words: its names, e-mails with the preferred one starred, and notes.
func says(u alma.User) string {
	parts := []string{u.FirstName, u.LastName}
	for _, e := range u.ContactInfo.Emails {
		if e.Preferred {
			e.Address += "*"
		}
		parts = append(parts, e.Address)
	}
	for _, n := range u.Notes {
		parts = append(parts, n.Text)
	}
	return strings.Join(parts, " ")
}

// TestMerge changes a record twice at once. What is said after it is with mine kept in every conflict.
func TestMerge(t *testing.T) {
	t.Parallel()
	inst, err := institution.Read("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	c := &call{Desk: &Desk{Institution: inst}}
	for _, tt := range []struct {
		name      string
		mine      values
		theirs    alma.User // over Ada Byron, a* b, x y
		conflicts []string
		want      string
	}{
		{"nothing", nil, alma.User{}, nil, "Ada Byron a* b x y"},
		{"mine alone", values{"first_name": "Eva"}, alma.User{}, nil, "Eva Byron a* b x y"},
		{"theirs alone", nil, alma.User{FirstName: "Eva"}, nil, "Eva Byron a* b x y"},
		{"each another field", values{"first_name": "Eva"}, alma.User{LastName: "King"}, nil, "Eva King a* b x y"},
		{"both the same", values{"first_name": "Eva"}, alma.User{FirstName: "Eva"}, nil, "Eva Byron a* b x y"},
		{"both otherwise", values{"first_name": "Eva"}, alma.User{FirstName: "Ida"}, []string{"first_name"}, "Eva Byron a* b x y"},
		{"both the e-mail", values{"email.email_address": "m"}, alma.User{ContactInfo: reachedAt("t", "b")}, []string{"email"}, "Ada Byron m* b x y"},
		{"they removed mine", values{"email.email_address": "m"}, alma.User{ContactInfo: reachedAt("b")}, []string{"email"}, "Ada Byron b* m x y"},
		{"they replaced mine", values{"email.email_address": "m"}, alma.User{ContactInfo: reachedAt("b", "c")}, []string{"email"}, "Ada Byron b* c m x y"},
		{"they prefer the other", values{"email.email_address": "m"}, alma.User{ContactInfo: reachedAt("b", "a")}, nil, "Ada Byron b* m x y"},
		{"I prefer the other", values{"email.preferred": "b"}, alma.User{ContactInfo: reachedAt("a", "b", "c")}, nil, "Ada Byron a b* c x y"},
		{"they put one before", values{"email.email_address": "m"}, alma.User{ContactInfo: reachedAt("c", "a", "b")}, nil, "Ada Byron c* m b x y"},
		{"I remove, they keep", values{"email.email_address": ""}, alma.User{}, nil, "Ada Byron b x y"},
		{"I remove, they change", values{"email.email_address": ""}, alma.User{ContactInfo: reachedAt("t", "b")}, []string{"email"}, "Ada Byron b x y"},
		{"I add a note, they another", values{newNote + ".note_text": "m"}, alma.User{Notes: notes("x", "y", "t")}, nil, "Ada Byron a* b x y t m"},
		{"they removed the first note", values{"user_note.1.note_text": "m"}, alma.User{Notes: notes("y")}, nil, "Ada Byron a* b m"},
		{"they removed it, and added", values{"user_note.0.note_text": "m"}, alma.User{Notes: notes("y", "t")}, []string{"user_note.0"}, "Ada Byron a* b y t m"},
		{"each another note", values{"user_note.0.note_text": "m"}, alma.User{Notes: notes("x", "t")}, nil, "Ada Byron a* b m t"},
		{"I remove both, they change one", values{"user_note.0.remove": "on", "user_note.1.remove": "on"}, alma.User{Notes: notes("x", "t")}, []string{"user_note.1"}, "Ada Byron a* b"},
		{"both remove one", values{"user_note.0.remove": "on"}, alma.User{Notes: notes("y")}, nil, "Ada Byron a* b y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := alma.User{FirstName: "Ada", LastName: "Byron", ContactInfo: reachedAt("a", "b"), Notes: notes("x", "y")}
			now := before
			if tt.theirs.FirstName != "" {
				now.FirstName = tt.theirs.FirstName
			}
			if tt.theirs.LastName != "" {
				now.LastName = tt.theirs.LastName
			}
			if tt.theirs.ContactInfo != nil {
				now.ContactInfo = tt.theirs.ContactInfo
			}
			if tt.theirs.Notes != nil {
				now.Notes = tt.theirs.Notes
			}
			now = ownCopy(now)
			shown := c.sheetOf(&before)
			mine := shown.typed(nil)
			for name, value := range tt.mine {
				mine[name] = value
			}
			theirs := shown.against(&now)
			merged, units := merge(shown, mine, theirs)
			var conflicts []string
			for _, n := range units {
				conflicts = append(conflicts, n.name)
			}
			theirs.apply(&now, merged)
			if got := says(now); got != tt.want || !slices.Equal(conflicts, tt.conflicts) {
				t.Errorf("got %q with the conflicts %v, want %q with %v", got, conflicts, tt.want, tt.conflicts)
			}
			if says(before) != "Ada Byron a* b x y" {
				t.Errorf("the record that was read has become %q", says(before))
			}
		})
	}
}
