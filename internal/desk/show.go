package desk

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"patrondesk/internal/auth"
)

// view is what every page is made of.
type view struct {
	Lang    string
	Route   string // of the page, for the menu
	Said    *said
	Staff   string // the name of who is signed in; empty for nobody
	Here    circulationDesk
	AtDesk  bool // whether a circulation desk is chosen
	Desks   int  // how many there are to choose from
	Library string
	Page    any

	caller auth.Caller
}

// May reports whether who is signed in has a right, by its name in package auth: "fulfilment:write".
func (v view) May(right string) bool { return v.caller.May(auth.Right(right)) }

// Assigns, Manages, Releases and Overrides report what who is signed in may do beyond rights, see auth.Caller.
func (v view) Assigns() bool   { return v.caller.AssignsRoles }
func (v view) Manages() bool   { return v.caller.ManagesUsers }
func (v view) Releases() bool  { return v.caller.ReleasesJobs }
func (v view) Overrides() bool { return v.caller.OverridesBlocks }

// On reports whether the page is the one of that route, or one below it.
func (v view) On(path string) bool {
	_, at, _ := strings.Cut(v.Route, " ")
	return at == path || path != "/desk" && strings.HasPrefix(at, path+"/")
}

// show answers with a page.
func (c *call) show(name string, page any) error { return c.showAs(http.StatusOK, name, page) }

// showAs answers with a page and a status.
func (c *call) showAs(status int, name string, page any) error {
	v := view{
		Lang: c.look.Tag(), Route: c.r.Pattern, Library: c.Institution.Name, Staff: c.staff.DisplayName(),
		Desks: len(c.desks()), Page: page, caller: c.caller, Said: c.takeSaid(),
	}
	v.Here, v.AtDesk = c.chosenDesk()
	return c.write(status, name, "layout.html", v)
}

// showAlone answers with a page that is for nobody in particular.
func (c *call) showAlone(status int, name string, page any) error {
	return c.write(status, name, "layout.html", view{Lang: c.look.Tag(), Library: c.Institution.Name, Page: page})
}

// write answers with a part of a page's template.
func (c *call) write(status int, name, part string, data any) error {
	t, err := c.look.template(name)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, part, data); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.look.Tag())
	h.Set("Cache-Control", "no-store")
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", c.policy())
	}
	c.send(status, body.Bytes())
	return nil
}

// policy is what a page may load and where its forms may lead: signing out leads on to the provider, and browsers hold
// that against the form, too.
func (c *call) policy() string {
	forms := "'self'"
	for _, origin := range []string{c.Provider.Origin(), c.BucketOrigin} {
		if origin != "" {
			forms += " " + origin
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
		"form-action " + forms + "; frame-ancestors 'none'; base-uri 'none'"
}

// gzipFrom is from how many bytes on an answer is compressed.
const gzipFrom = 1 << 10

// send answers with a body, compressed where the browser takes that: no gateway does it.
func (c *call) send(status int, body []byte) {
	c.w.Header().Add("Vary", "Accept-Encoding")
	if len(body) >= gzipFrom && strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body) // to memory
		_ = z.Close()
		c.w.Header().Set("Content-Encoding", "gzip")
		body = packed.Bytes()
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the browser is gone when this fails
}

// redirect sends the browser to another page, with GET.
func (c *call) redirect(to string) {
	c.w.Header().Set("Location", to)
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(http.StatusSeeOther)
}

// said is what a page tells of what was done on the one before.
type said struct {
	Kind string `json:"kind"` // good, warn or bad
	Text string `json:"text"`
	More string `json:"more,omitempty"`
}

// saidLasts is for how long what was done waits to be told.
const saidLasts = time.Minute

// longestSaid keeps what is told within what a browser takes as a cookie, 4096 bytes with its name and all (RFC 6265, 6.1).
const longestSaid = 3800

// say has the next page tell something. Of what is too long for that the beginning is told.
func (c *call) say(s said) {
	told := s.cookie()
	if len(told) > longestSaid {
		s.More = ""
		told = s.cookie()
	}
	for len(told) > longestSaid {
		text := []rune(s.Text)
		s.Text = string(text[:len(text)/2]) + "…"
		told = s.cookie()
	}
	c.setCookie(saidCookie, told, saidLasts)
}

// cookie is the value of the cookie in which it waits.
func (s said) cookie() string {
	text, err := json.Marshal(s)
	if err != nil { // texts
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// good has the next page tell that something was done.
func (c *call) good(key string, values ...any) {
	c.say(said{Kind: "good", Text: c.look.words.say(key, values...)})
}

// takeSaid is what is to be told, once.
func (c *call) takeSaid() *said {
	decoded, err := base64.RawURLEncoding.DecodeString(c.cookie(saidCookie))
	if err != nil || len(decoded) == 0 {
		return nil
	}
	c.dropCookie(saidCookie)
	var s said
	if json.Unmarshal(decoded, &s) != nil {
		return nil
	}
	return &s
}

// headers sets what every answer says to the browser.
func headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.Header.Get("X-Forwarded-Proto") == "https" {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.ServeHTTP(w, r)
	})
}
