package signin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// start serves a sign-in of two people whose key is in the file.
func start(t *testing.T, keyFile string) (*Provider, string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	people := map[string]Person{
		"ines":   {PrimaryID: "ines", Name: "Ines Calloway", Email: "ines@demo.example", Staff: true},
		"thomas": {PrimaryID: "thomas", Name: "Thomas Reed"},
	}
	provider, err := New(Settings{
		Issuer: server.URL, KeyFile: keyFile, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Offered: []Person{people["ines"]},
		Find: func(_ context.Context, id string) (Person, error) {
			p, ok := people[id]
			if !ok {
				return Person{}, errors.New("nobody")
			}
			return p, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", provider.Handler())
	return provider, server.URL
}

// claimed is what a verified token says of its person.
func claimed(t *testing.T, issuer, token string) string {
	t.Helper()
	discovered, err := gooidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := discovered.Verifier(&gooidc.Config{ClientID: Audience}).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := verified.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	id, _ := claims[Claim].(string)
	return id
}

func TestATokenVerifiesAndOutlivesARestart(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "key.pem")
	provider, issuer := start(t, keyFile)
	token, err := provider.Token(t.Context(), "ines")
	if err != nil {
		t.Fatal(err)
	}
	if got := claimed(t, issuer, token); got != "ines" {
		t.Errorf("the token is %q's, want ines's", got)
	}
	again, _ := start(t, keyFile)
	if again.storage.key.id != provider.storage.key.id {
		t.Error("after a restart the key is another")
	}
	if _, err := provider.Token(t.Context(), "nobody"); err == nil {
		t.Error("there is a token for somebody who does not exist")
	}
}

func TestAScriptGetsATokenForSomebody(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	for _, c := range []struct {
		id, secret string
		status     int
	}{
		{"thomas", Secret, 200}, {"thomas", "wrong", 401}, {"nobody", Secret, 401},
	} {
		resp, err := http.PostForm(issuer+"/oauth/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {c.secret},
		})
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Token string `json:"access_token"`
		}
		json.NewDecoder(resp.Body).Decode(&answer)
		resp.Body.Close()
		if (resp.StatusCode == 200) != (c.status == 200) {
			t.Errorf("%s with %s: %d, want %d", c.id, c.secret, resp.StatusCode, c.status)
		}
		if c.status == 200 && claimed(t, issuer, answer.Token) != c.id {
			t.Errorf("the token of %s is somebody else's", c.id)
		}
	}
}

// browser walks a sign-in as a web page and its visitor do. It goes where it is sent until that is the page's own address.
type browser struct {
	*testing.T
	issuer   string
	provider *gooidc.Provider
	page     oauth2.Config
	client   *http.Client
}

const (
	signedInAt  = "http://127.0.0.1:8080/desk/signed-in"
	signedOutAt = "http://127.0.0.1:8080/desk/signed-out"
)

func newBrowser(t *testing.T, issuer string) browser {
	t.Helper()
	provider, err := gooidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	return browser{
		T: t, issuer: issuer, provider: provider,
		page: oauth2.Config{ClientID: Audience, Endpoint: endpoint, RedirectURL: signedInAt, Scopes: []string{gooidc.ScopeOpenID, "profile"}},
		client: &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host == "127.0.0.1:8080" {
				return http.ErrUseLastResponse
			}
			return nil
		}},
	}
}

// read is the answer's status and body, and where it leads.
func (b browser) read(resp *http.Response, err error) (status int, body string, to *url.URL) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	to, _ = resp.Location()
	return resp.StatusCode, string(text), to
}

var hidden = regexp.MustCompile(`<input type="hidden" name="request" value="([^"]+)">`)

// choose opens the sign-in page, which offers Ines, and signs in as the person.
func (b browser) choose(person string, opts ...oauth2.AuthCodeOption) (back *url.URL) {
	b.Helper()
	_, page, _ := b.read(b.client.Get(b.page.AuthCodeURL("s1", opts...)))
	request := hidden.FindStringSubmatch(page)
	if request == nil || !strings.Contains(page, `<button name="person" value="ines" autofocus>`) {
		b.Fatalf("the page offers nobody: %s", page)
	}
	status, body, back := b.read(b.client.PostForm(b.issuer+"/sign-in", url.Values{"request": {request[1]}, "person": {person}}))
	if back == nil || !strings.HasPrefix(back.String(), signedInAt+"?") {
		b.Fatalf("not sent back but %d %s", status, body)
	}
	return back
}

func TestThePageOfTheDeskSignsSomebodyInAndOut(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	b, verifier := newBrowser(t, issuer), oauth2.GenerateVerifier()
	back := b.choose("ines", oauth2.S256ChallengeOption(verifier), gooidc.Nonce("n1"))
	if got := back.Query().Get("state"); got != "s1" {
		t.Errorf("the state is %q", got)
	}
	code := back.Query().Get("code")
	tokens, err := b.page.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := b.provider.Verifier(&gooidc.Config{ClientID: Audience}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil || id.Nonce != "n1" || claims[Claim] != "ines" || claims["name"] != "Ines Calloway" {
		t.Errorf("the ID token has the nonce %q and says %v, %v", id.Nonce, claims, err)
	}
	if got := claimed(t, issuer, tokens.AccessToken); got != "ines" {
		t.Errorf("the access token is %q's, want ines's", got)
	}
	if _, err := b.page.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code is taken twice")
	}

	var discovered struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := b.provider.Claims(&discovered); err != nil {
		t.Fatal(err)
	}
	status, body, to := b.read(b.client.Get(discovered.EndSession + "?" + url.Values{
		"client_id": {Audience}, "post_logout_redirect_uri": {signedOutAt},
	}.Encode()))
	if to == nil || to.String() != signedOutAt {
		t.Errorf("signed out, not sent to %s but %v: %d %s", signedOutAt, to, status, body)
	}
}

// TestOnlyWhoBeganASignInEndsIt: a code is worth nothing without the verifier it was asked for with, and neither
// is that of a sign-in that was begun without one.
func TestOnlyWhoBeganASignInEndsIt(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	b := newBrowser(t, issuer)
	for name, c := range map[string]struct{ asked, given []oauth2.AuthCodeOption }{
		"another verifier": {
			asked: []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(oauth2.GenerateVerifier())},
			given: []oauth2.AuthCodeOption{oauth2.VerifierOption(oauth2.GenerateVerifier())},
		},
		"no verifier": {asked: []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(oauth2.GenerateVerifier())}},
		"no PKCE":     {},
	} {
		code := b.choose("thomas", c.asked...).Query().Get("code")
		_, err := b.page.Exchange(t.Context(), code, c.given...)
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || refused.Response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

func TestThePageSaysWhatIsWrong(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	b := newBrowser(t, issuer)
	_, page, _ := b.read(b.client.Get(b.page.AuthCodeURL("s1")))
	begun := hidden.FindStringSubmatch(page)[1]
	for _, c := range []struct{ name, request, person, want string }{
		{"nobody", begun, `"><b>`, `value="&#34;&gt;&lt;b&gt;" aria-invalid="true" aria-describedby="problem" autofocus>`},
		{"no such sign-in", "gone", "ines", "This sign-in is over"},
	} {
		status, body, _ := b.read(b.client.PostForm(issuer+"/sign-in", url.Values{"request": {c.request}, "person": {c.person}}))
		if status != http.StatusBadRequest || !strings.Contains(body, c.want) || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d %s, want %s", c.name, status, body, c.want)
		}
	}
	if status, body, _ := b.read(b.client.Get(issuer + "/sign-in?request=gone")); status != http.StatusBadRequest || strings.Contains(body, "<form") {
		t.Errorf("a sign-in that is over: %d %s", status, body)
	}
}

func TestPeopleAreGrouped(t *testing.T) {
	v := view{People: []Person{{PrimaryID: "a"}, {PrimaryID: "b", Staff: true}, {PrimaryID: "c"}}}
	want := []group{{"Library staff", []Person{v.People[1]}}, {"Patrons", []Person{v.People[0], v.People[2]}}}
	if got := v.Groups(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (view{People: v.People[:1]}).Groups(); len(got) != 1 {
		t.Errorf("got %v, want one group", got)
	}
}

func TestTheFrontPageTellsHowToGetAToken(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	resp, err := http.Get(issuer)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if want := "client_id=ines -d client_secret=demo " + issuer + "/oauth/token"; err != nil || !strings.Contains(string(body), want) {
		t.Errorf("%s, %v; want %s in it", body, err, want)
	}
}

func TestOnlyPagesOfThisMachineAreSentBackTo(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	b := newBrowser(t, issuer)
	for _, elsewhere := range []string{"http://elsewhere.example/desk/signed-in", "http://127.0.0.1:8080@elsewhere.example/desk/signed-in"} {
		b.page.RedirectURL = elsewhere
		if status, body, _ := b.read(b.client.Get(b.page.AuthCodeURL("s1"))); status != http.StatusBadRequest {
			t.Errorf("a sign-in for %s answers %d %s, want 400", elsewhere, status, body)
		}
		out := issuer + "/end_session?" + url.Values{"client_id": {Audience}, "post_logout_redirect_uri": {elsewhere}}.Encode()
		if status, body, to := b.read(b.client.Get(out)); status != http.StatusBadRequest || to != nil {
			t.Errorf("a sign-out to %s answers %d %s, want 400", elsewhere, status, body)
		}
	}
}
