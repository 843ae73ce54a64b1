// Package session is who is signed in at the desk: the record a browser's cookie stands for, how long it is good for, and
// how people sign in and out with an OpenID provider.
package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"patrondesk/internal/patron"
)

const (
	// Longest is how long a session lasts, a long working day.
	Longest = 12 * time.Hour
	// Idle is how long a session lasts that nobody uses.
	Idle = time.Hour
	// mark is how old the mark of the last use may grow before it is written anew: not every page costs a write.
	mark = 5 * time.Minute
	// mostRecent is how many patrons a session remembers.
	mostRecent = 8
)

// Errors of the store.
var (
	// ErrNotFound says that there is no such session: it ended, or there never was one.
	ErrNotFound = errors.New("no such session")
	// ErrChanged says that somebody else wrote the session after it was read.
	ErrChanged = errors.New("the session was changed meanwhile")
)

// Session is one person's work in one browser, from signing in to signing out.
type Session struct {
	// Hash is that of the token in the cookie, which is kept nowhere else. It is the key of the record, not in it.
	Hash string `json:"-"`
	// Version counts the writes from 1. It is kept beside the record, not in it.
	Version int64 `json:"-"`

	// UID is that of the record of whoever signed in: a primary id can become another one, and somebody else's.
	UID   string    `json:"uid"`
	Began time.Time `json:"began"`
	Used  time.Time `json:"used"` // about, see mark

	// Library and Desk are the codes of the circulation desk the person works at; empty until one is chosen.
	Library string `json:"library,omitempty"`
	Desk    string `json:"desk,omitempty"`

	// Recent are the patrons whose pages were opened last, the newest first.
	Recent []Visit `json:"recent,omitempty"`
	// Returned are the items that were scanned last to return them, the newest first.
	Returned []Returned `json:"returned,omitempty"`
}

// Visit is a patron whose page was opened.
type Visit struct {
	PrimaryID string    `json:"primary_id"`
	Name      string    `json:"name"`
	Opened    time.Time `json:"opened"` // by the library's clock: the loans of this session are those lent since
}

// New is a session that begins, of whose record has that UID, and the token for its cookie.
func New(uid string, now time.Time) (s Session, token string) {
	token = rand.Text() + rand.Text() // 260 bits
	return Session{Hash: Hash(token), UID: uid, Began: now, Used: now}, token
}

// Hash is what a token is stored as.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Ends is when the session ends if nobody uses it any more.
func (s Session) Ends() time.Time {
	idle, longest := s.Used.Add(Idle), s.Began.Add(Longest)
	if longest.Before(idle) {
		return longest
	}
	return idle
}

// Over reports whether the session has ended.
func (s Session) Over(now time.Time) bool { return !now.Before(s.Ends()) }

// Unmarked reports whether the session is to be marked as used.
func (s Session) Unmarked(now time.Time) bool { return now.Sub(s.Used) >= mark }

// Open remembers that the patron's page was opened, which begins their loans of this session anew.
func (s *Session) Open(v Visit) {
	s.Recent = slices.DeleteFunc(slices.Clone(s.Recent), v.of)
	s.Recent = slices.Insert(s.Recent, 0, v)
	s.Recent = s.Recent[:min(len(s.Recent), mostRecent)]
}

// Visit is when the patron's page was opened last; ok is false when the session does not remember.
func (s Session) Visit(primaryID string) (v Visit, ok bool) {
	i := slices.IndexFunc(s.Recent, Visit{PrimaryID: primaryID}.of)
	if i < 0 {
		return Visit{}, false
	}
	return s.Recent[i], true
}

func (v Visit) of(other Visit) bool { return patron.Fold(v.PrimaryID) == patron.Fold(other.PrimaryID) }
