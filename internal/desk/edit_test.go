package desk

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

var (
	formTags    = regexp.MustCompile(`(?s)<input [^>]*>|<select .*?</select>|<textarea .*?</textarea>`)
	attributes  = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	firstOption = regexp.MustCompile(`<option value="([^"]*)"`)
	chosen      = regexp.MustCompile(`<option value="([^"]*)" selected`)
	areaText    = regexp.MustCompile(`(?s)>(.*)</textarea>`)
)

// formAt is what a browser would send of the page's form to that address, as it was shown.
func (s shown) formAt(t testing.TB, action string) url.Values {
	t.Helper()
	_, body, found := strings.Cut(s.body, `action="`+action+`"`)
	if !found {
		t.Fatalf("no form to %s in (%d) %s", action, s.status, s.body)
	}
	body, _, _ = strings.Cut(body, "</form>")
	form := url.Values{}
	for _, tag := range formTags.FindAllString(body, -1) {
		at := map[string]string{}
		head, _, _ := strings.Cut(tag, ">")
		for _, m := range attributes.FindAllStringSubmatch(head, -1) {
			at[m[1]] = html.UnescapeString(m[2])
		}
		switch {
		case (at["type"] == "checkbox" || at["type"] == "radio") && !strings.Contains(head, " checked"):
			continue
		case strings.HasPrefix(tag, "<select"):
			m := chosen.FindStringSubmatch(tag)
			if m == nil {
				m = firstOption.FindStringSubmatch(tag)
			}
			at["value"] = html.UnescapeString(m[1])
		case strings.HasPrefix(tag, "<textarea"):
			at["value"] = html.UnescapeString(areaText.FindStringSubmatch(tag)[1])
		}
		form.Add(at["name"], at["value"])
	}
	return form
}

// editing opens the quick form of a patron and types into it.
func (b *browser) editing(id string, typed ...string) url.Values {
	b.lib.t.Helper()
	form := b.get("/desk/patrons/"+id+"/edit").formAt(b.lib.t, "/desk/patrons/"+id+"/edit")
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return form
}

// record is the record as it is stored.
func (lib *library) record(id string) patron.Patron {
	lib.t.Helper()
	p, err := lib.store.Patron(lib.t.Context(), id)
	if err != nil {
		lib.t.Fatal(err)
	}
	return p
}

func address(line, city string, of patron.Segment) func(*patron.Patron) {
	return func(p *patron.Patron) {
		p.Addresses = append(p.Addresses, patron.Address{
			Lines: []string{line}, City: city, Preferred: len(p.Addresses) == 0, Segment: of, Types: []patron.Code{{Value: "home"}},
		})
	}
}

func TestEditUserInfo(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", barcode("21001"), email("ada@post.example"), address("1 Old Street", "London", ""))
	b := lib.staff("32")
	form := b.editing("ada", "first_name", "  Augusta ", "user_group", "03", "address.line1", "2 New Street", "expiry_date", "2030-06-30",
		"phone.phone_number", "+44 20 7946 0000", "user_note.new.note_text", "Asks for\r\nlarge print.", "user_note.new.popup_note", "on")
	page := b.follow(b.post("/desk/patrons/ada/edit", form))
	page.has(t, "The record was updated.", "Augusta Byron", "Faculty", "First name: Augusta", "2 New Street", "large print")
	p := lib.record("ada")
	if p.FirstName != "Augusta" || p.UserGroup.Value != "03" || p.ExpiryDate != "2030-06-30" || p.Addresses[0].Lines[0] != "2 New Street" ||
		p.Addresses[0].City != "London" || !p.Addresses[0].Preferred || p.Emails[0].Address != "ada@post.example" || len(p.Identifiers) != 1 || len(p.Roles) != 1 {
		t.Errorf("stored %+v", p)
	}
	if len(p.Phones) != 1 || !p.Phones[0].Preferred || p.Phones[0].Types[0].Value != "mobile" {
		t.Errorf("stored the phones %+v", p.Phones)
	}
	if len(p.Notes) != 1 || p.Notes[0].Text != "Asks for\nlarge print." || !p.Notes[0].Popup || p.Notes[0].CreatedBy != "staff.32" {
		t.Errorf("stored the notes %+v", p.Notes)
	}
	// A double click adds nothing twice.
	b.follow(b.post("/desk/patrons/ada/edit", form))
	if p := lib.record("ada"); len(p.Phones) != 1 || len(p.Notes) != 1 {
		t.Errorf("sent twice, stored %+v and %+v", p.Phones, p.Notes)
	}
	b.follow(b.post("/desk/patrons/ada/edit", b.editing("ada"))).has(t, "Nothing was changed.")
}

func TestEditRemovesWhatIsEmptied(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", email("ada@post.example"), email("ada@work.example"), func(p *patron.Patron) {
		p.Emails[1].Preferred = false
		for _, text := range []string{"first", "second", "third"} {
			p.Notes = append(p.Notes, patron.Note{Type: patron.Code{Value: "GENERAL"}, Text: text})
		}
	})
	b := lib.staff("32")
	form := b.editing("ada", "email.email_address", "", "email.preferred", "ada@work.example", "user_note.0.remove", "on", "user_note.2.note_text", "last")
	b.follow(b.post("/desk/patrons/ada/edit", form)).has(t, "E-mail address: removed", "Note: removed")
	p := lib.record("ada")
	if len(p.Emails) != 1 || p.Emails[0].Address != "ada@work.example" || !p.Emails[0].Preferred {
		t.Errorf("stored %+v", p.Emails)
	}
	if len(p.Notes) != 2 || p.Notes[0].Text != "second" || p.Notes[1].Text != "last" {
		t.Errorf("stored %+v", p.Notes)
	}
}

func TestEditKeepsWhatIsRefused(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", email("ada@post.example"))
	lib.patron("grace", barcode("21002"))
	b := lib.staff("32")
	for _, tt := range []struct{ field, value, says, id string }{
		{"last_name", "", "Last name is missing.", "f-last_name"},
		{"email.email_address", "nobody at home", "“nobody at home” is no e-mail address.", "f-email-email_address"},
		{"address.line2", "Flat 3", "Address line 1 is missing.", "f-address-line1"},
		{"user_group", "77", "The user group is not one of the library’s.", "f-user_group"},
		{"birth_date", "2001-02-30", "Birth date cannot be “2001-02-30”.", "f-birth_date"},
		{"primary_id", "21002", "“21002” belongs to somebody already.", "f-primary_id"},
	} {
		form := b.editing("ada", "middle_name", "Mary <Anne>", tt.field, tt.value)
		page := b.post("/desk/patrons/ada/edit", form)
		if page.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d", tt.field, page.status)
		}
		page.has(t, `class="errors" role="alert"`, `<a href="#`+tt.id+`">`+tt.says, `aria-invalid="true" aria-describedby="`+tt.id+`-error"`, "Mary &lt;Anne&gt;")
		if again := page.formAt(t, "/desk/patrons/ada/edit"); again.Get(tt.field) != tt.value {
			t.Errorf("%s: the form has %q, want %q", tt.field, again.Get(tt.field), tt.value)
		}
	}
	if p := lib.record("ada"); p.MiddleName != "" || p.Version != 1 {
		t.Errorf("stored %+v", p)
	}
}

func TestEditOfAnExternalRecord(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("eve", email("eve@university.example"), address("1 Old Street", "London", patron.ExternalSegment), external, func(p *patron.Patron) {
		p.Emails[0].Segment = patron.ExternalSegment
	})
	b := lib.staff("32")
	page := b.get("/desk/patrons/eve/edit")
	page.has(t, "Comes from Registrar&#39;s student records", html.EscapeString(lib.desk.Institution.RegistrarText), "1 Old Street, London, Home")
	page.lacks(t, `name="last_name"`, `name="expiry_date"`, `name="email.email_address" type="email" value="eve`)
	form := b.editing("eve", "user_group", "02", "pref_first_name", "Evi", "address.line1", "9 Summer Lane", "address.city", "York",
		"address.preferred", thisOne, "user_note.new.note_text", "Away in summer.")
	b.follow(b.post("/desk/patrons/eve/edit", form)).has(t, "The record was updated.", "Evi Byron")
	p := lib.record("eve")
	if p.UserGroup.Value != "02" || p.Manual["user_group"].By != "staff.32" || p.PrefFirstName != "Evi" || len(p.Notes) != 1 {
		t.Errorf("stored %+v", p)
	}
	if a := p.Addresses; len(a) != 2 || a[0].Lines[0] != "1 Old Street" || a[0].Preferred || a[1].Segment != patron.InternalSegment || !a[1].Preferred {
		t.Errorf("stored the addresses %+v", a)
	}
	// One field goes back to the SIS; what is typed besides stays.
	page = b.get("/desk/patrons/eve/edit")
	page.has(t, "Changed by hand by staff.32", `name="use_sis_value" value="user_group"`)
	form = b.editing("eve", "pref_last_name", "King", "use_sis_value", "user_group")
	page = b.post("/desk/patrons/eve/edit", form)
	page.has(t, "User group: the SIS value is in force again.")
	again := page.formAt(t, "/desk/patrons/eve/edit")
	if again.Get("pref_last_name") != "King" || again.Get("user_group") != "01" {
		t.Errorf("the form has %v", again)
	}
	b.follow(b.post("/desk/patrons/eve/edit", again)).has(t, "Evi King")
	if p := lib.record("eve"); p.UserGroup.Value != "01" || p.PrefLastName != "King" || len(p.Manual) != 2 {
		t.Errorf("stored %+v", p)
	}
	// The API refuses what the page does not offer.
	form = b.editing("eve")
	form.Set("last_name", "King")
	b.post("/desk/patrons/eve/edit", form).has(t, "Last name comes from the student information system", html.EscapeString(lib.desk.Institution.RegistrarText))
}

func TestEditMeetsAnotherEdit(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	before := lib.patron("ada", email("ada@post.example"), address("1 Old Street", "London", ""), func(p *patron.Patron) {
		p.Notes = []patron.Note{{Type: patron.Code{Value: "GENERAL"}, Text: "first"}, {Type: patron.Code{Value: "GENERAL"}, Text: "second"}}
	})
	b := lib.staff("32")
	form := b.editing("ada", "middle_name", "Mary", "user_group", "03", "email.email_address", "mine@post.example", "user_note.1.note_text", "mine")
	after := before
	after.FirstName, after.UserGroup.Value = "Augusta", "05"
	after.Addresses = slices.Clone(before.Addresses)
	after.Addresses[0].City = "Leeds"
	after.Emails = slices.Clone(before.Emails)
	after.Emails[0].Address = "theirs@post.example"
	after.Notes = []patron.Note{before.Notes[1]}
	if _, err := lib.store.ReplacePatron(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	page := b.post("/desk/patrons/ada/edit", form)
	if page.status != http.StatusConflict {
		t.Fatalf("got %d %s", page.status, page.body)
	}
	page.has(t, "Somebody else changed the same meanwhile", "Faculty", "Guest", "mine@post.example", "theirs@post.example")
	page.lacks(t, "keep.first_name", "keep.user_note", "keep.address")
	decided := page.formAt(t, "/desk/patrons/ada/edit")
	if decided.Get("keep.user_group") != "mine" || decided.Get("keep.email") != "mine" {
		t.Errorf("preselected are %v", decided)
	}
	decided.Set("keep.email", "theirs")
	b.follow(b.post("/desk/patrons/ada/edit", decided)).has(t, "The record was updated.")
	p := lib.record("ada")
	if p.FirstName != "Augusta" || p.MiddleName != "Mary" || p.UserGroup.Value != "03" || p.Addresses[0].City != "Leeds" ||
		p.Emails[0].Address != "theirs@post.example" || len(p.Notes) != 1 || p.Notes[0].Text != "mine" {
		t.Errorf("stored %+v", p)
	}
}

func TestEditTellsWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	before := lib.patron("ada", email("ada@post.example"))
	b := lib.staff("32")
	form := b.editing("ada", "middle_name", "Mary")
	after := before
	after.Emails = nil
	if _, err := lib.store.ReplacePatron(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	b.follow(b.post("/desk/patrons/ada/edit", form)).has(t, "Somebody else changed meanwhile, and it was kept: E-mail address")
	if p := lib.record("ada"); p.MiddleName != "Mary" || len(p.Emails) != 0 {
		t.Errorf("stored %+v", p)
	}
}

func TestEditOfStaff(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("boss", func(p *patron.Patron) { p.Roles = append(p.Roles, role("221", "MAIN")) })
	b := lib.staff("32")
	page := b.get("/desk/patrons/boss/edit")
	page.has(t, "Of staff only a User Administrator may change this")
	page.lacks(t, `name="status"`, `name="primary_id"`)
	form := b.editing("boss", "status", "INACTIVE")
	page = b.post("/desk/patrons/boss/edit", form)
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
	page.has(t, "Only a User Administrator may change staff roles")
	lib.staff("50").get("/desk/patrons/boss/edit").has(t, `name="status"`, `name="primary_id"`)
}

// overtaken is an API in which somebody else always writes a record first.
type overtaken struct{ http.Handler }

func (o overtaken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if here, ok := w.(alma.InProcess); ok && (r.Method == http.MethodPut || r.URL.Query().Has("field")) {
		here.Refuse(alma.PreconditionFailed())
		return
	}
	o.Handler.ServeHTTP(w, r)
}

// TestNothingTypedIsLostToOthersWhoAreFaster holds that a form is shown again that lost every race.
func TestNothingTypedIsLostToOthersWhoAreFaster(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron", external)
	b := lib.staff("32")
	lib.desk.API = overtaken{lib.desk.API}
	for path, form := range map[string]url.Values{
		"/edit":         {"job_description": {"Typed by hand"}},
		"/edit?sis":     {"job_description": {"Typed by hand"}, "use_sis_value": {"user_group"}},
		"/record/notes": {"op": {"add"}, "list": {"user_note"}, "note_type": {"GENERAL"}, "note_text": {"Typed by hand"}},
	} {
		page := b.post("/desk/patrons/ada.byron"+path, form)
		if page.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", path, page.status)
		}
		page.has(t, "Typed by hand")
	}
}
