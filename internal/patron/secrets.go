package patron

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Errors of passwords and PINs.
var (
	// ErrPassword says that a new password breaks the rule of Alma's error 500038.
	ErrPassword = errors.New("a password has 8 to 72 bytes and neither contains the user name nor is commonly used")
	// ErrPIN says that a new PIN is not four digits.
	ErrPIN = errors.New("a PIN has four digits")
)

// pinCost is bcrypt's lowest: no cost protects four digits, and a SIS file may carry a million of them.
const pinCost = bcrypt.MinCost

// commonPasswords are refused whatever their case; the rule that a password has eight bytes leaves few to list.
var commonPasswords = []string{
	"password", "password1", "12345678", "123456789", "1234567890", "qwertyuiop", "qwerty123", "iloveyou", "sunshine",
	"princess", "football", "baseball", "welcome1", "letmein1", "trustno1", "superman", "abcd1234", "11111111", "00000000",
	"passw0rd", "changeme", "administrator", "librarian", "library1",
}

// SetPassword gives the patron a new password; nothing but its bcrypt hash is kept. It refuses with [ErrPassword].
func (p *Patron) SetPassword(password string) error {
	lower := strings.ToLower(password)
	name := strings.ToLower(p.PrimaryID)
	if len(password) < 8 || len(password) > 72 || (name != "" && strings.Contains(lower, name)) || slices.Contains(commonPasswords, lower) {
		return ErrPassword
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	p.PasswordHash = string(hash)
	return nil
}

// absentHash is compared with where a patron has no password, so that both cases take the same time. It is the hash
// of nothing anybody can send: random bytes that were thrown away.
const absentHash = "$2a$10$LWpnNUZp9TyiLlYILJ8t1.9gD8ZRWHwvtbHpk11ryAk/lXDmcu/VW"

// Authenticate reports whether the password is the patron's. Only an active internal patron has one.
func (p Patron) Authenticate(password string) bool {
	hash, able := p.PasswordHash, p.AccountType == Internal && p.Status == Active
	if hash == "" {
		hash, able = absentHash, false
	}
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil && able
}

// SetPIN gives the patron a new PIN, of which only a bcrypt hash is kept; the one of old stays when it is of the same
// PIN, so that nothing changes. It refuses with [ErrPIN].
func (p *Patron) SetPIN(pin, old string) error {
	if len(pin) != 4 || strings.Trim(pin, "0123456789") != "" {
		return ErrPIN
	}
	if old != "" && bcrypt.CompareHashAndPassword([]byte(old), []byte(pin)) == nil {
		p.PINHash = old
		return nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(pin), pinCost)
	if err != nil {
		return fmt.Errorf("hash a PIN: %w", err)
	}
	p.PINHash = string(hash)
	return nil
}
