package desk

import (
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
	"patrondesk/internal/patron"
)

// adoption is the decision whether a record is given to an SIS profile.
type adoption struct{ Profiles []option }

// mayAdopt reports whether the record may be given to an SIS profile by the member of staff.
func (c *call) mayAdopt(u *alma.User) bool {
	return c.caller.ManagesUsers && !externalRecord(u) && u.RecordType.Value != string(patron.Contact) && len(c.Institution.SISProfiles) > 0
}

// adoption is the decision as it stands.
func (c *call) adoption() *adoption {
	d := new(adoption)
	for _, profile := range c.Institution.SISProfiles {
		name := profile.Name
		if name == "" {
			name = profile.Code
		}
		d.Profiles = append(d.Profiles, option{profile.Code, name, profile.Code == c.r.FormValue("profile")})
	}
	return d
}

// adopt gives the record to an SIS profile.
func (c *call) adopt() error {
	profile := c.r.PostFormValue("profile")
	a := c.ask(question{
		method: http.MethodPost, path: userPath(c.patronID()), query: url.Values{"op": {"adopt"}, "profile": {profile}}, match: c.r.PostFormValue("match"),
	})
	u, err := as[alma.User](a)
	if err != nil {
		return c.accountNotChanged(changing{op: "adopt", err: err})
	}
	c.good("record.adopted", c.profileOf(&u))
	c.redirect(patronPath(c.patronID()) + "/record")
	return nil
}

// secretsForm is where a new password and a new PIN are typed.
type secretsForm struct {
	Open     bool
	Errors   []formError
	Controls controls
}

// secretsForm is the form as it stands. What was typed in it is not shown again.
func (c *call) secretsForm(u *alma.User, tried changing) *secretsForm {
	f := &secretsForm{Open: tried.op == "secrets"}
	if staffRecord(u) && !c.caller.AssignsRoles {
		return nil
	}
	if !externalRecord(u) {
		f.Controls = append(f.Controls, c.control(formField{name: "password", as: asSecret}, "password", "", ""))
	}
	pin := c.control(formField{name: "pin_number", as: asSecret}, "pin_number", "", "")
	pin.Most = 4
	f.Controls = append(f.Controls, pin)
	if f.Open {
		f.Errors = c.formErrors(tried.err, f.Controls)
	}
	return f
}

// changeSecrets gives the patron a new password or PIN.
func (c *call) changeSecrets() error {
	a := c.ask(question{method: http.MethodGet, path: userPath(c.patronID())})
	u, err := as[alma.User](a)
	if err != nil {
		return err
	}
	u.Password, u.PINNumber = c.r.PostFormValue("password"), c.r.PostFormValue("pin_number")
	done := "edit.unchanged"
	if u.Password+u.PINNumber != "" {
		done, err = "record.secrets-changed", c.ask(question{method: http.MethodPut, path: userPath(c.patronID()), body: u, match: a.tag()}).err
	}
	if err != nil {
		return c.accountNotChanged(changing{op: "secrets", err: err})
	}
	c.good(done)
	c.redirect(patronPath(c.patronID()) + "/record")
	return nil
}

// accountNotChanged shows the part general again, and why the change was not made.
func (c *call) accountNotChanged(tried changing) error {
	if _, said := refused(tried.err); !said {
		return tried.err
	}
	p, err := c.patron("record")
	if err != nil {
		return err
	}
	if tried.op == "adopt" {
		p.Refusal = c.adoptionRefused(tried.err)
	}
	return c.showRecord(http.StatusUnprocessableEntity, p, tried)
}

// adoptionRefused is why a record was not given to an SIS profile.
func (c *call) adoptionRefused(err error) []string {
	if hasCode(err, alma.Forbidden().Code) {
		return []string{c.look.words.say("record.adopt-forbidden")}
	}
	var texts []string
	for _, e := range c.formErrors(err, nil) {
		texts = append(texts, e.Text)
	}
	return texts
}
