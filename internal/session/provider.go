package session

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ErrRefused says that somebody did not sign in: the provider said no, or what came back is not the answer to what was
// asked. Signing in again may help.
var ErrRefused = errors.New("the sign-in was not completed")

// askTimeout bounds a question to the provider.
const askTimeout = 5 * time.Second

// Provider is an OpenID provider at which people sign in with the authorization code flow and PKCE (RFC 7636), as users of
// a client without a secret.
type Provider struct {
	// Issuer, Client and Claim are its address, the id of the client, and the claim of an ID token that holds the primary id.
	Issuer, Client, Claim string
	// Logout is where people sign out of the provider, as the beginning of an address that the escaped one they return to
	// follows; empty for the provider's own end_session_endpoint, if it has one.
	Logout string
	Now    func() time.Time

	asking sync.Mutex // is held while the provider is asked
	found  atomic.Pointer[found]
}

// found is what discovery told.
type found struct {
	provider   *oidc.Provider
	endSession string
}

// Attempt is what a browser keeps while its user is at the provider. It is of use to nobody else.
type Attempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	To       string `json:"to"` // the page to go on with
}

// Begin is an attempt to sign in, and the address at the provider to send the browser to, which comes back to back.
func (p *Provider) Begin(ctx context.Context, back, to string) (Attempt, string, error) {
	f, err := p.discover(ctx)
	if err != nil {
		return Attempt{}, "", err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to}
	address := p.config(f, back).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier))
	return a, address, nil
}

// Finish is the primary id of whoever signed in, from the parameters the browser came back with. The error is
// [ErrRefused], or that the provider could not be asked.
func (p *Provider) Finish(ctx context.Context, back string, a Attempt, came url.Values) (primaryID string, err error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(came.Get("state"))) != 1 || came.Get("code") == "" {
		return "", ErrRefused
	}
	f, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	tokens, err := p.config(f, back).Exchange(ctx, came.Get("code"), oauth2.VerifierOption(a.Verifier))
	if _, said := errors.AsType[*oauth2.RetrieveError](err); said {
		return "", ErrRefused
	}
	if err != nil {
		return "", fmt.Errorf("exchange the code: %w", err)
	}
	return p.primaryID(ctx, f, tokens, a.Nonce)
}

// primaryID is that in a valid ID token.
func (p *Provider) primaryID(ctx context.Context, f *found, tokens *oauth2.Token, nonce string) (string, error) {
	raw, _ := tokens.Extra("id_token").(string)
	verifier := f.provider.Verifier(&oidc.Config{ClientID: p.Client, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256}, Now: p.Now})
	token, err := verifier.Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return "", ErrRefused
	}
	var claims map[string]json.RawMessage
	var id string
	if token.Claims(&claims) != nil || json.Unmarshal(claims[p.Claim], &id) != nil || id == "" {
		return "", ErrRefused
	}
	return id, nil
}

// Leave is the address at the provider that signs people out there too, and sends them back to back; "" when there is
// none.
func (p *Provider) Leave(ctx context.Context, back string) string {
	if p.Logout != "" {
		return p.Logout + url.QueryEscape(back)
	}
	f, err := p.discover(ctx)
	if err != nil || f.endSession == "" {
		return ""
	}
	return f.endSession + "?" + url.Values{"client_id": {p.Client}, "post_logout_redirect_uri": {back}}.Encode()
}

func (p *Provider) config(f *found, back string) *oauth2.Config {
	endpoint := f.provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // the client has no secret to show otherwise
	return &oauth2.Config{ClientID: p.Client, Endpoint: endpoint, RedirectURL: back, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// discover asks the provider where its endpoints are, until it has told once.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	p.asking.Lock()
	defer p.asking.Unlock()
	if f := p.found.Load(); f != nil {
		return f, nil
	}
	// The library keeps the context's client for the keys it fetches later, and never the context itself.
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: askTimeout})
	provider, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	f := &found{provider, more.EndSession}
	p.found.Store(f)
	return f, nil
}

// Origin is where the provider signs people out, as a page's policy names it: "https://login.example.edu". While the
// provider was not asked yet, it is that of its address; no page waits for that.
func (p *Provider) Origin() string {
	address := p.Issuer
	if f := p.found.Load(); f != nil && f.endSession != "" {
		address = f.endSession
	}
	if p.Logout != "" {
		address = p.Logout
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
