package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/session"
)

var findPages = []page{
	{"GET /desk", auth.UsersRead, (*call).find},
	{"GET /desk/find", auth.UsersRead, (*call).found},
	{"GET /desk/suggestions", auth.UsersRead, (*call).suggest},
}

const (
	// mostSuggested is how many patrons are suggested while a name is typed.
	mostSuggested = 8
	// mostFound is how many patrons a page of found ones shows.
	mostFound = 25
)

// findPage is Manage Patron Services: the field to scan into, and the patrons served last.
type findPage struct {
	Recent []session.Visit
	Query  string
	// Searched says that patrons were looked for; Total is how many there are, of whom Patrons are shown.
	Searched bool
	Patrons  []alma.User
	Total    int
	Next     string // the address of the next page of patrons, if there is one
}

// find answers GET /desk.
func (c *call) find() error {
	return c.show("find", findPage{Recent: c.session.Recent})
}

// found answers GET /desk/find: it opens the page of the patron with that very identifier, or shows whose names and other
// words fit.
func (c *call) found() error {
	q := strings.TrimSpace(c.r.FormValue("q"))
	if q == "" {
		c.redirect("/desk")
		return nil
	}
	p, err := get[alma.User](c, userPath(q), nil)
	if err == nil {
		return c.open(p)
	}
	if _, said := refused(err); !said {
		return err
	}
	from := atoi(c.r.FormValue("offset"))
	found, err := c.search(q, mostFound, from)
	if err != nil {
		return err
	}
	if found.Total == 1 && len(found.User) == 1 {
		return c.open(found.User[0])
	}
	page := findPage{Recent: c.session.Recent, Query: q, Searched: true, Patrons: found.User, Total: found.Total}
	_, page.Next = turn(from, mostFound, found.Total, func(from int) string {
		return "/desk/find?" + url.Values{"q": {q}, "offset": {itoa(from)}}.Encode()
	})
	return c.show("find", page)
}

// open begins to serve a patron: their loans of this session are those lent from now on.
func (c *call) open(p alma.User) error {
	v := session.Visit{PrimaryID: p.PrimaryID, Name: displayName(p), Opened: c.Now()}
	if err := c.remember(func(s *session.Session) { s.Open(v) }); err != nil {
		return err
	}
	c.redirect(patronPath(p.PrimaryID))
	return nil
}

// suggest answers GET /desk/suggestions: a list of patrons for what is being typed.
func (c *call) suggest() error {
	q := strings.TrimSpace(c.r.FormValue("q"))
	var found alma.Users
	if len([]rune(q)) > 1 {
		var err error
		if found, err = c.search(q, mostSuggested, 0); err != nil {
			return err
		}
	}
	return c.write(http.StatusOK, "find", "suggestions", view{Page: findPage{Patrons: found.User}})
}

// search finds patrons each of whose words begins one of theirs.
func (c *call) search(q string, most, offset int) (alma.Users, error) {
	words := searchWords(q)
	if len(words) == 0 {
		return alma.Users{}, nil
	}
	return get[alma.Users](c, "/users", url.Values{
		"q": {"all~" + strings.Join(words, "* ") + "*"}, "limit": {itoa(most)}, "offset": {itoa(offset)},
		"order_by": {"last_name,first_name,primary_id"}, "expand": {"full"},
	})
}

// searchWords are the words of a text as they are searched for: without what means something in a query, and none that has
// neither a letter nor a digit.
func searchWords(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(",~*_", r) || unicode.IsSpace(r) || unicode.IsControl(r)
	})
	speaks := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	return slices.DeleteFunc(words, func(word string) bool { return !strings.ContainsFunc(word, speaks) })
}
