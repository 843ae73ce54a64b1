package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNoKey says that no API key has the hash.
var ErrNoKey = errors.New("no such API key")

// Key is an API key. Its secret is not held; the store finds it by the secret's SHA-256.
type Key struct {
	Hash    string    `json:"-"` // hex SHA-256 of the secret
	Name    string    `json:"name"`
	Rights  []Right   `json:"rights"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"`
}

// Valid reports whether the key is neither expired nor revoked at now.
func (k Key) Valid(now time.Time) bool {
	expired := !k.Expires.IsZero() && !now.Before(k.Expires)
	revoked := !k.Revoked.IsZero() && !now.Before(k.Revoked)
	return !expired && !revoked
}

// Right is an area with what may be done in it, such as "users:read"; "users:write" includes reading.
type Right string

// The rights an API key may have, after the areas of Alma's API keys.
const (
	UsersRead          Right = "users:read"
	UsersWrite         Right = "users:write"
	FulfilmentRead     Right = "fulfilment:read"
	FulfilmentWrite    Right = "fulfilment:write"
	ConfigurationRead  Right = "configuration:read"
	ConfigurationWrite Right = "configuration:write"
)

// AllRights are all rights, in the order of their areas.
func AllRights() []Right {
	return []Right{UsersRead, UsersWrite, FulfilmentRead, FulfilmentWrite, ConfigurationRead, ConfigurationWrite}
}

// ParseRights reads a list such as "users:read,fulfilment:write". An unknown right and an empty list are errors that
// name the legal ones.
func ParseRights(list string) ([]Right, error) {
	known := make(map[Right]bool)
	for _, r := range AllRights() {
		known[r] = true
	}
	var rights []Right
	for text := range strings.SplitSeq(list, ",") {
		r := Right(strings.TrimSpace(text))
		if !known[r] {
			return nil, fmt.Errorf("%q is not a right; the rights are %v", string(r), AllRights())
		}
		rights = append(rights, r)
	}
	return rights, nil
}

// covers reports whether who holds r may do what needs it.
func (r Right) covers(need Right) bool {
	if r == need {
		return true
	}
	area, reads := strings.CutSuffix(string(need), ":read")
	return reads && string(r) == area+":write"
}

// secretPrefix makes a key recognisable to people and to tools that look for leaked ones.
const secretPrefix = "pd_"

// NewSecret makes the secret of a new API key: 160 random bits in base32 after a recognisable prefix. It is shown
// once, to the person who asked for it, and kept nowhere.
func NewSecret() string {
	bits := make([]byte, 20)
	rand.Read(bits) // never fails: it ends the process instead
	return secretPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(bits))
}

// HashSecret is the hex SHA-256 of a secret, under which the store keeps its key. Secrets are random and long, so
// that no slow hash is needed.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
