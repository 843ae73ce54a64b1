package desk

import (
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

// page is a page or what a form of one does, for staff with a right; any staff where it names none.
type page struct {
	route  string // as in functions.go
	right  auth.Right
	answer func(*call) error
}

// open are the pages for everybody.
var open = []page{
	{"GET /desk/sign-in", "", (*call).signIn},
	{"GET /desk/signed-in", "", (*call).signedInAtProvider},
	{"POST /desk/sign-out", "", (*call).signOut},
	{"GET /desk/signed-out", "", (*call).signedOut},
	{"GET /desk/assets/{file}", "", (*call).asset},
	{"GET /desk/{page+}", "", (*call).nothingHere}, // the gateway itself would answer in JSON
}

// pages are the pages for staff, by what they are about.
func pages() []page {
	return slices.Concat(findPages, deskPages, loanPages, editPages, registerPages, recordPages, returnPages, historyPages, contactPages, jobPages, requestPages, feePages, letterPages)
}

// Routes are all routes, as in functions.go.
func Routes() []string {
	var routes []string
	for _, p := range slices.Concat(open, pages()) {
		routes = append(routes, p.route)
	}
	return routes
}

// signedIn runs a page for a member of staff who is signed in and has the right. Who is not signed in is asked to, and
// what they had typed is kept.
func (c *call) signedIn(p page) error {
	if err := c.findSession(); err != nil {
		return c.unless(err)
	}
	if c.caller.Kind != auth.StaffCaller {
		return alma.Forbidden("Your record has no role that works with patrons.")
	}
	if p.right != "" && !c.caller.May(p.right) {
		return alma.Forbidden("You may not do this or see this record.")
	}
	if err := c.readForm(); err != nil {
		return err
	}
	return c.unless(p.answer(c))
}

// readForm reads what is in the address and the form.
func (c *call) readForm() error {
	if err := c.r.ParseForm(); err != nil {
		return alma.InvalidParameter("form", "The form is larger than 1 MB or not well formed. Nothing was changed.")
	}
	return nil
}
