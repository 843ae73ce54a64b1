package desk

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

var registerPages = []page{
	{"GET /desk/register", auth.UsersWrite, (*call).register},
	{"POST /desk/register", auth.UsersWrite, (*call).registerUser},
}

// registerForm is the quick form for somebody new.
type registerForm struct {
	RecordType string
	Types      []option
	// Once makes sending the form twice register one patron.
	Once   string
	Errors []formError
	// Known are patrons who may be the same person, and Taken is one who has the identifier that was typed.
	Known []alma.User
	Taken *alma.User
	controls
}

// registering is what is typed of somebody new.
type registering struct {
	user    alma.User
	shown   sheet
	mine    values
	barcode string
	once    string
}

// newUser is somebody of whom nothing is typed yet.
func (c *call) newUser(recordType string) registering {
	if recordType != string(patron.Staff) {
		recordType = string(patron.Public)
	}
	r := registering{once: rand.Text(), user: alma.User{
		RecordType: alma.Code{Value: recordType}, AccountType: alma.Code{Value: string(patron.Internal)},
		Status: alma.Code{Value: string(patron.Active)}, ContactInfo: new(alma.ContactInfo),
	}}
	r.shown = c.sheetOf(&r.user)
	r.mine = r.shown.typed(url.Values{"preferred_language": {c.Institution.DefaultLanguage()}})
	return r
}

// register answers GET /desk/register.
func (c *call) register() error {
	r := c.newUser(c.r.FormValue("record_type"))
	r.barcode = tidy(c.r.FormValue("barcode"))
	return c.showRegister(http.StatusOK, r, registerForm{}, nil)
}

// registerUser answers POST /desk/register: somebody new is registered, unless they seem to be known already and the
// member of staff has not said that they are not.
func (c *call) registerUser() error {
	r := c.newUser(c.r.PostFormValue("record_type"))
	r.mine, r.barcode, r.once = r.shown.typed(c.r.PostForm), tidy(c.r.PostFormValue("barcode")), c.r.PostFormValue("once")
	if as := c.r.PostFormValue("as"); as != "" {
		r.user.RecordType.Value = c.newUser(as).user.RecordType.Value
		return c.showRegister(http.StatusOK, r, registerForm{}, nil)
	}
	r.shown.apply(&r.user, r.mine)
	if r.barcode != "" {
		r.user.Identifiers = []alma.UserIdentifier{{Type: alma.Code{Value: "BARCODE"}, Value: r.barcode}}
	}
	if c.r.PostFormValue("anyway") == "" {
		known, err := c.known(&r.user)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			return c.showRegister(http.StatusConflict, r, registerForm{Known: known}, nil)
		}
	}
	created, err := as[alma.User](c.ask(question{method: http.MethodPost, path: "/users", body: r.user, once: r.once}))
	if err != nil {
		return c.registerRefused(r, err)
	}
	c.good("register.done", displayName(created))
	return c.open(created)
}

// registerRefused shows the form again with what was typed, and why it was refused.
func (c *call) registerRefused(r registering, err error) error {
	all, ok := refused(err)
	if !ok {
		return err
	}
	var f registerForm
	if all[0].Code == alma.UserExists("", "").Code {
		if taken, getErr := get[alma.User](c, userPath(all[0].Value), nil); getErr == nil {
			f.Taken = &taken
		}
	}
	return c.showRegister(http.StatusUnprocessableEntity, r, f, err)
}

// known are patrons of the same last name and birth date, or with the same e-mail address.
func (c *call) known(u *alma.User) ([]alma.User, error) {
	var queries []string
	if u.LastName != "" && u.BirthDate != "" {
		queries = append(queries, "last_name~"+strings.Join(searchWords(u.LastName), " ")+" AND birth_date~"+u.BirthDate)
	}
	for _, e := range u.ContactInfo.Emails {
		queries = append(queries, "email~"+e.Address)
	}
	var all []alma.User
	for _, q := range queries {
		found, err := get[alma.Users](c, "/users", url.Values{"q": {q}, "limit": {itoa(mostSuggested)}, "expand": {"full"}})
		if _, said := refused(err); err != nil && !said {
			return nil, err
		}
		for _, p := range found.User {
			if !slices.ContainsFunc(all, func(a alma.User) bool { return a.PrimaryID == p.PrimaryID }) {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// showRegister answers with the form, and with what is wrong with it.
func (c *call) showRegister(status int, r registering, f registerForm, err error) error {
	f.RecordType, f.Once = r.user.RecordType.Value, r.once
	for _, code := range []patron.RecordType{patron.Public, patron.Staff} {
		f.Types = append(f.Types, option{string(code), c.look.words.say("record." + string(code)), string(code) == f.RecordType})
	}
	f.controls = controls{c.control(formField{name: "barcode", as: asText}, "barcode", r.barcode, f.RecordType)}
	for _, n := range r.shown.units() {
		f.controls = append(f.controls, c.unitControls(n, &r.user, editing{shown: sheet{Values: r.mine}, mine: r.mine})...)
	}
	f.Field("primary_id").Hint = c.look.words.say("register.id-hint")
	first := f.Field("barcode")
	if r.barcode != "" {
		first = f.Field("first_name")
	}
	first.First = len(f.Known) == 0 && err == nil
	f.Errors = c.formErrors(err, f.controls)
	return c.showAs(status, "fields/register", f)
}
