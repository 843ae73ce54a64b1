package desk

import (
	"net/url"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
)

var contactPages = []page{
	{"GET /desk/contacts", auth.UsersRead, (*call).contacts},
	{"GET /desk/contacts/new", auth.UsersWrite, (*call).newContact},
	{"POST /desk/contacts/new", auth.UsersWrite, (*call).registerContact},
}

// contactsShown is how many contacts a page of them shows.
const contactsShown = 50

// contactsPage is the list of the people who work for the library's vendors.
type contactsPage struct {
	Vendors        []institution.Row
	Vendor         string // the code of the one whose people are shown; empty for all
	Contacts       []contactRow
	First, Last    int // which of them are shown, from 1
	Total          int
	Previous, Next string // addresses of other pages, if there are any
}

// contactRow is a contact in the list, and how they are reached first.
type contactRow struct {
	alma.User
	Email, Phone string
}

// contacts answers GET /desk/contacts.
func (c *call) contacts() error {
	vendors, _ := c.Institution.Table("Vendors")
	p := contactsPage{Vendors: vendors, Vendor: c.r.FormValue("vendor")}
	offset := atoi(c.r.FormValue("offset"))
	found, total, err := c.contactsOf(p.Vendor, offset)
	if err != nil {
		return err
	}
	for _, u := range found {
		p.Contacts = append(p.Contacts, newContactRow(u))
	}
	p.First, p.Last, p.Total = offset+1, offset+len(found), total
	p.Previous, p.Next = turn(offset, contactsShown, total, func(offset int) string {
		return "/desk/contacts?" + url.Values{"vendor": {p.Vendor}, "offset": {itoa(offset)}}.Encode()
	})
	return c.show("contacts", p)
}

// newContactRow is the row of a contact, with the preferred e-mail address and phone, else the first.
func newContactRow(u alma.User) contactRow {
	row := contactRow{User: u}
	if u.ContactInfo == nil {
		return row
	}
	for _, e := range u.ContactInfo.Emails {
		if row.Email == "" || e.Preferred {
			row.Email = e.Address
		}
	}
	for _, f := range u.ContactInfo.Phones {
		if row.Phone == "" || f.Preferred {
			row.Phone = f.Number
		}
	}
	return row
}

// contactsOf is a page of the contacts of a vendor, or of all vendors, in the order of their names, and how many there are.
func (c *call) contactsOf(vendor string, offset int) ([]alma.User, int, error) {
	if vendor == "" {
		page, err := c.findContacts(everyVendor, contactsShown, offset)
		return page.User, page.Total, err
	}
	all, err := c.allContactsOf(vendor)
	from := min(offset, len(all))
	return all[from:min(from+contactsShown, len(all))], len(all), err
}

// allContactsOf are all contacts of a vendor. The search finds them by words, and so those of others whose name has the
// same words; they are few, and left out here.
func (c *call) allContactsOf(vendor string) ([]alma.User, error) {
	var all []alma.User
	for offset := 0; ; offset += mostListed {
		page, err := c.findContacts(strings.Join(searchWords(vendor), " "), mostListed, offset)
		if err != nil {
			return nil, err
		}
		for _, u := range page.User {
			if u.Vendor != nil && u.Vendor.Value == vendor {
				all = append(all, u)
			}
		}
		if offset+mostListed >= page.Total {
			return all, nil
		}
	}
}

// everyVendor stands for the words of all vendors.
const everyVendor = "*"

// findContacts finds contacts by words of their vendor.
func (c *call) findContacts(words string, most, offset int) (alma.Users, error) {
	return get[alma.Users](c, "/users", url.Values{
		"q": {"vendor~" + words}, "limit": {itoa(most)}, "offset": {itoa(offset)},
		"order_by": {"last_name,first_name,primary_id"}, "expand": {"full"},
	})
}
