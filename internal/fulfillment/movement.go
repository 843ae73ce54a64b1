package fulfillment

import "slices"

// Movement is everything that changes together when an item changes hands or money is paid. It is written as one
// transaction, each part on the condition that it is still as it was read; a part with Version 0 before is new. Nothing
// of it is written when one part was changed meanwhile, which is [ErrChanged].
type Movement struct {
	Loans    []LoanChange
	Accounts []AccountChange
	Custody  []CustodyChange
	Requests []RequestChange
	Queues   []Queue // as they shall be, with the versions they were read with
	Fees     []FeeChange
	// Stays are the UIDs of patrons who must be there and not about to be deleted, else it is [ErrPatronGone].
	Stays []string
	// Once makes it happen once for an idempotency key, or is nil. Where it happened before it is [*DoneBeforeError].
	Once *Once
}

// MoveRequest is the movement of one request of a patron and, where it is of a title, its queue as it shall be.
func MoveRequest(uid string, before, after Request, q Queue) Movement {
	m := Movement{Requests: []RequestChange{{UID: uid, Before: before, After: after}}}
	if q.MMSID != "" {
		m.Queues = []Queue{q}
	}
	return m
}

// And is both movements as one.
func (m Movement) And(other Movement) Movement {
	m.Loans, m.Accounts = slices.Concat(m.Loans, other.Loans), slices.Concat(m.Accounts, other.Accounts)
	m.Custody, m.Requests = slices.Concat(m.Custody, other.Custody), slices.Concat(m.Requests, other.Requests)
	m.Queues, m.Fees = slices.Concat(m.Queues, other.Queues), slices.Concat(m.Fees, other.Fees)
	m.Stays = slices.Concat(m.Stays, other.Stays)
	return m
}

// Empty reports whether nothing changes.
func (m Movement) Empty() bool {
	return len(m.Loans)+len(m.Accounts)+len(m.Custody)+len(m.Requests)+len(m.Queues)+len(m.Fees) == 0
}

// LoanChange is what becomes of a loan of the patron. A returned one is history.
type LoanChange struct {
	UID           string
	Before, After Loan
}

// AccountChange is what becomes of the patron's account.
type AccountChange struct {
	UID           string
	Before, After Account
}

// CustodyChange is where an item goes. An After at its place leaves nothing stored.
type CustodyChange struct{ Before, After Custody }

// RequestChange is what becomes of a request of the patron. An ended one is history.
type RequestChange struct {
	UID           string
	Before, After Request
}

// FeeChange is what becomes of a fee of the patron.
type FeeChange struct {
	UID           string
	Before, After Fee
}

// Once is an idempotency key of a caller, for a patron: what was asked for, and the ids of what came of it.
type Once struct {
	UID, Key string
	Asked    string // what tells one call with the key from another
	Results  []string
}

// DoneBeforeError says that what was asked for with the idempotency key was done before.
type DoneBeforeError struct{ Once }

func (e *DoneBeforeError) Error() string { return "it was done before, with the same idempotency key" }
