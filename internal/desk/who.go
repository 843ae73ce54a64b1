package desk

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patrondesk/internal/auth"
	"patrondesk/internal/obs"
	"patrondesk/internal/session"
)

// Names of cookies. Where pages come by https their names begin with __Host-, so that no other host of the domain can set
// them (RFC 6265bis, 4.1.3.2).
const (
	sessionCookie = "patrondesk"
	attemptCookie = "patrondesk-sign-in"
	saidCookie    = "patrondesk-said"
)

// attemptLasts is how long somebody may take to sign in.
const attemptLasts = 15 * time.Minute

// errSignedOut says that nobody is signed in, or no longer.
var errSignedOut = errors.New("nobody is signed in")

// findSession reads who is signed in. The error is errSignedOut, or an *alma.Error when they have no valid record.
func (c *call) findSession() error {
	token := c.cookie(sessionCookie)
	if token == "" {
		return errSignedOut
	}
	s, err := c.Sessions.Session(c.r.Context(), session.Hash(token))
	if errors.Is(err, session.ErrNotFound) || err == nil && s.Over(c.Clock()) {
		return errSignedOut
	}
	if err != nil {
		return err
	}
	c.session = s
	if c.caller, c.staff, err = c.People.PersonOf(c.r.Context(), s.UID); err != nil {
		return err
	}
	obs.SetCaller(c.r.Context(), string(auth.StaffCaller))
	c.look = c.lookFor(c.r, c.staff.PreferredLanguage.Value)
	if s.Unmarked(c.Clock()) {
		return c.remember(func(*session.Session) {})
	}
	return nil
}

// remember changes the session, which counts as used. Of two pages at once that change it, both do.
func (c *call) remember(change func(*session.Session)) error {
	for {
		s := c.session
		change(&s)
		s.Used = c.Clock()
		saved, err := c.Sessions.SaveSession(c.r.Context(), s)
		if err == nil {
			c.session = saved
			return nil
		}
		if !errors.Is(err, session.ErrChanged) {
			return err
		}
		if c.session, err = c.Sessions.Session(c.r.Context(), s.Hash); errors.Is(err, session.ErrNotFound) {
			return errSignedOut
		} else if err != nil {
			return err
		}
	}
}

// unless asks to sign in where that is what was wrong. What a form had in it is on the page that asks, to be sent again. A
// script is told so in the page it asked for, as it cannot follow to the provider.
func (c *call) unless(err error) error {
	if !errors.Is(err, errSignedOut) {
		return err
	}
	if c.r.Method == http.MethodGet && c.r.Header.Get("Sec-Fetch-Dest") != "empty" {
		c.redirect("/desk/sign-in?" + url.Values{"to": {c.r.URL.RequestURI()}}.Encode())
		return nil
	}
	if err := c.readForm(); err != nil {
		return err
	}
	return c.showAlone(http.StatusUnauthorized, "ended", ended{To: c.r.URL.EscapedPath(), Fields: c.r.PostForm})
}

// ended is what the page of an ended session shows: where a form was to go, and what was in it.
type ended struct {
	To     string
	Fields url.Values
}

// signIn answers GET /desk/sign-in: it sends the browser to the provider.
func (c *call) signIn() error {
	if c.Provider.Issuer == "" {
		return c.showAlone(http.StatusNotFound, "no-sign-in", nil)
	}
	attempt, address, err := c.Provider.Begin(c.r.Context(), c.absolute("/desk/signed-in"), ownPage(c.r.URL.Query().Get("to")))
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(attempt)
	if err != nil {
		return err
	}
	c.setCookie(attemptCookie, base64.RawURLEncoding.EncodeToString(encoded), attemptLasts)
	c.redirect(address)
	return nil
}

// longestPage keeps the address of the page to go on with within a cookie.
const longestPage = 1000

// ownPage is the page to go on with, which must be one of the desk's.
func ownPage(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > longestPage || u.IsAbs() || u.Host != "" || u.Path != "/desk" && !strings.HasPrefix(u.Path, "/desk/") || strings.ContainsAny(to, "\\\r\n") {
		return "/desk"
	}
	return to
}

// signedInAtProvider answers GET /desk/signed-in, where the provider sends the browser back to: a session begins.
func (c *call) signedInAtProvider() error {
	var attempt session.Attempt
	decoded, err := base64.RawURLEncoding.DecodeString(c.cookie(attemptCookie))
	if err == nil {
		err = json.Unmarshal(decoded, &attempt)
	}
	if err != nil || attempt.State != c.r.URL.Query().Get("state") {
		return c.overtaken()
	}
	c.dropCookie(attemptCookie)
	id, err := c.Provider.Finish(c.r.Context(), c.absolute("/desk/signed-in"), attempt, c.r.URL.Query())
	if errors.Is(err, session.ErrRefused) {
		return c.showAlone(http.StatusBadRequest, "not-signed-in", nil)
	}
	if err != nil {
		return err
	}
	return c.begin(id, attempt.To)
}

// overtaken answers who comes back with what does not belong to the browser's attempt: of several pages that asked to sign in
// at once, the last one's attempt is the browser's. Once it has signed in there is nothing wrong with the others.
func (c *call) overtaken() error {
	if c.findSession() != nil {
		return c.showAlone(http.StatusBadRequest, "not-signed-in", nil)
	}
	c.redirect("/desk")
	return nil
}

// begin begins a session of a member of staff, at the only circulation desk they may work at where there is one.
func (c *call) begin(primaryID, to string) error {
	caller, staff, err := c.People.Person(c.r.Context(), primaryID)
	if err == nil && caller.Kind != auth.StaffCaller {
		return c.showAlone(http.StatusForbidden, "not-staff", nil)
	}
	if err != nil {
		return err
	}
	c.caller, c.staff = caller, staff
	c.look = c.lookFor(c.r, staff.PreferredLanguage.Value)
	if err := c.endSession(); err != nil {
		return err
	}
	s, token := session.New(caller.UID, c.Clock())
	desks := c.desks()
	if len(desks) == 1 {
		s.Library, s.Desk = desks[0].Library, desks[0].Code
	}
	if _, err := c.Sessions.SaveSession(c.r.Context(), s); err != nil {
		return err
	}
	c.setCookie(sessionCookie, token, session.Longest)
	to = ownPage(to)
	if len(desks) > 1 {
		to = "/desk/circulation-desk?" + url.Values{"to": {to}}.Encode()
	}
	c.redirect(to)
	return nil
}

// signOut answers POST /desk/sign-out: the session ends, here and at the provider.
func (c *call) signOut() error {
	if err := c.endSession(); err != nil {
		return err
	}
	c.dropCookie(sessionCookie)
	c.dropCookie(saidCookie)
	to := c.Provider.Leave(c.r.Context(), c.absolute("/desk/signed-out"))
	if to == "" {
		to = "/desk/signed-out"
	}
	c.redirect(to)
	return nil
}

// endSession ends the session of the browser, if it has one.
func (c *call) endSession() error {
	token := c.cookie(sessionCookie)
	if token == "" {
		return nil
	}
	return c.Sessions.EndSession(c.r.Context(), session.Hash(token))
}

// signedOut answers GET /desk/signed-out.
func (c *call) signedOut() error { return c.showAlone(http.StatusOK, "signed-out", nil) }

// absolute is the whole address of a page, as the browser reaches it.
func (c *call) absolute(path string) string {
	if c.secure() {
		return "https://" + c.r.Host + path
	}
	return "http://" + c.r.Host + path
}

// secure reports whether the browser came by https.
func (c *call) secure() bool { return c.r.Header.Get("X-Forwarded-Proto") == "https" }

func (c *call) cookieName(name string) string {
	if c.secure() {
		return "__Host-" + name
	}
	return name
}

// cookie is the value of a cookie of ours, or "".
func (c *call) cookie(name string) string {
	found, err := c.r.Cookie(c.cookieName(name))
	if err != nil {
		return ""
	}
	return found.Value
}

func (c *call) setCookie(name, value string, lasts time.Duration) {
	http.SetCookie(c.w, &http.Cookie{
		Name: c.cookieName(name), Value: value, Path: "/", MaxAge: int(lasts.Seconds()),
		HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode,
	})
}

func (c *call) dropCookie(name string) {
	http.SetCookie(c.w, &http.Cookie{
		Name: c.cookieName(name), Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode,
	})
}
