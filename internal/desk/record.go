package desk

import (
	"net/http"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

var recordPages = []page{
	{"GET /desk/patrons/{user_id}/record", auth.UsersRead, (*call).record},
	{"GET /desk/patrons/{user_id}/record/{part}", auth.UsersRead, (*call).record},
	{"POST /desk/patrons/{user_id}/record/{part}", auth.UsersWrite, (*call).changeRecord},
}

// recordTab is the tab of a patron's page with the full record, one part of it at a time.
type recordTab struct {
	Part      string
	Parts     []partLink
	Lists     []listView
	Facts     []fact // of the parts general and history
	Origins   []origin
	MayAdopt  bool
	Adoption  *adoption    // the decision, where it is to be made
	Secrets   *secretsForm // of the part general
	Profile   string       // the name of the SIS profile whose record it is
	ID, Match string       // of the patron, and the record's entity tag
	MayChange bool
}

// partLink leads to a part of the record, which has that many entries.
type partLink struct {
	Name  string
	Count int
}

// listView is a list of the record.
type listView struct {
	Name    string
	Entries []entryView
	Add     *entryForm
}

// entryView is an entry of a list.
type entryView struct {
	Text, More string
	Link       string // the page of the patron the entry is about
	Preferred  bool
	Inactive   bool
	Owned      bool // by the SIS
	Form       *entryForm
	Prefer     *entryForm // to make it the preferred one
}

// record answers GET /desk/patrons/{user_id}/record and .../record/{part}.
func (c *call) record() error {
	p, err := c.patron("record")
	if err != nil {
		return err
	}
	return c.showRecord(http.StatusOK, p, changing{})
}

// recordPart is the part of the record the page is about.
func (c *call) recordPart() (recordPart, bool) {
	name := c.r.PathValue("part")
	if name == "" {
		name = "general"
	}
	parts := recordParts(c.zone())
	i := slices.IndexFunc(parts, func(p recordPart) bool { return p.name == name })
	if i < 0 {
		return recordPart{}, false
	}
	return parts[i], true
}

// showRecord answers with a part of the record. A change that was not made is in its form.
func (c *call) showRecord(status int, p *patronPage, tried changing) error {
	part, ok := c.recordPart()
	if !ok {
		return c.nothingHere()
	}
	u := ownCopy(p.User)
	tab := &recordTab{
		Part: part.name, Profile: c.profileOf(&u), ID: u.PrimaryID, Match: p.ETag, MayChange: c.caller.May(auth.UsersWrite),
	}
	for _, each := range recordParts(c.zone()) {
		link := partLink{Name: each.name}
		for _, l := range each.lists {
			link.Count += l.count(&u)
		}
		tab.Parts = append(tab.Parts, link)
	}
	for _, l := range part.lists {
		tab.Lists = append(tab.Lists, c.listView(l, &u, p.ETag, tried))
	}
	var err error
	if part.name == "general" || part.name == "history" {
		err = c.tellRecord(tab, &u, tried)
	}
	if err != nil {
		return err
	}
	p.Content = tab
	return c.showAs(status, "patron/fields/record", p)
}

// tellRecord fills in what the parts general and history tell of the record as a whole.
func (c *call) tellRecord(tab *recordTab, u *alma.User, tried changing) error {
	from, err := get[alma.Provenances](c, userPath(u.PrimaryID)+"/provenance", nil)
	if err != nil {
		return err
	}
	if tab.Part == "history" {
		tab.Facts, tab.Origins = c.written(from), c.origins(from)
		return nil
	}
	tab.Facts, tab.MayAdopt = c.facts(u, from), c.mayAdopt(u)
	if tab.MayAdopt && c.r.FormValue("adopt") != "" {
		tab.Adoption = c.adoption()
	}
	if tab.MayChange {
		tab.Secrets = c.secretsForm(u, tried)
	}
	return nil
}

// listView is a list with its entries, and the forms in which staff may change them.
func (c *call) listView(l partList, u *alma.User, tag string, tried changing) listView {
	v := listView{Name: l.name}
	for i := range l.count(u) {
		v.Entries = append(v.Entries, c.entryView(l, u, i, tag, tried))
	}
	if c.mayChange(l, u, -1) {
		v.Add = c.entryForm(l, u, -1, tag, tried)
	}
	return v
}

// mayChange reports whether the member of staff may change the i-th entry of a list, or for -1 add one. The Patron role is
// renewed at the desk; other roles are a User Administrator's to give.
func (c *call) mayChange(l partList, u *alma.User, i int) bool {
	switch {
	case !c.caller.May(auth.UsersWrite) || i >= 0 && !l.ours(u, i):
		return false
	case l.name == roleList.name && !c.caller.AssignsRoles:
		return i >= 0 && u.Roles[i].Type.Value == patron.PatronRole
	}
	return true
}

// entryView is the i-th entry of a list.
func (c *call) entryView(l partList, u *alma.User, i int, tag string, tried changing) entryView {
	e := entryView{Owned: externalRecord(u) && !l.ours(u, i)}
	values := l.read(u, i)
	var texts, more []string
	for _, f := range l.fields {
		text := c.entryText(l, f, values[f.name])
		switch {
		case text == "":
		case f.speaks() && f.as != asDay && !strings.HasSuffix(f.name, "note") || f.name == mainCode[l.name]:
			texts = append(texts, text)
		default:
			more = append(more, text)
		}
	}
	e.Text, e.More = strings.Join(texts, ", "), strings.Join(append(more, c.signature(l, u, i)...), " · ")
	e.Inactive = values["status"] == "INACTIVE" || values["block_status"] == "INACTIVE"
	if l.name == proxyList.name {
		e.Link, e.Text = patronPath(u.ProxyFor[i].PrimaryID), strings.TrimSpace(u.ProxyFor[i].FullName+" ("+u.ProxyFor[i].PrimaryID+")")
	}
	if c.mayChange(l, u, i) {
		e.Form = c.entryForm(l, u, i, tag, tried)
	}
	if l.preferred != nil {
		e.Preferred = *l.preferred(u, i)
		if !e.Preferred && c.caller.May(auth.UsersWrite) {
			e.Prefer = newEntryForm(l, u, i, tag)
		}
	}
	return e
}

// mainCode are the codes by which entries are told apart, of the lists whose entries have no words.
var mainCode = map[string]string{
	"user_role": "role_type", "user_block": "block_description", "user_statistic": "statistic_category", "rs_library": "code", "library_notice": "code",
}
