package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/patron"
)

// entryForm is what a browser would send of the form of an entry, which says that, or for "" of the one that adds one.
func (s shown) entryForm(t testing.TB, action, list, says string) url.Values {
	t.Helper()
	rest := s
	for {
		_, after, found := strings.Cut(rest.body, `action="`+action+`"`)
		if !found {
			t.Fatalf("no form of %s with %q in %s", list, says, s.body)
		}
		form := rest.formAt(t, action)
		rest.body = after
		one, _, _ := strings.Cut(after, "</form>")
		adds := strings.Contains(one, `value="add"`)
		if form.Get("list") == list && (adds && says == "" || says != "" && strings.Contains(form.Get("was"), says) && strings.Contains(one, `value="change"`)) {
			return form
		}
	}
}

// change opens a part of the record, fills in a form and sends it.
func (b *browser) change(id, part, list, says, op string, typed ...string) shown {
	b.lib.t.Helper()
	path := "/desk/patrons/" + id + "/record/" + part
	form := b.get(path).entryForm(b.lib.t, path, list, says)
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	form.Set("op", op)
	return b.post(path, form)
}

func TestRecordShowsEverything(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", barcode("21001"), email("ada@post.example"), address("1 Old Street", "London", ""), func(p *patron.Patron) {
		p.Notes = []patron.Note{{Type: patron.Code{Value: "GENERAL"}, Text: "Prefers <letters>.", CreatedBy: "ines"}}
		p.Blocks = []patron.Block{{Type: patron.Code{Value: "GENERAL"}, Description: patron.Code{Value: "02-GLOBAL"}, Status: patron.Active}}
		p.ProxyFor = []patron.Proxy{{PrimaryID: "grace", FullName: "Grace Hopper"}}
		p.Updated = patron.Change{By: "ines", At: lib.clock()}
	})
	for _, roles := range []string{"32", "299", "21"} { // who lends and edits, who looks, who edits and does not lend
		b := lib.staff(roles)
		for part, says := range map[string]string{
			"": "Undergraduate Student", "general": "Ada", "contact": "1 Old Street, London", "identifiers": "21001", "roles": "Patron",
			"notes": "Prefers &lt;letters&gt;.", "blocks": "Blocked by the library", "statistics": "None", "proxies": "Grace Hopper", "history": "ines",
		} {
			page := b.get("/desk/patrons/ada/record/" + part)
			if page.status != http.StatusOK && part != "" {
				t.Errorf("%s of %s: got %d", part, roles, page.status)
			}
			if part != "" {
				page.has(t, says)
			}
			if roles == "299" {
				page.lacks(t, `value="add"`, `value="remove"`, `value="prefer"`)
			}
		}
		b.get("/desk/patrons/ada/record").has(t, "Undergraduate Student")
	}
	if page := lib.staff("51").get("/desk/patrons/ada/record/fees"); page.status != http.StatusNotFound {
		t.Errorf("a part there is not: got %d", page.status)
	}
	// A user manager lands on the record from the page on which patrons are found.
	b := lib.signIn("staff.21")
	b.follow(b.follow(b.get("/desk/find?q=21001"))).has(t, "Full information", "Undergraduate Student")
}

func TestRecordChangesEntries(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada", barcode("21001"), email("ada@post.example"))
	lib.patron("grace", func(p *patron.Patron) { p.FirstName, p.LastName = "Grace", "Hopper" }, barcode("21002"))
	b := lib.staff("32")
	b.follow(b.change("ada", "identifiers", "user_identifier", "21001", "change", "status", "INACTIVE", "note", "Card lost")).has(t, "Identifier: changed.", "Card lost")
	b.follow(b.change("ada", "identifiers", "user_identifier", "", "add", "value", "21003")).has(t, "Identifier: added.", "21003")
	b.follow(b.change("ada", "contact", "address", "", "add", "line1", "1 Old Street", "line5", "Rear house", "city", "London", "end_date", "2031-01-31")).has(t, "Rear house")
	b.follow(b.change("ada", "blocks", "user_block", "", "add", "block_description", "02-GLOBAL", "expiry_date", "2030-06-30")).has(t, "30 June 2030")
	b.follow(b.change("ada", "statistics", "user_statistic", "", "add", "statistic_category", "DEPT-BIO")).has(t, "DEPT-BIO")
	b.follow(b.change("ada", "proxies", "proxy_for_user", "", "add", "primary_id", "21002")).has(t, "Grace Hopper")
	b.follow(b.change("ada", "general", "library_notice", "", "add", "code", "FulRequestsReportLetter")).has(t, "not wanted")
	b.follow(b.change("ada", "notes", "user_note", "", "add", "note_text", "First")).has(t, "First")
	b.follow(b.change("ada", "notes", "user_note", "First", "remove")).has(t, "Note: removed.")
	p := lib.record("ada")
	if ids := p.Identifiers; len(ids) != 2 || ids[0].Status != patron.Inactive || ids[0].Note != "Card lost" || ids[1].Value != "21003" || ids[1].Type.Value != "BARCODE" {
		t.Errorf("stored %+v", p.Identifiers)
	}
	if a := p.Addresses; len(a) != 1 || a[0].Lines[4] != "Rear house" || a[0].EndDate != "2031-01-31" {
		t.Errorf("stored %+v", p.Addresses)
	}
	if got := p.Blocks[0].Expiry.UTC().Format("2006-01-02 15:04:05"); got != "2030-06-30 22:59:59" { // midnight in London
		t.Errorf("the block is over at %s", got)
	}
	if len(p.Statistics) != 1 || len(p.Notes) != 0 || p.ProxyFor[0].PrimaryID != "grace" || p.LibraryNotices[0].Value {
		t.Errorf("stored %+v", p)
	}
}

func TestRecordPrefersAndRefuses(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("eve", external, email("eve@university.example"), func(p *patron.Patron) {
		p.Emails[0].Segment = patron.ExternalSegment
		p.Emails = append(p.Emails, patron.Email{Address: "eve@home.example", Segment: patron.InternalSegment})
	})
	b := lib.staff("32")
	page := b.get("/desk/patrons/eve/record/contact")
	page.has(t, "Comes from Registrar&#39;s student records")
	page.lacks(t, `value="eve@university.example"`)
	b.follow(b.change("eve", "contact", "email", "home", "prefer")).has(t, "preferred from now on")
	if p := lib.record("eve"); p.Emails[0].Preferred || !p.Emails[1].Preferred {
		t.Errorf("stored %+v", p.Emails)
	}
	page = b.change("eve", "contact", "email", "home", "change", "email_address", "nowhere at all", "description", "at home")
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d", page.status)
	}
	page.has(t, "“nowhere at all” is no e-mail address.", `href="#f-email-1-email_address"`, `value="at home"`)
	if page := b.change("eve", "proxies", "proxy_for_user", "", "add", "primary_id", "nobody"); page.status != http.StatusUnprocessableEntity {
		t.Errorf("a proxy for nobody: got %d", page.status)
	} else {
		page.has(t, "Nobody has the identifier “nobody”.", `value="nobody"`)
	}
}

func TestRecordMeetsAnotherChange(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	before := lib.patron("ada", email("ada@post.example"), func(p *patron.Patron) {
		p.Notes = []patron.Note{{Type: patron.Code{Value: "GENERAL"}, Text: "first"}, {Type: patron.Code{Value: "GENERAL"}, Text: "second"}}
	})
	b := lib.staff("32")
	path := "/desk/patrons/ada/record/notes"
	page := b.get(path)
	first, second, more := page.entryForm(t, path, "user_note", "first"), page.entryForm(t, path, "user_note", "second"), page.entryForm(t, path, "user_note", "")
	after := before
	after.Notes = slices.Clone(before.Notes)
	after.Notes[0].Text = "first, and more"
	if _, err := lib.store.ReplacePatron(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	first.Set("op", "change")
	first.Set("note_text", "mine")
	page = b.post(path, first)
	if page.status != http.StatusConflict {
		t.Fatalf("got %d", page.status)
	}
	page.has(t, "Somebody else changed this entry meanwhile", "first, and more", ">mine</textarea>")
	again := page.entryForm(t, path, "user_note", "first, and more")
	again.Set("op", "change")
	b.follow(b.post(path, again)).has(t, "Note: changed.")
	second.Set("op", "remove") // nobody touched it
	b.follow(b.post(path, second))
	more.Set("op", "add")
	more.Set("note_text", "once")
	b.follow(b.post(path, more))
	b.follow(b.post(path, more)) // sent twice
	if p := lib.record("ada"); len(p.Notes) != 2 || p.Notes[0].Text != "mine" || p.Notes[1].Text != "once" {
		t.Errorf("stored %+v", p.Notes)
	}
}

func TestRecordRoles(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada")
	operator, administrator := lib.staff("32"), lib.staff("50")
	operator.get("/desk/patrons/ada/record/roles").lacks(t, `value="add"`)
	operator.follow(operator.change("ada", "roles", "user_role", "200", "change", "expiry_date", "2031-01-31")).has(t, "31 January 2031")
	page := operator.change("ada", "roles", "user_role", "200", "change", "role_type", "221")
	page.has(t, "Only a User Administrator may change staff roles")
	page = administrator.change("ada", "roles", "user_role", "200", "remove")
	page.has(t, "The last role of a record cannot be removed.")
	administrator.follow(administrator.change("ada", "roles", "user_role", "", "add", "role_type", "32", "scope", "MAIN", "desk", "MAIN/DEFAULT_CIRC_DESK"))
	p := lib.record("ada")
	if len(p.Roles) != 2 || p.Roles[0].ExpiryDate != "2031-01-31" || p.Roles[1].Scope.Value != "MAIN" || p.Roles[1].Parameters[0].Value.Value != "DEFAULT_CIRC_DESK" {
		t.Errorf("stored %+v", p.Roles)
	}
}

func TestRecordAccount(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada")
	path := "/desk/patrons/ada/record/general"
	operator, manager := lib.staff("32"), lib.staff("21")
	operator.get(path).lacks(t, "adopt=1")
	page := operator.post(path, url.Values{"op": {"secrets"}, "password": {"short"}})
	page.has(t, "A password has at least 8 characters")
	page.lacks(t, `value="short"`)
	operator.follow(operator.post(path, url.Values{"op": {"secrets"}, "password": {"Lantern-Quay-27"}, "pin_number": {"4170"}})).has(t, "The password or PIN was changed.")
	if p := lib.record("ada"); !p.Authenticate("Lantern-Quay-27") || p.PINHash == "" {
		t.Errorf("stored %+v", p)
	}
	if page := operator.post(path, url.Values{"op": {"adopt"}, "profile": {"REGISTRAR"}}); page.status != http.StatusUnprocessableEntity {
		t.Errorf("an operator adopts: got %d", page.status)
	}
	form := manager.get(path+"?adopt=1").formAt(t, path)
	manager.follow(manager.post(path, form)).has(t, "The record belongs to Registrar&#39;s student records from now on.")
	if p := lib.record("ada"); p.AccountType != patron.External || p.ExternalID != "REGISTRAR" {
		t.Errorf("stored %+v", p)
	}
}

func TestNoSecretIsNoChange(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	b := lib.staff("32")
	page := b.follow(b.post("/desk/patrons/ada.byron/record/general", url.Values{"op": {"secrets"}, "password": {""}, "pin_number": {""}}))
	page.has(t, "Nothing was changed.")
	page.lacks(t, "The password or PIN was changed.")
}
