package signin

import (
	"net/url"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client implements op.Client. There are two kinds: [Audience], a web page's client without a secret, and each person,
// as a script's client that gets tokens for that person.
type client struct{ id string }

func (c client) page() bool { return c.id == Audience }

// GetID implements op.Client.
func (c client) GetID() string { return c.id }

// RedirectURIs implements op.Client.
func (c client) RedirectURIs() []string { return nil }

// RedirectURIGlobs implements op.HasRedirectGlobs: pages of this machine alone. A port is written as digits, because a
// star there would also stand for "@" and another machine.
func (c client) RedirectURIGlobs() []string {
	var globs []string
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for digits := 1; digits <= 5; digits++ {
			origin := "http://" + host + ":" + strings.Repeat("[0-9]", digits)
			globs = append(globs, origin+"/*", origin+"/*/*")
		}
	}
	return globs
}

// PostLogoutRedirectURIs implements op.Client.
func (c client) PostLogoutRedirectURIs() []string { return nil }

// PostLogoutRedirectURIGlobs implements op.HasRedirectGlobs.
func (c client) PostLogoutRedirectURIGlobs() []string { return c.RedirectURIGlobs() }

// ApplicationType implements op.Client.
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// AuthMethod implements op.Client.
func (c client) AuthMethod() oidc.AuthMethod {
	if c.page() {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodPost
}

// ResponseTypes implements op.Client.
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes implements op.Client.
func (c client) GrantTypes() []oidc.GrantType {
	if c.page() {
		return []oidc.GrantType{oidc.GrantTypeCode}
	}
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}

// LoginURL implements op.Client.
func (c client) LoginURL(id string) string { return "/sign-in?request=" + url.QueryEscape(id) }

// AccessTokenType implements op.Client: a token the functions verify themselves.
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

// IDTokenLifetime implements op.Client.
func (c client) IDTokenLifetime() time.Duration { return Lifetime }

// DevMode implements op.Client: it allows redirects to plain http.
func (c client) DevMode() bool { return true }

// RestrictAdditionalIdTokenScopes implements op.Client.
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string { return same }

// RestrictAdditionalAccessTokenScopes implements op.Client.
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

func same(scopes []string) []string { return scopes }

// IsScopeAllowed implements op.Client.
func (c client) IsScopeAllowed(string) bool { return false }

// IDTokenUserinfoClaimsAssertion implements op.Client.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

// ClockSkew implements op.Client.
func (c client) ClockSkew() time.Duration { return 0 }
