// Package authtest gives tests an OIDC issuer: discovery and keys over HTTP, and tokens signed by it.
package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"patrondesk/internal/auth"
)

// Audience is whom the issuer's tokens are for.
const Audience = "patrondesk"

// Issuer is an issuer with one key, which ends with the test.
type Issuer struct {
	t      testing.TB
	server *httptest.Server
	key    *ecdsa.PrivateKey
}

// NewIssuer starts an issuer on loopback.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, key: newKey(t)}
	i.server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	return i
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/keys" {
		public := jose.JSONWebKey{Key: i.key.Public(), KeyID: "1", Algorithm: string(jose.ES256), Use: "sig"}
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": i.server.URL, "jwks_uri": i.server.URL + "/keys", "authorization_endpoint": i.server.URL + "/authorize",
	})
}

// Verifier takes the issuer's tokens, whose claim preferred_username is a primary id.
func (i *Issuer) Verifier() *auth.Verifier {
	return auth.NewVerifier(i.server.URL, Audience, "preferred_username", http.DefaultClient, time.Now)
}

// Bearer is the Authorization header of the person with that primary id, good for an hour. Changes replace claims.
func (i *Issuer) Bearer(primaryID string, changes map[string]any) string {
	return "Bearer " + i.sign(i.key, primaryID, changes)
}

// Forged is Bearer signed with a key that is not the issuer's, under the id of one that is.
func (i *Issuer) Forged(primaryID string) string {
	return "Bearer " + i.sign(newKey(i.t), primaryID, nil)
}

func (i *Issuer) sign(key *ecdsa.PrivateKey, primaryID string, changes map[string]any) string {
	i.t.Helper()
	claims := map[string]any{
		"iss": i.server.URL, "aud": Audience, "sub": "1", "preferred_username": primaryID, "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}
