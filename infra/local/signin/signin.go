// Package signin is the demo's sign-in: an OpenID provider for the patrons of the demo library. It asks nobody for a
// password, so it serves on this machine only and is no part of a deployment.
package signin

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
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
	// About says in a few words who they are, and Staff that they work at the library, for the sign-in page.
	About string
	Staff bool
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
	mux.HandleFunc("GET /{$}", p.front)
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

// view is what the page shows: the people to choose from for a sign-in, or without one what this is.
type view struct {
	Request, Person, Problem string
	People                   []Person
	Issuer, Secret           string
}

// group is a heading of the page and the people below it.
type group struct {
	Name   string
	People []Person
}

// Groups are the people by what they are to the library; nobody's group is not there.
func (v view) Groups() []group {
	all := []group{{Name: "Library staff"}, {Name: "Patrons"}}
	for _, p := range v.People {
		g := &all[1]
		if p.Staff {
			g = &all[0]
		}
		g.People = append(g.People, p)
	}
	return slices.DeleteFunc(all, func(g group) bool { return len(g.People) == 0 })
}

func (p *Provider) front(w http.ResponseWriter, _ *http.Request) { p.show(w, http.StatusOK, view{}) }

// page asks who signs in.
func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	request := r.FormValue("request")
	if _, err := p.storage.AuthRequestByID(r.Context(), request); err != nil {
		p.over(w)
		return
	}
	p.show(w, http.StatusOK, view{Request: request})
}

// chosen goes on with the sign-in as the person chosen on the page.
func (p *Provider) chosen(w http.ResponseWriter, r *http.Request) {
	request, person := r.FormValue("request"), r.FormValue("person")
	err := p.storage.signedIn(r.Context(), request, person)
	switch {
	case errors.Is(err, errGone):
		p.over(w)
	case err != nil:
		p.show(w, http.StatusBadRequest, view{Request: request, Person: person,
			Problem: "Nobody can sign in with this primary id. Correct it, or choose somebody from the list."})
	default:
		http.Redirect(w, r, op.AuthCallbackURL(p.op)(r.Context(), request), http.StatusFound)
	}
}

func (p *Provider) over(w http.ResponseWriter) {
	p.show(w, http.StatusBadRequest, view{Problem: "This sign-in is over or was never begun. Go back to where you came from and sign in again."})
}

func (p *Provider) show(w http.ResponseWriter, status int, v view) {
	v.People, v.Issuer, v.Secret = p.settings.Offered, p.settings.Issuer, Secret
	page, err := template.New("page").Parse(pageText)
	if err == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		err = page.Execute(w, v)
	}
	if err != nil {
		p.settings.Log.Error("show the sign-in page", "error", err.Error())
	}
}
