package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"patrondesk/internal/patron"
)

// store holds the keys by hash and the people of a test.
type store struct {
	mu     sync.Mutex
	keys   map[string]Key
	people []patron.Patron
	asked  int
	err    error
}

func (s *store) APIKey(_ context.Context, hash string) (Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.err != nil {
		return Key{}, s.err
	}
	k, ok := s.keys[hash]
	if !ok {
		return Key{}, ErrNoKey
	}
	return k, nil
}

func (s *store) Patron(_ context.Context, identifier string) (patron.Patron, error) {
	for _, p := range s.people {
		if names(p, identifier, "") && identifier != Me {
			return p, s.err
		}
	}
	return patron.Patron{}, errors.Join(patron.ErrNotFound, s.err)
}

func (s *store) PatronByUID(_ context.Context, uid string) (patron.Patron, error) {
	for _, p := range s.people {
		if p.UID == uid {
			return p, s.err
		}
	}
	return patron.Patron{}, errors.Join(patron.ErrNotFound, s.err)
}

func person(id string, roles ...patron.Role) patron.Patron {
	return patron.Patron{UID: "01" + id, PrimaryID: id, Status: patron.Active, Roles: roles,
		Identifiers: []patron.Identifier{{Type: patron.Code{Value: "BARCODE"}, Value: "B-" + id, Status: patron.Active}}}
}

func role(code, scope string) patron.Role {
	return patron.Role{Type: patron.Code{Value: code}, Status: patron.Code{Value: "ACTIVE"}, Scope: patron.Code{Value: scope}}
}

func changed(p patron.Patron, change func(*patron.Patron)) patron.Patron {
	change(&p)
	return p
}

// people are a caller of each kind; the name of each is their primary id.
func people() []patron.Patron {
	const inst = "01DEMO_INST"
	lapsed, inactive := role("221", inst), role("221", inst)
	lapsed.ExpiryDate = "2026-11-22"
	inactive.Status.Value = "INACTIVE"
	return []patron.Patron{
		person("desk", role("32", "MAIN"), role("200", inst)),
		person("limited", role("299", "MAIN")),
		person("requests", role("51", inst)),
		person("usermanager", role("21", inst)),
		person("admin", role("26", inst)),
		person("plain", role("200", inst)),
		person("roleless"),
		person("lapsed", lapsed, inactive),
		person("foreign", role("221", "02OTHER_INST")),
		changed(person("inactive", role("221", inst)), func(p *patron.Patron) { p.Status = patron.Inactive }),
		changed(person("expired", role("221", inst)), func(p *patron.Patron) { p.ExpiryDate = "2026-11-22" }),
		changed(person("lastday", role("221", inst)), func(p *patron.Patron) { p.ExpiryDate = "2026-11-23" }),
	}
}

func testKeys() map[string]Key {
	keys := make(map[string]Key)
	for name, k := range map[string]Key{
		"pd_users_read":  {Rights: []Right{UsersRead}},
		"pd_users_write": {Rights: []Right{UsersWrite}},
		"pd_fulfilment":  {Rights: []Right{FulfilmentWrite}},
		"pd_all":         {Rights: AllRights()},
		"pd_none":        {},
		"pd_expired":     {Rights: AllRights(), Expires: noon},
		"pd_tomorrow":    {Rights: AllRights(), Expires: noon.Add(24 * time.Hour)},
		"pd_revoked":     {Rights: AllRights(), Revoked: noon.Add(-time.Hour)},
	} {
		k.Name = strings.TrimPrefix(name, "pd_")
		keys[HashSecret(name)] = k
	}
	return keys
}
