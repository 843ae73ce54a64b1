package desk

import (
	"crypto/rand"
	"net/http"
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/institution"
)

// newContactPage is the form in which a vendor's contact is registered.
type newContactPage struct {
	Typed     map[string]string // by the names of the inputs
	Vendors   []vendorChoice
	Titles    []institution.Row
	Languages []institution.Row
	Countries []institution.Row
	Refusal   []string          // why what was typed was not saved
	Wrong     map[string]string // the same by the names of the inputs, where it is about one
	Focus     string            // the name of the input to go on with
	Once      string            // makes sending the form twice register one contact
}

// vendorChoice is a vendor whose people can be registered, with the accounts the library has with them.
type vendorChoice struct {
	institution.Row
	Accounts []institution.Row
}

// contactInputs are the names of the form's inputs. What is typed into most is the field of the record of that name; for is
// the vendor, or an account with them, see worksFor.
var contactInputs = []string{
	"for", "user_title", "first_name", "middle_name", "last_name", "preferred_language", "email", "phone",
	"line1", "line2", "postal_code", "city", "state_province", "country",
}

// worksFor is a vendor, and an account with them where there is one, as one choice: no other vendor's can be chosen.
func worksFor(vendor, account string) string {
	if account == "" {
		return vendor
	}
	return vendor + "/" + account
}

// For is the choice of an account, for the template.
func (v vendorChoice) For(account string) string { return worksFor(v.Code, account) }

// newContact answers GET /desk/contacts/new.
func (c *call) newContact() error {
	p := newContactPage{Focus: "for", Typed: map[string]string{
		"for": c.r.FormValue("vendor"), "preferred_language": c.Institution.DefaultLanguage(), "country": c.Institution.Country,
	}}
	if p.Typed["for"] != "" {
		p.Focus = "first_name"
	}
	return c.showNewContact(http.StatusOK, p)
}

// showNewContact answers with the form.
func (c *call) showNewContact(status int, p newContactPage) error {
	p.Vendors, p.Once = c.vendors(), rand.Text()
	p.Titles, p.Languages, p.Countries = c.choices("UserTitles"), c.choices("UserPreferredLanguage"), c.choices("CountryCodes")
	return c.showAs(status, "new-contact", p)
}

// choices are the rows of a code table that may be chosen.
func (c *call) choices(table string) []institution.Row {
	rows, _ := c.Institution.Table(table)
	return slices.DeleteFunc(slices.Clone(rows), func(r institution.Row) bool { return r.Disabled })
}

// vendors are the vendors with their accounts. An account that says of no vendor is with each.
func (c *call) vendors() []vendorChoice {
	var all []vendorChoice
	for _, v := range c.choices("Vendors") {
		with := slices.DeleteFunc(c.choices("VendorAccounts"), func(a institution.Row) bool { return !c.Institution.WithVendor(a.Code, v.Code) })
		all = append(all, vendorChoice{v, with})
	}
	return all
}

// registerContact answers POST /desk/contacts/new: the contact is created, with a primary id made of their name.
func (c *call) registerContact() error {
	typed := make(map[string]string, len(contactInputs))
	for _, name := range contactInputs {
		typed[name] = c.typed(name)
	}
	created, err := c.createContact(typed)
	if reasons, said := refused(err); said {
		return c.contactRefused(typed, reasons)
	}
	if err != nil {
		return err
	}
	c.good("contacts.registered", displayName(created))
	c.redirect(patronPath(created.PrimaryID))
	return nil
}

// createContact creates who was typed in. A contact of no vendor would be found by nobody, so that is refused here.
func (c *call) createContact(typed map[string]string) (alma.User, error) {
	u := c.contact(typed)
	if u.Vendor == nil {
		return u, alma.MandatoryFieldMissing("vendor")
	}
	return as[alma.User](c.ask(question{method: http.MethodPost, path: "/users", body: u, once: c.r.PostFormValue("once")}))
}

// contact is the record of who was typed in.
func (c *call) contact(typed map[string]string) alma.User {
	u := alma.User{
		RecordType: alma.Code{Value: "CONTACT"}, AccountType: alma.Code{Value: "INTERNAL"}, Status: alma.Code{Value: "ACTIVE"},
		UserTitle: alma.Code{Value: typed["user_title"]}, PreferredLanguage: alma.Code{Value: typed["preferred_language"]},
		FirstName: typed["first_name"], MiddleName: typed["middle_name"], LastName: typed["last_name"], ContactInfo: new(alma.ContactInfo),
	}
	u.Vendor, u.VendorAccount = c.chosenVendor(typed["for"])
	if typed["email"] != "" {
		u.ContactInfo.Emails = []alma.Email{{Preferred: true, Address: typed["email"], Types: c.kind("EmailTypes", "work")}}
	}
	if typed["phone"] != "" {
		u.ContactInfo.Phones = []alma.Phone{{Preferred: true, Number: typed["phone"], Types: c.kind("PhoneTypes", "office")}}
	}
	if typed["line1"]+typed["line2"]+typed["postal_code"]+typed["city"]+typed["state_province"] != "" {
		u.ContactInfo.Addresses = []alma.Address{{
			Preferred: true, Line1: typed["line1"], Line2: alma.NullText(typed["line2"]), PostalCode: typed["postal_code"], City: typed["city"],
			StateProvince: typed["state_province"], Country: alma.NullCode{Value: typed["country"]}, Types: c.kind("AddressTypes", "work"),
		}}
	}
	return u
}

// chosenVendor is the vendor and the account of a choice, neither of what is no choice.
func (c *call) chosenVendor(choice string) (vendor, account *alma.Code) {
	for _, v := range c.vendors() {
		if choice == v.Code {
			return &alma.Code{Value: v.Code}, nil
		}
		for _, a := range v.Accounts {
			if choice == v.For(a.Code) {
				return &alma.Code{Value: v.Code}, &alma.Code{Value: a.Code}
			}
		}
	}
	return nil, nil
}

// kind is the type of how somebody is reached at work: the usual one, or the first of a table that lacks it.
func (c *call) kind(table, usual string) []alma.Code {
	if rows := c.choices(table); len(rows) > 0 && !c.Institution.Legal(table, usual) {
		usual = rows[0].Code
	}
	return []alma.Code{{Value: usual}}
}

// contactFields are the inputs in which a refused field was typed, by the field's name in the refusal.
var contactFields = map[string]string{
	"vendor": "for", "vendor account": "for", "user title": "user_title", "first_name": "first_name", "middle_name": "middle_name",
	"last_name": "last_name", "preferred language": "preferred_language", "email": "email", "email address": "email", "phone": "phone",
	"phone number": "phone", "address": "line1", "line1": "line1", "city": "city",
}

// contactRefused shows the form with what was typed, and at its inputs what is wrong.
func (c *call) contactRefused(typed map[string]string, reasons alma.Errors) error {
	p := newContactPage{Typed: typed, Wrong: make(map[string]string)}
	for _, e := range reasons {
		input, ok := contactFields[e.Field]
		if !ok {
			p.Refusal = append(p.Refusal, c.refusal(e))
			continue
		}
		p.Wrong[input] = c.look.words.say("contacts.wrong")
		if e.Value == "" {
			p.Wrong[input] = c.look.words.say("contacts.missing")
		}
		p.Refusal = append(p.Refusal, c.look.words.say("contacts."+input)+": "+p.Wrong[input])
		p.Focus = input
	}
	return c.showNewContact(http.StatusUnprocessableEntity, p)
}
