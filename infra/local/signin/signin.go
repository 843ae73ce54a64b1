// Package signin is the demo's sign-in: an OpenID provider for the patrons of the demo library. It asks nobody for a
// password, so it serves on this machine only and is no part of a deployment.
package signin

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Audience is the audience of every token, and the client that web pages sign in with.
const Audience = "patrondesk"

// Claim is the claim of a token that holds the patron's primary id.
const Claim = "preferred_username"

// Secret is what a script gives as client_secret; everybody knows it.
const Secret = "demo"

// Lifetime is how long tokens are valid.
const Lifetime = 12 * time.Hour

// Person is somebody who may sign in.
type Person struct {
	PrimaryID, Name, Email string
	// About says in a few words who they are, for the sign-in page.
	About string
}

// Settings say who may sign in where.
type Settings struct {
	Issuer string
	// KeyFile holds the key that signs tokens; it is made when missing, so that tokens outlive a restart.
	KeyFile string
	// Find is the person with that primary id; an error when there is none.
	Find func(ctx context.Context, primaryID string) (Person, error)
	// Offered are the people the sign-in page offers.
	Offered []Person
	Now     func() time.Time
	Log     *slog.Logger
}

// Provider is the OpenID provider.
type Provider struct {
	settings Settings
	storage  *storage
	op       op.OpenIDProvider
}

// New makes a provider.
func New(s Settings) (*Provider, error) {
	key, err := loadKey(s.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("prepare the sign-in: %w", err)
	}
	store := newStorage(s, key)
	crypto := sha256.Sum256(key.private.D.Bytes())
	provider, err := op.NewProvider(&op.Config{
		CryptoKey: crypto, CryptoKeyId: "demo", CodeMethodS256: true, AuthMethodPost: true,
		SupportedScopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}, store, op.StaticIssuer(s.Issuer), op.WithAllowInsecure())
	if err != nil {
		return nil, fmt.Errorf("prepare the sign-in: %w", err)
	}
	return &Provider{settings: s, storage: store, op: provider}, nil
}

// Handler serves the provider and its sign-in page.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page)
	mux.HandleFunc("GET /sign-in", p.page)
	mux.Handle("POST /sign-in", op.NewIssuerInterceptor(p.op.IssuerFromRequest).HandlerFunc(p.chosen))
	mux.Handle("/", p.op)
	return mux
}

// Token is an access token for the person.
func (p *Provider) Token(ctx context.Context, primaryID string) (string, error) {
	if _, err := p.settings.Find(ctx, primaryID); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	ctx = op.ContextWithIssuer(ctx, p.settings.Issuer)
	token, _, _, err := op.CreateAccessToken(ctx, p.storage.tokenRequest(primaryID), op.AccessTokenTypeJWT, p.op, client{id: primaryID}, "")
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return token, nil
}

//go:embed page.html
var pageText string

func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	p.show(w, r.FormValue("request"), "")
}

func (p *Provider) show(w http.ResponseWriter, request, problem string) {
	page, err := template.New("page").Parse(pageText)
	if err == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		err = page.Execute(w, map[string]any{
			"Request": request, "Problem": problem, "People": p.settings.Offered, "Issuer": p.settings.Issuer, "Secret": Secret,
		})
	}
	if err != nil {
		p.settings.Log.Error("show the sign-in page", "error", err.Error())
	}
}

// chosen goes on with the sign-in as the person chosen on the page.
func (p *Provider) chosen(w http.ResponseWriter, r *http.Request) {
	request, person := r.FormValue("request"), r.FormValue("person")
	if err := p.storage.signedIn(r.Context(), request, person); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		p.show(w, request, "Nobody with that primary id can sign in, or this page is too old. Please start again.")
		return
	}
	http.Redirect(w, r, op.AuthCallbackURL(p.op)(r.Context(), request), http.StatusFound)
}
