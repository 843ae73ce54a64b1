package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

// start serves a sign-in of two people whose key is in the file.
func start(t *testing.T, keyFile string) (*Provider, string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	people := map[string]Person{
		"ines":   {PrimaryID: "ines", Name: "Ines Calloway", Email: "ines@demo.example"},
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

func TestAPageSignsSomebodyIn(t *testing.T) {
	_, issuer := start(t, filepath.Join(t.TempDir(), "key.pem"))
	const verifier, redirect = "a-verifier-of-more-than-forty-three-characters-length", "http://127.0.0.1:8080/signed-in"
	sum := sha256.Sum256([]byte(verifier))
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	follow := func(resp *http.Response, err error) *url.URL {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		to, err := resp.Location()
		if err != nil {
			body, _ := io.ReadAll(resp.Body)
			t.Fatalf("no redirect but %d %s", resp.StatusCode, body)
		}
		return to
	}
	page := follow(stay.Get(issuer + "/authorize?" + url.Values{
		"client_id": {Audience}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"openid profile email"}, "state": {"s1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()))
	shown, err := http.Get(issuer + page.RequestURI())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(shown.Body)
	shown.Body.Close()
	if !strings.Contains(string(body), "Ines Calloway") {
		t.Errorf("the page offers nobody: %s", body)
	}
	callback := follow(stay.PostForm(issuer+"/sign-in", url.Values{"request": {page.Query().Get("request")}, "person": {"thomas"}}))
	back := follow(stay.Get(callback.String()))
	if !strings.HasPrefix(back.String(), redirect) || back.Query().Get("state") != "s1" {
		t.Fatalf("sent back to %s", back)
	}
	resp, err := http.PostForm(issuer+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {redirect},
		"client_id": {Audience}, "code_verifier": {verifier},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	for kind, token := range map[string]string{"access": answer.Access, "ID": answer.ID} {
		if got := claimed(t, issuer, token); got != "thomas" {
			t.Errorf("the %s token is %q's, want thomas's", kind, got)
		}
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
	resp, err := http.Get(issuer + "/authorize?" + url.Values{
		"client_id": {Audience}, "redirect_uri": {"http://elsewhere.example/"}, "response_type": {"code"}, "scope": {"openid"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a redirect elsewhere answers %d, want 400", resp.StatusCode)
	}
}
