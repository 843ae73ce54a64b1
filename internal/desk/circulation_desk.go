package desk

import (
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/session"
)

var deskPages = []page{
	{"GET /desk/circulation-desk", "", (*call).chooseDesk},
	{"POST /desk/circulation-desk", "", (*call).takeDesk},
}

// circulationDesk is one at which the member of staff may work.
type circulationDesk struct {
	Library, Code     string
	LibraryName, Name string
	Chosen            bool
}

// desks are the circulation desks at which the member of staff may work: those of the libraries, and at them of the
// desks, that their roles name. A role for the whole institution is for every desk.
func (c *call) desks() []circulationDesk {
	var all []circulationDesk
	for _, library := range c.Institution.Libraries {
		for _, d := range library.Desks {
			if auth.WorksAt(c.staff.Roles, c.Institution.Code, library.Code, d.Code, c.Clock()) {
				all = append(all, circulationDesk{
					Library: library.Code, Code: d.Code, LibraryName: library.Name, Name: d.Name,
					Chosen: c.session.Library == library.Code && c.session.Desk == d.Code,
				})
			}
		}
	}
	return all
}

// chosenDesk is the circulation desk of the session, among those the member of staff may work at.
func (c *call) chosenDesk() (circulationDesk, bool) {
	all := c.desks()
	i := slices.IndexFunc(all, func(d circulationDesk) bool { return d.Chosen })
	if i < 0 {
		return circulationDesk{}, false
	}
	return all[i], true
}

// atDesk is the circulation desk as the API names it. The error asks for the choice of one.
func (c *call) atDesk() (alma.ItemLoan, error) {
	d, ok := c.chosenDesk()
	if !ok {
		return alma.ItemLoan{}, errNoDesk
	}
	return alma.ItemLoan{Library: alma.Code{Value: d.Library}, CircDesk: alma.NullCode{Value: d.Code}}, nil
}

// errNoDesk says that something needs a circulation desk and none is chosen.
var errNoDesk = alma.WrongDesk("Choose a circulation desk first. Nothing was changed.")

// chooseDesk answers GET /desk/circulation-desk.
func (c *call) chooseDesk() error {
	return c.show("circulation-desk", struct {
		Desks []circulationDesk
		To    string
	}{c.desks(), ownPage(c.r.FormValue("to"))})
}

// takeDesk answers POST /desk/circulation-desk.
func (c *call) takeDesk() error {
	chosen := c.r.PostFormValue("desk")
	all := c.desks()
	i := slices.IndexFunc(all, func(d circulationDesk) bool { return d.Library+"/"+d.Code == chosen })
	if i < 0 {
		return alma.WrongDesk("You may not work at that circulation desk.")
	}
	err := c.remember(func(s *session.Session) { s.Library, s.Desk = all[i].Library, all[i].Code })
	if err != nil {
		return err
	}
	c.redirect(ownPage(c.r.PostFormValue("to")))
	return nil
}
