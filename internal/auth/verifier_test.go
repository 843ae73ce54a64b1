package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

const audience = "patrondesk"

// claims are good claims with changes; a nil value takes a claim away.
func claims(issuer string, changes map[string]any) map[string]any {
	c := map[string]any{"iss": issuer, "aud": audience, "sub": "1", "preferred_username": "tweber",
		"iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix()}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func TestVerifier(t *testing.T) {
	iss := newIssuer(t)
	rsa, ec, stranger := newRSA(t, "rsa"), newEC(t, "ec"), newRSA(t, "rsa")
	iss.set(false, rsa.public(), ec.public())
	change := func(name string, value any) map[string]any { return claims(iss.URL, map[string]any{name: value}) }
	good := claims(iss.URL, nil)
	tests := []struct {
		name, token string
		want        string // the primary id, or part of the reason
		ok          bool
	}{
		{"RS256", rsa.sign(t, good), "tweber", true},
		{"ES256", ec.sign(t, good), "tweber", true},
		{"several audiences", rsa.sign(t, change("aud", []string{"other", audience})), "tweber", true},
		{"just expired", rsa.sign(t, change("exp", noon.Add(-20*time.Second).Unix())), "tweber", true},
		{"expired", rsa.sign(t, change("exp", noon.Add(-31*time.Second).Unix())), "expired", false},
		{"without expiry", rsa.sign(t, change("exp", nil)), "expired", false},
		{"not yet valid", rsa.sign(t, change("nbf", noon.Add(time.Hour).Unix())), "not valid", false},
		{"wrong issuer", rsa.sign(t, change("iss", "https://evil.example.org")), "not valid", false},
		{"wrong audience", rsa.sign(t, change("aud", "other")), "not valid", false},
		{"without audience", rsa.sign(t, change("aud", nil)), "not valid", false},
		{"without the claim", rsa.sign(t, change("preferred_username", nil)), "name a person", false},
		{"claim is no text", rsa.sign(t, change("preferred_username", 4711)), "name a person", false},
		{"claim is empty", rsa.sign(t, change("preferred_username", "")), "name a person", false},
		{"alg none", unsigned(good), "not valid", false},
		{"HS256 with the public key", withPublicAsSecret(t, rsa, good), "not valid", false},
		{"another's key under a known id", stranger.sign(t, good), "not valid", false},
		{"unknown key id", newRSA(t, "elsewhere").sign(t, good), "not valid", false},
		{"body changed", swapBody(rsa.sign(t, good), ec.sign(t, change("preferred_username", "root"))), "not valid", false},
		{"no token", "abc", "not valid", false},
	}
	v := NewVerifier(iss.URL, audience, "preferred_username", http.DefaultClient, newClock().now)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := v.primaryID(context.Background(), tt.token)
			if tt.ok {
				if err != nil || got != tt.want {
					t.Fatalf("got %q, %v; want %q", got, err, tt.want)
				}
				return
			}
			bad, is := errors.AsType[*tokenError](err)
			if !is || !strings.Contains(bad.reason, tt.want) {
				t.Errorf("got %q, %v; want a token error with %q", got, err, tt.want)
			}
		})
	}
}

// swapBody is token with the payload of other.
func swapBody(token, other string) string {
	a, b := strings.Split(token, "."), strings.Split(other, ".")
	return a[0] + "." + b[1] + "." + a[2]
}

func TestVerifierFollowsRotation(t *testing.T) {
	iss, c := newIssuer(t), newClock()
	first, second := newRSA(t, "1"), newEC(t, "2")
	iss.set(false, first.public())
	v := NewVerifier(iss.URL, audience, "preferred_username", http.DefaultClient, c.now)
	ask := func(s signer) error {
		_, err := v.primaryID(context.Background(), s.sign(t, claims(iss.URL, nil)))
		return err
	}
	if err := ask(first); err != nil {
		t.Fatal(err)
	}
	iss.set(false, second.public())
	c.pass(askPause)
	if err := ask(second); err != nil {
		t.Errorf("the new key: %v", err)
	}
	if err := ask(first); err == nil {
		t.Error("the withdrawn key was taken")
	}
	if got := iss.questions("/.well-known/openid-configuration"); got != 1 {
		t.Errorf("discovery: got %d questions, want 1", got)
	}
}

// Bad tokens cost the issuer nothing: malformed ones are not asked about, and made-up key ids once in askPause.
func TestVerifierSparesTheIssuer(t *testing.T) {
	iss, c := newIssuer(t), newClock()
	iss.set(false, newRSA(t, "1").public())
	v := NewVerifier(iss.URL, audience, "preferred_username", http.DefaultClient, c.now)
	for _, token := range []string{"", "x", "a.b.c", unsigned(claims(iss.URL, nil))} {
		v.primaryID(context.Background(), token)
	}
	if got := iss.questions("/.well-known/openid-configuration"); got != 0 {
		t.Errorf("malformed tokens: got %d questions, want none", got)
	}
	made := newEC(t, "made-up").sign(t, claims(iss.URL, nil))
	for range 20 {
		v.primaryID(context.Background(), made)
	}
	if got := iss.questions("/keys"); got != 1 {
		t.Errorf("made-up key ids: got %d questions, want 1", got)
	}
}

func TestVerifierRetriesAnIssuerThatWasDown(t *testing.T) {
	iss, c := newIssuer(t), newClock()
	key := newRSA(t, "1")
	v := NewVerifier(iss.URL, audience, "preferred_username", http.DefaultClient, c.now)
	token := key.sign(t, claims(iss.URL, nil))
	ask := func() error {
		_, err := v.primaryID(context.Background(), token)
		return err
	}
	iss.set(true)
	if _, bad := errors.AsType[*tokenError](ask()); bad {
		t.Error("discovery failed and the token was blamed")
	}
	iss.set(false)
	if _, bad := errors.AsType[*tokenError](ask()); !bad { // discovered, but there is no such key yet
		t.Error("an unknown key was not the token's fault")
	}
	c.pass(askPause)
	iss.set(true)
	if _, bad := errors.AsType[*tokenError](ask()); bad {
		t.Error("fetching keys failed and the token was blamed")
	}
	iss.set(false, key.public())
	if err := ask(); err != nil {
		t.Errorf("after the issuer came back: %v", err)
	}
}
