package desk

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/patron"
	"patrondesk/internal/session"
)

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	page := lib.anybody().get("/desk/find?q=21001")
	if got, want := page.location(), "/desk/sign-in?to=%2Fdesk%2Ffind%3Fq%3D21001"; got != want {
		t.Errorf("got %d to %q, want %q", page.status, got, want)
	}
}

func TestNothingTypedIsLostWhenTheSessionEnds(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	lib.item("1", "31105", "99")
	b := lib.staff("32")
	kept := b.cookies[sessionCookie]
	b.cookies[sessionCookie] = "0"
	form := url.Values{"barcode": {"31105"}, "once": {"a & b"}}
	page := b.post("/desk/patrons/ada.byron/loans", form)
	if page.status != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", page.status)
	}
	page.has(t, `action="/desk/patrons/ada.byron/loans"`, `name="barcode" value="31105"`, `name="once" value="a &amp; b"`, "Sign in again")
	b.cookies[sessionCookie] = kept // signed in again
	b.follow(b.post("/desk/patrons/ada.byron/loans", form)).has(t, "Lent: A title of 99")
}

func TestAScriptIsToldThatTheSessionEnded(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, lib.server.URL+"/desk/find?q=21001", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Dest", "empty")
	res, err := lib.anybody().client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %d, want 401: a script cannot follow to the provider", res.StatusCode)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for name, change := range map[string]func(*session.Session){
		"idle":     func(s *session.Session) { s.Used = s.Used.Add(-session.Idle) },
		"long ago": func(s *session.Session) { s.Began = s.Began.Add(-session.Longest) },
	} {
		s, token := session.New(lib.patron("old."+strings.ReplaceAll(name, " ", "")).UID, time.Now())
		change(&s)
		if _, err := lib.store.SaveSession(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		b := lib.anybody()
		b.cookies[sessionCookie] = token
		if page := b.get("/desk"); !strings.HasPrefix(page.location(), "/desk/sign-in") {
			t.Errorf("%s: got %d to %q, want the sign-in", name, page.status, page.location())
		}
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	token := b.cookies[sessionCookie]
	if page := b.post("/desk/sign-out", nil); page.status != http.StatusSeeOther || page.location() != "/desk/signed-out" {
		t.Errorf("got %d to %q, want the page that says so", page.status, page.location())
	}
	if b.cookies[sessionCookie] != "" {
		t.Error("the cookie is still there")
	}
	b.cookies[sessionCookie] = token // as somebody has it who copied it
	if page := b.get("/desk"); !strings.HasPrefix(page.location(), "/desk/sign-in") {
		t.Errorf("got %d to %q, want the sign-in", page.status, page.location())
	}
}

func TestWhoMayNotComeIn(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	plain := lib.patron("plain.patron")
	if page := lib.signIn(plain.PrimaryID).get("/desk"); page.status != http.StatusForbidden {
		t.Errorf("a patron: got %d, want 403", page.status)
	}
	b := lib.staff("32")
	p, err := lib.store.Patron(t.Context(), "staff.32")
	if err != nil {
		t.Fatal(err)
	}
	gone := p
	gone.Status = patron.Inactive
	if _, err := lib.store.ReplacePatron(t.Context(), p, gone); err != nil {
		t.Fatal(err)
	}
	if page := b.get("/desk"); page.status != http.StatusForbidden {
		t.Errorf("who left meanwhile: got %d, want 403", page.status)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	lib.item("1", "31105", "99")
	b := lib.staff("32")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, lib.server.URL+"/desk/patrons/ada.byron/loans", strings.NewReader("barcode=31105"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(name, value)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: b.cookies[sessionCookie]})
		res, err := b.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s: got %d, want 403", name, value, res.StatusCode)
		}
	}
	b.get("/desk/patrons/ada.byron/loans?show=all").lacks(t, "A title of 99")
}

func TestSignInLeadsToPagesOfTheDeskAlone(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"": "/desk", "/desk": "/desk", "/desk/patrons/a%2Fb?x=1": "/desk/patrons/a%2Fb?x=1", "/desks": "/desk", "https://evil.example/desk/": "/desk",
		"//evil.example/desk/": "/desk", `/desk/\evil`: "/desk", "/almaws/v1/users": "/desk", "desk": "/desk", "/desk/\r\nSet-Cookie: a": "/desk", "%zz": "/desk",
	} {
		if got := ownPage(to); got != want {
			t.Errorf("%q: got %q, want %q", to, got, want)
		}
	}
}

func TestCookiesAreKeptFromScriptsAndOtherSites(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, lib.server.URL+"/desk/sign-out", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-Proto", "https")
	res, err := lib.anybody().client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, c := range res.Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("got the cookie %v, want one for this host and no script alone", c)
		}
	}
	if len(res.Cookies()) == 0 {
		t.Error("there was no cookie")
	}
	if got := res.Header.Get("Strict-Transport-Security"); got == "" {
		t.Error("browsers are not told to come by https")
	}
}

func TestWithoutAnIssuerNobodySignsIn(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.desk.Provider.Issuer = ""
	page := lib.anybody().get("/desk/sign-in")
	page.has(t, "Nobody can sign in here yet")
	if page.status != http.StatusNotFound {
		t.Errorf("got %d, want 404", page.status)
	}
}

func TestWhatIsSentAgainGoesWhereItWent(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	page := lib.anybody().post("/desk/patrons/a%2Fb%3Fc/loans", url.Values{"barcode": {"31105"}})
	page.has(t, `action="/desk/patrons/a%2Fb%3Fc/loans"`)
}

func TestOddFormsOfNobodyAreNoFaults(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	for name, body := range map[string]string{"not well formed": "barcode=%zz", "too large": "note=" + strings.Repeat("x", maxForm)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, lib.server.URL+"/desk/patrons/ada.byron/loans", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := lib.anybody().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", name, res.StatusCode)
		}
	}
}

// TestSessionIsOneRecords holds that nobody gets the desk of somebody else by getting their primary id.
func TestSessionIsOneRecords(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	p, err := lib.store.Patron(t.Context(), "staff.32")
	if err != nil {
		t.Fatal(err)
	}
	renamed := p
	renamed.PrimaryID = "ines.married"
	if _, err := lib.store.ReplacePatron(t.Context(), p, renamed); err != nil {
		t.Fatal(err)
	}
	lib.patron("staff.32", func(p *patron.Patron) { p.Roles = append(p.Roles, role("50", "MAIN")) })
	page := b.get("/desk")
	page.has(t, "Ines Calloway")
	page.lacks(t, "Ada Byron")
}

// ending ends each session when it is to be written.
type ending struct{ sessions }

func (e ending) SaveSession(ctx context.Context, s session.Session) (session.Session, error) {
	if err := e.EndSession(ctx, s.Hash); err != nil {
		return s, err
	}
	return e.sessions.SaveSession(ctx, s)
}

func TestSessionThatEndsMeanwhile(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	b := lib.staff("32")
	lib.desk.Sessions = ending{lib.store}
	if page := b.get("/desk/patrons/ada.byron"); !strings.HasPrefix(page.location(), "/desk/sign-in") {
		t.Errorf("got %d to %q, want the sign-in", page.status, page.location())
	}
}

func TestSigningOutLeavesNothingToTell(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	lib.item("1", "31105", "99")
	b := lib.staff("32")
	b.post("/desk/patrons/ada.byron/loans", url.Values{"barcode": {"31105"}})
	b.post("/desk/sign-out", nil)
	if len(b.cookies) > 0 {
		t.Errorf("got the cookies %v, want none", b.cookies)
	}
}

// TestSignInsSideBySide holds that of several pages that asked to sign in at once, those that lost do not say that it failed.
func TestSignInsSideBySide(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	b := lib.staff("32")
	if page := b.get("/desk/signed-in?state=of-another-page&code=c"); page.location() != "/desk" {
		t.Errorf("got %d to %q, want the desk", page.status, page.location())
	}
	if page := lib.anybody().get("/desk/signed-in?state=of-another-page&code=c"); page.status != http.StatusBadRequest {
		t.Errorf("who is not signed in: got %d, want 400", page.status)
	}
}

func TestWhereToGoOnFitsIntoACookie(t *testing.T) {
	t.Parallel()
	if got := ownPage("/desk/find?q=" + strings.Repeat("&", 5000)); got != "/desk" {
		t.Errorf("got %d characters", len(got))
	}
}

// TestWhatIsToldFitsIntoACookie holds that what was done is told however much there is to tell.
func TestWhatIsToldFitsIntoACookie(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	lib.patron("ada.byron")
	it := lib.item("1", "31105", "99")
	it.Title = strings.Repeat("Ä<&>\"", 800)
	if _, _, err := lib.store.SaveItem(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	b := lib.staff("32")
	lent := b.post("/desk/patrons/ada.byron/loans", url.Values{"barcode": {"31105"}})
	for _, cookie := range lent.header.Values("Set-Cookie") {
		if len(cookie) > 4096 { // RFC 6265, 6.1
			t.Errorf("a cookie has %d bytes", len(cookie))
		}
	}
	b.follow(lent).has(t, "Lent: Ä&lt;&amp;&gt;")
}

// TestSigningInLeavesTheSessionBefore begins a session in a browser that has one.
func TestSigningInLeavesTheSessionBefore(t *testing.T) {
	t.Parallel()
	lib := newLibrary(t)
	before := lib.staff("32")
	token := before.cookies[sessionCookie]
	r := httptest.NewRequest(http.MethodGet, "/desk/signed-in", nil)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	w := httptest.NewRecorder()
	c := &call{Desk: lib.desk, w: w, r: r, look: lib.desk.lookFor(r, "")}
	if err := c.begin("staff.32", "https://elsewhere.example/"); err != nil {
		t.Fatal(err)
	}
	if to := w.Header().Get("Location"); to != "/desk" && !strings.HasPrefix(to, "/desk/") {
		t.Errorf("it leads to %s", to)
	}
	if got := w.Result().Cookies()[0]; got.Name != sessionCookie || got.Value == token {
		t.Errorf("got the cookie %v, want a new one", got)
	}
	if _, err := lib.store.Session(t.Context(), session.Hash(token)); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the session before: got %v, want that it ended", err)
	}
}
