package sis

import (
	"fmt"

	"golang.org/x/crypto/bcrypt"

	"patrondesk/internal/patron"
)

// pinHash is the hash of the PIN the SIS gives, or "" when it gives none. While the PIN is the one the SIS gave before,
// its hash stays, so that the record does not look changed. Hashing is slow by design, about 50 ms a record; a file
// that can leave the PIN out should. Where nothing is written, sketch stands for a new hash.
func pinHash(pin string, found patron.Patron, sketch bool) (string, error) {
	if pin == "" {
		return "", nil
	}
	if !fourDigits(pin) {
		return "", &rejection{field: "pin_number", reason: "The PIN is not four digits."}
	}
	if found.SIS != nil && bcrypt.CompareHashAndPassword([]byte(found.SIS.PINHash), []byte(pin)) == nil {
		return found.SIS.PINHash, nil
	}
	if sketch {
		return "new", nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(pin), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("hash a PIN: %w", err)
	}
	return string(hash), nil
}

func fourDigits(pin string) bool {
	for _, c := range pin {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(pin) == 4
}
