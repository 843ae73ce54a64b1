package signin

import (
	"context"
	"errors"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/oklog/ulid/v2"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var (
	errGone  = errors.New("this sign-in is over or was never begun")
	errNever = errors.New("the demo's sign-in does not do this")
)

// storage implements op.Storage in memory: a sign-in that has begun does not outlive a restart, a token does, because
// nothing of it is kept.
type storage struct {
	settings Settings
	key      signingKey

	mu       sync.Mutex
	requests map[string]*signIn
	codes    map[string]string // to the id of the request
}

func newStorage(s Settings, key signingKey) *storage {
	return &storage{settings: s, key: key, requests: map[string]*signIn{}, codes: map[string]string{}}
}

// signIn is a sign-in that has begun; it implements op.AuthRequest.
type signIn struct {
	id     string
	asked  oidc.AuthRequest
	person string // empty until somebody was chosen
	at     time.Time
}

func (r *signIn) GetID() string                      { return r.id }
func (r *signIn) GetACR() string                     { return "" }
func (r *signIn) GetAMR() []string                   { return nil }
func (r *signIn) GetAudience() []string              { return []string{Audience} }
func (r *signIn) GetAuthTime() time.Time             { return r.at }
func (r *signIn) GetClientID() string                { return r.asked.ClientID }
func (r *signIn) GetNonce() string                   { return r.asked.Nonce }
func (r *signIn) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *signIn) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *signIn) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *signIn) GetScopes() []string                { return r.asked.Scopes }
func (r *signIn) GetState() string                   { return r.asked.State }
func (r *signIn) GetSubject() string                 { return r.person }
func (r *signIn) Done() bool                         { return r.person != "" }
func (r *signIn) GetCodeChallenge() *oidc.CodeChallenge {
	if r.asked.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// signedIn says who the person of a sign-in is: errGone when there is no such sign-in, another error when nobody has the
// primary id.
func (s *storage) signedIn(ctx context.Context, id, primaryID string) error {
	person, err := s.settings.Find(ctx, primaryID)
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return errGone
	}
	if err != nil {
		return err
	}
	r.person, r.at = person.PrimaryID, s.settings.Now()
	return nil
}

// tokenRequest asks for a token for the person.
func (s *storage) tokenRequest(primaryID string) op.TokenRequest {
	return &oidc.JWTTokenRequest{Subject: primaryID, Audience: []string{Audience}, Scopes: []string{oidc.ScopeOpenID}}
}

// CreateAuthRequest implements op.AuthStorage.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if len(asked.Prompt) == 1 && asked.Prompt[0] == oidc.PromptNone {
		return nil, oidc.ErrLoginRequired()
	}
	r := &signIn{id: ulid.Make().String(), asked: *asked}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[r.id] = r
	return r, nil
}

// AuthRequestByID implements op.AuthStorage.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return nil, errGone
	}
	return r, nil
}

// AuthRequestByCode implements op.AuthStorage.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

// SaveAuthCode implements op.AuthStorage.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest implements op.AuthStorage.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	for code, of := range s.codes {
		if of == id {
			delete(s.codes, code)
		}
	}
	return nil
}

// CreateAccessToken implements op.AuthStorage. Tokens are not kept: they say everything themselves.
func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return ulid.Make().String(), s.settings.Now().Add(Lifetime), nil
}

// CreateAccessAndRefreshTokens implements op.AuthStorage.
func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errNever
}

// TokenRequestByRefreshToken implements op.AuthStorage.
func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errNever
}

// TerminateSession implements op.AuthStorage; there are no sessions.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// RevokeToken implements op.AuthStorage; a token that is not kept cannot be revoked.
func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrInvalidRequest().WithDescription("the demo's tokens cannot be revoked")
}

// GetRefreshTokenInfo implements op.AuthStorage.
func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// SigningKey implements op.AuthStorage.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

// SignatureAlgorithms implements op.AuthStorage.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.AuthStorage.
func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

// GetClientByClientID implements op.OPStorage.
func (s *storage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	if id == Audience {
		return client{id}, nil
	}
	if _, err := s.settings.Find(ctx, id); err != nil {
		return nil, err
	}
	return client{id}, nil
}

// AuthorizeClientIDSecret implements op.OPStorage.
func (s *storage) AuthorizeClientIDSecret(ctx context.Context, id, secret string) error {
	_, err := s.ClientCredentials(ctx, id, secret)
	return err
}

// ClientCredentials implements op.ClientCredentialsStorage: a script signs in as the person whose primary id it gives.
func (s *storage) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	if secret != Secret {
		return nil, errors.New("the secret of every client here is " + Secret)
	}
	person, err := s.settings.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{person.PrimaryID}, nil
}

// ClientCredentialsTokenRequest implements op.ClientCredentialsStorage.
func (s *storage) ClientCredentialsTokenRequest(ctx context.Context, id string, _ []string) (op.TokenRequest, error) {
	person, err := s.settings.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.tokenRequest(person.PrimaryID), nil
}

// SetUserinfoFromScopes implements op.OPStorage; see SetUserinfoFromRequest.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest puts name and e-mail into an ID token.
func (s *storage) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	return s.describe(ctx, info, r.GetSubject())
}

// SetUserinfoFromToken implements op.OPStorage.
func (s *storage) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	return s.describe(ctx, info, subject)
}

func (s *storage) describe(ctx context.Context, info *oidc.UserInfo, primaryID string) error {
	person, err := s.settings.Find(ctx, primaryID)
	if err != nil {
		return err
	}
	info.Subject, info.PreferredUsername, info.Name, info.Email = person.PrimaryID, person.PrimaryID, person.Name, person.Email
	return nil
}

// SetIntrospectionFromToken implements op.OPStorage.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNever
}

// GetPrivateClaimsFromScopes implements op.OPStorage.
func (s *storage) GetPrivateClaimsFromScopes(_ context.Context, primaryID, _ string, _ []string) (map[string]any, error) {
	return map[string]any{"preferred_username": primaryID}, nil
}

// GetKeyByIDAndClientID implements op.OPStorage.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNever
}

// ValidateJWTProfileScopes implements op.OPStorage.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNever
}

// Health implements op.Storage.
func (s *storage) Health(context.Context) error { return nil }
