package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// clockSkew is how far the issuer's clock may be behind or ahead when a token has expired.
const clockSkew = 30 * time.Second

// Verifier checks OIDC tokens of one issuer for one audience.
type Verifier struct {
	tokens *oidc.IDTokenVerifier
	claim  string
}

// NewVerifier makes a verifier of tokens by issuer, for audience, whose claim holds the primary id of a patron's
// record; the claim must be one that only the issuer can set. Only RS256 and ES256 are taken. It asks the issuer
// nothing yet: discovery happens with the first well-formed token and again until it succeeds, through client.
func NewVerifier(issuer, audience, claim string, client *http.Client, now func() time.Time) *Verifier {
	config := &oidc.Config{
		ClientID:             audience,
		SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256},
		Now:                  func() time.Time { return now().Add(-clockSkew) },
	}
	keys := &issuerKeys{issuer: issuer, client: sparingClient(client, now)}
	return &Verifier{tokens: oidc.NewVerifier(issuer, keys, config), claim: claim}
}

// tokenError says that a token was not accepted. Its reason is for the caller and has nothing of the token in it.
type tokenError struct{ reason string }

func (e *tokenError) Error() string { return "the token was not accepted: " + e.reason }

// primaryID is the claim of a valid token that holds the primary id. A token that is not valid is a *tokenError; any
// other error means that the issuer could not be asked.
func (v *Verifier) primaryID(ctx context.Context, token string) (string, error) {
	var trouble error
	verified, err := v.tokens.Verify(context.WithValue(ctx, troubleKey{}, &trouble), token)
	if trouble != nil {
		return "", fmt.Errorf("ask the issuer of tokens for its keys: %w", trouble)
	}
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return "", &tokenError{reason: "the token expired"}
	}
	if err != nil {
		return "", &tokenError{reason: "the token is not valid here"}
	}
	var claims map[string]json.RawMessage
	var id string
	if verified.Claims(&claims) != nil || json.Unmarshal(claims[v.claim], &id) != nil || id == "" {
		return "", &tokenError{reason: "the token does not name a person"}
	}
	return id, nil
}

// troubleKey is where a context carries the error of an issuer that could not be asked. The library keeps only the
// text of a key set's errors, so that it would look like a bad token.
type troubleKey struct{}

// issuerKeys are the keys of an issuer, found by discovery when they are first needed. The library caches them and
// asks again for a key it does not know.
type issuerKeys struct {
	issuer string
	client *http.Client

	mu     sync.Mutex
	remote *oidc.RemoteKeySet
}

// VerifySignature implements [oidc.KeySet].
func (k *issuerKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	remote, err := k.discovered(ctx)
	if err == nil {
		var payload []byte
		if payload, err = remote.VerifySignature(ctx, token); err == nil {
			return payload, nil
		}
		// A wrapped error is that of fetching the keys; a signature that does not fit wraps nothing.
		if errors.Unwrap(err) == nil {
			return nil, err
		}
	}
	if trouble, ok := ctx.Value(troubleKey{}).(*error); ok {
		*trouble = err
	}
	return nil, err
}

func (k *issuerKeys) discovered(ctx context.Context) (*oidc.RemoteKeySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.remote != nil {
		return k.remote, nil
	}
	ctx = oidc.ClientContext(ctx, k.client)
	provider, err := oidc.NewProvider(ctx, k.issuer)
	if err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	var found struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&found); err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	k.remote = oidc.NewRemoteKeySet(ctx, found.Keys)
	return k.remote, nil
}
